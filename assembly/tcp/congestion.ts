// Congestion control: slow start, congestion avoidance, fast retransmit and NewReno recovery
// (RFC 5681, 6582), limited transmit (3042), byte counting (3465), initial window of 10 (6928).

import { FAST_RECOVERY, FRAME_BYTES, SACK } from "../config";
import { Counter } from "../constants";
import { count } from "../counter";
import { elapsed } from "../globals";
import { atLeastZero, both, either, larger, smaller } from "../order";
import { rto } from "./rtt";
import { giveUpTo, hasScoreboard, lostEdge, pipeRoom, releaseScoreboard } from "./scoreboard";
import { seqGt, seqMax } from "./seq";
import { clear, Flag, has, set, tcb } from "./tcb";

/** Above every window: slow start ends at the first loss. */
const NO_THRESHOLD: u32 = 1 << 29;
/** Segments of more than 1,460 bytes: RFC 6928's other bound counts. */
const LARGE_SEGMENTS: bool = FRAME_BYTES > 1514;

/** While what was lost is sent again. */
export const REPAIRS: u32 = FAST_RECOVERY ? Flag.LOSS | Flag.RECOVERY : Flag.LOSS;

/** Bytes sent and not acknowledged. */
export function flight(): u32 {
  return tcb.sndNxt - tcb.sndUna;
}

/** RFC 6928 section 2; one segment after a lost SYN (RFC 5681 section 3.1). */
function initialWindow(): u32 {
  const mss = <u32>tcb.sndMss;
  if (has(Flag.SYN_LOST)) return mss;
  return LARGE_SEGMENTS ? smaller(10 * mss, larger(2 * mss, 14600)) : 10 * mss;
}

export function startCongestion(): void {
  tcb.cwnd = initialWindow();
  tcb.ssthresh = NO_THRESHOLD;
  tcb.recover = tcb.iss - 1; // so that the first flight may be repaired too
}

/** RFC 5681 section 4.1: after an idle RTO the window starts again. */
export function restartAfterIdle(): void {
  if (elapsed(tcb.progressMs) > rto()) tcb.cwnd = smaller(tcb.cwnd, initialWindow());
}

/** Half of what was in flight, at least two segments (RFC 5681 equation 4). */
function halve(flightBytes: u32): void {
  tcb.ssthresh = larger(flightBytes >> 1, 2 * <u32>tcb.sndMss);
  tcb.recover = tcb.sndNxt;
}

function grow(acked: u32): void {
  const mss = <u32>tcb.sndMss;
  let cwnd = tcb.cwnd;
  if (cwnd < tcb.ssthresh) {
    cwnd += smaller(acked, mss);
  } else {
    tcb.bytesAcked += acked;
    if (tcb.bytesAcked >= cwnd) {
      tcb.bytesAcked -= cwnd;
      cwnd += mss;
    }
  }
  tcb.cwnd = cwnd;
}

/** New data were acknowledged: sndUna has moved by acked bytes. True: in recovery, and not the end
 * of it (RFC 6582 section 3.2 step 3). */
export function onNewAck(acked: u32): bool {
  const behind = seqGt(tcb.recover, tcb.sndUna);
  if (FAST_RECOVERY) tcb.dupAcks = 0;
  if (FAST_RECOVERY && has(Flag.RECOVERY)) {
    const mss = <u32>tcb.sndMss;
    if (behind && hasScoreboard()) return false; // RFC 6675: the scoreboard says what is missing
    if (behind) {
      // Partial: repair the next hole, deflate, stay.
      repair(mss);
      tcb.cwnd = larger(atLeastZero(tcb.cwnd - acked) + (acked >= mss ? mss : 0), mss);
      return true;
    }
    // Full: leave, without a burst.
    tcb.cwnd = smaller(tcb.ssthresh, larger(flight(), mss) + mss);
    tcb.bytesAcked = 0;
  } else grow(acked);
  if (!behind) {
    clear(REPAIRS);
    tcb.recover = seqMax(tcb.recover, tcb.sndUna - 2); // it must not fall 2^31 behind
  }
  return false;
}

/** A duplicate acknowledgment. */
export function onDuplicateAck(): void {
  count(Counter.TCP_DUPLICATE_ACKS);
  const mss = <u32>tcb.sndMss;
  if (tcb.dupAcks < 255) tcb.dupAcks += 1;
  const sack = hasScoreboard();
  if (has(Flag.RECOVERY)) {
    if (!sack) tcb.cwnd += mss;
    return;
  }
  // RFC 6675 section 5 step 2: or as soon as the first segment counts as lost.
  const lost = sack ? either(tcb.dupAcks >= 3, seqGt(lostEdge(), tcb.sndUna)) : tcb.dupAcks == 3;
  // RFC 6582 section 3.2 step 2: not for what was sent before the last recovery ended.
  if (lost && both(!has(Flag.LOSS), seqGt(tcb.sndUna - 1, tcb.recover))) {
    // RFC 5681 section 3.2 step 2: what limited transmit has sent beyond cwnd does not count.
    halve(smaller(flight(), tcb.cwnd));
    tcb.cwnd = sack ? tcb.ssthresh : tcb.ssthresh + 3 * mss;
    repair(mss);
    set(Flag.RECOVERY);
  }
}

/** So many bytes of those in flight, from the first on, are to be sent again. */
export function repair(bytes: u32): void {
  tcb.sndRtx = tcb.sndUna;
  tcb.rtxEnd = tcb.sndUna + smaller(bytes, flight());
  if (SACK) giveUpTo(tcb.rtxEnd);
}

/** The retransmission timer expired: back to one segment (RFC 5681 section 3.1, 6582 step 4). */
export function onTimeout(): void {
  if (tcb.retries == 0) halve(flight());
  if (SACK) releaseScoreboard(); // RFC 2018 section 8: the peer may have thrown it all away
  tcb.cwnd = tcb.sndMss;
  tcb.bytesAcked = 0;
  tcb.recover = tcb.sndNxt;
  repair(flight());
  clear(Flag.RECOVERY | Flag.TIMING); // Karn
  set(Flag.LOSS);
}

/** RFC 6675 section 4, NextSeg rules 3 and 4: in recovery, with room for a segment, more is sent again
 * than is known to be lost. */
export function mayRepairMore(): bool {
  return hasScoreboard() && has(Flag.RECOVERY) && pipeRoom() >= <u32>tcb.sndMss;
}

/** How far new data may go: the window of the network, and limited transmit (RFC 3042). */
export function congestionEdge(): u32 {
  if (SACK && hasScoreboard()) return tcb.sndNxt + pipeRoom();
  const duplicates = <u32>tcb.dupAcks;
  const limited = both(duplicates < 3, !has(REPAIRS));
  const extra = FAST_RECOVERY && limited ? duplicates * tcb.sndMss : 0;
  return tcb.sndUna + tcb.cwnd + extra;
}
