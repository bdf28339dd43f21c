// SEGMENT ARRIVES (RFC 9293 section 3.10.7), in its order. Input: segments from ip/input.
// Output: state, event bits and work for transmit; the result is the length of an immediate reply.

import { checksum } from "../checksum";
import { CACHES, COOKIES, EXTENSIONS, ONE_ADDRESS, SACK, SERVICES, USER_TIMEOUTS } from "../config";
import { Cause, Counter, Errno, State } from "../constants";
import { count, drop } from "../counter";
import { globals } from "../globals";
import { RX_FRAME, SYN_ID, TIME_WAIT_ID } from "../memory";
import { both, either } from "../order";
import { discard } from "./abandon";
import {
  isAcceptable,
  isInWindow,
  isOldDuplicate,
  isPlausibleAck,
  noteTimestamp,
  trim,
} from "./acceptance";
import { takeAck } from "./ack";
import { adopt, adoptCookie } from "./adopt";
import { cookieOffset, NO_COOKIE, takeCookie } from "./cookie";
import { forget, lookup } from "./demux";
import { findListener } from "./listener";
import { admit, refusalOf, sourceIsFull, synInput } from "./passive";
import { dropReceiveRingIfDone, end, finReceived } from "./pool";
import { takeText, takeUrgent } from "./receive";
import { replyAck, replyChallenge, replyReset, replySynAck, replyUnacceptable } from "./reply";
import { intoTimeWait } from "./retire";
import { forgetDuplicate, noteDuplicate } from "./sack";
import {
  descale,
  parseSegment,
  segAck,
  segDataLength,
  segFlags,
  segHas,
  segHasTimestamps,
  segLen,
  segSeq,
  segTsVal,
  trimSyn,
} from "./segment";
import { seqGt, seqLeq, seqLt } from "./seq";
import { enter, inStates, isHalfOpen, isState } from "./state";
import { repeatHandshake, replySynEntry, synEntryAt } from "./synCache";
import { becomeEstablished, synSentInput } from "./synSent";
import {
  clear,
  Endpoint,
  Flag,
  has,
  hasOption,
  peerScale,
  select,
  tcb,
  tcbNode,
  TIMESTAMPS,
  tuple,
} from "./tcb";
import { replyTimeWait, restartTimeWait, TimeWait, timeWaitAt } from "./timeWait";
import { heard } from "./watch";
import { initialReceiveWindow, receiveWindow } from "./window";
import { takeUserTimeout } from "./userTimeout";
import { etherPayload } from "../wire/ethernet";
import { ipDestination, ipSource } from "../wire/ipv4";
import {
  ACK,
  FIN,
  pseudoSum,
  RST,
  SYN,
  TCP_BYTES,
  tcpDestinationPort,
  tcpHeaderBytes,
  tcpSourcePort,
} from "../wire/tcp";

/** One segment of len bytes at p for a local address; returns the length of a reply, or 0. */
export function tcpInput(iface: u32, address: u32, p: usize, len: u32): u32 {
  const header = tcpHeaderBytes(p);
  const portless = either(tcpSourcePort(p) == 0, tcpDestinationPort(p) == 0);
  if (either(portless, either(header < TCP_BYTES, header > len)))
    return drop(Counter.DROP_TCP_MALFORMED);
  const ip = etherPayload(RX_FRAME);
  const pseudo = pseudoSum(ipSource(ip), ipDestination(ip), len);
  if (checksum(p, len, pseudo) != 0) return drop(Counter.DROP_TCP_CHECKSUM);
  count(Counter.TCP_SEGMENTS_IN);
  parseSegment(iface, address, ipSource(ip), p, header, len);
  // SYN with FIN or RST makes no sense to anybody but a scanner.
  if (both(segHas(SYN), segHas(FIN | RST))) return drop(Counter.DROP_TCP_MALFORMED);
  const reply = dispatch();
  if (SACK) forgetDuplicate();
  return reply;
}

function dispatch(): u32 {
  const id = lookup(tuple);
  if (id < 0) return unknown();
  if (!CACHES || <u32>id < SYN_ID) {
    select(id);
    return tcbInput();
  }
  if (<u32>id < TIME_WAIT_ID) return handshakeInput(id);
  const e = timeWaitAt(id);
  return timeWaitInput(e, id, e.rcvNxt, e.sndNxt);
}

/** No connection: a listener's (3.10.7.2), or CLOSED (3.10.7.1). */
function unknown(): u32 {
  const listener = listenerOfSegment();
  // First: RST.
  if (segHas(RST)) return drop(Counter.DROP_TCP_RST);
  // Second: ACK, third: SYN, fourth: the rest.
  if (both(listener >= 0, !segHas(ACK)))
    return segHas(SYN) ? synInput(listener, 0) : drop(Counter.DROP_TCP_NO_ACK);
  if (COOKIES && both(listener >= 0, !segHas(SYN))) {
    const offset = cookieOffset();
    if (offset == 0) {
      // While cookies were given away, none of their handshakes counted.
      if (sourceIsFull(listener)) return drop(Counter.TCP_SOURCE_LIMIT_DROPS);
      const opens = adoptCookie(takeCookie(listener));
      return opens ? synchronizedInput() : drop(Counter.TCP_ADMISSION_DROPS);
    }
    // What should have opened it was lost, or found no room, and will come again.
    if (offset != NO_COOKIE) return drop(Counter.TCP_OUT_OF_ORDER_DROPS);
  }
  count(Counter.TCP_NO_CONNECTION);
  return replyReset();
}

function listenerOfSegment(): i32 {
  return findListener(ONE_ADDRESS ? 0 : tuple.address, tuple.localPort);
}

/** SYN-RECEIVED of a passive open in the SYN cache (3.10.7.4). */
function handshakeInput(id: u32): u32 {
  const e = synEntryAt(id);
  const offset = segSeq - e.irs - 1;
  // The SYN again: so goes the SYN+ACK.
  if (both((segFlags & (SYN | ACK)) == SYN, segSeq == e.irs)) return repeatHandshake(e);
  if (lacksTimestamps(e)) return drop(Counter.DROP_TCP_PAWS);
  const old = both(segHasTimestamps, seqLt(segTsVal, e.tsRecent));
  if (hasOption(e, TIMESTAMPS) && both(!segHas(RST), old)) {
    count(Counter.DROP_TCP_PAWS);
    return replySynEntry(e);
  }
  // First: sequence number.
  if (offset >= initialReceiveWindow()) {
    count(Counter.DROP_TCP_WINDOW);
    return segHas(RST) ? 0 : replySynEntry(e);
  }
  // Second: RST; exact only (RFC 5961 section 3.2). A passive open returns to LISTEN.
  if (segHas(RST)) {
    if (offset != 0) {
      count(Counter.DROP_TCP_RST);
      return replySynEntry(e);
    }
    forget(id, State.LISTEN, Cause.RST);
    return drop(Counter.TCP_RESETS_RECEIVED);
  }
  // Fourth: SYN in the window: back to LISTEN.
  if (segHas(SYN)) {
    forget(id, State.LISTEN, Cause.SYN);
    return drop(Counter.DROP_TCP_SYN);
  }
  // Fifth: ACK. It proves the address: the connection gets its TCB and rings, or waits.
  if (!segHas(ACK)) return drop(Counter.DROP_TCP_NO_ACK);
  if (segAck != e.iss + 1) return strangeAck(id);
  return adopt(id) ? synchronizedInput() : drop(Counter.TCP_ADMISSION_DROPS);
}

/** Not of our SYN+ACK, but perhaps of the cookie that answered the same SYN while the cache was full. */
function strangeAck(id: u32): u32 {
  if (!COOKIES || cookieOffset() == NO_COOKIE) return refuseAck();
  forget(id, State.LISTEN, Cause.ACK);
  return unknown();
}

/** RFC 7323 section 3.2: all segments but RSTs carry timestamps once they were agreed on. A SYN may be a
 * new connection's. */
function lacksTimestamps(e: Endpoint): bool {
  return hasOption(e, TIMESTAMPS) && !segHasTimestamps && !segHas(RST | SYN);
}

/** An acknowledgment that cannot be, before the connection is open. */
export function refuseAck(): u32 {
  count(Counter.DROP_TCP_ACK);
  return replyReset();
}

/** A connection of ours; CLOSED and LISTEN are never looked up. */
function tcbInput(): u32 {
  if (isState(State.SYN_SENT)) return synSentInput();
  if (isState(State.SYN_RECEIVED)) return synReceivedInput();
  if (isState(State.TIME_WAIT)) return timeWaitInput(tcb, tcbNode, tcb.rcvNxt, tcb.sndNxt);
  // ESTABLISHED, CLOSE-WAIT, FIN-WAIT-1, CLOSING, LAST-ACK, FIN-WAIT-2.
  return synchronizedInput();
}

/** SYN-RECEIVED in a TCB: after a simultaneous open, or of a passive one without a SYN cache. */
function synReceivedInput(): u32 {
  const passive = isHalfOpen();
  // Figure 8: the peer's SYN+ACK repeats the number of its SYN, which we have.
  if (both(segHas(SYN), segSeq == tcb.irs)) {
    if (passive) {
      if (!segHas(ACK)) return repeatSynAck();
    } else if (segHas(ACK)) {
      descale(peerScale(tcb)); // a SYN's window is never scaled
      trimSyn();
    }
  }
  if (isOldDuplicate()) return oldDuplicate();
  if (!isAcceptable()) return unacceptable();
  if (segHas(RST)) return resetInput(Errno.ECONNREFUSED);
  if (segHas(SYN)) {
    if (!passive) return challenge(Counter.DROP_TCP_SYN);
    end(0, Cause.SYN); // back to LISTEN
    return drop(Counter.DROP_TCP_SYN);
  }
  if (!segHas(ACK)) return drop(Counter.DROP_TCP_NO_ACK);
  if (either(seqLeq(segAck, tcb.sndUna), seqGt(segAck, tcb.sndNxt))) return refuseAck();
  if (passive && !admit()) return drop(Counter.TCP_ADMISSION_DROPS);
  becomeEstablished(Cause.ACK);
  return synchronizedInput();
}

/** The SYN again: so goes the SYN+ACK, and which one is acknowledged cannot be told (Karn). */
function repeatSynAck(): u32 {
  clear(Flag.TIMING);
  return replySynAck();
}

/** RFC 7323 section 5.3, R1; section 3.2: without the option, once it was agreed on: dropped in silence. */
function oldDuplicate(): u32 {
  count(Counter.DROP_TCP_PAWS);
  return segHasTimestamps ? replyUnacceptable() : 0;
}

function unacceptable(): u32 {
  count(Counter.DROP_TCP_WINDOW);
  // Old data: all of it was received before (RFC 2883 section 4).
  if (SACK && seqLt(segSeq, tcb.rcvNxt)) noteDuplicate(segSeq, segSeq + segDataLength);
  return segHas(RST) ? 0 : replyUnacceptable();
}

function challenge(reason: u32): u32 {
  count(reason);
  return replyChallenge();
}

/** RFC 5961 section 3.2: a RST at RCV.NXT is the end, in the window it draws a challenge. */
function resetInput(error: u32): u32 {
  if (segSeq == tcb.rcvNxt) {
    end(error, Cause.RST);
    return drop(Counter.TCP_RESETS_RECEIVED);
  }
  return isInWindow(segSeq, receiveWindow())
    ? challenge(Counter.DROP_TCP_RST)
    : drop(Counter.DROP_TCP_RST);
}

/** ESTABLISHED to FIN-WAIT-2: the eight steps of 3.10.7.4. */
function synchronizedInput(): u32 {
  // RFC 7323 section 5.3: PAWS first, then the sequence number.
  if (isOldDuplicate()) return oldDuplicate();
  // First: sequence number. With a window of zero, ACK, RST and URG of a segment at RCV.NXT still
  // count (MUST-66): what it carries is cut off.
  const probe = !isAcceptable();
  if (both(probe, segSeq != tcb.rcvNxt)) return unacceptable();
  // Second: RST. Once both sides have closed, it says nothing that the user must hear.
  if (segHas(RST)) return resetInput(inStates(CLOSING_STATES) ? 0 : Errno.ECONNRESET);
  // Fourth: SYN (RFC 5961 section 4.2).
  if (segHas(SYN)) return challenge(Counter.DROP_TCP_SYN);
  // Fifth: ACK.
  if (!segHas(ACK)) return drop(Counter.DROP_TCP_NO_ACK);
  if (!isPlausibleAck()) return challenge(Counter.DROP_TCP_ACK);
  heard();
  noteTimestamp();
  if (USER_TIMEOUTS) takeUserTimeout();
  trim();
  takeAck();
  if (tcb.sndUna == tcb.sndEnd + 1) {
    const last = ackOfFin();
    if (last >= 0) return last;
  }
  // RFC 9293 section 3.6.1: nobody will read this: reset, so that the peer knows. Behind its FIN there
  // is no text.
  const unwanted = both(segDataLength > 0, !has(READ_FLAGS));
  if (both(unwanted, !finReceived())) return dataAfterClose();
  // Sixth to eighth.
  takeUrgent();
  const answer = either(takeText(), probe);
  const done = isState(State.TIME_WAIT);
  const reply = either(answer, done) ? replyAck() : 0;
  if (done) intoTimeWait();
  else dropReceiveRingIfDone();
  return reply;
}

/** Of connections that somebody reads, or will. */
const READ_FLAGS: u32 = Flag.OWNED | Flag.QUEUED | (SERVICES ? Flag.SERVED : 0);

/** Both sides have closed, and our FIN is on its way. */
const CLOSING_STATES: u32 = (1 << State.CLOSING) | (1 << State.LAST_ACK);

/** Fifth, where our FIN is acknowledged. Not negative: the connection is over, and this is the reply. */
function ackOfFin(): i32 {
  if (isState(State.FIN_WAIT_1)) enter(State.FIN_WAIT_2, Cause.ACK);
  if (isState(State.LAST_ACK)) {
    end(0, Cause.ACK);
    return 0;
  }
  if (!isState(State.CLOSING)) return -1;
  enter(State.TIME_WAIT, Cause.ACK);
  // The peer's FIN may have come just before, and nothing has left since.
  const reply = has(Flag.ACK_NOW) ? <i32>replyAck() : 0;
  intoTimeWait();
  return reply;
}

function dataAfterClose(): u32 {
  count(Counter.TCP_DATA_AFTER_CLOSE);
  const reply = replyReset();
  discard(Cause.ABORT);
  return reply;
}

/** TIME-WAIT: an entry, or the TCB of an owner that has not closed yet. */
function timeWaitInput(e: Endpoint, id: u32, rcvNxt: u32, sndNxt: u32): u32 {
  const entry = CACHES && id >= TIME_WAIT_ID;
  // RFC 1337: a RST does not end TIME-WAIT.
  if (segHas(RST)) return drop(Counter.DROP_TCP_RST);
  const listener = isSuccessor(e, rcvNxt) ? listenerOfSegment() : -1;
  if (listener >= 0) {
    // Only if the listener will take the SYN, what it follows may go.
    if (refusalOf(listener) < 0) {
      if (entry) forget(id, State.CLOSED, Cause.SYN);
      else {
        select(id);
        end(0, Cause.SYN);
      }
    }
    return synInput(listener, sndNxt);
  }
  // Fifth: without ACK it is dropped, and what carries nothing needs no answer.
  if (either(segLen == 0, !segHas(ACK | SYN))) return 0;
  if (lacksTimestamps(e)) return drop(Counter.DROP_TCP_PAWS);
  // The FIN again: 2 x MSL start again.
  if (both(segHas(FIN), segSeq + segLen == rcvNxt)) {
    if (entry) restartTimeWait(id);
    else intoTimeWait();
  }
  return entry ? replyTimeWait(changetype<TimeWait>(e)) : replyAck();
}

/** RFC 9293 3.10.7.4 and section 3.6.1, RFC 6191: a SYN that can only be a new connection's. */
function isSuccessor(e: Endpoint, rcvNxt: u32): bool {
  if ((segFlags & (SYN | ACK)) != SYN) return false;
  if (EXTENSIONS && both(segHasTimestamps, globals.timestamps != 0)) {
    if (!hasOption(e, TIMESTAMPS)) return true;
    if (segTsVal != e.tsRecent) return seqGt(segTsVal, e.tsRecent);
  }
  return seqGt(segSeq, rcvNxt);
}
