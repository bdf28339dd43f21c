// ARP for IPv4 (RFC 826), with what RFC 5227 asks of a host. Input: frames from link/input, one
// immediate reply at most. Output: requests, probes and announcements that transmit asks for.

import { ADDRESS_COUNT, NEIGHBOUR_COUNT, CONFLICT_DETECTION } from "../config";
import { AddressState, Counter } from "../constants";
import { count } from "../counter";
import { globals } from "../globals";
import {
  PENDING_PROBE,
  addressAt,
  addressConflict,
  findAny,
  findLocal,
  findOnInterface,
  findOnLink,
  isBroadcast,
  localOf,
} from "../ip/address";
import { getV4, isNoHost, putV4 } from "../ip/addressing";
import { NEXT_HOP, RX_FRAME, TX_FRAME } from "../memory";
import {
  ARP_BYTES,
  ARP_REPLY,
  ARP_REQUEST,
  arpEmit,
  arpIsSane,
  arpOperation,
  arpSender,
  arpSenderMac,
  arpTarget,
  arpTargetMac,
} from "../wire/arp";
import { ETHERTYPE_ARP, etherPayload, isGroup, macCopy, macEqual, macFill } from "../wire/ethernet";
import { macOf } from "./interface";
import { isAsked, isKnown, learn, neighbourAddress, neighbourAt } from "./neighbour";
import { linkBroadcast, linkEmit, linkReply } from "./output";

/** The neighbour that the last packet resolved, or -1: connections may wait for it. */
export let arpResolved: i32 = -1;

/** One ARP packet of len bytes; returns the length of the reply in TX_FRAME, or 0. */
export function arpInput(iface: u32, len: u32): u32 {
  const p = etherPayload(RX_FRAME);
  arpResolved = -1;
  if (len < ARP_BYTES || !arpIsSane(p)) {
    count(Counter.DROP_ARP_MALFORMED);
    return 0;
  }
  const mac = arpSenderMac(p);
  const sender = arpSender(p);
  if (macEqual(mac, macOf(iface))) return 0; // our own, come back
  if (isGroup(mac) || (sender != 0 && (isNoHost(sender) || isBroadcast(sender)))) {
    count(Counter.DROP_ARP_SENDER);
    return 0;
  }
  const target = arpTarget(p);
  // RFC 5227 section 2.1.1: another's probe for an address that we are still probing.
  if (sender != 0) addressConflict(iface, sender);
  else if (CONFLICT_DETECTION && isTentative(target)) addressConflict(iface, target);
  if (sender != 0 && findLocal(sender) >= 0) return 0; // a conflict teaches us nothing
  const mine = findLocal(target);
  const toMe = mine >= 0 && <u32>addressAt(mine).interface == iface;
  putV4(NEXT_HOP, sender);
  if (arpOperation(p) == ARP_REPLY) {
    if (sender == 0 || !isAsked(iface, NEXT_HOP)) count(Counter.DROP_ARP_UNSOLICITED);
    else arpResolved = learn(iface, NEXT_HOP, mac, false);
    return 0;
  }
  // RFC 826: merge what we know, add who asks for us; from strange networks nothing is learnt.
  if (sender != 0 && findOnLink(sender) >= 0) arpResolved = learn(iface, NEXT_HOP, mac, toMe);
  return toMe ? reply(iface, p, target) : 0;
}

/** True while we are probing the address. */
function isTentative(v4: u32): bool {
  const i = findAny(v4);
  return i >= 0 && addressAt(i).state == AddressState.TENTATIVE;
}

function reply(iface: u32, p: usize, target: u32): u32 {
  const q = etherPayload(TX_FRAME);
  arpEmit(q, ARP_REPLY, target, arpSender(p));
  macCopy(arpSenderMac(q), macOf(iface));
  macCopy(arpTargetMac(q), arpSenderMac(p));
  count(Counter.ARP_REPLIES);
  return linkReply(iface, ETHERTYPE_ARP, ARP_BYTES);
}

function request(iface: u32, sender: u32, target: u32): u32 {
  const q = etherPayload(TX_FRAME);
  arpEmit(q, ARP_REQUEST, sender, target);
  macCopy(arpSenderMac(q), macOf(iface));
  macFill(arpTargetMac(q), 0);
  count(Counter.ARP_REQUESTS);
  return linkBroadcast(iface, ETHERTYPE_ARP, ARP_BYTES);
}

/** The next ARP frame that an interface owes; its length, or 0 when there is none. */
export function arpTransmit(iface: u32): u32 {
  if ((globals.arpPending & (1 << iface)) == 0) return 0;
  for (let i: u32 = 1; i < ADDRESS_COUNT; i++) {
    const a = addressAt(i);
    if (a.state == 0 || a.pending == 0 || <u32>a.interface != iface) continue;
    const v4 = getV4(localOf(i));
    const probe = <u32>a.pending == PENDING_PROBE;
    a.pending = 0;
    return request(iface, probe ? 0 : v4, v4);
  }
  for (let i: u32 = 0; i < NEIGHBOUR_COUNT; i++) {
    const n = neighbourAt(i);
    if (n.pending == 0 || <u32>n.interface != iface) continue;
    n.pending = 0;
    const v4 = getV4(neighbourAddress(i));
    let own = findOnLink(v4);
    if (own < 0) own = findOnInterface(iface);
    if (own < 0) continue;
    const length = request(iface, getV4(localOf(own)), v4);
    return isKnown(i) ? linkEmit(iface, i, ETHERTYPE_ARP, length - 14) : length;
  }
  globals.arpPending &= ~(1 << iface);
  return 0;
}
