// Writes of a socket: chunks as bytes, how many wait, those that came before the connection and those that come
// after the peer's end.

import { Duplex } from "node:stream";
import { nodeError } from "../nodeErrors.js";
import type { WriteCallback } from "./handle.js";
import type { Socket } from "./socket.js";

export type Encoding = BufferEncoding | "buffer";
type AnyCallback = (...args: unknown[]) => void;

/** As streams hand them over: strings are not decoded before. */
export interface WritableChunk {
  chunk: string | Uint8Array;
  encoding: Encoding;
}

export function bytesOf({ chunk, encoding }: WritableChunk): Uint8Array {
  return typeof chunk === "string" ? Buffer.from(chunk, encoding as BufferEncoding) : chunk;
}

function lengthOf({ chunk, encoding }: WritableChunk): number {
  return typeof chunk === "string"
    ? Buffer.byteLength(chunk, encoding as BufferEncoding)
    : chunk.length;
}

/** Bytes in the stream, and of the write that waits for the connection. */
export function waitingBytes(socket: Socket): number {
  const { writableBuffer = [] } = socket as unknown as { writableBuffer?: WritableChunk[] };
  const { _pendingData: data, _pendingEncoding } = socket;
  const encoding = _pendingEncoding as Encoding;
  const pending = Array.isArray(data) ? (data as WritableChunk[]) : [];
  if (data && !Array.isArray(data)) pending.push({ chunk: data as string | Uint8Array, encoding });
  return [...writableBuffer, ...pending].reduce((sum, each) => sum + lengthOf(each), 0);
}

/** The stream holds all that is written after this until it is done. */
export function writeWhenConnected(
  socket: Socket,
  several: boolean,
  data: unknown,
  encoding: string,
  callback: WriteCallback,
): void {
  socket._pendingData = data;
  socket._pendingEncoding = encoding;
  const onConnect = (): void => {
    socket.off("close", onClose);
    socket._writeGeneric(several, data, encoding, callback);
  };
  const onClose = (): void => {
    const text = "Socket closed before the connection was established";
    callback(nodeError("ERR_SOCKET_CLOSED_BEFORE_CONNECTION", text));
  };
  socket.once("connect", onConnect);
  socket.once("close", onClose);
}

/** Handler of 'end'. */
export function onEnd(this: Socket): void {
  if (!this.allowHalfOpen) this.write = writeAfterEnd as Socket["write"];
}

/** The peer has ended, and so have we: nothing can be written any more. */
function writeAfterEnd(
  this: Socket,
  chunk: unknown,
  encoding?: unknown,
  callback?: unknown,
): boolean {
  if (!this.writableEnded) {
    return Duplex.prototype.write.call(
      this,
      chunk,
      encoding as BufferEncoding,
      callback as AnyCallback,
    );
  }
  const done = typeof encoding === "function" ? encoding : callback;
  const text = "This socket has been ended by the other party";
  const error = Object.assign(new Error(text), { code: "EPIPE" });
  if (typeof done === "function") process.nextTick(done as AnyCallback, error);
  this.destroy(error);
  return false;
}
