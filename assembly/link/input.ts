// Ethernet input: one frame in RX_FRAME, to ARP or IP. Drops what is not for this station.

import { Counter } from "../constants";
import { drop } from "../counter";
import { globals } from "../globals";
import { ipInput } from "../ip/input";
import { arpInput } from "./arp";
import { macOf } from "./interface";
import { RX_FRAME } from "../memory";
import { either } from "../order";
import {
  ETHERNET_BYTES,
  etherType,
  ETHERTYPE_ARP,
  ETHERTYPE_IPV4,
  isGroup,
  macEqual,
} from "../wire/ethernet";

/** One frame of len bytes; returns the length of the immediate reply in TX_FRAME, 0, or drop(). */
export function linkInput(iface: u32, len: u32): u32 {
  if (len < ETHERNET_BYTES) return drop(Counter.DROP_RUNT);
  const group = isGroup(RX_FRAME);
  if (!either(group, macEqual(RX_FRAME, macOf(iface)))) return drop(Counter.DROP_OTHER_STATION);
  const type = etherType(RX_FRAME);
  if (type == ETHERTYPE_IPV4) return ipInput(iface, len - ETHERNET_BYTES, group);
  if (type == ETHERTYPE_ARP) return arpInput(iface, len - ETHERNET_BYTES);
  globals.foreignEtherType = type;
  return drop(Counter.FOREIGN_ETHERTYPE);
}
