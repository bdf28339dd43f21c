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
import { clear, Flag, has, hasOption, peerScale, set, tcb, TIMESTAMPS } from "./tcb";

/** Doublings of the RTO that an acknowledgment without a sample leaves. */
const KEPT_BACKOFF: u8 = 2;

/** The window the segment offers, in bytes. */
export function offeredWindow(): u32 {
  return segWnd << peerScale(tcb);
}

/** Takes an acknowledgment that is plausible (acceptance.isPlausibleAck). */
export function takeAck(): void {
  const window = offeredWindow();
  if (seqGt(segAck, tcb.sndUna)) advance();
  else if (FAST_RECOVERY && isDuplicate(window)) onDuplicateAck();
  if (seqGeq(segAck, tcb.sndUna)) updateWindow(window);
  if (hasWork()) makeReady();
}

/** RFC 5681 section 2. */
function isDuplicate(window: u32): bool {
  return (
    segAck == tcb.sndUna &&
    tcb.sndUna != tcb.sndNxt &&
    isBareAck() &&
    window == tcb.sndWnd &&
    window != 0
  );
}

function advance(): void {
  const acked = segAck - tcb.sndUna;
  takeSample();
  const partial = FAST_RECOVERY && has(Flag.RECOVERY) && seqGt(tcb.recover, segAck);
  const firstPartial = partial && tcb.retries == 0 && tcb.dupAcks != 0;
  tcb.sndUna = segAck;
  if (seqLt(tcb.sndRtx, tcb.sndUna)) tcb.sndRtx = tcb.sndUna;
  if (seqLt(tcb.rtxEnd, tcb.sndUna)) tcb.rtxEnd = tcb.sndUna;
  onNewAck(acked);
  if (partial) tcb.dupAcks = 0;
  tcb.retries = 0;
  // Deviation: RFC 6298 section 5 keeps the whole back-off until a sample. Where much is lost that
  // leaves too few tries before R2; two doublings outlast a round-trip time that grew fourfold.
  if (tcb.backoff > KEPT_BACKOFF) tcb.backoff = KEPT_BACKOFF;
  tcb.progressMs = globals.nowMs;
  tcb.error = 0; // a soft error that is over does not name a later end
  // RFC 6298 section 5.2, 5.3; RFC 6582 section 3.2 step 3: only the first partial one restarts.
  if (tcb.sndUna == tcb.sndNxt) stopTimer();
  else if (!partial || firstPartial) startRto();
  if (tcb.sndUna == tcb.sndEnd || tcb.sndUna == tcb.sndEnd + 1) dropSendRing();
  if (has(Flag.WANTS_SPACE)) {
    clear(Flag.WANTS_SPACE);
    tell(Event.WRITABLE);
  }
}

/** Karn: a segment sent again is timed by its timestamp or not at all. */
function takeSample(): void {
  if (has(Flag.TIMING)) {
    if (seqLt(segAck, tcb.rttSeq)) return;
    clear(Flag.TIMING);
    sampleRtt(globals.nowUs - tcb.rttStartUs);
  } else if (hasOption(tcb, TIMESTAMPS) && segHasTimestamps && segTsEcr != 0) {
    const ms = globals.nowMs + tcb.tsOffset - segTsEcr;
    if (ms < 0x100000) sampleRtt(ms * 1000);
  }
}

/** Takes SND.WND from a segment that is not older than the last that gave it. */
function updateWindow(window: u32): void {
  if (!(seqLt(tcb.sndWl1, segSeq) || (tcb.sndWl1 == segSeq && seqLeq(tcb.sndWl2, segAck)))) return;
  const closed = tcb.sndWnd == 0;
  tcb.sndWnd = window;
  tcb.sndWl1 = segSeq;
  tcb.sndWl2 = segAck;
  if (window > tcb.maxSndWnd) tcb.maxSndWnd = window;
  if (window == 0) {
    // Section 3.8.6.1: an answered probe shows a living peer, however long the window stays shut;
    // an orphan does not wait for it.
    tcb.retries = 0;
    if (has(Flag.OWNED | Flag.QUEUED)) tcb.progressMs = globals.nowMs;
    if (tcb.sndUna != tcb.sndNxt && !has(Flag.PERSIST)) {
      set(Flag.PERSIST); // MUST-35: a window that shrank to zero is probed like any other
      startRto();
    }
  } else if (closed || has(Flag.PERSIST)) {
    reopen();
  }
}

/** The window has opened: what probes showed to be refused is sent again. Without a probe the
 * retransmission timer sees to it, so that a window that flaps draws nothing. */
function reopen(): void {
  const probed = tcb.backoff != 0;
  tcb.backoff = 0;
  tcb.retries = 0;
  stopTimer();
  if (tcb.sndUna == tcb.sndNxt) return;
  if (probed) repairAll();
  clear(Flag.TIMING);
  startRto();
}

/** True if transmit may find something to send. */
function hasWork(): bool {
  if (has(Flag.ACK_NOW) || seqLt(tcb.sndRtx, seqMax(tcb.rtxEnd, tcb.sndUna))) return true;
  return isWaiting() && seqGt(congestionEdge(), tcb.sndNxt);
}
