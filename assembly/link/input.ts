// Ethernet input: one frame in RX_FRAME, to ARP or IP. Drops what is not for this station.

import {
  ETHERNET_BYTES,
  ETHERTYPE_ARP,
  ETHERTYPE_IPV4,
  etherType,
  isGroup,
  macEqual,
} from "../wire/ethernet";
import { Counter } from "../constants";
import { count } from "../counter";
import { globals } from "../globals";
import { ipInput } from "../ip/input";
import { RX_FRAME } from "../memory";
import { wakeWaiters } from "../tcp/ready";
import { arpInput, arpResolved } from "./arp";
import { LOOPBACK, macOf } from "./interface";

/** One frame of len bytes; returns the length of the immediate reply in TX_FRAME, or 0. */
export function linkInput(iface: u32, len: u32): u32 {
  globals.foreignEtherType = 0;
  if (len < ETHERNET_BYTES) {
    count(Counter.DROP_RUNT);
    return 0;
  }
  const group = isGroup(RX_FRAME);
  if (!group && !macEqual(RX_FRAME, macOf(iface))) {
    count(Counter.DROP_OTHER_STATION);
    return 0;
  }
  const type = etherType(RX_FRAME);
  if (type == ETHERTYPE_IPV4) return ipInput(iface, len - ETHERNET_BYTES, group);
  if (type == ETHERTYPE_ARP && iface != LOOPBACK) {
    const reply = arpInput(iface, len - ETHERNET_BYTES);
    if (arpResolved >= 0) wakeWaiters(arpResolved);
    return reply;
  }
  count(Counter.FOREIGN_ETHERTYPE);
  globals.foreignEtherType = type;
  return 0;
}
