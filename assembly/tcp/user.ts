// User calls (RFC 9293 sections 3.10.1 to 3.10.5): OPEN, SEND, RECEIVE, CLOSE, ABORT. SEND and RECEIVE
// are spans: where to write or read, then how much of it was. STATUS is read from memory.

import { NO_RING, ringAt, ringPointer, ringSpan } from "../buffer/ring";
import {
  CACHES,
  EPHEMERAL_COUNT,
  LISTENER_COUNT,
  ONE_ADDRESS,
  REASSEMBLY,
  RING_BYTES,
  SERVICES,
  PORTS_IN_TURN,
  TALKS_TO_ITSELF,
  TCB_COUNT,
} from "../config";
import { Cause, Commit, Counter, Errno, Event, State } from "../constants";
import { count } from "../counter";
import { openHandle, raise } from "../event";
import { globals } from "../globals";
import { isForMany, ownV4, validAddress } from "../ip/address";
import { givenV4, isReserved, putV4 } from "../ip/addressing";
import { chooseSource, interfaceFor, isReachable } from "../ip/output";
import { isUp } from "../link/interface";
import { ID_COUNT, LISTENER_NODE, TIME_WAIT_ID } from "../memory";
import { both, either } from "../order";
import { RECEIVING, span, takeSpan } from "../span";
import { abandon, disown, resetAndForget } from "./abandon";
import { startMss, startOpening, startReceiving } from "./adopt";
import { forgetOf, lookup } from "./demux";
import { ephemeralPort, firstPort } from "./isn";
import {
  claimListener,
  firstQueued,
  isListening,
  listenerAt,
  listenerOf,
  localOrAny,
  portIsListened,
  releaseListener,
  unqueue,
} from "./listener";
import {
  claimTcb,
  dropReceiveRing,
  dropReceiveRingIfDone,
  dropSendRing,
  end,
  endReset,
  finReceived,
  lendReceiveRing,
  lendSendRing,
  receiveRingIsFree,
  tcbIsFree,
  unread,
} from "./pool";
import { makeReady, oweAckNow } from "./ready";
import { releaseBlock } from "./reassembly";
import { retire } from "./retire";
import { interfaceOf } from "./route";
import { startRto } from "./schedule";
import { seqGeq } from "./seq";
import { enter, inStates, isHalfOpen, isState, OPEN_STATES, OPENING_STATES } from "./state";
import {
  clear,
  Endpoint,
  Flag,
  has,
  remoteOf,
  select,
  selectHandle,
  set,
  tcb,
  tcbNode,
  tuple,
} from "./tcb";
import { noRoute } from "./unreachable";
import { limitLife } from "./watch";
import { advertise, worthUpdate } from "./window";
import { trace } from "../trace";

// ---- OPEN (3.10.1) ----

/** Puts a free local port (RFC 6056) into the tuple; false: there is none. */
function choosePort(): bool {
  let i: u32 = 0;
  if (PORTS_IN_TURN) tuple.localPort = 0; // one beginning for each peer
  const first = firstPort(tuple);
  do {
    const port = ephemeralPort(first, i);
    tuple.localPort = <u16>port;
    if (both(!portIsListened(port), lookup(tuple) < 0)) return true;
  } while (++i < EPHEMERAL_COUNT);
  return false;
}

/** ABI: passive OPEN. */
export function listen(address: u32, port: u32, backlog: u32): i32 {
  if (either(port > 65535, backlog - 1 > 65534)) return -Errno.EINVAL;
  const local = localOrAny(address);
  if (local < 0) return local;
  tuple.localPort = <u16>port;
  tuple.remotePort = 0; // no connection is like this
  if (port == 0 && !choosePort()) return -Errno.EADDRNOTAVAIL;
  port = tuple.localPort;
  if (isListening(local, port)) return -Errno.EADDRINUSE;
  const handle = claimListener(local, port, backlog);
  if (handle == 0) return -Errno.ENOBUFS;
  trace(0, State.CLOSED, State.LISTEN, Cause.USER, port);
  return <i32>handle;
}

/** ABI: active OPEN. */
export function connect(length: u32, remotePort: u32, address: u32, localPort: u32): i32 {
  if (!globals.seeded) return -Errno.EAGAIN;
  if (length == 16) return -Errno.EAFNOSUPPORT;
  const v4 = givenV4();
  if (either(length != 4, either(remotePort - 1 > 65534, localPort > 65535))) return -Errno.EINVAL;
  if (isForMany(v4)) return -Errno.EACCES; // MUST-46
  if (isReserved(v4)) return -Errno.EINVAL;
  const local = address != 0 ? validAddress(address) : chooseSource(v4);
  if (local < 0) return local;
  putV4(remoteOf(tuple), v4);
  if (!isUp(interfaceFor(local, remoteOf(tuple)))) return -Errno.ENETDOWN;
  tuple.remotePort = <u16>remotePort;
  tuple.localPort = <u16>localPort;
  if (!ONE_ADDRESS) tuple.address = <u8>local;
  if (!isReachable(local, remoteOf(tuple))) return -Errno.ENETUNREACH;
  if (localPort == 0) {
    if (!choosePort()) return -Errno.EADDRNOTAVAIL;
  } else if (lookup(tuple) >= 0) return -Errno.EADDRINUSE;
  const toItself = both(tuple.localPort == <u16>remotePort, ownV4(local) == v4);
  if (TALKS_TO_ITSELF && both(globals.refuseSelfConnect != 0, toItself)) return -Errno.EADDRINUSE;
  if (either(!tcbIsFree(), !receiveRingIsFree())) return -Errno.ENOBUFS;
  return openActive();
}

/** The connection of the tuple, in SYN-SENT. */
function openActive(): i32 {
  claimTcb();
  lendReceiveRing();
  set(Flag.OWNED | Flag.ACTIVE | Flag.SYN_DUE);
  startOpening(0);
  startReceiving(0);
  startMss();
  const handle = openHandle(tcbNode);
  enter(State.SYN_SENT, Cause.USER);
  count(Counter.TCP_ACTIVE_OPENS);
  startRto(); // the SYN may have to wait: for a neighbour, or for the link
  makeReady();
  return <i32>handle;
}

/** ABI: the next established connection of a listener. */
export function accept(handle: u32): i32 {
  const listener = listenerOf(handle);
  if (listener < 0) return -Errno.EBADF;
  const node = firstQueued(listener);
  if (node < 0) return -Errno.EAGAIN;
  select(node);
  unqueue();
  set(Flag.OWNED);
  if (firstQueued(listener) >= 0) raise(LISTENER_NODE + listener, Event.ACCEPT);
  return <i32>openHandle(node);
}

// ---- SEND (3.10.2) and RECEIVE (3.10.3) ----

/** A span of at most length bytes of a ring from a sequence number on. owner: see span. */
function ringPart(owner: u32, ring: u32, number: u32, length: u32): i32 {
  return span(owner, ringPointer(ringAt(ring), number), ringSpan(number, length));
}

/** -Errno of what ended the current connection, 0 where nothing did. */
function endError(): i32 {
  return isState(State.CLOSED) ? -(<i32>tcb.error) : 0;
}

/** Bytes that the send ring of the current connection has room for. */
export function sendRoom(): u32 {
  return <u32>RING_BYTES - (tcb.sndEnd - tcb.sndUna);
}

/** ABI: room in the send ring. */
export function sendSpan(handle: u32): i32 {
  globals.spanOwner = 0;
  if (!selectHandle(handle)) return -Errno.EBADF;
  if (inStates(OPENING_STATES)) return -Errno.ENOTCONN;
  if (!inStates(OPEN_STATES)) return endError() || -Errno.EPIPE;
  if (!lendSendRing()) return -Errno.ENOBUFS;
  const room = sendRoom();
  if (room == 0) {
    set(Flag.WANTS_SPACE);
    return -Errno.EAGAIN;
  }
  return ringPart(handle, tcb.sendRing, tcb.sndEnd, room);
}

/** ABI: queues what was written into the span. */
export function commit(handle: u32, lengthAndBits: u32): i32 {
  if (!selectHandle(handle)) return -Errno.EBADF;
  const length = lengthAndBits & ~Commit.URGENT;
  // After a shutdown that came in between the FIN's number is fixed.
  // And an acknowledgment of all may have taken the ring back.
  const open = both(inStates(OPEN_STATES), <u32>tcb.sendRing != NO_RING);
  if (!both(takeSpan(handle, length), open)) return -Errno.EINVAL;
  tcb.sndEnd += length;
  if (length != lengthAndBits) markUrgent();
  if (length) offer();
  else if (tcb.sndEnd == tcb.sndUna) dropSendRing(); // nothing to write after all
  return 0;
}

/** SEND with the urgent flag (3.10.2): told at once, even where the window lets nothing through. */
function markUrgent(): void {
  set(Flag.SENDS_URGENT);
  tcb.sndUp = tcb.sndEnd;
  if (tcb.sndWnd == 0) oweAckNow();
}

/** Something waits to be sent: transmit will, or with the link down R2 counts from now. */
export function offer(): void {
  makeReady();
  if (!isUp(interfaceOf())) noRoute();
}

/** ABI: bytes to read. */
export function receiveSpan(handle: u32): i32 {
  globals.spanOwner = 0;
  if (!selectHandle(handle)) return -Errno.EBADF;
  const length = unread();
  if (length > 0) return ringPart(handle | RECEIVING, tcb.receiveRing, tcb.rcvRead, length);
  if (finReceived()) return endError();
  return inStates(OPENING_STATES) ? -Errno.ENOTCONN : -Errno.EAGAIN;
}

/** ABI: forgets what was read from the span; the window may open. */
export function consume(handle: u32, length: u32): i32 {
  if (!selectHandle(handle)) return -Errno.EBADF;
  const mine = takeSpan(handle | RECEIVING, length);
  if (!both(mine, <u32>tcb.receiveRing != NO_RING)) return -Errno.EINVAL;
  forgetRead(length);
  return 0;
}

/** Bytes of the current connection were read. */
export function forgetRead(length: u32): void {
  tcb.rcvRead += length;
  if (seqGeq(tcb.rcvRead, tcb.rcvUp)) clear(Flag.URGENT);
  if (finReceived()) dropReceiveRingIfDone();
  else if (worthUpdate()) oweAckNow();
}

// ---- CLOSE (3.10.4) and ABORT (3.10.5) ----

/** Our FIN follows what is queued: in SYN-RECEIVED once the connection is open. False: no FIN. */
export function closeSending(): bool {
  const open = inStates(OPEN_STATES);
  if (!either(open, isState(State.SYN_RECEIVED))) return false;
  set(Flag.FIN_QUEUED);
  if (open) {
    enter(isState(State.ESTABLISHED) ? State.FIN_WAIT_1 : State.LAST_ACK, Cause.USER);
    offer();
  }
  return true;
}

/** ABI: half-close: our side has no more to send. */
export function shutdown(handle: u32): i32 {
  if (!selectHandle(handle)) return -Errno.EBADF;
  if (isState(State.SYN_SENT)) return -Errno.ENOTCONN;
  return has(Flag.FIN_QUEUED) || !closeSending() ? -Errno.EPIPE : 0;
}

/** States in which nothing of a connection is left to close. */
const UNOPENED_STATES: u32 = (1 << State.CLOSED) | (1 << State.SYN_SENT);

/** ABI: the user is done with a connection or listener. */
export function close(handle: u32): i32 {
  const listener = listenerOf(handle);
  if (listener >= 0) return closeListener(listener);
  if (!selectHandle(handle)) return -Errno.EBADF;
  letGo();
  return 0;
}

/** Nobody has the current connection any more. */
export function letGo(): void {
  disown();
  if (isState(State.TIME_WAIT)) retire();
  else if (inStates(UNOPENED_STATES)) abandon(Cause.USER);
  // RFC 9293 section 3.6.1: data that nobody will read: the peer must know.
  else if (unread() > 0) resetAndForget(Cause.USER);
  else {
    closeSending();
    advertise(); // all was read: a window that was shut must let the peer's FIN in
    dropReceiveRing();
    if (REASSEMBLY) releaseBlock();
    limitLife();
  }
}

/** Ends what is under way, queued, and the listener. */
function closeListener(i: u32): i32 {
  if (CACHES) forgetOf(offsetof<Endpoint>("listener"), i, TIME_WAIT_ID);
  for (;;) {
    const node = firstQueued(i);
    if (node < 0) break;
    select(node);
    abandon(Cause.USER);
  }
  if (!CACHES || SERVICES) endOthers(i);
  trace(0, State.LISTEN, State.CLOSED, Cause.USER, listenerAt(i).port);
  releaseListener(i);
  return 0;
}

/** Ends the handshakes of a listener, and the connections of a service. */
function endOthers(listener: u32): void {
  let i: u32 = 0;
  do {
    select(i);
    if (<u32>tcb.listener != listener) continue;
    if (isHalfOpen()) end(0, Cause.USER);
    else if (SERVICES && has(Flag.SERVED)) abandon(Cause.USER);
  } while (++i < TCB_COUNT);
}

/** ABI: resets a connection. */
export function abort(handle: u32): i32 {
  if (!selectHandle(handle)) return -Errno.EBADF;
  disown();
  abandon(Cause.ABORT);
  return 0;
}

/** Ends the connections and listeners of an address that goes. */
export function abandonAddress(address: u32): void {
  let listener: u32 = 0;
  do {
    const l = listenerAt(listener);
    if (both(l.port != 0, <u32>l.address == address)) closeListener(listener);
  } while (++listener < LISTENER_COUNT);
  if (CACHES) forgetOf(offsetof<Endpoint>("address"), address, ID_COUNT);
  let i: u32 = 0;
  do {
    select(i);
    if (!ONE_ADDRESS && <u32>tcb.address != address) continue;
    if (!isState(State.CLOSED)) end(Errno.ECONNABORTED, Cause.USER);
    else if (has(Flag.RESET)) endReset();
  } while (++i < TCB_COUNT);
}
