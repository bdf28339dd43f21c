// Ethernet output: puts the 14 bytes in front of what lies at TX_FRAME + 14.

import { macOf } from "./interface";
import { TX_FRAME } from "../memory";
import { ETHERNET_BYTES, etherSource, macCopy, setEtherType } from "../wire/ethernet";

/** A frame to the station whose MAC lies at `to`; returns its length. */
export function linkSend(iface: u32, to: usize, type: u32, payloadBytes: u32): u32 {
  macCopy(TX_FRAME, to);
  macCopy(etherSource(TX_FRAME), macOf(iface));
  setEtherType(TX_FRAME, type);
  return payloadBytes + ETHERNET_BYTES;
}
