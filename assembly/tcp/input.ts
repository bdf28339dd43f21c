// SEGMENT ARRIVES (RFC 9293 section 3.10.7), in its order. Input: segments from ip/input.
// Output: state, event bits and work for transmit; the result is the length of an immediate reply.

import { Cause, Counter, Errno, State } from "../constants";
import { checksum } from "../checksum";
import { count, drop } from "../counter";
import { etherPayload } from "../wire/ethernet";
import { RX_FRAME, SYN_ID, TIME_WAIT_ID } from "../memory";
import { ipDestination, ipSource } from "../wire/ipv4";
import {
  ACK,
  FIN,
  RST,
  SYN,
  TCP_BYTES,
  pseudoSum,
  tcpDestinationPort,
  tcpHeaderBytes,
  tcpSourcePort,
} from "../wire/tcp";
import {
  isAcceptable,
  isOldDuplicate,
  isPlausibleAck,
  isProbe,
  noteTimestamp,
  trim,
  weighReset,
} from "./acceptance";
import { takeAck } from "./ack";
import { discard } from "./abandon";
import { adopt } from "./adopt";
import { lookup } from "./demux";
import { findListener } from "./listener";
import { dropReceiveRingIfDone, end } from "./pool";
import { takeText, takeUrgent } from "./receive";
import { replyAck, replyChallenge, replyReset, replyUnacceptable } from "./reply";
import { intoTimeWait } from "./retire";
import {
  descale,
  parseSegment,
  segAck,
  segDataLength,
  segHas,
  segHasTimestamps,
  segLen,
  segSeq,
  segTsVal,
  trimFront,
} from "./segment";
import { seqGeq, seqGt, seqLeq, seqLt } from "./seq";
import { enter } from "./state";
import { becomeEstablished, synSentInput } from "./synSent";
import {
  dropSynEntry,
  refusalOf,
  repeatSynAck,
  replySynEntry,
  SynEntry,
  synEntryAt,
  synInput,
} from "./synCache";
import { Endpoint, Flag, has, hasOption, peerScale, select, tcb, TIMESTAMPS, tuple } from "./tcb";
import { TimeWait, dropTimeWait, replyTimeWait, restartTimeWait, timeWaitAt } from "./timeWait";
import { initialReceiveWindow } from "./window";

/** One segment of len bytes at p for a local address; returns the length of a reply, or 0. */
export function tcpInput(iface: u32, address: u32, p: usize, len: u32): u32 {
  if (
    len < TCP_BYTES ||
    tcpHeaderBytes(p) < TCP_BYTES ||
    tcpHeaderBytes(p) > len ||
    tcpSourcePort(p) == 0 ||
    tcpDestinationPort(p) == 0
  )
    return drop(Counter.DROP_TCP_MALFORMED);
  const ip = etherPayload(RX_FRAME);
  const pseudo = pseudoSum(ipSource(ip), ipDestination(ip), len);
  if (checksum(p, len, pseudo) != 0) return drop(Counter.DROP_TCP_CHECKSUM);
  count(Counter.TCP_SEGMENTS_IN);
  parseSegment(iface, address, ipSource(ip), p, len);
  // SYN with FIN or RST makes no sense to anybody but a scanner.
  if (segHas(SYN) && segHas(FIN | RST)) return drop(Counter.DROP_TCP_MALFORMED);
  const id = lookup(tuple);
  if (id < 0) return unknown(0);
  if (<u32>id < SYN_ID) {
    select(id);
    return tcbInput();
  }
  if (<u32>id < TIME_WAIT_ID) return synReceivedInput(synEntryAt(id - SYN_ID));
  return timeWaitInput(timeWaitAt(id - TIME_WAIT_ID));
}

/** No connection: a listener's (3.10.7.2), or CLOSED (3.10.7.1). afterSeq: see synInput. */
function unknown(afterSeq: u32): u32 {
  const listener = findListener(tuple.address, tuple.localPort);
  if (listener >= 0) {
    // First: RST, second: ACK, third: SYN, fourth: the rest.
    if (segHas(RST)) return drop(Counter.DROP_TCP_RST);
    if (!segHas(ACK))
      return segHas(SYN) ? synInput(listener, afterSeq) : drop(Counter.DROP_TCP_NO_ACK);
  }
  count(segHas(RST) ? Counter.DROP_TCP_RST : Counter.TCP_NO_CONNECTION);
  return replyReset();
}

/** SYN-RECEIVED of a passive open: the entry of the SYN cache (3.10.7.4). */
function synReceivedInput(e: SynEntry): u32 {
  const next = e.irs + 1;
  // The SYN again: so goes the SYN+ACK.
  if (segHas(SYN) && !segHas(ACK) && segSeq == e.irs) return repeatSynAck(e);
  if (hasOption(e, TIMESTAMPS) && segHasTimestamps && !segHas(RST) && seqLt(segTsVal, e.tsRecent)) {
    count(Counter.DROP_TCP_PAWS);
    return replySynEntry(e);
  }
  // First: sequence number.
  const window = initialReceiveWindow();
  if (seqLt(segSeq, next) || seqGeq(segSeq, next + window)) {
    count(Counter.DROP_TCP_WINDOW);
    return segHas(RST) ? 0 : replySynEntry(e);
  }
  // Second: RST; exact only (RFC 5961 section 3.2). A passive open returns to LISTEN.
  if (segHas(RST)) {
    if (segSeq == next) {
      count(Counter.TCP_RESETS_RECEIVED);
      dropSynEntry(e, State.LISTEN, Cause.RST);
      return 0;
    }
    count(Counter.DROP_TCP_RST);
    return replySynEntry(e);
  }
  // Fourth: SYN in the window: back to LISTEN.
  if (segHas(SYN)) {
    count(Counter.DROP_TCP_SYN);
    dropSynEntry(e, State.LISTEN, Cause.SYN);
    return 0;
  }
  // Fifth: ACK. It proves the address: the connection gets its TCB and rings, or waits.
  if (!segHas(ACK)) return drop(Counter.DROP_TCP_NO_ACK);
  if (segAck != e.iss + 1) {
    count(Counter.DROP_TCP_ACK);
    return replyReset();
  }
  if (!adopt(e)) return drop(Counter.TCP_ADMISSION_DROPS);
  return synchronizedInput();
}

/** A connection of ours; CLOSED and LISTEN are never looked up. */
function tcbInput(): u32 {
  const state = <u32>tcb.state;
  if (state == State.SYN_SENT) return synSentInput();
  if (state == State.SYN_RECEIVED) return synReceivedActive();
  if (state == State.TIME_WAIT) return ownedTimeWait();
  // ESTABLISHED, CLOSE-WAIT, FIN-WAIT-1, CLOSING, LAST-ACK, FIN-WAIT-2.
  return synchronizedInput();
}

/** SYN-RECEIVED of an active open: after a simultaneous open. */
function synReceivedActive(): u32 {
  // Figure 8: the peer's SYN+ACK repeats the number of its SYN, which we have.
  if (segHas(SYN) && segSeq == tcb.irs) {
    descale(peerScale(tcb)); // a SYN's window is never scaled
    trimFront(1);
  }
  if (!isAcceptable()) {
    count(Counter.DROP_TCP_WINDOW);
    return segHas(RST) ? 0 : replyUnacceptable();
  }
  if (segHas(RST)) return resetInput(Errno.ECONNREFUSED);
  if (segHas(SYN)) return challenged(Counter.DROP_TCP_SYN);
  if (!segHas(ACK)) return drop(Counter.DROP_TCP_NO_ACK);
  if (seqLeq(segAck, tcb.sndUna) || seqGt(segAck, tcb.sndNxt)) {
    count(Counter.DROP_TCP_ACK);
    return replyReset();
  }
  becomeEstablished(Cause.ACK);
  return synchronizedInput();
}

function challenged(reason: u32): u32 {
  count(reason);
  return replyChallenge();
}

/** A RST in the window of a TCB: the end, a challenge, or nothing. */
function resetInput(error: u32): u32 {
  const weight = weighReset();
  if (weight < 2) {
    count(Counter.DROP_TCP_RST);
    return weight == 1 ? replyChallenge() : 0;
  }
  count(Counter.TCP_RESETS_RECEIVED);
  end(error, Cause.RST);
  return 0;
}

/** ESTABLISHED to FIN-WAIT-2: the eight steps of 3.10.7.4. */
function synchronizedInput(): u32 {
  // RFC 7323 section 5.3: PAWS first, then the sequence number.
  if (isOldDuplicate()) {
    count(Counter.DROP_TCP_PAWS);
    // Section 3.2: without the option, once it was agreed on: dropped in silence.
    return segHasTimestamps ? replyUnacceptable() : 0;
  }
  // First: sequence number.
  const probe = !isAcceptable();
  if (probe && !isProbe()) {
    count(Counter.DROP_TCP_WINDOW);
    return segHas(RST) ? 0 : replyUnacceptable();
  }
  // Second: RST. Once both sides have closed, it says nothing that the user must hear.
  if (segHas(RST)) return resetInput(isClosing(tcb.state) ? 0 : Errno.ECONNRESET);
  // Fourth: SYN (RFC 5961 section 4.2).
  if (segHas(SYN)) return challenged(Counter.DROP_TCP_SYN);
  // Fifth: ACK.
  if (!segHas(ACK)) return drop(Counter.DROP_TCP_NO_ACK);
  if (!isPlausibleAck(segAck)) return replyChallenge();
  noteTimestamp();
  trim();
  takeAck();
  if (finAcknowledged() && ackOfFin()) return 0;
  // RFC 9293 section 3.6.1: nobody will read this: reset, so that the peer knows.
  if (segDataLength > 0 && !has(Flag.OWNED | Flag.QUEUED)) return dataAfterClose();
  // Sixth to eighth.
  takeUrgent();
  const urgentReply = takeText() || probe;
  const done = <u32>tcb.state == State.TIME_WAIT;
  const reply = urgentReply || done ? replyAck() : 0;
  if (done) intoTimeWait();
  else dropReceiveRingIfDone();
  return reply;
}

function isClosing(state: u32): bool {
  return state == State.CLOSING || state == State.LAST_ACK;
}

function finAcknowledged(): bool {
  return has(Flag.FIN_SENT) && tcb.sndUna == tcb.sndEnd + 1;
}

/** Fifth, where our FIN is acknowledged. True: the connection is over. */
function ackOfFin(): bool {
  if (<u32>tcb.state == State.FIN_WAIT_1) {
    enter(State.FIN_WAIT_2, Cause.ACK);
    return false;
  }
  if (<u32>tcb.state == State.CLOSING) {
    enter(State.TIME_WAIT, Cause.ACK);
    intoTimeWait();
    return true;
  }
  if (<u32>tcb.state == State.LAST_ACK) {
    end(0, Cause.ACK);
    return true;
  }
  return false;
}

function dataAfterClose(): u32 {
  count(Counter.TCP_DATA_AFTER_CLOSE);
  const reply = replyReset();
  discard(Cause.ABORT);
  return reply;
}

/** TIME-WAIT whose owner has not closed yet: as for an entry, but for what the TCB holds. */
function ownedTimeWait(): u32 {
  // RFC 1337: a RST does not end TIME-WAIT.
  if (segHas(RST)) return drop(Counter.DROP_TCP_RST);
  if (isSuccessor(tcb, tcb.rcvNxt)) {
    const after = tcb.sndNxt;
    if (isAdmitted()) end(0, Cause.SYN);
    return unknown(after);
  }
  if (isFinAgain(tcb.rcvNxt)) intoTimeWait();
  return segLen > 0 ? replyAck() : 0;
}

function timeWaitInput(e: TimeWait): u32 {
  if (segHas(RST)) return drop(Counter.DROP_TCP_RST);
  if (isSuccessor(e, e.rcvNxt)) {
    const after = e.sndNxt;
    if (isAdmitted()) dropTimeWait(e, Cause.SYN);
    return unknown(after);
  }
  if (isFinAgain(e.rcvNxt)) restartTimeWait(e);
  return segLen > 0 ? replyTimeWait(e) : 0;
}

/** RFC 9293 3.10.7.4 and section 3.6.1, RFC 6191: a SYN that can only be a new connection's, and
 * somebody who listens for it. */
function isSuccessor(e: Endpoint, rcvNxt: u32): bool {
  if (!segHas(SYN) || segHas(ACK)) return false;
  let newer = seqGt(segSeq, rcvNxt);
  if (segHasTimestamps) {
    if (!hasOption(e, TIMESTAMPS)) newer = true;
    else if (segTsVal != e.tsRecent) newer = seqGt(segTsVal, e.tsRecent);
  }
  return newer && findListener(tuple.address, tuple.localPort) >= 0;
}

/** True if the listener will take the current SYN: what it follows may go. */
function isAdmitted(): bool {
  return refusalOf(findListener(tuple.address, tuple.localPort)) < 0;
}

function isFinAgain(rcvNxt: u32): bool {
  return segHas(FIN) && segSeq + segLen == rcvNxt;
}
