// System calls that move bytes: read, recv, write, send and their relatives. What is read is
// compared with what the script's packets carried; what is written without saying which bytes is a
// pattern.

import { Commit, Constant, Errno, State } from "../../core/generated/abi.js";
import { constantOf, fieldOf, numberOf } from "../constants.js";
import { remoteBytes, writtenBytes } from "../connections.js";
import { failure, mistake, unsupported } from "../errors.js";
import type { CallEvent, Expression } from "../script.js";
import { type Outcome, type Run, type Socket } from "../state.js";
import {
  argument,
  fail,
  failCore,
  numberArgument,
  stateOf,
  succeed,
  takeError,
  waiting,
  type SystemCall,
} from "./call.js";

const flag = (name: string) => constantOf(name) ?? 0;
const PEEK = flag("MSG_PEEK");
const WAIT_ALL = flag("MSG_WAITALL");
const DONT_WAIT = flag("MSG_DONTWAIT");
const OUT_OF_BAND = flag("MSG_OOB");
const MORE = flag("MSG_MORE");
const FAST_OPEN = flag("MSG_FASTOPEN");

function refuseFlags(flags: number, event: CallEvent): void {
  if (flags & OUT_OF_BAND && !event.name.startsWith("send")) {
    const what = "the core leaves urgent data in line (RFC 6093): MSG_OOB reads nothing";
    throw unsupported(what, event.place);
  }
  if (flags & MORE) throw unsupported("the core has no corking yet", event.place);
  if (flags & FAST_OPEN) throw unsupported("the core has no TCP Fast Open yet", event.place);
}

const MOST_BYTES = 2 ** 31 - 1;

function byteCount(event: CallEvent, index: number): number {
  const count = numberArgument(event, index, "a number of bytes");
  if (count >= 0 && count <= MOST_BYTES) return count;
  throw mistake(`expected a number of bytes from 0 to ${MOST_BYTES}, found ${count}`, event.place);
}

// Reading.

interface Reading {
  /** The script's buffer: bytes that it expects, if it says so. */
  buffer: Expression | undefined;
  limit: number;
  flags: number;
}

function reader(of: (event: CallEvent) => Reading): SystemCall {
  return (run, event) => {
    const { buffer, limit, flags } = of(event);
    let taken = 0;
    return waiting((_run, socket) => {
      refuseFlags(flags, event);
      if (socket.role !== "connection") return fail("ENOTCONN");
      if (socket.readShut) return succeed(0);
      const bytes = takeBytes(run, socket, limit - taken, flags);
      if (typeof bytes === "number") {
        if (limit === 0) return succeed(0);
        const end = readEnd(run, socket, bytes, flags);
        return taken > 0 && end ? succeed(taken) : end;
      }
      compareRead(bytes, buffer, taken, event);
      taken += bytes.length;
      const waits = (flags & WAIT_ALL) !== 0 && socket.blocking && taken < limit;
      return waits ? undefined : succeed(taken);
    })(run, event);
  };
}

/** Nothing was read: the end (0), an error, or the call waits. */
function readEnd(run: Run, socket: Socket, result: number, flags: number): Outcome | undefined {
  if (result === 0 || socket.errorTold) return succeed(0);
  const errno = takeError(run, socket);
  if (errno !== undefined) return fail(errno);
  const isOpening = stateOf(run, socket) <= State.SYN_RECEIVED && result === -Errno.ENOTCONN;
  if (result !== -Errno.EAGAIN && !isOpening) return failCore(result);
  return socket.blocking && (flags & DONT_WAIT) === 0 ? undefined : fail("EAGAIN");
}

/** Copies what is there; 0 at the end, -Errno where nothing is. */
function takeBytes(run: Run, socket: Socket, limit: number, flags: number): Uint8Array | number {
  const { core } = run.wire;
  const parts: Uint8Array[] = [];
  let result = 0;
  let total = 0;
  while (total < limit) {
    result = core.exports.receiveSpan(socket.handle);
    if (result <= 0) break;
    const length = Math.min(result, limit - total);
    const at = core.spanPointer();
    parts.push(core.memory.slice(at, at + length));
    total += length;
    if (flags & PEEK) break;
    core.exports.consume(socket.handle, length);
  }
  if (total === 0) return result;
  const bytes = Uint8Array.from(Buffer.concat(parts));
  comparePattern(socket, bytes);
  if (socket.connection && (flags & PEEK) === 0) socket.connection.readBytes += total;
  return bytes;
}

/** Every byte is the one that a packet of the script carried. */
function comparePattern({ connection }: Socket, bytes: Uint8Array): void {
  if (!connection || connection.remoteIsn === undefined) return;
  const seq = (connection.remoteIsn + 1 + connection.readBytes) >>> 0;
  const wanted = remoteBytes(seq, bytes.length);
  const at = bytes.findIndex((byte, i) => byte !== wanted[i]);
  if (at >= 0) throw failure(`what was read differs from what was sent, at ${(seq + at) >>> 0}`);
}

/** Where a script says which bytes it expects, it means zeros or text: neither is in a packet here. */
function compareRead(
  bytes: Uint8Array,
  buffer: Expression | undefined,
  at: number,
  event: CallEvent,
): void {
  if (!buffer || buffer.kind === "any" || bytes.length === 0) return;
  if (buffer.kind !== "string") throw mistake("expected ... or a string", buffer.place);
  const wanted = Buffer.from(buffer.value, "latin1").subarray(at, at + bytes.length);
  if (wanted.some((byte) => byte !== 0)) {
    const hint = "the data of packets are a pattern here, so only ... can be read";
    throw unsupported(`${event.name} of certain bytes: ${hint}`, buffer.place);
  }
}

const lastOf = (event: CallEvent, index: number, what: string) =>
  event.args.length > index ? numberArgument(event, index, what) : 0;

export const read = reader((event) => ({
  buffer: argument(event, 1, "a buffer"),
  limit: byteCount(event, 2),
  flags: 0,
}));

export const recv = reader((event) => ({
  buffer: argument(event, 1, "a buffer"),
  limit: byteCount(event, 2),
  flags: lastOf(event, 3, "flags"),
}));

export const readv = reader((event) => ({
  buffer: undefined,
  limit: vectorOf(argument(event, 1, "a list of buffers")).length,
  flags: 0,
}));

export const recvmsg = reader((event) => ({
  buffer: undefined,
  limit: vectorOf(messageVector(event)).length,
  flags: lastOf(event, 2, "flags"),
}));

function messageVector(event: CallEvent): Expression {
  const message = argument(event, 1, "a message");
  const vector = fieldOf(message, "msg_iov");
  if (!vector) throw mistake("expected {msg_iov(...)=[...], ...}", message.place);
  return vector;
}

/** All buffers of a list as one: their length, and the bytes if a script gives any. */
function vectorOf(list: Expression): { length: number; text: string | undefined } {
  if (list.kind !== "list") throw mistake("expected a list of buffers", list.place);
  let length = 0;
  let text: string | undefined;
  for (const item of list.items) {
    const base = fieldOf(item, "iov_base") ?? fieldOf(item, "0");
    const size = fieldOf(item, "iov_len") ?? fieldOf(item, "1");
    if (!base || !size) throw mistake("expected {..., length}", item.place);
    length += numberOf(size, "a length");
    if (base.kind === "string") text = (text ?? "") + base.value;
  }
  return { length, text };
}

// Writing.

interface Writing {
  /** undefined: whatever. */
  text: string | undefined;
  length: number;
  flags: number;
}

function writer(of: (event: CallEvent) => Writing): SystemCall {
  return (run, event) => {
    const { text, length, flags } = of(event);
    let done = 0;
    return waiting((_run, socket) => {
      refuseFlags(flags, event);
      if (socket.role !== "connection") return fail(socket.role === "fresh" ? "EPIPE" : "ENOTCONN");
      const told = takeError(run, socket);
      if (told !== undefined && done === 0) return fail(told);
      // A ring takes no more than it is long.
      const ringBytes = run.wire.core.constant(Constant.SEND_RING_BYTES);
      const bytes = chunkOf(socket, text, done, Math.min(length - done, ringBytes));
      const isUrgent = (flags & OUT_OF_BAND) !== 0 && done + bytes.length === length;
      const result = putBytes(run, socket, bytes, isUrgent);
      if (result > 0) done += result;
      if (done === length) return succeed(length);
      return writeEnd(run, socket, done, result, flags);
    })(run, event);
  };
}

/** What is written next: the script's text and zeros behind it, or the pattern. */
function chunkOf(
  { connection }: Socket,
  text: string | undefined,
  done: number,
  length: number,
): Uint8Array {
  if (text === undefined) return writtenBytes(connection?.written.length() ?? 0, length);
  const bytes = new Uint8Array(length);
  bytes.set(Buffer.from(text.slice(done, done + length), "latin1"));
  return bytes;
}

/** Not all was taken: the call waits, ends short, or with an error. */
function writeEnd(
  run: Run,
  socket: Socket,
  done: number,
  result: number,
  flags: number,
): Outcome | undefined {
  const isFull = result > 0 || result === -Errno.EAGAIN || result === -Errno.ENOBUFS;
  const isOpening = stateOf(run, socket) <= State.SYN_RECEIVED && result === -Errno.ENOTCONN;
  if (!isFull && !isOpening) {
    if (done > 0) return succeed(done);
    return socket.errorTold ? fail("EPIPE") : failCore(result);
  }
  if (socket.blocking && (flags & DONT_WAIT) === 0) return undefined;
  return done > 0 ? succeed(done) : fail("EAGAIN");
}

/** Bytes taken, or -Errno if none were. `isUrgent`: up to the last of them (RFC 6093). */
function putBytes(run: Run, socket: Socket, bytes: Uint8Array, isUrgent: boolean): number {
  const { core } = run.wire;
  let done = 0;
  while (done < bytes.length) {
    const room = core.exports.sendSpan(socket.handle);
    if (room <= 0) return done > 0 ? done : room;
    const part = bytes.subarray(done, done + room);
    core.memory.set(part, core.spanPointer());
    const isLast = done + part.length === bytes.length;
    const mark = isUrgent && isLast ? Commit.URGENT : 0;
    core.exports.commit(socket.handle, part.length | mark);
    socket.connection?.written.append(part);
    done += part.length;
  }
  return done;
}

function bufferText(event: CallEvent): string | undefined {
  const buffer = argument(event, 1, "a buffer");
  if (buffer.kind === "any") return undefined;
  if (buffer.kind === "string") return buffer.value;
  throw mistake("expected ... or a string", buffer.place);
}

export const write = writer((event) => ({
  text: bufferText(event),
  length: byteCount(event, 2),
  flags: 0,
}));

export const send = writer((event) => ({
  text: bufferText(event),
  length: byteCount(event, 2),
  flags: lastOf(event, 3, "flags"),
}));

export const writev = writer((event) => ({
  ...vectorOf(argument(event, 1, "a list of buffers")),
  flags: 0,
}));

export const sendmsg = writer((event) => ({
  ...vectorOf(messageVector(event)),
  flags: lastOf(event, 2, "flags"),
}));
