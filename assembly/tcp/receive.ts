// RFC 9293 3.10.7.4, sixth to eighth: urgent pointer, segment text and FIN. Data go straight to
// their place in the receive ring, in order or not.

import { REASSEMBLY } from "../config";
import { Cause, Counter, Event, State } from "../constants";
import { NO_RING, ringAt, ringWrite } from "../buffer/ring";
import { count } from "../counter";
import { globals } from "../globals";
import { FIN, URG } from "../wire/tcp";
import { finReceived } from "./pool";
import { makeReady } from "./ready";
import {
  hasHoles,
  finIsNext,
  joinRanges,
  keepFin,
  keepRange,
  releaseBlock,
  releaseIfWhole,
} from "./reassembly";
import { schedule } from "./schedule";
import { enter, tell } from "./state";
import { segData, segDataLength, segHas, segSeq, segUp } from "./segment";
import { seqGt } from "./seq";
import { Flag, Tcb, has, set } from "./tcb";
import { ackIsDue } from "./window";

/** Sixth: the urgent pointer; the data stay in line (RFC 6093). */
export function takeUrgent(t: Tcb): void {
  if (!segHas(URG) || finReceived(t.state)) return;
  if (!seqGt(segUp, has(t, Flag.URGENT) ? t.rcvUp : t.rcvRead)) return;
  set(t, Flag.URGENT);
  t.rcvUp = segUp;
  tell(t, Event.URGENT);
}

/** Seventh and eighth. True: answer at once (out of order, or a hole was filled). */
export function takeText(t: Tcb): bool {
  const fin = segHas(FIN);
  if (segDataLength == 0 && !fin) return false;
  // After the peer's FIN there is no text: RFC 9293 says ignore it.
  if (finReceived(t.state)) return false;
  if (segSeq != t.rcvNxt) return takeEarly(t, fin);
  const hole = REASSEMBLY && hasHoles(t);
  let next = segSeq + segDataLength;
  if (segDataLength > 0) store(t, segSeq, segDataLength);
  let finNow = fin;
  if (hole) {
    if (!fin) next = joinRanges(t, next);
    finNow = fin || finIsNext(t, next);
  }
  const news = next != t.rcvNxt;
  t.rcvNxt = next + (finNow ? 1 : 0);
  if (hole) {
    if (finNow) releaseBlock(t);
    else releaseIfWhole(t);
  }
  if (news) tell(t, Event.READABLE);
  if (finNow) takeFin(t);
  oweAck(t, finNow);
  return hole;
}

/** In-order data wait for more, or for 40 ms; FIN and much unacknowledged data do not. */
function oweAck(t: Tcb, now: bool): void {
  if (now || globals.delayedAckMs == 0 || ackIsDue(t)) {
    set(t, Flag.ACK_NOW);
    makeReady(t);
  } else if (!has(t, Flag.ACK_NOW | Flag.ACK_DELAYED)) {
    set(t, Flag.ACK_DELAYED);
    t.ackMs = globals.nowMs + globals.delayedAckMs;
    schedule(t);
  }
}

function store(t: Tcb, seq: u32, length: u32): void {
  if (<u32>t.receiveRing == NO_RING) return;
  ringWrite(ringAt(t.receiveRing), seq, segData, length);
}

/** A segment beyond RCV.NXT: kept if there is a block and a range for it. */
function takeEarly(t: Tcb, fin: bool): bool {
  const end = segSeq + segDataLength;
  if (segDataLength > 0 && <u32>t.receiveRing != NO_RING) {
    if (!REASSEMBLY || !keepRange(t, segSeq, end)) {
      count(Counter.TCP_OUT_OF_ORDER_DROPS);
      return true;
    }
    count(Counter.TCP_OUT_OF_ORDER);
    store(t, segSeq, segDataLength);
  }
  if (REASSEMBLY && fin) keepFin(t, end);
  return true;
}

/** Eighth: the FIN's number has been passed. */
function takeFin(t: Tcb): void {
  let to: u32 = State.CLOSE_WAIT; // from SYN-RECEIVED and ESTABLISHED
  if (<u32>t.state == State.FIN_WAIT_1)
    to = State.CLOSING; // or the fifth step had moved on
  else if (<u32>t.state == State.FIN_WAIT_2) to = State.TIME_WAIT;
  enter(t, to, Cause.FIN);
  tell(t, Event.PEER_CLOSED | Event.READABLE);
}
