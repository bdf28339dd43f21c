// IPv4 output: where a packet goes (route), and the header in front of what lies behind it.

import { INTERFACE_COUNT } from "../config";
import { AddressState, Errno } from "../constants";
import { LOOPBACK, hasRouter, isUp, routerOf } from "../link/interface";
import { linkEmit, linkReply } from "../link/output";
import { NEXT_HOP, TX_FRAME } from "../memory";
import { ETHERTYPE_IPV4, etherPayload } from "../wire/ethernet";
import { IPV4_BYTES, ipEmit } from "../wire/ipv4";
import { addressAt, findLocal, findOnInterface, findOnLink, localOf } from "./address";
import { addressCopy, getV4 } from "./addressing";

/** What goes behind an IPv4 header without options. */
export function ipPayload(): usize {
  return etherPayload(TX_FRAME) + IPV4_BYTES;
}

/** A packet back to where the received one came from; returns the length of the frame. */
export function ipReply(
  iface: u32,
  local: u32,
  remote: u32,
  protocol: u32,
  payloadBytes: u32,
  ttl: u32,
): u32 {
  const total = payloadBytes + IPV4_BYTES;
  ipEmit(etherPayload(TX_FRAME), total, protocol, local, remote, ttl, 0);
  return linkReply(iface, ETHERTYPE_IPV4, total);
}

/** A packet to a neighbour that is known; returns the length of the frame. */
export function ipEmitTo(
  iface: u32,
  neighbour: u32,
  local: u32,
  remote: u32,
  protocol: u32,
  payloadBytes: u32,
  ttl: u32,
  dscp: u32,
): u32 {
  const total = payloadBytes + IPV4_BYTES;
  ipEmit(etherPayload(TX_FRAME), total, protocol, local, remote, ttl, dscp << 2);
  return linkEmit(iface, neighbour, ETHERTYPE_IPV4, total);
}

/** The interface for packets between a local address and a remote one. */
export function interfaceFor(address: u32, remote: usize): u32 {
  return findLocal(getV4(remote)) >= 0 ? LOOPBACK : <u32>addressAt(address).interface;
}

/** Leaves the next hop from a local address to a remote one in NEXT_HOP; false: no route. */
export function nextHop(address: u32, remote: usize): bool {
  const a = addressAt(address);
  if (((getV4(localOf(address)) ^ getV4(remote)) & a.mask) == 0) {
    addressCopy(NEXT_HOP, remote);
    return true;
  }
  const iface = <u32>a.interface;
  if (iface >= INTERFACE_COUNT || !hasRouter(iface)) return false;
  addressCopy(NEXT_HOP, routerOf(iface));
  return true;
}

/** The local address to reach v4 from (RFC 1122 section 3.3.4.3), or -Errno. */
export function chooseSource(v4: u32): i32 {
  const own = findLocal(v4);
  if (own >= 0) return own;
  const near = findOnLink(v4);
  if (near >= 0) return near;
  let down = false;
  for (let i: u32 = 0; i < INTERFACE_COUNT; i++) {
    if (!hasRouter(i)) continue;
    const source = findOnInterface(i);
    if (source >= 0 && isUp(i)) return source;
    down = true;
  }
  return down ? -Errno.ENETDOWN : -Errno.ENETUNREACH;
}

/** True if a connection from this local address has somewhere to go. */
export function isUsable(address: u32): bool {
  const a = addressAt(address);
  return a.state == AddressState.VALID && isUp(a.interface);
}
