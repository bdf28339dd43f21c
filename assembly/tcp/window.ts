// The receive window: what may be advertised, and when it is worth telling
// (RFC 9293 section 3.8.6.2.2: the right edge moves in steps that are worth a segment, never back).

import { NO_RING } from "../buffer/ring";
import { FRAME_BYTES, RING_BYTES } from "../config";
import { interfaceAt, SMALLEST_MTU } from "../link/interface";
import { atLeastZero, smaller } from "../order";
import { interfaceOf } from "./route";
import { hasOption, SCALED, tcb } from "./tcb";
import { IPV4_BYTES } from "../wire/ipv4";
import { TCP_BYTES } from "../wire/tcp";

/** Bits that our window is shifted by: 0 while a ring's window fits 16 bits. */
export const RECEIVE_SCALE: u32 = RING_BYTES <= 65536 ? 0 : RING_BYTES <= 1 << 20 ? 5 : 13;
/** Largest window: rounding up to the scale must still fit the ring. */
const WINDOW_LIMIT: u32 = RING_BYTES == 65536 ? 65535 : RING_BYTES - ((1 << RECEIVE_SCALE) - 1);
const UNSCALED_LIMIT: u32 = WINDOW_LIMIT < 65535 ? WINDOW_LIMIT : 65535;

/** With rings that need it, the window depends on whether scales are in use. */
const SCALES: bool = RECEIVE_SCALE != 0;
/** Least that receiveMss can be. */
const SMALLEST_SEGMENT: u32 = SMALLEST_MTU - IPV4_BYTES - TCP_BYTES;

/** Largest segment that an interface can bring: what our MSS option says (MUST-67). */
export function receiveMss(iface: u32): u32 {
  const mss = interfaceAt(iface).mtu - IPV4_BYTES - TCP_BYTES;
  return FRAME_BYTES > 65535 ? smaller(mss, 65495) : mss;
}

/** Bytes that are worth a segment to tell of them: some segments, or half the ring if that is less. */
// @ts-ignore: decorator
@inline
function worth(segments: u32): u32 {
  return RING_BYTES / 2 <= segments * SMALLEST_SEGMENT
    ? RING_BYTES / 2
    : smaller(RING_BYTES / 2, segments * receiveMss(interfaceOf()));
}

/** The right edge that the ring would allow now. */
function possibleEdge(): u32 {
  if (<u32>tcb.receiveRing == NO_RING) return tcb.rcvAdv;
  return tcb.rcvRead + (SCALES && hasOption(tcb, SCALED) ? WINDOW_LIMIT : UNSCALED_LIMIT);
}

/** Bytes the peer may send now. */
export function receiveWindow(): u32 {
  return atLeastZero(tcb.rcvAdv - tcb.rcvNxt);
}

/** The window field of the next segment; moves the right edge if the step is worth it. */
export function advertise(): u32 {
  const edge = possibleEdge();
  if (<i32>(edge - tcb.rcvAdv) >= <i32>worth(1)) tcb.rcvAdv = edge;
  if (!SCALES) return receiveWindow();
  const scale = hasOption(tcb, SCALED) ? RECEIVE_SCALE : 0;
  return smaller(65535, (receiveWindow() + (1 << scale) - 1) >> scale);
}

/** True if the peer should hear of a window that has opened by 2 MSS or half the ring. */
export function worthUpdate(): bool {
  return <i32>(possibleEdge() - tcb.rcvAdv) >= <i32>worth(2);
}

/** True when so much is unacknowledged that the acknowledgment must not wait. */
export function ackIsDue(): bool {
  return tcb.rcvNxt - tcb.rcvAcked >= worth(2);
}

/** The window field of a SYN+ACK: never scaled. */
export function initialReceiveWindow(): u32 {
  return UNSCALED_LIMIT;
}
