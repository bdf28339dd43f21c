// RFC 9293 3.10.7.4, fifth: the acknowledgment of a synchronized connection. Moves SND.UNA, takes
// the window and RTT samples, tells congestion control, and starts or stops the timer.

import { tell } from "./state";
import { FAST_RECOVERY } from "../config";
import { Event } from "../constants";
import { globals } from "../globals";
import { congestionEdge, onDuplicateAck, onNewAck, repairAll } from "./congestion";
import { isBareAck } from "./acceptance";
import { dropSendRing } from "./pool";
import { makeReady } from "./ready";
import { sampleRtt } from "./rtt";
import { isWaiting, stopTimer, startRto } from "./schedule";
import { segAck, segHasTimestamps, segSeq, segTsEcr, segWnd } from "./segment";
import { seqGeq, seqGt, seqLeq, seqLt, seqMax } from "./seq";
import { Flag, Tcb, clear, has, set, TIMESTAMPS, hasOption, peerScale } from "./tcb";

/** Doublings of the RTO that an acknowledgment without a sample leaves. */
const KEPT_BACKOFF: u8 = 2;

/** The window the segment offers, in bytes. */
export function offeredWindow(t: Tcb): u32 {
  return segWnd << peerScale(t);
}

/** Takes an acknowledgment that is plausible (acceptance.isPlausibleAck). */
export function takeAck(t: Tcb): void {
  const window = offeredWindow(t);
  if (seqGt(segAck, t.sndUna)) advance(t);
  else if (FAST_RECOVERY && isDuplicate(t, window)) onDuplicateAck(t);
  if (seqGeq(segAck, t.sndUna)) updateWindow(t, window);
  if (hasWork(t)) makeReady(t);
}

/** RFC 5681 section 2. */
function isDuplicate(t: Tcb, window: u32): bool {
  return (
    segAck == t.sndUna && t.sndUna != t.sndNxt && isBareAck() && window == t.sndWnd && window != 0
  );
}

function advance(t: Tcb): void {
  const acked = segAck - t.sndUna;
  takeSample(t);
  const partial = FAST_RECOVERY && has(t, Flag.RECOVERY) && seqGt(t.recover, segAck);
  const firstPartial = partial && t.retries == 0 && t.dupAcks != 0;
  t.sndUna = segAck;
  if (seqLt(t.sndRtx, t.sndUna)) t.sndRtx = t.sndUna;
  if (seqLt(t.rtxEnd, t.sndUna)) t.rtxEnd = t.sndUna;
  onNewAck(t, acked);
  if (partial) t.dupAcks = 0;
  t.retries = 0;
  // Deviation: RFC 6298 section 5 keeps the whole back-off until a sample. Where much is lost that
  // leaves too few tries before R2; two doublings outlast a round-trip time that grew fourfold.
  if (t.backoff > KEPT_BACKOFF) t.backoff = KEPT_BACKOFF;
  t.progressMs = globals.nowMs;
  t.error = 0; // a soft error that is over does not name a later end
  // RFC 6298 section 5.2, 5.3; RFC 6582 section 3.2 step 3: only the first partial one restarts.
  if (t.sndUna == t.sndNxt) stopTimer(t);
  else if (!partial || firstPartial) startRto(t);
  if (t.sndUna == t.sndEnd || t.sndUna == t.sndEnd + 1) dropSendRing(t);
  if (has(t, Flag.WANTS_SPACE)) {
    clear(t, Flag.WANTS_SPACE);
    tell(t, Event.WRITABLE);
  }
}

/** Karn: a segment sent again is timed by its timestamp or not at all. */
function takeSample(t: Tcb): void {
  if (has(t, Flag.TIMING)) {
    if (seqLt(segAck, t.rttSeq)) return;
    clear(t, Flag.TIMING);
    sampleRtt(t, globals.nowUs - t.rttStartUs);
  } else if (hasOption(t, TIMESTAMPS) && segHasTimestamps && segTsEcr != 0) {
    const ms = globals.nowMs + t.tsOffset - segTsEcr;
    if (ms < 0x100000) sampleRtt(t, ms * 1000);
  }
}

/** Takes SND.WND from a segment that is not older than the last that gave it. */
function updateWindow(t: Tcb, window: u32): void {
  if (!(seqLt(t.sndWl1, segSeq) || (t.sndWl1 == segSeq && seqLeq(t.sndWl2, segAck)))) return;
  const closed = t.sndWnd == 0;
  t.sndWnd = window;
  t.sndWl1 = segSeq;
  t.sndWl2 = segAck;
  if (window > t.maxSndWnd) t.maxSndWnd = window;
  if (window == 0) {
    // Section 3.8.6.1: an answered probe shows a living peer, however long the window stays shut;
    // an orphan does not wait for it.
    t.retries = 0;
    if (has(t, Flag.OWNED | Flag.QUEUED)) t.progressMs = globals.nowMs;
    if (t.sndUna != t.sndNxt && !has(t, Flag.PERSIST)) {
      set(t, Flag.PERSIST); // MUST-35: a window that shrank to zero is probed like any other
      startRto(t);
    }
  } else if (closed || has(t, Flag.PERSIST)) {
    reopen(t);
  }
}

/** The window has opened: what probes showed to be refused is sent again. Without a probe the
 * retransmission timer sees to it, so that a window that flaps draws nothing. */
function reopen(t: Tcb): void {
  const probed = t.backoff != 0;
  t.backoff = 0;
  t.retries = 0;
  stopTimer(t);
  if (t.sndUna == t.sndNxt) return;
  if (probed) repairAll(t);
  clear(t, Flag.TIMING);
  startRto(t);
}

/** True if transmit may find something to send. */
function hasWork(t: Tcb): bool {
  if (has(t, Flag.ACK_NOW) || seqLt(t.sndRtx, seqMax(t.rtxEnd, t.sndUna))) return true;
  return isWaiting(t) && seqGt(congestionEdge(t), t.sndNxt);
}
