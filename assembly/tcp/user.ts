// User calls (RFC 9293 sections 3.10.1 to 3.10.6): OPEN, SEND, RECEIVE, CLOSE, ABORT, STATUS.
// SEND and RECEIVE are spans: where to write or read, then how much of it was.

import { NO_RING, ringAt, ringPointer, ringSpan } from "../buffer/ring";
import {
  EPHEMERAL_COUNT,
  EXTENSIONS,
  LISTENER_COUNT,
  REASSEMBLY,
  RING_BYTES,
  TCB_COUNT,
} from "../config";
import { AddressState, Cause, Counter, Errno, Event, Pool, State } from "../constants";
import { count } from "../counter";
import { nodeOf, openHandle, raise } from "../event";
import { globals } from "../globals";
import { addressAt, addressOf, isForMany, localOf } from "../ip/address";
import { getV4, givenV4, isLoopback, isReserved, putV4 } from "../ip/addressing";
import { chooseSource, isUsable, nextHop } from "../ip/output";
import { isUp, LOOPBACK } from "../link/interface";
import { HANDLE_NODES, LISTENER_NODE } from "../memory";
import { hasFree } from "../pool";
import { abandon, discard, disown } from "./abandon";
import { setSendMss, startReceiving, startSending } from "./adopt";
import { insert, lookup } from "./demux";
import { ephemeralPort, initialSequence, timestampOffset } from "./isn";
import {
  ANY_ADDRESS,
  claimListener,
  firstQueued,
  isListening,
  listenerAt,
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
  finReceived,
  lendReceiveRing,
  lendSendRing,
  tcbIsFree,
  unread,
} from "./pool";
import { makeReady } from "./ready";
import { releaseBlock } from "./reassembly";
import { retire } from "./retire";
import { interfaceOf, interfaceTo } from "./route";
import { schedule, startRto } from "./schedule";
import { seqGeq } from "./seq";
import { enter, inStates, isState, OPEN_STATES, OPENING_STATES } from "./state";
import { dropSynEntries } from "./synCache";
import {
  ANY,
  clear,
  copyEndpoint,
  Endpoint,
  Flag,
  has,
  isFreeTcb,
  remoteOf,
  select,
  set,
  tcb,
  tcbNode,
  TIMESTAMPS,
  tuple,
} from "./tcb";
import { dropTimeWaits } from "./timeWait";
import { noRoute } from "./unreachable";
import { worthUpdate } from "./window";
import { trace } from "../trace";

const SPAN_SEND: u32 = 1;
const SPAN_RECEIVE: u32 = 2;

// ---- OPEN (3.10.1) ----

/** The number of a local address that may be used, or -Errno. */
function validAddress(handle: u32): i32 {
  const i = addressOf(handle);
  if (i < 0) return -Errno.EBADF;
  return addressAt(i).state == AddressState.VALID ? i : -Errno.EADDRNOTAVAIL;
}

/** ABI: passive OPEN. */
export function listen(address: u32, port: u32, backlog: u32): i32 {
  if (!globals.seeded) return -Errno.EAGAIN;
  if (port > 65535 || backlog - 1 > 65534) return -Errno.EINVAL;
  let local = ANY_ADDRESS;
  if (address != 0) {
    const i = validAddress(address);
    if (i < 0) return i;
    local = i;
  }
  if (port == 0) {
    for (let i: u32 = 0; i < EPHEMERAL_COUNT && port == 0; i++) {
      const candidate = ephemeralPort(i);
      if (!portIsListened(candidate)) port = candidate;
    }
    if (port == 0) return -Errno.EADDRNOTAVAIL;
  }
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
  if (length != 4 || remotePort - 1 > 65534 || localPort > 65535) return -Errno.EINVAL;
  const v4 = givenV4();
  if (isForMany(v4)) return -Errno.EACCES; // MUST-46
  if (isReserved(v4)) return -Errno.EINVAL;
  putV4(remoteOf(tuple), v4);
  tuple.remotePort = <u16>remotePort;
  const local = address == 0 ? chooseSource(v4) : validAddress(address);
  if (local < 0) return local;
  if (!isUsable(local)) return -Errno.ENETDOWN;
  tuple.address = <u8>local;
  const inside = interfaceTo(tuple) == LOOPBACK;
  if (!inside && !nextHop(local, remoteOf(tuple))) return -Errno.ENETUNREACH;
  if (!inside && (isLoopback(v4) || isLoopback(getV4(localOf(local))))) return -Errno.ENETUNREACH;
  const fault = choosePort(localPort);
  if (fault) return fault;
  if (
    globals.refuseSelfConnect &&
    tuple.localPort == <u16>remotePort &&
    getV4(localOf(local)) == v4
  ) {
    return -Errno.EADDRINUSE;
  }
  if (!tcbIsFree() || !hasFree(Pool.RECEIVE_RING)) return -Errno.ENOBUFS;
  return openActive(inside);
}

/** Puts the local port asked for, or a free one (RFC 6056), into the tuple; 0 or -Errno. */
function choosePort(localPort: u32): i32 {
  if (localPort != 0) {
    tuple.localPort = <u16>localPort;
    return lookup(tuple) >= 0 ? -Errno.EADDRINUSE : 0;
  }
  for (let i: u32 = 0; i < EPHEMERAL_COUNT; i++) {
    const port = ephemeralPort(i);
    tuple.localPort = <u16>port;
    if (!portIsListened(port) && lookup(tuple) < 0) return 0;
  }
  return -Errno.EADDRNOTAVAIL;
}

/** The connection of the tuple, in SYN-SENT. */
function openActive(inside: bool): i32 {
  if (!claimTcb()) return -Errno.ENOBUFS;
  lendReceiveRing();
  set(Flag.OWNED | Flag.ACTIVE | Flag.SYN_DUE);
  if (inside) set(Flag.LOCAL);
  copyEndpoint(tcb, tuple, offsetof<Endpoint>("options"));
  startSending(initialSequence(tcb));
  tcb.sndNxt = tcb.iss; // the SYN has not left
  startReceiving(0);
  if (EXTENSIONS && globals.timestamps) {
    tcb.options = <u8>TIMESTAMPS;
    tcb.tsOffset = timestampOffset(tcb);
  }
  setSendMss(0);
  insert(tcbNode);
  const handle = openHandle(tcbNode);
  enter(State.SYN_SENT, Cause.USER);
  count(Counter.TCP_ACTIVE_OPENS);
  startRto(); // the SYN may have to wait: for a neighbour, or for the link
  makeReady();
  return <i32>handle;
}

/** ABI: the next established connection of a listener. */
export function accept(handle: u32): i32 {
  const l = nodeOf(handle, LISTENER_NODE, LISTENER_COUNT);
  if (l < 0) return -Errno.EBADF;
  const node = firstQueued(l - LISTENER_NODE);
  if (node < 0) return -Errno.EAGAIN;
  select(node);
  unqueue();
  set(Flag.OWNED);
  if (firstQueued(l - LISTENER_NODE) >= 0) raise(l, Event.ACCEPT);
  return <i32>openHandle(node);
}

// ---- SEND (3.10.2) and RECEIVE (3.10.3) ----

/** Makes the connection behind a handle the current one; false: there is none. */
function selectHandle(handle: u32): bool {
  const node = nodeOf(handle, 0, TCB_COUNT);
  if (node < 0) return false;
  select(node);
  return true;
}

function span(handle: u32, kind: u32, length: u32, pointer: usize): i32 {
  const g = globals;
  g.spanHandle = handle;
  g.spanKind = kind;
  g.spanLength = length;
  g.spanPointer = <u32>pointer;
  return <i32>length;
}

/** Takes length off the last span, if it was one of this handle and kind. */
function takeSpan(handle: u32, kind: u32, length: u32): bool {
  const g = globals;
  if (g.spanHandle != handle || g.spanKind != kind || length > g.spanLength) return false;
  g.spanKind = 0;
  return true;
}

/** ABI: room in the send ring. */
export function sendSpan(handle: u32): i32 {
  globals.spanKind = 0;
  if (!selectHandle(handle)) return -Errno.EBADF;
  if (inStates(OPENING_STATES)) return -Errno.ENOTCONN;
  if (!inStates(OPEN_STATES)) {
    return isOver() && tcb.error ? -(<i32>tcb.error) : -Errno.EPIPE;
  }
  if (!lendSendRing()) return -Errno.ENOBUFS;
  const free = <u32>RING_BYTES - (tcb.sndEnd - tcb.sndUna);
  if (free == 0) {
    set(Flag.WANTS_SPACE);
    return -Errno.EAGAIN;
  }
  const base = ringAt(tcb.sendRing);
  return span(handle, SPAN_SEND, ringSpan(tcb.sndEnd, free), ringPointer(base, tcb.sndEnd));
}

/** ABI: queues what was written into the span. */
export function commit(handle: u32, length: u32): i32 {
  if (!selectHandle(handle)) return -Errno.EBADF;
  // After a shutdown that came in between the FIN's number is fixed.
  if (!takeSpan(handle, SPAN_SEND, length) || !inStates(OPEN_STATES)) return -Errno.EINVAL;
  tcb.sndEnd += length;
  if (length) offer();
  else if (tcb.sndEnd == tcb.sndUna) dropSendRing(); // nothing to write after all
  return 0;
}

/** Something waits to be sent: transmit will, or with the link down R2 counts from now. */
function offer(): void {
  makeReady();
  if (!isUp(interfaceOf())) noRoute();
}

/** ABI: bytes to read. */
export function receiveSpan(handle: u32): i32 {
  globals.spanKind = 0;
  if (!selectHandle(handle)) return -Errno.EBADF;
  const length = unread();
  if (length > 0) {
    const base = ringAt(tcb.receiveRing);
    return span(
      handle,
      SPAN_RECEIVE,
      ringSpan(tcb.rcvRead, length),
      ringPointer(base, tcb.rcvRead),
    );
  }
  if (isOver() && tcb.error) return -(<i32>tcb.error);
  if (finReceived()) return 0;
  return <i32>tcb.state >= State.ESTABLISHED ? -Errno.EAGAIN : -Errno.ENOTCONN;
}

/** ABI: forgets what was read from the span; the window may open. */
export function consume(handle: u32, length: u32): i32 {
  if (!selectHandle(handle)) return -Errno.EBADF;
  if (!takeSpan(handle, SPAN_RECEIVE, length) || <u32>tcb.receiveRing == NO_RING)
    return -Errno.EINVAL;
  tcb.rcvRead += length;
  if (has(Flag.URGENT) && seqGeq(tcb.rcvRead, tcb.rcvUp)) clear(Flag.URGENT);
  if (finReceived()) {
    dropReceiveRingIfDone();
  } else if (worthUpdate()) {
    set(Flag.ACK_NOW);
    makeReady();
  }
  return 0;
}

/** ABI: pointer of the last span. */
export function spanPointer(): u32 {
  return globals.spanPointer;
}

/** True once the connection has ended, in whichever way. */
function isOver(): bool {
  return isState(State.CLOSED);
}

// ---- CLOSE (3.10.4) and ABORT (3.10.5) ----

/** Our FIN follows what is queued. True: it will be sent. */
function closeSending(): bool {
  const state = <u32>tcb.state;
  if (state == State.SYN_RECEIVED) {
    set(Flag.FIN_QUEUED); // it leaves once the connection is open
    return true;
  }
  if (!inStates(OPEN_STATES)) return false;
  const to = state == State.ESTABLISHED ? State.FIN_WAIT_1 : State.LAST_ACK;
  enter(to, Cause.USER);
  set(Flag.FIN_QUEUED);
  offer();
  return true;
}

/** ABI: half-close: our side has no more to send. */
export function shutdown(handle: u32): i32 {
  if (!selectHandle(handle)) return -Errno.EBADF;
  if (isState(State.SYN_SENT)) return -Errno.ENOTCONN;
  if (has(Flag.FIN_QUEUED) || !closeSending()) return -Errno.EPIPE;
  return 0;
}

/** ABI: the user is done with a connection or listener. */
export function close(handle: u32): i32 {
  const l = nodeOf(handle, LISTENER_NODE, LISTENER_COUNT);
  if (l >= 0) return closeListener(l - LISTENER_NODE);
  if (!selectHandle(handle)) return -Errno.EBADF;
  disown();
  if (isState(State.CLOSED) || isState(State.SYN_SENT)) {
    discard(Cause.USER);
  } else if (isState(State.TIME_WAIT)) {
    retire();
  } else if (unread() > 0) {
    // RFC 9293 section 3.6.1: data that nobody will read: the peer must know.
    abandon(Cause.USER);
  } else {
    closeSending();
    dropReceiveRing();
    if (REASSEMBLY) releaseBlock();
    set(Flag.LIFE);
    tcb.lifeMs = globals.nowMs + globals.orphanSeconds * 1000;
    schedule();
  }
  return 0;
}

/** Ends what is under way, queued, and the listener. */
function closeListener(i: u32): i32 {
  dropSynEntries(i, ANY, ANY);
  for (;;) {
    const node = firstQueued(i);
    if (node < 0) break;
    select(node);
    abandon(Cause.USER);
  }
  trace(0, State.LISTEN, State.CLOSED, Cause.USER, listenerAt(i).port);
  releaseListener(i);
  return 0;
}

/** ABI: resets a connection. */
export function abort(handle: u32): i32 {
  if (!selectHandle(handle)) return -Errno.EBADF;
  disown();
  abandon(Cause.ABORT);
  return 0;
}

// ---- STATUS (3.10.6) ----

/** ABI: the state of a connection or listener. */
export function status(handle: u32): i32 {
  if (nodeOf(handle, LISTENER_NODE, LISTENER_COUNT) >= 0) return State.LISTEN;
  return selectHandle(handle) ? <i32>tcb.state : -Errno.EBADF;
}

/** ABI: the error that ended a connection, or a soft one; cleared. */
export function takeError(handle: u32): i32 {
  if (!selectHandle(handle)) return nodeOf(handle, 0, HANDLE_NODES) >= 0 ? 0 : -Errno.EBADF;
  const error = <i32>tcb.error;
  if (isOver() && error) {
    disown();
    discard(Cause.USER);
  } else tcb.error = 0;
  return error;
}

/** Ends the connections and listeners of an address that goes. */
export function abandonAddress(address: u32): void {
  for (let i: u32 = 0; i < LISTENER_COUNT; i++) {
    if (listenerAt(i).port != 0 && <u32>listenerAt(i).address == address) closeListener(i);
  }
  dropSynEntries(ANY, address, ANY);
  dropTimeWaits(address);
  for (let i: u32 = 0; i < TCB_COUNT; i++) {
    select(i);
    if (!isFreeTcb() && <u32>tcb.address == address) {
      if (!isState(State.CLOSED)) end(Errno.ECONNABORTED, Cause.USER);
      else if (has(Flag.RESET)) discard(Cause.USER);
    }
  }
}
