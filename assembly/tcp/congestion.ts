// Congestion control: slow start, congestion avoidance, fast retransmit and NewReno recovery
// (RFC 5681, 6582), limited transmit (3042), byte counting (3465), initial window of 10 (6928).

import { FAST_RECOVERY } from "../config";
import { larger, smaller } from "../order";
import { Counter } from "../constants";
import { count } from "../counter";
import { globals } from "../globals";
import { rto } from "./rtt";
import { seqGt, seqMax } from "./seq";
import { Flag, Tcb, clear, has, set } from "./tcb";

const LIMIT: u32 = 1 << 29;

/** Bytes sent and not acknowledged. */
export function flight(t: Tcb): u32 {
  return t.sndNxt - t.sndUna;
}

/** RFC 6928 section 2; one segment after a lost SYN (RFC 5681 section 3.1). */
export function initialWindow(t: Tcb): u32 {
  const mss = <u32>t.sndMss;
  if (has(t, Flag.SYN_LOST)) return mss;
  return smaller(10 * mss, larger(2 * mss, 14600));
}

export function startCongestion(t: Tcb): void {
  t.cwnd = initialWindow(t);
  t.ssthresh = LIMIT;
  t.recover = t.iss - 1; // so that the first flight may be repaired too
  t.bytesAcked = 0;
}

/** RFC 5681 section 4.1: after an idle RTO the window starts again. */
export function restartAfterIdle(t: Tcb): void {
  if (globals.nowMs - t.progressMs > rto(t)) t.cwnd = smaller(t.cwnd, initialWindow(t));
}

/** Half of what is in flight, at least two segments (RFC 5681 equation 4). */
function halve(t: Tcb): void {
  t.ssthresh = larger(flight(t) >> 1, 2 * <u32>t.sndMss);
}

function grow(t: Tcb, acked: u32): void {
  const mss = <u32>t.sndMss;
  if (t.cwnd < t.ssthresh) {
    t.cwnd += smaller(acked, mss);
  } else {
    t.bytesAcked += acked;
    if (t.bytesAcked >= t.cwnd) {
      t.bytesAcked -= t.cwnd;
      t.cwnd += mss;
    }
  }
  t.cwnd = smaller(t.cwnd, LIMIT);
}

/** New data were acknowledged: sndUna has moved by acked bytes. */
export function onNewAck(t: Tcb, acked: u32): void {
  const mss = <u32>t.sndMss;
  if (FAST_RECOVERY && has(t, Flag.RECOVERY)) {
    if (seqGt(t.recover, t.sndUna)) {
      // RFC 6582 section 3.2 step 3, partial: repair the next hole, deflate, stay.
      t.sndRtx = t.sndUna;
      t.rtxEnd = t.sndUna + mss;
      t.cwnd = (t.cwnd > acked ? t.cwnd - acked : 0) + (acked >= mss ? mss : 0);
      t.cwnd = larger(t.cwnd, mss);
      return;
    }
    // Full: leave, without a burst.
    t.cwnd = smaller(t.ssthresh, larger(flight(t), mss) + mss);
    clear(t, Flag.RECOVERY);
    t.bytesAcked = 0;
  } else {
    grow(t, acked);
  }
  t.dupAcks = 0;
  if (seqGt(t.recover, t.sndUna)) return;
  clear(t, Flag.LOSS);
  t.recover = seqMax(t.recover, t.sndUna - 2); // it must not fall 2^31 behind
}

/** A duplicate acknowledgment; true if something may leave because of it. */
export function onDuplicateAck(t: Tcb): void {
  count(Counter.TCP_DUPLICATE_ACKS);
  const mss = <u32>t.sndMss;
  if (t.dupAcks < 255) t.dupAcks += 1;
  if (has(t, Flag.RECOVERY)) {
    t.cwnd = smaller(t.cwnd + mss, LIMIT);
    return;
  }
  // RFC 6582 section 3.2 step 2: not for what was sent before the last recovery ended.
  if (t.dupAcks != 3 || has(t, Flag.LOSS) || !seqGt(t.sndUna - 1, t.recover)) return;
  halve(t);
  t.recover = t.sndNxt;
  t.cwnd = t.ssthresh + 3 * mss;
  t.sndRtx = t.sndUna;
  t.rtxEnd = t.sndUna + mss;
  set(t, Flag.RECOVERY);
}

/** Everything in flight is to be sent again. */
export function repairAll(t: Tcb): void {
  t.sndRtx = t.sndUna;
  t.rtxEnd = t.sndNxt;
}

/** The retransmission timer expired: back to one segment (RFC 5681 section 3.1, 6582 step 4). */
export function onTimeout(t: Tcb): void {
  if (t.retries == 0) halve(t);
  t.cwnd = t.sndMss;
  t.bytesAcked = 0;
  t.dupAcks = 0;
  t.recover = t.sndNxt;
  repairAll(t);
  clear(t, Flag.RECOVERY);
  set(t, Flag.LOSS);
}

/** How far new data may go: the window of the network, and limited transmit (RFC 3042). */
export function congestionEdge(t: Tcb): u32 {
  const extra =
    FAST_RECOVERY && t.dupAcks > 0 && t.dupAcks < 3 && !has(t, Flag.RECOVERY | Flag.LOSS)
      ? t.dupAcks
      : 0;
  return t.sndUna + t.cwnd + <u32>extra * t.sndMss;
}
