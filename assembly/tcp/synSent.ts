// SYN-SENT (RFC 9293 3.10.7.3): the answer to our SYN, or the peer's own (simultaneous open).

import { Cause, Counter, Errno, Event, State } from "../constants";
import { count } from "../counter";
import { globals } from "../globals";
import { setSendMss, startReceiving } from "./adopt";
import { startCongestion } from "./congestion";
import { end } from "./pool";
import { makeReady } from "./ready";
import { takeText, takeUrgent } from "./receive";
import { replyReset, replySynAck } from "./reply";
import { sampleRtt } from "./rtt";
import { startRto, stopTimer } from "./schedule";
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
import { enter, isState, noteProgress, tell } from "./state";
import { clear, Flag, has, SCALED, set, tcb } from "./tcb";
import { receiveWindow } from "./window";
import { ACK, FIN, RST, SYN } from "../wire/tcp";

export function synSentInput(): u32 {
  // First: ACK.
  if (
    segHas(ACK) &&
    (seqLeq(segAck, tcb.iss) || seqGt(segAck, tcb.sndNxt) || tcb.sndNxt == tcb.iss)
  ) {
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
    end(Errno.ECONNREFUSED, Cause.RST);
    return 0;
  }
  // Fourth: SYN. Without one, a bare ACK of our SYN changes nothing: the peer's SYN will come.
  if (!segHas(SYN)) return 0;
  takeOptions();
  startReceiving(segSeq);
  const ack = segHas(ACK);
  if (ack) {
    becomeEstablished(Cause.SYN_ACK);
    set(Flag.ACK_NOW);
    makeReady();
    takeRest();
    return 0;
  }
  enter(State.SYN_RECEIVED, Cause.SYN);
  clear(Flag.SYN_DUE);
  tcb.sndNxt = tcb.iss + 1;
  noteWindow();
  startRto();
  return replySynAck();
}

/** What both sides offered is in use from here on. */
function takeOptions(): void {
  let options = segHasTimestamps ? <u32>tcb.options : 0;
  if (options) {
    tcb.tsRecent = segTsVal;
    tcb.tsRecentMs = globals.nowMs;
    set(Flag.TS_RECENT);
  }
  if (segScale != NO_SCALE && globals.windowScale) {
    options |= SCALED | segScale;
  }
  tcb.options = <u8>options;
  setSendMss(segMss);
}

/** The window of a SYN is not scaled. */
function noteWindow(): void {
  tcb.sndWnd = segWnd;
  tcb.maxSndWnd = segWnd;
  tcb.sndWl1 = segSeq;
  tcb.sndWl2 = segAck;
}

/** Seventh of 3.10.7.4: data and FIN that came with the SYN+ACK. */
function takeRest(): void {
  trimFront(1);
  const window = receiveWindow();
  if (segDataLength > window) trimBack(segDataLength + (segHas(FIN) ? 1 : 0) - window);
  takeUrgent();
  takeText();
}

/** Our SYN is acknowledged, the peer's was taken. */
export function becomeEstablished(cause: u32): void {
  if (has(Flag.TIMING)) {
    clear(Flag.TIMING);
    sampleRtt(globals.nowUs - tcb.rttStartUs);
  }
  tcb.sndUna = tcb.iss + 1;
  tcb.sndRtx = tcb.sndUna;
  tcb.rtxEnd = tcb.sndUna;
  tcb.retries = 0;
  tcb.backoff = 0;
  noteProgress();
  clear(Flag.SYN_DUE);
  stopTimer();
  if (isState(State.SYN_SENT)) noteWindow();
  startCongestion();
  enter(State.ESTABLISHED, cause);
  tell(Event.CONNECTED | Event.WRITABLE);
  // A close that waited for the SYN (3.10.4, SYN-RECEIVED).
  if (has(Flag.FIN_QUEUED)) {
    enter(State.FIN_WAIT_1, Cause.USER);
    makeReady();
  }
}
