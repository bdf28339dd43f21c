// The option onread: bytes go into memory of the caller's own, and past the stream.

import type { Socket } from "./socket.js";
import type { SocketOptions } from "./options.js";
import { kHandle, kOnRead } from "./state.js";

/** Read into memory of the caller's own. */
export interface OnRead {
  readonly next: (() => unknown) | null;
  buffer: Uint8Array;
  readonly callback: (bytesRead: number, buffer: Uint8Array) => boolean | void;
}

export function onReadOf(options: SocketOptions): OnRead | null {
  const onread = (options as { onread?: unknown }).onread as
    { buffer?: unknown; callback?: unknown } | null | undefined;
  if (onread === null || typeof onread !== "object" || typeof onread.callback !== "function")
    return null;
  const { buffer } = onread;
  const callback = onread.callback as OnRead["callback"];
  if (buffer instanceof Uint8Array) return { next: null, buffer, callback };
  if (typeof buffer !== "function") return null;
  const next = buffer as () => unknown;
  return { next, buffer: next() as Uint8Array, callback };
}

/** So many bytes are in it; false: no more for now. */
export function intoOwnBuffer(socket: Socket, length: number): boolean {
  const onread = socket[kOnRead]!;
  const goOn = onread.callback.call(socket, length, onread.buffer) !== false;
  const next = onread.next?.();
  if (next instanceof Uint8Array) onread.buffer = next;
  return goOn;
}

/** Reading goes on, where pause() has stopped it. */
export function resumeOwnBuffer(socket: Socket): void {
  const handle = socket[kHandle];
  if (socket[kOnRead] !== null && !socket.connecting && handle !== null && !handle.reading)
    handle.readStart();
}
