// Congestion control: slow start, congestion avoidance, fast retransmit and NewReno recovery
// (RFC 5681, 6582), limited transmit (3042), byte counting (3465), initial window of 10 (6928).

import { FAST_RECOVERY } from "../config";
import { larger, smaller } from "../order";
import { Counter } from "../constants";
import { count } from "../counter";
import { globals } from "../globals";
import { rto } from "./rtt";
import { seqGt, seqMax } from "./seq";
import { clear, Flag, has, set, tcb } from "./tcb";

const LIMIT: u32 = 1 << 29;

/** Bytes sent and not acknowledged. */
export function flight(): u32 {
  return tcb.sndNxt - tcb.sndUna;
}

/** RFC 6928 section 2; one segment after a lost SYN (RFC 5681 section 3.1). */
export function initialWindow(): u32 {
  const mss = <u32>tcb.sndMss;
  if (has(Flag.SYN_LOST)) return mss;
  return smaller(10 * mss, larger(2 * mss, 14600));
}

export function startCongestion(): void {
  tcb.cwnd = initialWindow();
  tcb.ssthresh = LIMIT;
  tcb.recover = tcb.iss - 1; // so that the first flight may be repaired too
  tcb.bytesAcked = 0;
}

/** RFC 5681 section 4.1: after an idle RTO the window starts again. */
export function restartAfterIdle(): void {
  if (globals.nowMs - tcb.progressMs > rto()) tcb.cwnd = smaller(tcb.cwnd, initialWindow());
}

/** Half of what is in flight, at least two segments (RFC 5681 equation 4). */
function halve(): void {
  tcb.ssthresh = larger(flight() >> 1, 2 * <u32>tcb.sndMss);
}

function grow(acked: u32): void {
  const mss = <u32>tcb.sndMss;
  if (tcb.cwnd < tcb.ssthresh) {
    tcb.cwnd += smaller(acked, mss);
  } else {
    tcb.bytesAcked += acked;
    if (tcb.bytesAcked >= tcb.cwnd) {
      tcb.bytesAcked -= tcb.cwnd;
      tcb.cwnd += mss;
    }
  }
  tcb.cwnd = smaller(tcb.cwnd, LIMIT);
}

/** New data were acknowledged: sndUna has moved by acked bytes. */
export function onNewAck(acked: u32): void {
  const mss = <u32>tcb.sndMss;
  if (FAST_RECOVERY && has(Flag.RECOVERY)) {
    if (seqGt(tcb.recover, tcb.sndUna)) {
      // RFC 6582 section 3.2 step 3, partial: repair the next hole, deflate, stay.
      tcb.sndRtx = tcb.sndUna;
      tcb.rtxEnd = tcb.sndUna + mss;
      tcb.cwnd = (tcb.cwnd > acked ? tcb.cwnd - acked : 0) + (acked >= mss ? mss : 0);
      tcb.cwnd = larger(tcb.cwnd, mss);
      return;
    }
    // Full: leave, without a burst.
    tcb.cwnd = smaller(tcb.ssthresh, larger(flight(), mss) + mss);
    clear(Flag.RECOVERY);
    tcb.bytesAcked = 0;
  } else {
    grow(acked);
  }
  tcb.dupAcks = 0;
  if (seqGt(tcb.recover, tcb.sndUna)) return;
  clear(Flag.LOSS);
  tcb.recover = seqMax(tcb.recover, tcb.sndUna - 2); // it must not fall 2^31 behind
}

/** A duplicate acknowledgment; true if something may leave because of it. */
export function onDuplicateAck(): void {
  count(Counter.TCP_DUPLICATE_ACKS);
  const mss = <u32>tcb.sndMss;
  if (tcb.dupAcks < 255) tcb.dupAcks += 1;
  if (has(Flag.RECOVERY)) {
    tcb.cwnd = smaller(tcb.cwnd + mss, LIMIT);
    return;
  }
  // RFC 6582 section 3.2 step 2: not for what was sent before the last recovery ended.
  if (tcb.dupAcks != 3 || has(Flag.LOSS) || !seqGt(tcb.sndUna - 1, tcb.recover)) return;
  halve();
  tcb.recover = tcb.sndNxt;
  tcb.cwnd = tcb.ssthresh + 3 * mss;
  tcb.sndRtx = tcb.sndUna;
  tcb.rtxEnd = tcb.sndUna + mss;
  set(Flag.RECOVERY);
}

/** Everything in flight is to be sent again. */
export function repairAll(): void {
  tcb.sndRtx = tcb.sndUna;
  tcb.rtxEnd = tcb.sndNxt;
}

/** The retransmission timer expired: back to one segment (RFC 5681 section 3.1, 6582 step 4). */
export function onTimeout(): void {
  if (tcb.retries == 0) halve();
  tcb.cwnd = tcb.sndMss;
  tcb.bytesAcked = 0;
  tcb.dupAcks = 0;
  tcb.recover = tcb.sndNxt;
  repairAll();
  clear(Flag.RECOVERY);
  set(Flag.LOSS);
}

/** How far new data may go: the window of the network, and limited transmit (RFC 3042). */
export function congestionEdge(): u32 {
  const extra =
    FAST_RECOVERY && tcb.dupAcks > 0 && tcb.dupAcks < 3 && !has(Flag.RECOVERY | Flag.LOSS)
      ? tcb.dupAcks
      : 0;
  return tcb.sndUna + tcb.cwnd + <u32>extra * tcb.sndMss;
}
