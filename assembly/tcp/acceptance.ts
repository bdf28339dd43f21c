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
import { Flag, has, hasOption, set, tcb, TIMESTAMPS } from "./tcb";
import { receiveWindow } from "./window";

/** RFC 7323 section 5.3, R1: an old duplicate by its timestamp. RSTs are exempt. */
export function isOldDuplicate(): bool {
  if (!hasOption(tcb, TIMESTAMPS) || segHas(RST)) return false;
  if (!segHasTimestamps) return true; // section 3.2: all segments carry the option once agreed
  return isStale();
}

/** Older than TS.Recent, which is young enough to be believed (section 5.5). */
function isStale(): bool {
  return (
    has(Flag.TS_RECENT) &&
    seqLt(segTsVal, tcb.tsRecent) &&
    globals.nowMs - tcb.tsRecentMs <= PAWS_AGE_MS
  );
}

/** RFC 7323 section 4.3: the timestamp to echo is that of the segment at the left edge. */
export function noteTimestamp(): void {
  if (!segHasTimestamps || !hasOption(tcb, TIMESTAMPS)) return;
  if (seqGt(segSeq, tcb.rcvAcked) || isStale()) return;
  tcb.tsRecent = segTsVal;
  tcb.tsRecentMs = globals.nowMs;
  set(Flag.TS_RECENT);
}

/** First check: the four cases of RFC 9293 section 3.4. */
export function isAcceptable(): bool {
  const window = receiveWindow();
  if (segLen == 0) {
    if (window == 0) return segSeq == tcb.rcvNxt;
    return seqGeq(segSeq, tcb.rcvNxt) && seqLt(segSeq, tcb.rcvNxt + window);
  }
  if (window == 0) return false;
  const last = segSeq + segLen - 1;
  const edge = tcb.rcvNxt + window;
  return (
    (seqGeq(segSeq, tcb.rcvNxt) && seqLt(segSeq, edge)) ||
    (seqGeq(last, tcb.rcvNxt) && seqLt(last, edge))
  );
}

/** With a window of zero, ACK, RST and URG of a segment at RCV.NXT still count (MUST-66): what it
 * carries is cut off. True if that made it acceptable. */
export function isProbe(): bool {
  if (receiveWindow() != 0 || segSeq != tcb.rcvNxt || segHas(SYN)) return false;
  trimBack(segLen);
  return true;
}

/** Cuts the segment down to the window. */
export function trim(): void {
  if (seqLt(segSeq, tcb.rcvNxt)) trimFront(tcb.rcvNxt - segSeq);
  const edge = tcb.rcvNxt + receiveWindow();
  const end = segSeq + segLen;
  if (seqGt(end, edge)) trimBack(end - edge);
}

/** What an RST means (RFC 5961 section 3.2): 0 nothing, 1 a challenge, 2 the end. */
export function weighReset(): u32 {
  if (segSeq == tcb.rcvNxt) return 2;
  const edge = tcb.rcvNxt + receiveWindow();
  return seqGt(segSeq, tcb.rcvNxt) && seqLt(segSeq, edge) ? 1 : 0;
}

/** RFC 5961 section 5: SND.UNA - MAX.SND.WND <= SEG.ACK <= SND.NXT. */
export function isPlausibleAck(ack: u32): bool {
  const ok = seqGeq(ack, tcb.sndUna - tcb.maxSndWnd) && seqLeq(ack, tcb.sndNxt);
  if (!ok) count(Counter.DROP_TCP_ACK);
  return ok;
}

/** True for a segment that carries nothing but an acknowledgment. */
export function isBareAck(): bool {
  return segDataLength == 0 && (segFlags & (FIN | SYN)) == 0;
}
