// chargen (RFC 864): sends lines of 72 printable characters, each line starting one character later,
// until the peer is gone; what the peer sends is thrown away. The pattern repeats after 95 lines, so
// one block of it serves every connection: a connection needs only its place in the block.

import type { Connection } from "../../core/connection.js";
import type { ServeConnection, ServiceTimers } from "./service.js";

const FIRST_PRINTABLE = 0x20;
const PRINTABLES = 95;
const LINE_CHARACTERS = 72;
const LINE_BYTES = LINE_CHARACTERS + 2;
/** Bytes after which the pattern starts again. */
export const PERIOD_BYTES = PRINTABLES * LINE_BYTES;
/** A peer that has half-closed and takes nothing for this long is let go. */
export const STALL_MS = 60_000;
const DISCARD_BYTES = 256 * 1024;

/** The pattern of RFC 864, `periods` times. */
export function chargenPattern(periods: number): Uint8Array {
  const block = new Uint8Array(PERIOD_BYTES * periods);
  for (let line = 0; line < PRINTABLES * periods; line++) {
    const at = line * LINE_BYTES;
    for (let column = 0; column < LINE_CHARACTERS; column++) {
      block[at + column] = FIRST_PRINTABLE + ((line + column) % PRINTABLES);
    }
    block[at + LINE_CHARACTERS] = 0x0d;
    block[at + LINE_CHARACTERS + 1] = 0x0a;
  }
  return block;
}

export function createChargen(timers: ServiceTimers): ServeConnection {
  const block = chargenPattern(10);
  return (connection) => serveChargen(connection, timers, block);
}

function serveChargen(connection: Connection, timers: ServiceTimers, block: Uint8Array): void {
  let place = 0;
  let progressed = false;
  let cancel: (() => void) | null = null;

  function generate(): void {
    progressed = true;
    for (;;) {
      const piece = block.subarray(place);
      const taken = connection.write(piece);
      place = (place + taken) % block.length;
      if (taken < piece.length) return;
    }
  }

  function listen(): void {
    let count;
    do count = connection.discard(DISCARD_BYTES);
    while (count > 0);
    if (count === 0) cancel ??= timers.after(STALL_MS, check);
  }

  /** The peer sends no more; once it takes no more either, nobody is left. */
  function check(): void {
    if (!progressed) return connection.abort();
    progressed = false;
    cancel = timers.after(STALL_MS, check);
  }

  connection.onReadable = listen;
  connection.onWritable = generate;
  connection.onClosed = () => cancel?.();
  generate();
  listen();
}
