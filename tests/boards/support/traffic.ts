// What is played against a board by a stack of this process: pings, streams, connections.

import assert from "node:assert/strict";
import type { Connection } from "../../../host/core/connection.js";
import type { Stack } from "../../../host/core/stack.js";
import { BOARD_ADDRESS } from "./board.js";

export const ECHO_PORT = 7;
const ANSWER_MS = 5_000;

/** A promise with a limit. */
function within<T>(
  ms: number,
  what: string,
  work: (resolve: (value: T) => void) => void,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`${what}: nothing in ${ms} ms`)), ms);
    work((value) => {
      clearTimeout(late);
      resolve(value);
    });
  });
}

/** One ping after the other, each with other bytes; how many were answered, byte by byte. */
export async function ping(
  stack: Stack,
  sizes: readonly number[],
  withinMs = ANSWER_MS,
): Promise<number> {
  const socket = stack.bind({ protocol: "echo" });
  let answered = 0;
  try {
    for (const [index, size] of sizes.entries()) {
      const sequence = index & 0xffff;
      const data = Uint8Array.from({ length: size }, (_, i) => (i * 7 + index) & 255);
      await within<void>(withinMs, `ping ${index} of ${size} bytes`, (resolve) => {
        socket.onReadable = () => {
          for (let got; (got = socket.receive()) !== null;) {
            if (got.port !== sequence || got.error !== null) continue;
            assert.deepEqual(Buffer.from(got.data), Buffer.from(data), `ping ${index}`);
            answered++;
            resolve();
          }
        };
        socket.send(data, sequence, BOARD_ADDRESS);
      });
    }
  } finally {
    socket.close();
  }
  return answered;
}

export interface Ended {
  readonly received: Buffer;
  /** "" or ECONNRESET, ECONNREFUSED, ... */
  readonly error: string;
}

/** Opens a connection, sends bytes, then FIN, and keeps what comes back until the end. */
export function converse(
  stack: Stack,
  port: number,
  send: Uint8Array,
  withinMs = 30_000,
): Promise<Ended> {
  return within(withinMs, `${send.length} bytes to port ${port}`, (resolve) => {
    const connection = stack.connect({ host: BOARD_ADDRESS, port });
    const chunks: Buffer[] = [];
    let sent = 0;
    let error = "";
    const push = () => {
      sent += connection.write(send.subarray(sent));
      if (sent === send.length) connection.shutdown();
    };
    const finish = () => resolve({ received: Buffer.concat(chunks), error });
    connection.onConnect = push;
    connection.onWritable = push;
    connection.onReadable = () => {
      const into = Buffer.alloc(16 * 1024);
      for (;;) {
        const count = connection.read(into);
        if (count < 0) return;
        if (count === 0) {
          connection.close();
          return finish();
        }
        chunks.push(Buffer.from(into.subarray(0, count)));
      }
    };
    connection.onError = (found) => {
      error = (found as NodeJS.ErrnoException).code ?? "?";
    };
    connection.onClosed = finish;
  });
}

export function bytesOf(length: number, seed = 1): Buffer {
  const bytes = Buffer.alloc(length);
  for (let i = 0; i < length; i++) bytes[i] = (i * 31 + seed + (i >> 8)) & 255;
  return bytes;
}

/** So many bytes to the board's echo, and back. */
export async function echo(stack: Stack, length: number): Promise<void> {
  const sent = bytesOf(length, length);
  const { received, error } = await converse(stack, ECHO_PORT, sent);
  assert.equal(error, "");
  assert.equal(
    Buffer.compare(received, sent),
    0,
    `${received.length} of ${length} bytes, or others`,
  );
}

/** A connection that is open and stays so; null: it was refused, or nothing came in time. */
export async function openConnection(
  stack: Stack,
  port: number,
  ms: number,
): Promise<Connection | null> {
  const connection = stack.connect({ host: BOARD_ADDRESS, port });
  return new Promise((resolve) => {
    const late = setTimeout(() => {
      connection.abort();
      resolve(null);
    }, ms);
    connection.onConnect = () => {
      clearTimeout(late);
      resolve(connection);
    };
    connection.onError = () => {
      clearTimeout(late);
      resolve(null);
    };
  });
}
