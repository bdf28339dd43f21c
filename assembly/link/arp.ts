// ARP for IPv4 (RFC 826), with what RFC 5227 asks of a host. Input: frames from link/input, one
// immediate reply at most. Output: requests, probes and announcements that transmit asks for.

import { listFirst, listUnlink } from "../buffer/list";
import { CONFLICT_DETECTION, DHCP, NEIGHBOUR_COUNT, ONE_INTERFACE } from "../config";
import { AddressState, Counter } from "../constants";
import { count, drop } from "../counter";
import {
  addressAt,
  addressConflict,
  findLocal,
  interfaceOfLocal,
  isNoStation,
  isOnNetwork,
  isTentative,
  ownV4,
} from "../ip/address";
import { getV4, isLinkLocal, putV4 } from "../ip/addressing";
import { macOf, NO_MAC } from "./interface";
import { learn, neighbourAddress, neighbourAt, neighbourMac, wakeWaiters } from "./neighbour";
import { linkSend } from "./output";
import { ARP_HEAD, ARP_NODE, NEXT_HOP, RX_FRAME, TX_FRAME } from "../memory";
import { either } from "../order";
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
import { etherPayload, ETHERTYPE_ARP, isGroup, macCopy, macEqual, macFill } from "../wire/ethernet";

/** One ARP packet of len bytes; returns the length of the reply in TX_FRAME, 0, or drop(). */
export function arpInput(iface: u32, len: u32): u32 {
  const p = etherPayload(RX_FRAME);
  if (either(len < ARP_BYTES, !arpIsSane(p))) return drop(Counter.DROP_ARP_MALFORMED);
  const mac = arpSenderMac(p);
  const sender = arpSender(p);
  const target = arpTarget(p);
  const asks = arpOperation(p) == ARP_REQUEST;
  if (macEqual(mac, macOf(iface))) return 0; // our own, come back
  if (isGroup(mac) || (sender == 0 ? !asks : isNoStation(sender))) {
    return drop(Counter.DROP_ARP_SENDER);
  }
  let mine = asks ? findLocal(target) : -1;
  if (!ONE_INTERFACE && mine >= 0 && interfaceOfLocal(mine) != iface) mine = -1;
  if (sender != 0) {
    if (addressConflict(iface, sender)) return 0;
    putV4(NEXT_HOP, sender);
    // RFC 826: merge what we know, add who asks for us; from strange networks nothing is learnt.
    const near = mine >= 0 && isOnNetwork(mine, sender) ? mine : -1;
    const i = learn(iface, NEXT_HOP, mac, !asks, near);
    if (i >= 0) wakeWaiters(i);
    else if (!asks) return drop(Counter.DROP_ARP_UNSOLICITED);
  } else if (CONFLICT_DETECTION && isTentative(target)) {
    addressConflict(iface, target); // RFC 5227 section 2.1.1: another probes for it, too
  }
  return mine >= 0 ? send(iface, mac, ARP_REPLY, target, sender) : 0;
}

/** One packet to the station whose MAC lies at `to`; to all if that is zeros. */
function send(iface: u32, to: usize, operation: u32, sender: u32, target: u32): u32 {
  const q = etherPayload(TX_FRAME);
  arpEmit(q, operation, sender, target);
  macCopy(arpSenderMac(q), macOf(iface));
  macCopy(arpTargetMac(q), to);
  count(Counter.ARP_REQUESTS - ARP_REQUEST + operation);
  const length = linkSend(iface, to, ETHERTYPE_ARP, ARP_BYTES);
  // RFC 3927 section 2.5: what names a link-local sender goes to all, so that conflicts show.
  const toAll = DHCP && isLinkLocal(sender);
  if (toAll || macEqual(to, NO_MAC)) macFill(TX_FRAME, 0xff);
  return length;
}

/** The next request that an interface owes; its length, or 0 when there is none. */
export function arpTransmit(iface: u32): u32 {
  const node = listFirst(ARP_HEAD + iface);
  if (node < 0) return 0;
  listUnlink(node);
  const i = <u32>node - ARP_NODE;
  if (i < NEIGHBOUR_COUNT) {
    const source = ownV4(neighbourAt(i).source);
    if (source == 0) return 0; // the address that asked is gone; 0 would be a probe
    return send(iface, neighbourMac(i), ARP_REQUEST, source, getV4(neighbourAddress(i)));
  }
  // RFC 5227: a probe names no sender; an announcement names the address twice.
  const a = i - NEIGHBOUR_COUNT;
  const v4 = ownV4(a);
  const probe = CONFLICT_DETECTION && addressAt(a).state == AddressState.TENTATIVE;
  return send(iface, NO_MAC, ARP_REQUEST, probe ? 0 : v4, v4);
}

if (Counter.ARP_REPLIES - Counter.ARP_REQUESTS != ARP_REPLY - ARP_REQUEST) ERROR("counters of ARP");
