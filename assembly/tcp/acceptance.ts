// RFC 9293 3.10.7.4, first to fourth: is the segment acceptable, and may its RST or SYN be believed
// (RFC 5961 sections 3 and 4; PAWS of RFC 7323 section 5 goes first).

import { PAWS_AGE_MS } from "../config";
import { Counter } from "../constants";
import { count } from "../counter";
import { globals } from "../globals";
import { FIN, RST, SYN } from "../wire/tcp";
import {
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
import { seqGeq, seqGt, seqLeq, seqLt } from "./seq";
import { Flag, TIMESTAMPS, Tcb, has, hasOption, set } from "./tcb";
import { receiveWindow } from "./window";

/** RFC 7323 section 5.3, R1: an old duplicate by its timestamp. RSTs are exempt. */
export function isOldDuplicate(t: Tcb): bool {
  if (!hasOption(t, TIMESTAMPS) || segHas(RST)) return false;
  if (!segHasTimestamps) return true; // section 3.2: all segments carry the option once agreed
  return isStale(t);
}

/** Older than TS.Recent, which is young enough to be believed (section 5.5). */
function isStale(t: Tcb): bool {
  return (
    has(t, Flag.TS_RECENT) &&
    seqLt(segTsVal, t.tsRecent) &&
    globals.nowMs - t.tsRecentMs <= PAWS_AGE_MS
  );
}

/** RFC 7323 section 4.3: the timestamp to echo is that of the segment at the left edge. */
export function noteTimestamp(t: Tcb): void {
  if (!segHasTimestamps || !hasOption(t, TIMESTAMPS)) return;
  if (seqGt(segSeq, t.rcvAcked) || isStale(t)) return;
  t.tsRecent = segTsVal;
  t.tsRecentMs = globals.nowMs;
  set(t, Flag.TS_RECENT);
}

/** First check: the four cases of RFC 9293 section 3.4. */
export function isAcceptable(t: Tcb): bool {
  const window = receiveWindow(t);
  if (segLen == 0) {
    if (window == 0) return segSeq == t.rcvNxt;
    return seqGeq(segSeq, t.rcvNxt) && seqLt(segSeq, t.rcvNxt + window);
  }
  if (window == 0) return false;
  const last = segSeq + segLen - 1;
  const edge = t.rcvNxt + window;
  return (
    (seqGeq(segSeq, t.rcvNxt) && seqLt(segSeq, edge)) ||
    (seqGeq(last, t.rcvNxt) && seqLt(last, edge))
  );
}

/** With a window of zero, ACK, RST and URG of a segment at RCV.NXT still count (MUST-66): what it
 * carries is cut off. True if that made it acceptable. */
export function isProbe(t: Tcb): bool {
  if (receiveWindow(t) != 0 || segSeq != t.rcvNxt || segHas(SYN)) return false;
  trimBack(segLen);
  return true;
}

/** Cuts the segment down to the window. */
export function trim(t: Tcb): void {
  if (seqLt(segSeq, t.rcvNxt)) trimFront(t.rcvNxt - segSeq);
  const edge = t.rcvNxt + receiveWindow(t);
  const end = segSeq + segLen;
  if (seqGt(end, edge)) trimBack(end - edge);
}

/** What an RST means (RFC 5961 section 3.2): 0 nothing, 1 a challenge, 2 the end. */
export function weighReset(t: Tcb): u32 {
  if (segSeq == t.rcvNxt) return 2;
  const edge = t.rcvNxt + receiveWindow(t);
  return seqGt(segSeq, t.rcvNxt) && seqLt(segSeq, edge) ? 1 : 0;
}

/** RFC 5961 section 5: SND.UNA - MAX.SND.WND <= SEG.ACK <= SND.NXT. */
export function isPlausibleAck(t: Tcb, ack: u32): bool {
  const ok = seqGeq(ack, t.sndUna - t.maxSndWnd) && seqLeq(ack, t.sndNxt);
  if (!ok) count(Counter.DROP_TCP_ACK);
  return ok;
}

/** True for a segment that carries nothing but an acknowledgment. */
export function isBareAck(): bool {
  return segDataLength == 0 && (segFlags & (FIN | SYN)) == 0;
}
