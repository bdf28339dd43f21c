// User calls (RFC 9293 sections 3.10.1 to 3.10.6): OPEN, SEND, RECEIVE, CLOSE, ABORT, STATUS.
// SEND and RECEIVE are spans: where to write or read, then how much of it was.

import { noRoute } from "./unreachable";
import { hasHoles, releaseBlock } from "./reassembly";
import {
  EPHEMERAL_COUNT,
  EXTENSIONS,
  LISTENER_COUNT,
  REASSEMBLY,
  RING_BYTES,
  TCB_COUNT,
} from "../config";
import { AddressState, Cause, Counter, Errno, Event, Pool, State } from "../constants";
import { NO_RING, ringAt, ringPointer, ringSpan } from "../buffer/ring";
import { count } from "../counter";
import { nodeOf, openHandle, raise } from "../event";
import { globals } from "../globals";
import { addressAt, addressOf, isBroadcast, localOf } from "../ip/address";
import { getV4, givenV4, isLoopback, isMulticast, isReserved, putV4 } from "../ip/addressing";
import { chooseSource, isUsable, nextHop } from "../ip/output";
import { isUp, LOOPBACK } from "../link/interface";
import { HANDLE_NODES, LISTENER_NODE } from "../memory";
import { hasFree } from "../pool";
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
import { retire } from "./retire";
import { schedule, startRto } from "./schedule";
import { seqGeq } from "./seq";
import { interfaceOf, interfaceTo } from "./route";
import { enter, isIn, OPENING_STATES, OPEN_STATES } from "./state";
import { trace } from "../trace";
import { dropSynEntries } from "./synCache";
import {
  ANY,
  clear,
  copyEndpoint,
  Endpoint,
  Flag,
  has,
  isFreeTcb,
  nodeOfTcb,
  remoteOf,
  set,
  Tcb,
  tcbAt,
  TIMESTAMPS,
  tuple,
} from "./tcb";
import { abandon, discard, disown } from "./abandon";
import { dropTimeWaits } from "./timeWait";
import { worthUpdate } from "./window";

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
  if (isMulticast(v4) || isBroadcast(v4)) return -Errno.EACCES; // MUST-46
  if (isReserved(v4)) return -Errno.EINVAL;
  putV4(remoteOf(tuple), v4);
  tuple.remotePort = <u16>remotePort;
  let local: i32;
  if (address == 0) {
    local = chooseSource(v4);
    if (local < 0) return local;
  } else {
    local = validAddress(address);
    if (local < 0) return local;
    if (!isUsable(local)) return -Errno.ENETDOWN;
  }
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
  const t = claimTcb();
  if (t === null) return -Errno.ENOBUFS;
  lendReceiveRing(t);
  set(t, Flag.OWNED | Flag.ACTIVE | Flag.SYN_DUE);
  if (inside) set(t, Flag.LOCAL);
  copyEndpoint(t, tuple, offsetof<Endpoint>("options"));
  startSending(t, initialSequence(t));
  t.sndNxt = t.iss; // the SYN has not left
  startReceiving(t, 0);
  if (EXTENSIONS && globals.timestamps) {
    t.options = <u8>TIMESTAMPS;
    t.tsOffset = timestampOffset(t);
  }
  setSendMss(t, 0);
  insert(nodeOfTcb(t));
  const handle = openHandle(nodeOfTcb(t));
  enter(t, State.SYN_SENT, Cause.USER);
  count(Counter.TCP_ACTIVE_OPENS);
  startRto(t); // the SYN may have to wait: for a neighbour, or for the link
  makeReady(t);
  return <i32>handle;
}

/** ABI: the next established connection of a listener. */
export function accept(handle: u32): i32 {
  const l = nodeOf(handle, LISTENER_NODE, LISTENER_COUNT);
  if (l < 0) return -Errno.EBADF;
  const node = firstQueued(l - LISTENER_NODE);
  if (node < 0) return -Errno.EAGAIN;
  const t = tcbAt(node);
  unqueue(t);
  set(t, Flag.OWNED);
  if (firstQueued(l - LISTENER_NODE) >= 0) raise(l, Event.ACCEPT);
  return <i32>openHandle(node);
}

// ---- SEND (3.10.2) and RECEIVE (3.10.3) ----

/** The connection behind a handle, or null. */
function connectionOf(handle: u32): Tcb | null {
  const node = nodeOf(handle, 0, TCB_COUNT);
  return node < 0 ? null : tcbAt(node);
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
  const t = connectionOf(handle);
  if (t === null) return -Errno.EBADF;
  if (isIn(t.state, OPENING_STATES)) return -Errno.ENOTCONN;
  if (!isIn(t.state, OPEN_STATES)) {
    return isOver(t) && t.error ? -(<i32>t.error) : -Errno.EPIPE;
  }
  if (!lendSendRing(t)) return -Errno.ENOBUFS;
  const free = <u32>RING_BYTES - (t.sndEnd - t.sndUna);
  if (free == 0) {
    set(t, Flag.WANTS_SPACE);
    return -Errno.EAGAIN;
  }
  const base = ringAt(t.sendRing);
  return span(handle, SPAN_SEND, ringSpan(t.sndEnd, free), ringPointer(base, t.sndEnd));
}

/** ABI: queues what was written into the span. */
export function commit(handle: u32, length: u32): i32 {
  const t = connectionOf(handle);
  if (t === null) return -Errno.EBADF;
  // After a shutdown that came in between the FIN's number is fixed.
  if (!takeSpan(handle, SPAN_SEND, length) || !isIn(t.state, OPEN_STATES)) return -Errno.EINVAL;
  t.sndEnd += length;
  if (length) offer(t);
  else if (t.sndEnd == t.sndUna) dropSendRing(t); // nothing to write after all
  return 0;
}

/** Something waits to be sent: transmit will, or with the link down R2 counts from now. */
function offer(t: Tcb): void {
  makeReady(t);
  if (!isUp(interfaceOf(t))) noRoute(t);
}

/** ABI: bytes to read. */
export function receiveSpan(handle: u32): i32 {
  globals.spanKind = 0;
  const t = connectionOf(handle);
  if (t === null) return -Errno.EBADF;
  const length = unread(t);
  if (length > 0) {
    const base = ringAt(t.receiveRing);
    return span(handle, SPAN_RECEIVE, ringSpan(t.rcvRead, length), ringPointer(base, t.rcvRead));
  }
  if (isOver(t) && t.error) return -(<i32>t.error);
  if (finReceived(t.state)) return 0;
  return <i32>t.state >= State.ESTABLISHED ? -Errno.EAGAIN : -Errno.ENOTCONN;
}

/** ABI: forgets what was read from the span; the window may open. */
export function consume(handle: u32, length: u32): i32 {
  const t = connectionOf(handle);
  if (t === null) return -Errno.EBADF;
  if (!takeSpan(handle, SPAN_RECEIVE, length) || <u32>t.receiveRing == NO_RING)
    return -Errno.EINVAL;
  t.rcvRead += length;
  if (has(t, Flag.URGENT) && seqGeq(t.rcvRead, t.rcvUp)) clear(t, Flag.URGENT);
  if (finReceived(t.state)) {
    dropReceiveRingIfDone(t);
  } else if (worthUpdate(t)) {
    set(t, Flag.ACK_NOW);
    makeReady(t);
  }
  return 0;
}

/** True once the connection has ended, in whichever way. */
function isOver(t: Tcb): bool {
  return <u32>t.state == State.CLOSED;
}

// ---- CLOSE (3.10.4) and ABORT (3.10.5) ----

/** Our FIN follows what is queued. True: it will be sent. */
function closeSending(t: Tcb): bool {
  const state = <u32>t.state;
  if (state == State.SYN_RECEIVED) {
    set(t, Flag.FIN_QUEUED); // it leaves once the connection is open
    return true;
  }
  if (!isIn(state, OPEN_STATES)) return false;
  const to = state == State.ESTABLISHED ? State.FIN_WAIT_1 : State.LAST_ACK;
  enter(t, to, Cause.USER);
  set(t, Flag.FIN_QUEUED);
  offer(t);
  return true;
}

/** ABI: half-close: our side has no more to send. */
export function shutdown(handle: u32): i32 {
  const t = connectionOf(handle);
  if (t === null) return -Errno.EBADF;
  if (<u32>t.state == State.SYN_SENT) return -Errno.ENOTCONN;
  if (has(t, Flag.FIN_QUEUED) || !closeSending(t)) return -Errno.EPIPE;
  return 0;
}

/** ABI: the user is done with a connection or listener. */
export function close(handle: u32): i32 {
  const l = nodeOf(handle, LISTENER_NODE, LISTENER_COUNT);
  if (l >= 0) return closeListener(l - LISTENER_NODE);
  const t = connectionOf(handle);
  if (t === null) return -Errno.EBADF;
  disown(t);
  if (<u32>t.state == State.CLOSED || <u32>t.state == State.SYN_SENT) {
    discard(t, Cause.USER);
  } else if (<u32>t.state == State.TIME_WAIT) {
    retire(t);
  } else if (unread(t) > 0) {
    // RFC 9293 section 3.6.1: data that nobody will read: the peer must know.
    abandon(t, Cause.USER);
  } else {
    closeSending(t);
    dropReceiveRing(t);
    if (REASSEMBLY && hasHoles(t)) releaseBlock(t);
    set(t, Flag.LIFE);
    t.lifeMs = globals.nowMs + globals.orphanSeconds * 1000;
    schedule(t);
  }
  return 0;
}

/** Ends what is under way, queued, and the listener. */
function closeListener(i: u32): i32 {
  dropSynEntries(i, ANY, ANY);
  for (;;) {
    const node = firstQueued(i);
    if (node < 0) break;
    abandon(tcbAt(node), Cause.USER);
  }
  trace(0, State.LISTEN, State.CLOSED, Cause.USER, listenerAt(i).port);
  releaseListener(i);
  return 0;
}

/** ABI: resets a connection. */
export function abort(handle: u32): i32 {
  const t = connectionOf(handle);
  if (t === null) return -Errno.EBADF;
  disown(t);
  abandon(t, Cause.ABORT);
  return 0;
}

// ---- STATUS (3.10.6) ----

/** ABI: the state of a connection or listener. */
export function status(handle: u32): i32 {
  if (nodeOf(handle, LISTENER_NODE, LISTENER_COUNT) >= 0) return State.LISTEN;
  const t = connectionOf(handle);
  return t === null ? -Errno.EBADF : <i32>t.state;
}

/** ABI: the error that ended a connection, or a soft one; cleared. */
export function takeError(handle: u32): i32 {
  const t = connectionOf(handle);
  if (t === null) return nodeOf(handle, 0, HANDLE_NODES) >= 0 ? 0 : -Errno.EBADF;
  const error = <i32>t.error;
  if (isOver(t) && error) {
    disown(t);
    discard(t, Cause.USER);
  } else t.error = 0;
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
    const t = tcbAt(i);
    if (!isFreeTcb(t) && <u32>t.address == address) {
      if (<u32>t.state != State.CLOSED) end(t, Errno.ECONNABORTED, Cause.USER);
      else if (has(t, Flag.RESET)) discard(t, Cause.USER);
    }
  }
}
