// A page over HTTP that shows a sensor's value: a listener and its connections, by the same calls that a host would make. No
// heap, as in the core: the texts are static data, what is remembered of connections has its place in memory.data.

import {
  abort,
  close,
  commit,
  consume,
  nextEvent,
  receiveSpan,
  sendSpan,
} from "../../assembly/calls";
import { TCB_COUNT } from "../../assembly/config";
import { Errno, Event } from "../../assembly/constants";
import { takeEvents } from "../../assembly/event";
import { globals } from "../../assembly/globals";
import { accept, listen, shutdown } from "../../assembly/tcp/user";

const PORT: u32 = 80;
const BACKLOG: u32 = 2;
const LF: u32 = 10;
const CR: u32 = 13;

/** Tenths of a degree; written by the host. */
export const SENSOR: usize = memory.data(4, 4);
/** The listener's handle; 0: it is not open yet. */
const LISTENER: usize = memory.data(4, 4);
/** A byte for each connection record: how far its request has come. */
const PROGRESS: usize = memory.data(TCB_COUNT, 4);
/** Where the answer is put together. */
const PAGE: usize = memory.data(512, 8);

// Progress: in a line of the request; at the beginning of one; the request is over and the answer due; it has been given.
const IN_LINE: u32 = 0;
const LINE_START: u32 = 1;
const DUE: u32 = 2;
const ANSWERED: u32 = 3;

const HEAD = "HTTP/1.0 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n";
const ABOVE = '<!doctype html><meta http-equiv="refresh" content="5"><title>Sensor</title><h1>';
const BELOW = " degrees</h1><p>Up for ";
const END = " s.\n";

export function forget(): void {
  memory.fill(SENSOR, 0, 4);
  memory.fill(LISTENER, 0, 4);
}

/** One look at everything that has happened. */
export function serve(): void {
  if (!globals.seeded) return;
  if (load<u32>(LISTENER) == 0) {
    const handle = listen(0, PORT, BACKLOG);
    if (handle > 0) store<u32>(LISTENER, <u32>handle);
  }
  for (let handle = nextEvent(); handle != 0; handle = nextEvent()) {
    const events = takeEvents(handle);
    if (handle == load<u32>(LISTENER)) acceptAll();
    else if (events & (Event.READABLE | Event.WRITABLE | Event.CLOSED | Event.ERROR))
      attend(handle);
  }
}

function acceptAll(): void {
  for (let handle = accept(load<u32>(LISTENER)); handle > 0; handle = accept(load<u32>(LISTENER))) {
    setProgress(handle, LINE_START);
    attend(handle); // the request may have come with the handshake's end
  }
}

/** A handle's lower half is the number of its record. */
function progressOf(handle: u32): u32 {
  return load<u8>(PROGRESS + (handle & 0xffff));
}
function setProgress(handle: u32, progress: u32): void {
  store<u8>(PROGRESS + (handle & 0xffff), <u8>progress);
}

/** Reads what has come, up to the empty line that ends a request; answers; and waits for the peer's end. */
function attend(handle: u32): void {
  let there = receiveSpan(handle);
  while (there > 0) {
    readPart(handle, globals.spanPointer, <u32>there);
    consume(handle, <u32>there);
    there = receiveSpan(handle);
  }
  if (progressOf(handle) == DUE) answer(handle);
  const isOver = there != -Errno.EAGAIN; // the peer's end, or an error
  if (!isOver || progressOf(handle) == DUE) return;
  if (progressOf(handle) == ANSWERED) close(handle);
  else abort(handle);
}

function readPart(handle: u32, at: usize, length: u32): void {
  let progress = progressOf(handle);
  for (let i: u32 = 0; i < length && progress < DUE; i++) {
    const c = <u32>load<u8>(at + i);
    if (c == LF) progress = progress == LINE_START ? DUE : LINE_START;
    else if (c != CR) progress = IN_LINE;
  }
  setProgress(handle, progress);
}

/** The whole page into a send ring, which is empty: it fits. Without a ring WRITABLE follows. */
function answer(handle: u32): void {
  let left = writePage();
  let from = PAGE;
  while (left > 0) {
    const room = sendSpan(handle);
    if (room == -Errno.ENOBUFS) return;
    if (room <= 0) break; // the connection has ended
    const part = left < <u32>room ? left : <u32>room;
    memory.copy(globals.spanPointer, from, part);
    commit(handle, part);
    from += part;
    left -= part;
  }
  setProgress(handle, ANSWERED);
  shutdown(handle);
}

/** Its bytes. */
function writePage(): u32 {
  const tenths = load<i32>(SENSOR);
  const size = <u32>(tenths < 0 ? -tenths : tenths);
  let to = writeText(PAGE, HEAD);
  to = writeText(to, ABOVE);
  if (tenths < 0) store<u8>(to++, 0x2d);
  to = writeNumber(to, size / 10);
  store<u8>(to++, 0x2e);
  to = writeNumber(to, size % 10);
  to = writeText(to, BELOW);
  to = writeNumber(to, globals.nowMs / 1000);
  return <u32>(writeText(to, END) - PAGE);
}

/** A literal is static data, two bytes for each character; the pages' are all ASCII. */
function writeText(to: usize, text: string): usize {
  const length = text.length;
  for (let i = 0; i < length; i++) {
    store<u8>(to++, load<u8>(changetype<usize>(text) + ((<usize>i) << 1)));
  }
  return to;
}

function writeNumber(to: usize, value: u32): usize {
  let power: u32 = 1;
  while (value / power >= 10) power *= 10;
  for (; power > 0; power /= 10) store<u8>(to++, <u8>(0x30 + ((value / power) % 10)));
  return to;
}
