// hello: reads until the peer half-closes or pauses for 50 ms after its data, answers "hello ->"
// followed by what it got, and closes first. Input is kept in a bounded buffer behind the greeting;
// when that is full the answer begins, and what follows is passed on as it comes until the next
// pause.

import type { Connection } from "../../core/connection.js";
import { closeFirst } from "./linger.js";
import type { ServeConnection, ServiceTimers } from "./service.js";

export const GREETING = new TextEncoder().encode("hello ->");
/** A pause of this length after data ends the question. */
export const PAUSE_MS = 50;
/** Who says nothing, or takes nothing of the answer, is let go after this time. */
export const SILENCE_MS = 60_000;
/** Bytes kept of one connection, at most. */
export const KEEP_BYTES = 16 * 1024;
const FIRST_KEEP_BYTES = 256;

export function createHello(timers: ServiceTimers): ServeConnection {
  return (connection) => serveHello(connection, timers);
}

function serveHello(connection: Connection, timers: ServiceTimers): void {
  let kept = new Uint8Array(FIRST_KEEP_BYTES);
  kept.set(GREETING);
  let end = GREETING.length;
  let start = 0;
  let answering = false;
  let questionOver = false;
  let cancel = timers.after(SILENCE_MS, finish);

  function rearm(delayMs: number, callback: () => void): void {
    cancel();
    cancel = timers.after(delayMs, callback);
  }

  /** Reads as much as can be kept; true when something came. */
  function fill(): boolean {
    const before = end;
    while (!questionOver) {
      if (end === KEEP_BYTES) break;
      if (end === kept.length) kept = enlarged(kept);
      const count = connection.read(kept.subarray(end));
      if (count < 0) break;
      if (count === 0) questionOver = true;
      end += count;
    }
    return end > before;
  }

  /** Writes what is kept; true when nothing is left over. */
  function drain(): boolean {
    start += connection.write(kept.subarray(start, end));
    if (start < end) return false;
    start = end = 0;
    return true;
  }

  /** Moves bytes from input to output until one of them has to wait. */
  function pump(): void {
    for (;;) {
      const came = fill();
      answering ||= questionOver || end === KEEP_BYTES;
      if (!answering) {
        if (came) rearm(PAUSE_MS, pause);
        return;
      }
      // A full buffer has kept bytes from being read: look again once it is empty.
      const more = came || end === KEEP_BYTES;
      if (!drain()) return rearm(SILENCE_MS, () => connection.abort());
      if (questionOver) return finish();
      if (!more) return rearm(PAUSE_MS, pause);
    }
  }

  function pause(): void {
    fill();
    questionOver = true;
    pump();
  }

  function finish(): void {
    cancel();
    closeFirst(connection, timers);
  }

  connection.onReadable = pump;
  connection.onWritable = pump;
  connection.onClosed = () => cancel();
  pump();
}

function enlarged(kept: Uint8Array): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(Math.min(KEEP_BYTES, kept.length * 4));
  larger.set(kept);
  return larger;
}
