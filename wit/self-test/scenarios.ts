// What the self-test does, one part after the other. Each says what it saw.

import { Counter, Errno } from "../../assembly/constants";
import { allocate, empty } from "../library/canonical";
import { check, endLine, say, sayNumber } from "./report";
import * as sides from "./sides";
import {
  addressOf,
  counter,
  errno,
  ESTABLISHED,
  frameBytes,
  hasSockets,
  inUse,
  number,
  outcome,
  stateOf,
  takeEvents,
} from "./stacks";
import { carried, lose, lost, now, pass, settle, sinceMs } from "./wire";

const PORT: u32 = 7;
const CLOSED_PORT: u32 = 8;
const CLIENT: u32 = 0;
const SERVER: u32 = 1;
/** What a part may take of the virtual time, microseconds. */
const PATIENCE_US: u64 = 600_000_000;
/** Written and read at a time. */
const PIECE_BYTES: u32 = 4096;

let listener: u32 = 0;
let client: u32 = 0;
let server: u32 = 0;

/** Lets both work; where nothing is left to do at this moment, time passes. False: it is over. */
function wait(untilUs: u64): bool {
  const frames = settle();
  takeEvents(CLIENT);
  takeEvents(SERVER);
  return frames > 0 || pass(untilUs);
}

export function openConnection(): bool {
  const began = now();
  const framesBefore = carried;
  const listening = number(sides.listen(SERVER, 0, 0, PORT, 4));
  if (!check(listening > 0, "listen")) return false;
  listener = listening;
  const opening = number(sides.connect(CLIENT, addressOf(SERVER), PORT, 0, 0, 0));
  if (!check(opening > 0, "connect")) return false;
  client = opening;
  let accepted: i32 = -Errno.EAGAIN;
  do {
    settle();
    accepted = number(sides.accept(SERVER, listener));
  } while (accepted == -Errno.EAGAIN && wait(began + PATIENCE_US));
  if (!check(accepted > 0, "accept")) return false;
  server = accepted;
  if (!check(stateOf(CLIENT, client) == ESTABLISHED, "the client is not established")) return false;
  if (!check(stateOf(SERVER, server) == ESTABLISHED, "the server is not established")) return false;
  say("handshake: established after ");
  sayNumber(carried - framesBefore);
  say(" frames, ");
  sayNumber(counter(CLIENT, Counter.TCP_SEGMENTS_OUT) + counter(SERVER, Counter.TCP_SEGMENTS_OUT));
  say(" of them TCP");
  endLine();
  return true;
}

/** Byte i of a stream that begins on a side. */
function pattern(side: u32, i: u32): u32 {
  return (i * 7 + (i >> 8) + 101 * side) & 255;
}

/** Writes the next piece of a stream; bytes taken, or -Errno. */
function writePiece(side: u32, from: u32, end: u32): i32 {
  empty();
  const length = min(PIECE_BYTES, end - from);
  const piece = allocate(length);
  for (let i: u32 = 0; i < length; i++) store<u8>(piece + i, pattern(side, from + i));
  return number(sides.write(side, side == CLIENT ? client : server, piece, length));
}

/** Reads the next piece of the other side's stream; bytes as they have to be, or -Errno. */
function readPiece(side: u32, from: u32): i32 {
  empty();
  const result = sides.read(side, side == CLIENT ? client : server, PIECE_BYTES);
  if (load<u8>(result) != 0) return errno(result);
  if (load<u8>(result, 4) == 0) return -Errno.EPIPE;
  const piece = load<usize>(result, 8);
  const length = load<u32>(result, 12);
  for (let i: u32 = 0; i < length; i++) {
    if (load<u8>(piece + i) != pattern(side ^ 1, from + i)) return -Errno.EINVAL;
  }
  return length;
}

/** Sends so many bytes each way at the same time. */
export function exchange(name: string, bytes: u32, losesEvery: u32): bool {
  const began = now();
  const framesBefore = carried;
  const lostBefore = lost;
  const againBefore = sentAgain();
  let wrote0: u32 = 0;
  let wrote1: u32 = 0;
  let read0: u32 = 0;
  let read1: u32 = 0;
  lose(losesEvery);
  for (;;) {
    const w0 = wrote0 < bytes ? writePiece(0, wrote0, bytes) : 0;
    const w1 = wrote1 < bytes ? writePiece(1, wrote1, bytes) : 0;
    const r0 = read0 < bytes ? readPiece(0, read0) : 0;
    const r1 = read1 < bytes ? readPiece(1, read1) : 0;
    if (!isFine(w0) || !isFine(w1)) return check(false, "write");
    if (!isFine(r0) || !isFine(r1)) return check(false, "read: not what was written");
    wrote0 += max(0, w0);
    wrote1 += max(0, w1);
    read0 += max(0, r0);
    read1 += max(0, r1);
    if (read0 == bytes && read1 == bytes) break;
    if (max(max(w0, w1), max(r0, r1)) > 0) settle();
    else if (!wait(began + PATIENCE_US)) return check(false, "the data do not arrive");
  }
  lose(0);
  say(name);
  sayNumber(bytes);
  say(" bytes each way in ");
  sayNumber(carried - framesBefore);
  say(" frames");
  if (losesEvery != 0) {
    say(", ");
    sayNumber(lost - lostBefore);
    say(" of them lost, ");
    sayNumber(sentAgain() - againBefore);
    say(" segments sent again, ");
    sayNumber(sinceMs(began));
    say(" ms");
  }
  endLine();
  return losesEvery == 0 || check(lost > lostBefore, "no frame was lost");
}

function isFine(result: i32): bool {
  return result >= 0 || result == -Errno.EAGAIN || result == -Errno.ENOBUFS;
}

function sentAgain(): u32 {
  let sum: u32 = 0;
  for (let side: u32 = 0; side < 2; side++) {
    sum += counter(side, Counter.TCP_TIMEOUT_RETRANSMITS);
    sum += counter(side, Counter.TCP_FAST_RETRANSMITS);
  }
  return sum;
}

/** One datagram each way; a profile without sockets says so. */
export function datagrams(): bool {
  const data = "datagram";
  if (!hasSockets(CLIENT)) {
    const result = number(sides.bind(CLIENT, 0, 0, PORT));
    say("datagrams: none in this profile");
    endLine();
    return check(result == -Errno.EAFNOSUPPORT, "bind in a profile without sockets");
  }
  const one = number(sides.bind(CLIENT, 0, 0, PORT));
  const other = number(sides.bind(SERVER, 0, 0, PORT));
  if (!check(one > 0 && other > 0, "bind")) return false;
  if (!sendOne(CLIENT, one, SERVER, other, data)) return false;
  if (!sendOne(SERVER, other, CLIENT, one, data)) return false;
  const closed =
    outcome(sides.closeSocket(CLIENT, one)) + outcome(sides.closeSocket(SERVER, other));
  say("datagrams: 1 each way");
  endLine();
  return check(closed == 0, "close of a socket");
}

function sendOne(from: u32, sender: u32, to: u32, receiver: u32, text: string): bool {
  empty();
  const length = <u32>text.length;
  const data = allocate(length);
  for (let i: u32 = 0; i < length; i++) store<u8>(data + i, text.charCodeAt(i));
  const sent = outcome(sides.send(from, sender, 1, addressOf(to), PORT, data, length));
  if (!check(sent == 0, "send")) return false;
  settle();
  const result = sides.receiveDatagram(to, receiver);
  if (!check(load<u8>(result) == 0, "receive of a datagram")) return false;
  const came = load<usize>(result, 28);
  let same = load<u32>(result, 32) == length && load<u32>(result, 6) == addressOf(from);
  for (let i: u32 = 0; i < length; i++) same = same && load<u8>(came + i) == text.charCodeAt(i);
  return check(same, "a datagram came otherwise than it was sent");
}

/** What is wrong gets an error, and nothing else happens. */
export function mistakes(): bool {
  empty();
  const tooLong = frameBytes(CLIENT) + 1;
  const frame = allocate(tooLong);
  memory.fill(frame, 0, tooLong);
  let good = is(
    errno(sides.receive(CLIENT, 0, frame, tooLong)),
    Errno.EMSGSIZE,
    "a frame too long",
  );
  good = is(errno(sides.receive(CLIENT, 99, frame, 60)), Errno.EINVAL, "a wrong interface") && good;
  good = is(errno(sides.transmit(CLIENT, 99)), Errno.EINVAL, "a wrong interface to send") && good;
  good = is(number(sides.accept(CLIENT, 0)), Errno.EBADF, "accept of no handle") && good;
  good =
    is(outcome(sides.close(CLIENT, 0x7fffffff)), Errno.EBADF, "close of a stale handle") && good;
  const noPort = number(sides.connect(CLIENT, addressOf(SERVER), 0, 0, 0, 0));
  good = is(noPort, Errno.EINVAL, "connect to port 0") && good;
  good = is(number(sides.listen(SERVER, 0, 0, PORT, 4)), Errno.EADDRINUSE, "a port in use") && good;
  const refused = number(sides.connect(CLIENT, addressOf(SERVER), CLOSED_PORT, 0, 0, 0));
  settle();
  const result = sides.info(CLIENT, refused);
  const why = load<u8>(result, 46) == 0 ? 0 : -1 - <i32>load<u8>(result, 47);
  good = is(why, Errno.ECONNREFUSED, "a closed port") && good;
  good = check(outcome(sides.close(CLIENT, refused)) == 0, "close of what was refused") && good;
  if (!good) return false;
  say("mistakes: 8, each with its error");
  endLine();
  return true;
}

function is(result: i32, expected: Errno, what: string): bool {
  return check(result == -expected, what);
}

/** Closes both sides, the client first, and waits until nothing of the connection is left. */
export function closeConnection(): bool {
  const began = now();
  if (!check(outcome(sides.shutdown(CLIENT, client)) == 0, "shutdown")) return false;
  settle();
  const atEnd = sides.read(SERVER, server, 1);
  const isEnd = load<u8>(atEnd) == 0 && load<u8>(atEnd, 4) == 0;
  if (!check(isEnd, "the server does not see the end")) return false;
  let closed = outcome(sides.close(SERVER, server));
  settle();
  closed += outcome(sides.close(CLIENT, client)) + outcome(sides.close(SERVER, listener));
  if (!check(closed == 0, "close")) return false;
  const waits = inUse(CLIENT);
  for (;;) {
    settle();
    if (inUse(CLIENT) + inUse(SERVER) == 0) break;
    if (!pass(began + PATIENCE_US)) return check(false, "something is left of the connection");
  }
  say("close: in good order, TIME-WAIT was over after ");
  sayNumber(sinceMs(began));
  say(" ms, and every pool is idle");
  endLine();
  return check(waits > 0, "there was no TIME-WAIT");
}
