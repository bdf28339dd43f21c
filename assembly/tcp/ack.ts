// RFC 9293 3.10.7.4, fifth: the acknowledgment of a synchronized connection. Moves SND.UNA, takes
// the window and RTT samples, tells congestion control, and starts or stops the timer.

import { FAST_RECOVERY, SACK, SERVICES } from "../config";
import { Event } from "../constants";
import { globals } from "../globals";
import { both, either, larger, smaller } from "../order";
import { isBareAck } from "./acceptance";
import {
  congestionEdge,
  flight,
  mayRepairMore,
  onDuplicateAck,
  onNewAck,
  repair,
} from "./congestion";
import { dropSendRing } from "./pool";
import { makeReady } from "./ready";
import { endTiming, sampleRtt } from "./rtt";
import { lostEdge, pruneScoreboard, takeSack } from "./scoreboard";
import { isWaiting, resetBackoff, startRto, stopTimer } from "./schedule";
import { segAck, segHasTimestamps, segSeq, segTsEcr, segWnd } from "./segment";
import { seqGeq, seqGt, seqLt, seqMax } from "./seq";
import { isAllAcknowledged, noteProgress, tell } from "./state";
import { clear, Flag, has, hasOption, hasSack, peerScale, set, tcb, TIMESTAMPS } from "./tcb";

/** Doublings of the RTO that an acknowledgment without a sample leaves. */
const KEPT_BACKOFF: u32 = 2;

/** The window the segment offers, in bytes. */
export function offeredWindow(): u32 {
  return segWnd << peerScale(tcb);
}

/** Takes an acknowledgment that is plausible (acceptance.isPlausibleAck). */
export function takeAck(): void {
  const window = offeredWindow();
  const old = !seqGt(segAck, tcb.sndUna);
  if (!old) advance();
  if (SACK && hasSack()) {
    // RFC 6675 section 2: a duplicate acknowledgment is one that tells of something new.
    if (takeSack() && both(old, segAck == tcb.sndUna)) onDuplicateAck();
    if (has(Flag.RECOVERY | Flag.LOSS)) tcb.rtxEnd = seqMax(tcb.rtxEnd, lostEdge());
  } else if (FAST_RECOVERY && old && isDuplicate(window)) onDuplicateAck();
  if (seqGeq(segAck, tcb.sndUna)) updateWindow(window);
  if (hasWork()) makeReady();
}

/** RFC 5681 section 2. */
function isDuplicate(window: u32): bool {
  return both(
    both(both(segAck == tcb.sndUna, !isAllAcknowledged()), isBareAck()),
    both(window == tcb.sndWnd, window != 0),
  );
}

function advance(): void {
  const acked = segAck - tcb.sndUna;
  takeSample();
  tcb.sndUna = segAck;
  tcb.sndRtx = seqMax(tcb.sndRtx, segAck);
  tcb.rtxEnd = seqMax(tcb.rtxEnd, segAck);
  const first = tcb.dupAcks != 0;
  const partial = onNewAck(acked);
  if (SACK) pruneScoreboard();
  tcb.retries = 0;
  // Deviation: RFC 6298 section 5 keeps the whole back-off until a sample. Where much is lost that
  // leaves too few tries before R2; two doublings outlast a round-trip time that grew fourfold.
  tcb.backoff = <u8>smaller(tcb.backoff, KEPT_BACKOFF);
  noteProgress();
  tcb.error = 0; // a soft error that is over does not name a later end
  // RFC 6298 section 5.2, 5.3; RFC 6582 section 3.2 step 3: only the first partial one restarts.
  if (isAllAcknowledged()) stopTimer();
  else if (either(!partial, first)) startRto();
  if (segAck - tcb.sndEnd <= 1) dropSendRing(); // all data, and perhaps the FIN
  if (seqGeq(segAck, tcb.sndUp)) clear(Flag.SENDS_URGENT);
  if (has(Flag.WANTS_SPACE)) {
    clear(Flag.WANTS_SPACE);
    tell(Event.WRITABLE);
  }
  if (SERVICES && has(Flag.SERVED)) makeReady();
}

/** Karn: a segment sent again is timed by its timestamp or not at all. */
function takeSample(): void {
  if (has(Flag.TIMING)) {
    if (seqGeq(segAck, tcb.rttSeq)) endTiming();
  } else if (hasOption(tcb, TIMESTAMPS) && both(segHasTimestamps, segTsEcr != 0)) {
    const ms = globals.nowMs + tcb.tsOffset - segTsEcr;
    if (ms < 0x100000) sampleRtt(ms * 1000);
  }
}

/** Takes SND.WND from a segment that is not older than the last that gave it. */
function updateWindow(window: u32): void {
  if (tcb.sndWl1 == segSeq ? seqGt(tcb.sndWl2, segAck) : seqGt(tcb.sndWl1, segSeq)) return;
  const closed = tcb.sndWnd == 0;
  tcb.sndWnd = window;
  tcb.sndWl1 = segSeq;
  tcb.sndWl2 = segAck;
  tcb.maxSndWnd = larger(window, tcb.maxSndWnd);
  if (window == 0) {
    // Section 3.8.6.1: an answered probe shows a living peer, however long the window stays shut;
    // an orphan does not wait for it.
    tcb.retries = 0;
    if (has(Flag.OWNED | Flag.QUEUED)) noteProgress();
    if (!either(isAllAcknowledged(), has(Flag.PERSIST))) {
      set(Flag.PERSIST); // MUST-35: a window that shrank to zero is probed like any other
      startRto();
    }
  } else if (either(closed, has(Flag.PERSIST))) reopen();
}

/** The window has opened: what probes showed to be refused is sent again. Without a probe the
 * retransmission timer sees to it, so that a window that flaps draws nothing. */
function reopen(): void {
  const probed = tcb.backoff != 0;
  resetBackoff();
  stopTimer();
  if (isAllAcknowledged()) return;
  if (probed) repair(flight());
  clear(Flag.TIMING);
  startRto();
}

/** True if transmit may find something to send. */
function hasWork(): bool {
  if (SACK && mayRepairMore()) return true;
  return either(
    either(has(Flag.ACK_NOW), seqLt(tcb.sndRtx, tcb.rtxEnd)),
    both(isWaiting(), seqGt(congestionEdge(), tcb.sndNxt)),
  );
}
