// The receive window: what may be advertised, and when it is worth telling
// (RFC 9293 section 3.8.6.2.2: the right edge moves in steps that are worth a segment, never back).

import { NO_RING } from "../buffer/ring";
import { RING_BYTES } from "../config";
import { interfaceAt } from "../link/interface";
import { smaller } from "../order";
import { interfaceOf } from "./route";
import { seqGt } from "./seq";
import { hasOption, SCALED, tcb } from "./tcb";
import { IPV4_BYTES } from "../wire/ipv4";
import { TCP_BYTES } from "../wire/tcp";

/** Bits that our window is shifted by: 0 while a ring's window fits 16 bits. */
export const RECEIVE_SCALE: u32 = RING_BYTES <= 65536 ? 0 : RING_BYTES <= 1 << 20 ? 5 : 13;
/** Largest window: rounding up to the scale must still fit the ring. */
const WINDOW_LIMIT: u32 = RING_BYTES == 65536 ? 65535 : RING_BYTES - ((1 << RECEIVE_SCALE) - 1);
const UNSCALED_LIMIT: u32 = WINDOW_LIMIT < 65535 ? WINDOW_LIMIT : 65535;

/** Largest segment that an interface can bring: what our MSS option says (MUST-67). */
export function receiveMss(iface: u32): u32 {
  return smaller(interfaceAt(iface).mtu - IPV4_BYTES - TCP_BYTES, 65495);
}

/** The right edge that the ring would allow now. */
function possibleEdge(): u32 {
  if (<u32>tcb.receiveRing == NO_RING) return tcb.rcvAdv;
  return tcb.rcvRead + (hasOption(tcb, SCALED) ? WINDOW_LIMIT : UNSCALED_LIMIT);
}

/** Bytes the peer may send now. */
export function receiveWindow(): u32 {
  return seqGt(tcb.rcvAdv, tcb.rcvNxt) ? tcb.rcvAdv - tcb.rcvNxt : 0;
}

/** The window field of the next segment; moves the right edge if the step is worth it. */
export function advertise(): u32 {
  const edge = possibleEdge();
  const step = edge - tcb.rcvAdv;
  if (<i32>step > 0 && step >= smaller(RING_BYTES / 2, receiveMss(interfaceOf())))
    tcb.rcvAdv = edge;
  const scale = hasOption(tcb, SCALED) ? RECEIVE_SCALE : 0;
  return smaller(65535, (receiveWindow() + (1 << scale) - 1) >> scale);
}

/** True if the peer should hear of a window that has opened by 2 MSS or half the ring. */
export function worthUpdate(): bool {
  const step = possibleEdge() - tcb.rcvAdv;
  return <i32>step > 0 && step >= smaller(RING_BYTES / 2, 2 * receiveMss(interfaceOf()));
}

/** True when so much is unacknowledged that the acknowledgment must not wait. */
export function ackIsDue(): bool {
  return tcb.rcvNxt - tcb.rcvAcked >= smaller(RING_BYTES / 2, 2 * receiveMss(interfaceOf()));
}

/** The window field of a SYN+ACK: never scaled. */
export function initialReceiveWindow(): u32 {
  return UNSCALED_LIMIT;
}
