// RFC 9293 3.10.7.4, first to fourth: is the segment acceptable, and may its RST or SYN be believed
// (RFC 5961 sections 3 and 4; PAWS of RFC 7323 section 5 goes first).

import { EXTENSIONS, PAWS_AGE_MS, SACK } from "../config";
import { elapsed, globals } from "../globals";
import { atLeastZero, both, larger, smaller } from "../order";
import { flight } from "./congestion";
import {
  segAck,
  segDataLength,
  segFlags,
  segHas,
  segHasTimestamps,
  segLen,
  segSeq,
  segTsVal,
  trimBack,
  trimFront,
} from "./segment";
import { noteDuplicate } from "./sack";
import { seqLeq, seqLt } from "./seq";
import { hasOption, tcb, TIMESTAMPS } from "./tcb";
import { receiveWindow } from "./window";
import { FIN, RST, SYN } from "../wire/tcp";

/** RFC 7323 section 5.3, R1: an old duplicate by its timestamp. RSTs are exempt. Section 3.2: all
 * segments carry the option once it was agreed on; but a SYN, perhaps of a peer that has restarted, must
 * be challenged (RFC 5961 section 4.2). */
export function isOldDuplicate(): bool {
  if (!hasOption(tcb, TIMESTAMPS) || segHas(RST | SYN)) return false;
  return !segHasTimestamps || isStale();
}

/** Older than TS.Recent, which is young enough to be believed (section 5.5). */
function isStale(): bool {
  return seqLt(segTsVal, tcb.tsRecent) && elapsed(tcb.tsRecentMs) <= PAWS_AGE_MS;
}

/** RFC 7323 section 4.3: the timestamp to echo is that of the segment at the left edge. */
export function noteTimestamp(): void {
  if (!EXTENSIONS || !segHasTimestamps || !hasOption(tcb, TIMESTAMPS)) return;
  if (seqLeq(segSeq, tcb.rcvAcked) && !isStale()) takeTsRecent();
}

/** TS.Recent is that of the current segment. */
export function takeTsRecent(): void {
  tcb.tsRecent = segTsVal;
  tcb.tsRecentMs = globals.nowMs;
}

/** True for a number in the receive window, whose first is RCV.NXT. */
export function isInWindow(seq: u32, window: u32): bool {
  return seq - tcb.rcvNxt < window;
}

/** First check: the four cases of RFC 9293 section 3.4. */
export function isAcceptable(): bool {
  const window = receiveWindow();
  if (segLen == 0) return isInWindow(segSeq, larger(window, 1));
  return isInWindow(segSeq, window) || isInWindow(segSeq + segLen - 1, window);
}

/** Cuts the segment down to the window. */
export function trim(): void {
  const old = atLeastZero(tcb.rcvNxt - segSeq);
  if (SACK && both(old != 0, segDataLength != 0))
    noteDuplicate(segSeq, segSeq + smaller(old, segDataLength));
  trimFront(old);
  trimBack(atLeastZero(segSeq + segLen - tcb.rcvNxt - receiveWindow()));
}

/** RFC 5961 section 5: SND.UNA - MAX.SND.WND <= SEG.ACK <= SND.NXT. */
export function isPlausibleAck(): bool {
  return segAck - tcb.sndUna + tcb.maxSndWnd <= flight() + tcb.maxSndWnd;
}

/** True for a segment that carries nothing but an acknowledgment. */
export function isBareAck(): bool {
  return (segDataLength | (segFlags & (FIN | SYN))) == 0;
}
