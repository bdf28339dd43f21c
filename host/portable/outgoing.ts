// The writable side of a connection. A chunk is done when the core's ring has all of it; the next one waits in
// the stream, as its writer is told, and nothing else is kept here.

import type { Connection } from "../core/connection.js";
import { createPending, type Pending } from "./pending.js";

export interface Outgoing {
  readonly writable: WritableStream<Uint8Array>;
  /** Where bytes go, from now on. */
  attach(connection: Connection): void;
  /** The ring has room again. */
  room(): void;
  /** Calls back once the ring has all that was written. */
  whenTaken(done: () => void): void;
  /** The stream fails with this reason, unless it is closed. */
  stop(reason: unknown): void;
}

export interface OutgoingOwner {
  /** The writer has closed the stream, and the ring has all of it. */
  finish(): void;
  /** The writer gave the stream up, or wrote what it does not take. */
  abort(reason: unknown): void;
}

/** What the controller of such a stream has. */
interface Controller {
  /** Says at once that the writer gave the stream up. */
  readonly signal: AbortSignal;
  error(reason: unknown): void;
}

interface Started {
  readonly bytes: Uint8Array;
  taken: number;
  readonly pending: Pending<void>;
}

export function createOutgoing(owner: OutgoingOwner): Outgoing {
  let controller: Controller;
  let connection: Connection | null = null;
  /** Chunks that the stream has been given and the ring has not got. */
  let waiting = 0;
  let started: Started | null = null;
  let onTaken: (() => void) | null = null;

  const sink = {
    start(given: unknown) {
      controller = given as Controller;
      const { signal } = controller;
      // The stream itself would let a chunk come to its end first, for which there may never be room.
      signal.addEventListener("abort", () => owner.abort(signal.reason));
    },
    write(chunk: unknown): Promise<void> | undefined {
      const bytes = bytesOf(chunk);
      if (bytes === null) throw refuse(chunk);
      const taken = push(bytes);
      if (taken === bytes.length) {
        done();
        return undefined;
      }
      started = { bytes, taken, pending: createPending() };
      return started.pending.promise;
    },
    close() {
      // Chunks that came after the end were refused, and counted all the same.
      waiting = 0;
      tell();
      owner.finish();
    },
  };
  const size = (): number => {
    waiting++;
    return 1;
  };
  const writable = new WritableStream<Uint8Array>(sink, { highWaterMark: 1, size });

  const push = (bytes: Uint8Array): number =>
    connection === null || bytes.length === 0 ? 0 : connection.write(bytes);

  function done(): void {
    waiting--;
    tell();
  }

  function tell(): void {
    if (waiting > 0) return;
    const told = onTaken;
    onTaken = null;
    told?.();
  }

  /** Half of a stream is worse than none: the peer must not take it for the whole. */
  function refuse(chunk: unknown): TypeError {
    const text = `the writable of a connection takes bytes (Uint8Array), not ${typeof chunk}`;
    const hint = typeof chunk === "string" ? "; new TextEncoder().encode() makes them of text" : "";
    const error = Object.assign(new TypeError(text + hint), { code: "EINVAL" });
    owner.abort(error);
    return error;
  }

  function room(): void {
    if (started === null) return;
    const { bytes, pending } = started;
    started.taken += push(bytes.subarray(started.taken));
    if (started.taken < bytes.length) return;
    started = null;
    pending.resolve();
    done();
  }

  return {
    writable,
    attach(given) {
      connection = given;
      room();
    },
    room,
    whenTaken(told) {
      onTaken = told;
      tell();
    },
    stop(reason) {
      connection = null;
      onTaken = null;
      // An aborted stream fails by itself, and its writer's abort() is to succeed.
      if (!controller.signal.aborted) controller.error(reason);
      started?.pending.reject(reason);
      started = null;
    },
  };
}

function bytesOf(chunk: unknown): Uint8Array | null {
  if (chunk instanceof Uint8Array) return chunk;
  if (chunk instanceof ArrayBuffer) return new Uint8Array(chunk);
  if (!ArrayBuffer.isView(chunk)) return null;
  return new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
}
