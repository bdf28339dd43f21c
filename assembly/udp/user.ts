// User calls of sockets. A datagram crosses as one span: a Datagram record, the address, the data.

import { listUnlink } from "../buffer/list";
import { EPHEMERAL_COUNT, EPHEMERAL_FIRST, RING_BYTES, SOCKET_COUNT } from "../config";
import { Errno, Pool } from "../constants";
import { globals } from "../globals";
import { random } from "../hash";
import { isForMany } from "../ip/address";
import { addressCopy, getV4, givenV4, isMulticast, isReserved, putV4 } from "../ip/addressing";
import { chooseSource, isReachable } from "../ip/output";
import { Datagram } from "../layout";
import { DATAGRAM_BYTES, SOCKET_READY } from "../memory";
import { both, either, lower } from "../order";
import { RECEIVING, span, takeSpan } from "../span";
import { ANY_ADDRESS, localOrAny } from "../tcp/listener";
import { remoteOf, tuple } from "../tcp/tcb";
import { readySocket } from "./output";
import {
  append,
  bytesOf,
  dropFirst,
  first,
  lendQueue,
  otherSide,
  releaseQueue,
  room,
  roomBytes,
} from "./queue";
import {
  isBound,
  openSocket,
  peerOf,
  received,
  releaseSocket,
  selectSocket,
  selectSocketHandle,
  socket,
  socketId,
  toSend,
} from "./socket";
import { PROTOCOL_ICMP, PROTOCOL_UDP } from "../wire/ipv4";

/** Bytes of data: the longest IPv4 packet has 65,535; a small ring is the narrower limit. */
const LONGEST: u32 = RING_BYTES < 65507 ? RING_BYTES : 65507;

/** A port of our own that nobody can guess (RFC 5452 section 9.2): there are more than sockets. */
export function choosePort(protocol: u32, address: u32): u32 {
  let port: u32 = 0;
  let i = random();
  do {
    port = EPHEMERAL_FIRST + (i++ & (EPHEMERAL_COUNT - 1));
  } while (isBound(protocol, address, port));
  return port;
}

/** ABI: a new socket. protocol: IPv4's number of UDP, or of ICMP for echo. */
export function bind(protocol: u32, address: u32, port: u32): i32 {
  const known = either(protocol == PROTOCOL_UDP, protocol == PROTOCOL_ICMP);
  if (either(!known, port > 65535)) return -Errno.EINVAL;
  const local = localOrAny(address);
  if (local < 0) return local;
  if (port == 0) port = choosePort(protocol, local);
  if (isBound(protocol, local, port)) return -Errno.EADDRINUSE;
  const handle = openSocket(protocol, local, port);
  return handle == 0 ? -Errno.ENOBUFS : <i32>handle;
}

/** ABI: the peer of a UDP socket: the only one that it hears and speaks to. Length 0: none. */
export function associate(handle: u32, length: u32, port: u32): i32 {
  if (!selectSocketHandle(handle)) return -Errno.EBADF;
  const s = socket;
  s.error = 0;
  if (length == 16) return -Errno.EAFNOSUPPORT;
  const known = either(length == 4, both(length == 0, port == 0));
  if (either(!known, either(<u32>s.protocol != PROTOCOL_UDP, port > 65535))) return -Errno.EINVAL;
  putV4(peerOf(s), givenV4());
  s.remotePort = <u16>port;
  return 0;
}

/** The local address from which the socket's datagram to v4 leaves, or -Errno. */
function localFor(v4: u32): i32 {
  const s = socket;
  const many = isForMany(v4);
  if (both(!many, isReserved(v4))) return -Errno.EINVAL;
  if (both(many, both(!isMulticast(v4), s.broadcast == 0))) return -Errno.EACCES;
  const local = <u32>s.address != ANY_ADDRESS ? <i32>s.address : chooseSource(v4);
  if (either(local < 0, many)) return local;
  putV4(remoteOf(tuple), v4);
  return isReachable(local, remoteOf(tuple)) ? local : -Errno.ENETUNREACH;
}

/** The error that a call tells, once. */
function takeError(): i32 {
  const error = -(<i32>socket.error);
  socket.error = 0;
  return error;
}

/** Room for a datagram of the socket. */
export function datagramSendSpan(handle: u32): i32 {
  const error = takeError();
  if (error != 0) return error;
  const q = toSend();
  if (!lendQueue(q, Pool.SEND_RING)) return -Errno.ENOBUFS;
  const to = room(q);
  socket.wantsSpace = u8(q.used != 0); // an empty ring is all the room there will be
  if (roomBytes <= DATAGRAM_BYTES) return -Errno.EAGAIN;
  return span(handle, to, roomBytes);
}

/** Queues the datagram in the span. */
export function datagramCommit(handle: u32, length: u32): i32 {
  const q = toSend();
  if (either(!takeSpan(handle, length), q.ring == 0)) return -Errno.EINVAL;
  const at = globals.spanPointer;
  const error = check(at, length - DATAGRAM_BYTES);
  const alone = q.used == 0;
  if (error == 0) append(q, at, bytesOf(length - DATAGRAM_BYTES));
  if (!alone) return error;
  if (error == 0) readySocket();
  else releaseQueue(q, Pool.SEND_RING);
  return error;
}

/** Completes the record of a datagram with so many bytes of data at p; 0 or -Errno. */
function check(p: usize, length: u32): i32 {
  if (length > LONGEST) return -Errno.EMSGSIZE;
  const s = socket;
  const d = changetype<Datagram>(p);
  const remote = otherSide(p);
  d.length = <u16>length;
  if (s.remotePort != 0) {
    addressCopy(remote, peerOf(s));
    d.port = s.remotePort;
  } else putV4(remote, getV4(remote));
  if (both(d.port == 0, <u32>s.protocol == PROTOCOL_UDP)) return -Errno.EDESTADDRREQ;
  const local = localFor(getV4(remote));
  d.local = <u8>local;
  return lower(local, 0);
}

/** The first datagram received. */
export function datagramReceiveSpan(handle: u32): i32 {
  const error = takeError();
  if (error != 0) return error;
  const p = first(received());
  if (p == 0) return -Errno.EAGAIN;
  return span(handle | RECEIVING, p, DATAGRAM_BYTES + <u32>changetype<Datagram>(p).length);
}

/** Forgets it, whatever was read of it. */
export function datagramConsume(handle: u32, length: u32): i32 {
  if (!takeSpan(handle | RECEIVING, length)) return -Errno.EINVAL;
  dropFirst(received());
  return 0;
}

/** An address goes, and what was bound to it; what has not left yet may name it. */
export function abandonSockets(address: u32): void {
  let i: u32 = 0;
  do {
    selectSocket(i);
    listUnlink(SOCKET_READY + i);
    releaseQueue(toSend(), Pool.SEND_RING);
    socket.sent = 0;
    if (both(socket.protocol != 0, <u32>socket.address == address)) closeSocket();
  } while (++i < SOCKET_COUNT);
}

/** The user is done with the socket, or its address is gone. */
export function closeSocket(): i32 {
  listUnlink(SOCKET_READY + socketId);
  releaseSocket();
  return 0;
}
