// The readable side of a connection. Bytes go from the core's ring into the chunk that is asked for, and are
// not gathered on the way: without a reader they stay in the ring, and the window closes.

import type { Connection } from "../core/connection.js";
import { createPending, type Pending } from "./pending.js";

export interface Incoming {
  readonly readable: ReadableStream<Uint8Array>;
  /** Where bytes come from, from now on. */
  attach(connection: Connection): void;
  /** There are bytes, or the end of them. */
  arrived(): void;
  /** No more is given out: a read that waits sees the end. */
  end(): void;
  fail(reason: unknown): void;
}

/** What the controller of a stream of bytes has. */
interface ByteController {
  readonly byobRequest: ByteRequest | null | undefined;
  enqueue(chunk: Uint8Array): void;
  close(): void;
  error(reason: unknown): void;
}

/** A read into memory that the reader brought. */
interface ByteRequest {
  readonly view: Uint8Array;
  respond(count: number): void;
}

/** Bytes of a chunk at most, where the reader does not bring its own. */
const CHUNK_BYTES = 65_536;

/** `onCancel`: the reader wants no more. */
export function createIncoming(onCancel: () => void): Incoming {
  let controller: ByteController;
  let connection: Connection | null = null;
  let asked: Pending<void> | null = null;
  let isOver = false;

  const readable: ReadableStream<Uint8Array> = new ReadableStream({
    type: "bytes",
    start: (given) => void (controller = given as unknown as ByteController),
    pull: () => (give() ? undefined : wait()),
    cancel() {
      isOver = true;
      answer();
      onCancel();
    },
  });

  function wait(): Promise<void> {
    asked = createPending();
    return asked.promise;
  }

  function answer(): void {
    asked?.resolve();
    asked = null;
  }

  /** Gives out one chunk, or the end; false: nothing is there. */
  function give(): boolean {
    if (isOver) return true;
    const count = connection === null ? -1 : readChunk(connection, controller);
    if (count === 0) end();
    return count >= 0;
  }

  function end(): void {
    if (isOver) return;
    isOver = true;
    const { byobRequest } = controller;
    try {
      controller.close();
      byobRequest?.respond(0);
    } catch {
      // Bytes for half an element of the reader's: it has been told, as an error of the stream.
    }
    answer();
  }

  return {
    readable,
    attach(given) {
      connection = given;
      this.arrived();
    },
    arrived() {
      if (asked !== null && give()) answer();
    },
    end,
    fail(reason) {
      if (isOver) return;
      isOver = true;
      controller.error(reason);
      answer();
    },
  };
}

/** As Connection.read(): how many bytes there were, 0 at the end, -1 for nothing now. */
function readChunk(connection: Connection, controller: ByteController): number {
  const request = controller.byobRequest;
  if (request) {
    const count = connection.read(request.view);
    if (count > 0) request.respond(count);
    return count;
  }
  const available = connection.available();
  if (available <= 0) return available;
  const chunk = new Uint8Array(Math.min(available, CHUNK_BYTES));
  const count = connection.read(chunk);
  // The chunk belongs to the stream from here on: it has no length any more.
  controller.enqueue(chunk);
  return count;
}
