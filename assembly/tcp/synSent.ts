// SYN-SENT (RFC 9293 3.10.7.3): the answer to our SYN, or the peer's own (simultaneous open).

import { Cause, Counter, Errno, Event, State } from "../constants";
import { count } from "../counter";
import { globals } from "../globals";
import { ACK, FIN, RST, SYN } from "../wire/tcp";
import { setSendMss, startReceiving } from "./adopt";
import { startCongestion } from "./congestion";
import { end } from "./pool";
import { makeReady } from "./ready";
import { takeText, takeUrgent } from "./receive";
import { replyReset, replySynAck } from "./reply";
import { sampleRtt } from "./rtt";
import { stopTimer, startRto } from "./schedule";
import {
  NO_SCALE,
  segAck,
  segDataLength,
  segHas,
  segHasTimestamps,
  segMss,
  segScale,
  segSeq,
  segTsVal,
  segWnd,
  trimBack,
  trimFront,
} from "./segment";
import { seqGt, seqLeq } from "./seq";
import { enter, tell } from "./state";
import { Flag, SCALED, Tcb, clear, has, set } from "./tcb";
import { receiveWindow } from "./window";

export function synSentInput(t: Tcb): u32 {
  // First: ACK.
  if (segHas(ACK) && (seqLeq(segAck, t.iss) || seqGt(segAck, t.sndNxt) || t.sndNxt == t.iss)) {
    count(Counter.DROP_TCP_ACK);
    return replyReset();
  }
  // Second: RST; only with an ACK that covers the SYN (RFC 5961 section 3.2).
  if (segHas(RST)) {
    if (!segHas(ACK)) {
      count(Counter.DROP_TCP_RST);
      return 0;
    }
    count(Counter.TCP_RESETS_RECEIVED);
    end(t, Errno.ECONNREFUSED, Cause.RST);
    return 0;
  }
  // Fourth: SYN. Without one, a bare ACK of our SYN changes nothing: the peer's SYN will come.
  if (!segHas(SYN)) return 0;
  takeOptions(t);
  startReceiving(t, segSeq);
  const ack = segHas(ACK);
  if (ack) {
    becomeEstablished(t, Cause.SYN_ACK);
    set(t, Flag.ACK_NOW);
    makeReady(t);
    takeRest(t);
    return 0;
  }
  enter(t, State.SYN_RECEIVED, Cause.SYN);
  clear(t, Flag.SYN_DUE);
  t.sndNxt = t.iss + 1;
  noteWindow(t);
  startRto(t);
  return replySynAck(t);
}

/** What both sides offered is in use from here on. */
function takeOptions(t: Tcb): void {
  let options = segHasTimestamps ? <u32>t.options : 0;
  if (options) {
    t.tsRecent = segTsVal;
    t.tsRecentMs = globals.nowMs;
    set(t, Flag.TS_RECENT);
  }
  if (segScale != NO_SCALE && globals.windowScale) {
    options |= SCALED | segScale;
  }
  t.options = <u8>options;
  setSendMss(t, segMss);
}

/** The window of a SYN is not scaled. */
function noteWindow(t: Tcb): void {
  t.sndWnd = segWnd;
  t.maxSndWnd = segWnd;
  t.sndWl1 = segSeq;
  t.sndWl2 = segAck;
}

/** Seventh of 3.10.7.4: data and FIN that came with the SYN+ACK. */
function takeRest(t: Tcb): void {
  trimFront(1);
  const window = receiveWindow(t);
  if (segDataLength > window) trimBack(segDataLength + (segHas(FIN) ? 1 : 0) - window);
  takeUrgent(t);
  takeText(t);
}

/** Our SYN is acknowledged, the peer's was taken. */
export function becomeEstablished(t: Tcb, cause: u32): void {
  if (has(t, Flag.TIMING)) {
    clear(t, Flag.TIMING);
    sampleRtt(t, globals.nowUs - t.rttStartUs);
  }
  t.sndUna = t.iss + 1;
  t.sndRtx = t.sndUna;
  t.rtxEnd = t.sndUna;
  t.retries = 0;
  t.backoff = 0;
  t.progressMs = globals.nowMs;
  clear(t, Flag.SYN_DUE);
  stopTimer(t);
  if (<u32>t.state == State.SYN_SENT) noteWindow(t);
  startCongestion(t);
  enter(t, State.ESTABLISHED, cause);
  tell(t, Event.CONNECTED | Event.WRITABLE);
  // A close that waited for the SYN (3.10.4, SYN-RECEIVED).
  if (has(t, Flag.FIN_QUEUED)) {
    enter(t, State.FIN_WAIT_1, Cause.USER);
    makeReady(t);
  }
}
