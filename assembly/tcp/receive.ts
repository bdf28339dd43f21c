// RFC 9293 3.10.7.4, sixth to eighth: urgent pointer, segment text and FIN. Data go straight to
// their place in the receive ring, in order or not.

import { NO_RING, ringAt, ringWrite } from "../buffer/ring";
import { REASSEMBLY } from "../config";
import { Cause, Counter, Event, State } from "../constants";
import { count } from "../counter";
import { globals } from "../globals";
import { finReceived } from "./pool";
import { makeReady } from "./ready";
import {
  finIsNext,
  hasHoles,
  joinRanges,
  keepFin,
  keepRange,
  releaseBlock,
  releaseIfWhole,
} from "./reassembly";
import { schedule } from "./schedule";
import { segData, segDataLength, segHas, segSeq, segUp } from "./segment";
import { seqGt } from "./seq";
import { enter, isState, tell } from "./state";
import { Flag, has, set, tcb } from "./tcb";
import { ackIsDue } from "./window";
import { FIN, URG } from "../wire/tcp";

/** Sixth: the urgent pointer; the data stay in line (RFC 6093). */
export function takeUrgent(): void {
  if (!segHas(URG) || finReceived()) return;
  if (!seqGt(segUp, has(Flag.URGENT) ? tcb.rcvUp : tcb.rcvRead)) return;
  set(Flag.URGENT);
  tcb.rcvUp = segUp;
  tell(Event.URGENT);
}

/** Seventh and eighth. True: answer at once (out of order, or a hole was filled). */
export function takeText(): bool {
  const fin = segHas(FIN);
  if (segDataLength == 0 && !fin) return false;
  // After the peer's FIN there is no text: RFC 9293 says ignore it.
  if (finReceived()) return false;
  if (segSeq != tcb.rcvNxt) return takeEarly(fin);
  const hole = REASSEMBLY && hasHoles();
  let next = segSeq + segDataLength;
  if (segDataLength > 0) store(segSeq, segDataLength);
  let finNow = fin;
  if (hole) {
    if (!fin) next = joinRanges(next);
    finNow = fin || finIsNext(next);
  }
  const news = next != tcb.rcvNxt;
  tcb.rcvNxt = next + (finNow ? 1 : 0);
  if (hole) {
    if (finNow) releaseBlock();
    else releaseIfWhole();
  }
  if (news) tell(Event.READABLE);
  if (finNow) takeFin();
  oweAck(finNow);
  return hole;
}

/** In-order data wait for more, or for 40 ms; FIN and much unacknowledged data do not. */
function oweAck(now: bool): void {
  if (now || globals.delayedAckMs == 0 || ackIsDue()) {
    set(Flag.ACK_NOW);
    makeReady();
  } else if (!has(Flag.ACK_NOW | Flag.ACK_DELAYED)) {
    set(Flag.ACK_DELAYED);
    tcb.ackMs = globals.nowMs + globals.delayedAckMs;
    schedule();
  }
}

function store(seq: u32, length: u32): void {
  if (<u32>tcb.receiveRing == NO_RING) return;
  ringWrite(ringAt(tcb.receiveRing), seq, segData, length);
}

/** A segment beyond RCV.NXT: kept if there is a block and a range for it. */
function takeEarly(fin: bool): bool {
  const end = segSeq + segDataLength;
  if (segDataLength > 0 && <u32>tcb.receiveRing != NO_RING) {
    if (!REASSEMBLY || !keepRange(segSeq, end)) {
      count(Counter.TCP_OUT_OF_ORDER_DROPS);
      return true;
    }
    count(Counter.TCP_OUT_OF_ORDER);
    store(segSeq, segDataLength);
  }
  if (REASSEMBLY && fin) keepFin(end);
  return true;
}

/** Eighth: the FIN's number has been passed. */
function takeFin(): void {
  let to: u32 = State.CLOSE_WAIT; // from SYN-RECEIVED and ESTABLISHED
  if (isState(State.FIN_WAIT_1))
    to = State.CLOSING; // or the fifth step had moved on
  else if (isState(State.FIN_WAIT_2)) to = State.TIME_WAIT;
  enter(to, Cause.FIN);
  tell(Event.PEER_CLOSED | Event.READABLE);
}
