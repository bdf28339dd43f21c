// Interface udp. A datagram crosses the core's boundary with a head: a Datagram record and the other side's address.

import { Constant, Errno } from "../../assembly/constants";
import * as core from "./generated/core";
import { addressIn, ENDPOINT_BYTES, IPV4, octets, putAddress, putEndpoint } from "./address";
import { allocate, answer, failure, field, list, numberOr, outcome } from "./canonical";
import { copyIn, copyOut, read16, read32, read8, writeFew } from "./coreMemory";
import { maybe, socket as checked, socketOf } from "./handle";

/** IPv4's number of UDP. */
const PROTOCOL: u32 = 17;
const V4_BYTES: u32 = 4;
// Where the fields of a datagram lie: behind the case of the result.
const SOURCE: usize = 4;
const HOPS: usize = SOURCE + ENDPOINT_BYTES;
const TO_MANY: usize = HOPS + 1;
const DATA: usize = HOPS + 4;

/** Bytes before the data of a datagram in a span. */
function headBytes(): u32 {
  return core.DATAGRAM_BYTES + core.constant(Constant.ADDRESS_BYTES);
}

function spanPointer(): u32 {
  return read32(core.constant(Constant.SPAN_POINTER));
}

export function bind(isBound: u32, address: u32, port: u32): usize {
  return numberOr(core.bind(PROTOCOL, maybe(isBound, address), port));
}

export function localPort(socket: u32): usize {
  const at = socketOf(socket);
  if (at == 0) return failure(-Errno.EBADF, 2);
  store<u8>(field(0), 0);
  store<u16>(field(2), read16(at + core.SOCKET_LOCAL_PORT));
  return answer();
}

export function connect(
  socket: u32,
  is: u32,
  family: u32,
  a: u32,
  b: u32,
  c: u32,
  d: u32,
  e: u32,
  f: u32,
  g: u32,
  h: u32,
  port: u32,
): usize {
  const length = is != 0 ? putAddress(family, a, b, c, d) : 0;
  return outcome(length < 0 ? length : core.associate(checked(socket), length, is != 0 ? port : 0));
}

export function send(
  socket: u32,
  is: u32,
  family: u32,
  a: u32,
  b: u32,
  c: u32,
  d: u32,
  e: u32,
  f: u32,
  g: u32,
  h: u32,
  port: u32,
  data: usize,
  length: u32,
): usize {
  if (is != 0 && family != IPV4) return outcome(-Errno.EAFNOSUPPORT);
  const room = core.sendSpan(checked(socket));
  if (room < 0) return outcome(room);
  const head = headBytes();
  if (length > <u32>room - min(head, <u32>room)) return outcome(refusal(socket, room));
  const at = spanPointer();
  const to = is != 0 ? octets(a, b, c, d) : 0;
  writeFew(at + core.DATAGRAM_PORT, is != 0 ? port : 0, 2);
  writeFew(at + head - V4_BYTES, to, V4_BYTES);
  copyIn(data, at + head, length);
  return outcome(core.commit(socket, head + length));
}

/** Room comes when the queue is empty; where it is empty already there will never be more. */
function refusal(socket: u32, room: u32): i32 {
  // A ring that was lent for this and holds nothing goes back.
  core.commit(socket, 0);
  return room >= core.constant(Constant.SEND_RING_BYTES) - V4_BYTES
    ? -Errno.EMSGSIZE
    : -Errno.EAGAIN;
}

export function receive(socket: u32): usize {
  const span = core.receiveSpan(checked(socket));
  if (span < 0) return failure(span);
  const at = spanPointer();
  const head = headBytes();
  const length = <u32>span - head;
  const data = allocate(length);
  copyOut(at + head, data, length);
  store<u8>(field(0), 0);
  putEndpoint(field(SOURCE), addressIn(at + core.DATAGRAM_BYTES), read16(at + core.DATAGRAM_PORT));
  store<u8>(field(HOPS), read8(at + core.DATAGRAM_HOPS));
  store<u8>(field(TO_MANY), u8(read8(at + core.DATAGRAM_LOCAL) == core.READING_ANY_ADDRESS));
  list(field(DATA), data, length);
  core.consume(socket, span);
  return answer();
}

export function join(
  index: u32,
  family: u32,
  a: u32,
  b: u32,
  c: u32,
  d: u32,
  e: u32,
  f: u32,
  g: u32,
  h: u32,
): usize {
  const length = putAddress(family, a, b, c, d);
  return outcome(length < 0 ? length : core.join(index, length));
}

export function leave(
  index: u32,
  family: u32,
  a: u32,
  b: u32,
  c: u32,
  d: u32,
  e: u32,
  f: u32,
  g: u32,
  h: u32,
): usize {
  const length = putAddress(family, a, b, c, d);
  return outcome(length < 0 ? length : core.leave(index, length));
}

export function close(socket: u32): usize {
  return outcome(core.close(checked(socket)));
}
