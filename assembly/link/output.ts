// Ethernet output: puts the 14 bytes in front of what lies at TX_FRAME + 14.
// An immediate reply goes back to the station that the frame in RX_FRAME came from.

import { ETHERNET_BYTES, etherSource, macCopy, macFill, setEtherType } from "../wire/ethernet";
import { RX_FRAME, TX_FRAME } from "../memory";
import { LOOPBACK, macOf } from "./interface";
import { neighbourMac } from "./neighbour";

function emit(iface: u32, to: usize, type: u32, payloadBytes: u32): u32 {
  macCopy(TX_FRAME, to);
  macCopy(TX_FRAME + 6, macOf(iface));
  setEtherType(TX_FRAME, type);
  return payloadBytes + ETHERNET_BYTES;
}

/** A frame back to where the received one came from; returns its length. */
export function linkReply(iface: u32, type: u32, payloadBytes: u32): u32 {
  return emit(iface, etherSource(RX_FRAME), type, payloadBytes);
}

/** A frame to a neighbour that is known (any number on loopback); returns its length. */
export function linkEmit(iface: u32, neighbour: u32, type: u32, payloadBytes: u32): u32 {
  return emit(
    iface,
    iface == LOOPBACK ? macOf(iface) : neighbourMac(neighbour),
    type,
    payloadBytes,
  );
}

/** A frame to all stations; returns its length. */
export function linkBroadcast(iface: u32, type: u32, payloadBytes: u32): u32 {
  emit(iface, macOf(iface), type, payloadBytes);
  macFill(TX_FRAME, 0xff);
  return payloadBytes + ETHERNET_BYTES;
}
