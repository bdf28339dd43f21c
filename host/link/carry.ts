// Joins a socket of the host and a connection of a stack: bytes, half-closes and resets cross both ways, and
// each direction holds a bounded number of bytes.

import type { Socket } from "node:net";
import type { Connection } from "../core/connection.js";
import { hold, release } from "../core/keepAlive.js";

/** Bytes read from a connection at once at most. */
const CHUNK_BYTES = 64 * 1024;

/** The socket was made with allowHalfOpen; the connection may be opening. */
export function carry(socket: Socket, connection: Connection): void {
  const toStack = carryToStack(socket, connection);
  carryToHost(socket, connection);

  connection.onError = () => socket.resetAndDestroy();
  // An error of the socket is followed by its close.
  socket.on("error", () => {});
  hold();
  socket.once("close", release);
  socket.once("close", () => {
    // Closed both ways in good order, the connection is over or on its way to be.
    const inOrder = socket.readableEnded && socket.writableFinished;
    if (inOrder) toStack.close();
    else connection.abort();
  });
}

/**
 * From the host's socket into the connection; the socket is paused while the connection is full. A socket may be
 * closed while bytes of it wait for room: close() closes the connection behind them.
 */
function carryToStack(socket: Socket, connection: Connection): { close(): void } {
  let waiting: Buffer | null = null;
  let ended = false;
  let closed = false;

  function push(): void {
    try {
      if (waiting) {
        const taken = connection.write(waiting);
        waiting = taken < waiting.length ? waiting.subarray(taken) : null;
      }
      if (!waiting && closed) return connection.close();
      if (!waiting && ended) connection.shutdown();
    } catch {
      // The peer has reset it, and onError is on its way.
      if (closed) connection.abort();
      return void socket.resetAndDestroy();
    }
    if (!waiting && !ended) socket.resume();
  }

  socket.on("data", (bytes: Buffer) => {
    waiting = bytes;
    socket.pause();
    push();
  });
  socket.on("end", () => {
    ended = true;
    if (!waiting) push();
  });
  connection.onConnect = push;
  connection.onWritable = push;
  return {
    close() {
      closed = true;
      push();
    },
  };
}

/** From the connection to the host's socket; reading rests while the socket's buffer is full. */
function carryToHost(socket: Socket, connection: Connection): void {
  let draining = false;

  function pull(): void {
    while (!draining && !socket.writableEnded) {
      const available = connection.available();
      if (available < 0) return;
      if (available === 0) return void socket.end();
      const chunk = Buffer.allocUnsafe(Math.min(available, CHUNK_BYTES));
      draining = !socket.write(chunk.subarray(0, connection.read(chunk)));
    }
  }

  socket.on("drain", () => {
    draining = false;
    pull();
  });
  connection.onReadable = pull;
}
