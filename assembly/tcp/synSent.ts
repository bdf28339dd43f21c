// SYN-SENT (RFC 9293 3.10.7.3): the answer to our SYN, or the peer's own (simultaneous open).

import { CACHES, EXTENSIONS, USER_TIMEOUTS } from "../config";
import { Cause, Counter, Errno, Event, State } from "../constants";
import { drop } from "../counter";
import { both, either } from "../order";
import { takeTsRecent, trim } from "./acceptance";
import { setSendMss, startFlow, startReceiving } from "./adopt";
import { refuseAck } from "./input";
import { end } from "./pool";
import { makeReady, oweAckNow } from "./ready";
import { takeText, takeUrgent } from "./receive";
import { agreed, replySynAck } from "./reply";
import { endTiming } from "./rtt";
import { resetBackoff, startRto, stopTimer } from "./schedule";
import { segAck, segHas, segHasTimestamps, segMss, segSeq, segWnd, trimSyn } from "./segment";
import { enter, isAllAcknowledged, isState, noteProgress, tell } from "./state";
import { clear, Flag, has, tcb } from "./tcb";
import { takeUserTimeout } from "./userTimeout";
import { startWatch } from "./watch";
import { ACK, RST, SYN } from "../wire/tcp";

export function synSentInput(): u32 {
  const ack = segHas(ACK);
  // First: ACK. Of the SYN alone, once that has left.
  if (both(ack, either(segAck != tcb.sndEnd, isAllAcknowledged()))) return refuseAck();
  // Second: RST; only with an ACK that covers the SYN (RFC 5961 section 3.2).
  if (segHas(RST)) {
    if (!ack) return drop(Counter.DROP_TCP_RST);
    end(Errno.ECONNREFUSED, Cause.RST);
    return drop(Counter.TCP_RESETS_RECEIVED);
  }
  // Fourth: SYN. Without one, a bare ACK of our SYN changes nothing: the peer's SYN will come.
  if (!segHas(SYN)) return drop(Counter.DROP_TCP_SYN);
  if (!ack) return answerSyn();
  takeSyn();
  becomeEstablished(Cause.SYN_ACK);
  oweAckNow();
  takeRest();
  return 0;
}

/** SYN-RECEIVED: the current SYN is taken, and answered with SYN+ACK. */
export function answerSyn(): u32 {
  takeSyn();
  enter(State.SYN_RECEIVED, Cause.SYN);
  clear(Flag.SYN_DUE | Flag.TIMING); // Karn: the SYN leaves again with the ACK
  tcb.sndNxt = tcb.sndEnd;
  noteWindow();
  startRto();
  return replySynAck();
}

/** IRS, and what both sides offered: in use from here on. */
function takeSyn(): void {
  startReceiving(segSeq);
  if (EXTENSIONS) {
    if (!segHasTimestamps) tcb.options = 0;
    takeTsRecent();
    tcb.options |= <u8>agreed();
  }
  if (USER_TIMEOUTS) takeUserTimeout();
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
  trimSyn();
  trim();
  takeUrgent();
  takeText();
}

/** Our SYN is acknowledged, the peer's was taken. */
export function becomeEstablished(cause: u32): void {
  if (has(Flag.TIMING)) endTiming();
  resetBackoff();
  noteProgress();
  clear(Flag.SYN_DUE);
  stopTimer();
  if (isState(State.SYN_SENT)) noteWindow();
  startFlow();
  enter(State.ESTABLISHED, cause);
  startWatch();
  if (CACHES || has(Flag.ACTIVE)) tell(Event.CONNECTED | Event.WRITABLE);
  // A close that waited for the SYN (3.10.4, SYN-RECEIVED).
  if (has(Flag.FIN_QUEUED)) {
    enter(State.FIN_WAIT_1, Cause.USER);
    makeReady();
  }
}
