// RFC 9293 3.10.7.4, sixth to eighth: urgent pointer, segment text and FIN. Data go straight to
// their place in the receive ring, in order or not.

import { NO_RING, ringAt, ringWrite } from "../buffer/ring";
import { REASSEMBLY, SACK, SERVICES } from "../config";
import { Cause, Counter, Event, State } from "../constants";
import { count } from "../counter";
import { globals } from "../globals";
import { finReceived } from "./pool";
import { makeReady, oweAckNow } from "./ready";
import { hasHoles, isKept, joinRanges, keepFin, keepRange, releaseBlock } from "./reassembly";
import { hasDuplicate, noteDuplicate } from "./sack";
import { schedule } from "./schedule";
import { segData, segDataLength, segHas, segLen, segSeq, segUp } from "./segment";
import { seqGt } from "./seq";
import { enter, isState, tell } from "./state";
import { Flag, has, set, tcb } from "./tcb";
import { watch } from "./watch";
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
  // After the peer's FIN there is no text: RFC 9293 says ignore it.
  if (segLen == 0 || finReceived()) return false;
  if (segSeq != tcb.rcvNxt) return takeEarly();
  store();
  const hole = REASSEMBLY && hasHoles();
  const next = segSeq + segLen;
  if (!hole) tcb.rcvNxt = next;
  else if (!segHas(FIN)) tcb.rcvNxt = joinRanges(next);
  else {
    tcb.rcvNxt = next;
    releaseBlock();
  }
  tell(Event.READABLE);
  if (SERVICES && has(Flag.SERVED)) makeReady();
  if (segHas(FIN)) takeFin();
  oweAck(segHas(FIN));
  return hole || hasDuplicate();
}

/** In-order data wait for more, or for 40 ms; FIN and much unacknowledged data do not. */
function oweAck(now: bool): void {
  if (now || globals.delayedAckMs == 0 || ackIsDue()) {
    oweAckNow();
  } else if (!has(Flag.ACK_NOW | Flag.ACK_DELAYED)) {
    set(Flag.ACK_DELAYED);
    tcb.ackMs = globals.nowMs + globals.delayedAckMs;
    schedule();
  }
}

/** The text goes to its place in the receive ring; without one it is ignored. */
function store(): void {
  if (<u32>tcb.receiveRing == NO_RING) return;
  ringWrite(ringAt(tcb.receiveRing), segSeq, segData, segDataLength);
}

/** A segment beyond RCV.NXT: kept if there is a block and a range for it. */
function takeEarly(): bool {
  const end = segSeq + segLen;
  if (SACK && isKept(segSeq, end)) noteDuplicate(segSeq, segSeq + segDataLength);
  if (REASSEMBLY && <u32>tcb.receiveRing != NO_RING && keepRange(segSeq, end)) {
    if (segHas(FIN)) keepFin(end - 1);
    count(Counter.TCP_OUT_OF_ORDER);
    store();
  } else count(Counter.TCP_OUT_OF_ORDER_DROPS);
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
  watch(); // CLOSE-WAIT may have a limit
}
