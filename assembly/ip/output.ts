// IPv4 output: where a packet goes (route), and the header in front of what lies behind it.

import {
  ADDRESS_COUNT,
  FIRST_ADDRESS,
  LOOPBACK_HANDLE,
  ONE_ADDRESS,
  ROUTE_COUNT,
  ROUTES,
  TALKS_TO_ITSELF,
} from "../config";
import { AddressState, Errno } from "../constants";
import { addressAt, findLocal, interfaceOfLocal, isAlone, isOnNetwork, ownV4 } from "./address";
import { addressCopy, getV4, isLoopback, isMulticast, putV4 } from "./addressing";
import { routeAt } from "./route";
import { hasRouter, isInside, isUp, LOOPBACK, routerOf } from "../link/interface";
import { linkSend } from "../link/output";
import { NEXT_HOP, RX_FRAME, TX_FRAME } from "../memory";
import { both, either } from "../order";
import { etherPayload, etherSource, ETHERTYPE_IPV4, macFill, macGroup } from "../wire/ethernet";
import { DONT_FRAGMENT, ipEmit, IPV4_BYTES } from "../wire/ipv4";

/** What goes behind an IPv4 header without options. */
export function ipPayload(): usize {
  return etherPayload(TX_FRAME) + IPV4_BYTES;
}

/** A packet with payloadBytes behind its header, to the station whose MAC lies at `to`; hops: TTL, and
 * DSCP << 16. Returns the length of the frame. */
export function ipSend(
  iface: u32,
  to: usize,
  local: u32,
  remote: u32,
  protocol: u32,
  payloadBytes: u32,
  hops: u32,
): u32 {
  return ipSendFragment(iface, to, local, remote, protocol, payloadBytes, hops, DONT_FRAGMENT);
}

/** The same, for what may be fragmented or is a fragment: see ipEmit. */
export function ipSendFragment(
  iface: u32,
  to: usize,
  local: u32,
  remote: u32,
  protocol: u32,
  payloadBytes: u32,
  hops: u32,
  fragment: u32,
): u32 {
  const total = payloadBytes + IPV4_BYTES;
  ipEmit(etherPayload(TX_FRAME), total, protocol, local, remote, hops, fragment);
  return linkSend(iface, to, ETHERTYPE_IPV4, total);
}

/** Addresses the frame in TX_FRAME to the stations of a group, or to all: v4 is for several hosts. */
export function sendToMany(v4: u32): void {
  if (isMulticast(v4)) macGroup(TX_FRAME, v4);
  else macFill(TX_FRAME, 0xff);
}

/** Where a reply to the frame in RX_FRAME goes: no route is looked up for it. */
export function askingStation(): usize {
  return etherSource(RX_FRAME);
}

/** The interface for packets between a local address and a remote one. */
export function interfaceFor(address: u32, remote: usize): u32 {
  return TALKS_TO_ITSELF && findLocal(getV4(remote)) >= 0 ? LOOPBACK : interfaceOfLocal(address);
}

/** The next hop that weigh() has found; scratch of one call. */
let hop: u32 = 0;

/** How well a local address leads to v4: the length of the longest prefix of its interface that holds
 * v4, counted from 1 and twice, and 1 more where v4 is on that network itself; 0: no way. */
function weigh(address: u32, v4: u32): u32 {
  const iface = interfaceOfLocal(address);
  hop = getV4(routerOf(iface));
  let most = u32(hop != 0) << 1;
  for (let i: u32 = 0; i < ROUTE_COUNT; i++) {
    const r = routeAt(i);
    const weight = (popcnt(r.mask) + 1) << 1;
    if (either(<u32>r.interface != iface, either(r.router == 0, weight < most))) continue;
    if ((v4 & r.mask) != r.network) continue;
    most = weight;
    hop = r.router;
  }
  const near = ((popcnt(addressAt(address).mask) + 1) << 1) | 1;
  if (either(!isOnNetwork(address, v4), near < most)) return most;
  hop = v4;
  return near;
}

/** Leaves the next hop from a local address to a remote one in NEXT_HOP; false: no route. */
export function nextHop(address: u32, remote: usize): bool {
  if (ROUTES) {
    weigh(address, getV4(remote));
    putV4(NEXT_HOP, hop);
    return hop != 0;
  }
  const near = isOnNetwork(address, getV4(remote));
  addressCopy(NEXT_HOP, near ? remote : routerOf(interfaceOfLocal(address)));
  return getV4(NEXT_HOP) != 0;
}

/** True if what is sent from a local address to a remote one has a way: a next hop, or inside. */
export function isReachable(local: u32, remote: usize): bool {
  const v4 = getV4(remote);
  const own = ownV4(local);
  if (TALKS_TO_ITSELF && findLocal(v4) >= 0) return true;
  // What is no address outside this host.
  const strange = either(isLoopback(v4), TALKS_TO_ITSELF ? isLoopback(own) : own == v4);
  return both(!strange, nextHop(local, remote));
}

/** How well a local address leads to v4. */
function weightOf(i: u32, v4: u32): u32 {
  if (ROUTES) return weigh(i, v4);
  return (u32(isOnNetwork(i, v4)) << 1) | u32(hasRouter(interfaceOfLocal(i)));
}

/** The local address to reach v4 from (RFC 1122 section 3.3.4.3): v4 itself; else one with a link
 * that is up, with the longest prefix that holds it, in this order; -Errno: there is none. */
export function chooseSource(v4: u32): i32 {
  if (ONE_ADDRESS) return addressAt(0).state == AddressState.VALID ? 0 : -Errno.ENETUNREACH;
  const own = findLocal(v4);
  // 127.0.0.1 speaks to all of 127/8.
  if (own >= 0) return LOOPBACK_HANDLE && isLoopback(v4) ? 0 : own;
  let best: i32 = -Errno.ENETUNREACH;
  let most: i32 = -1;
  let i = FIRST_ADDRESS;
  do {
    const a = addressAt(i);
    // Those of loopback lead nowhere else.
    if (a.state != AddressState.VALID || isAlone(a.interface)) continue;
    const weight = (u32(isUp(a.interface)) << 7) | weightOf(i, v4);
    if (<i32>weight <= most) continue;
    most = weight;
    best = i;
  } while (++i < ADDRESS_COUNT);
  return best;
}
