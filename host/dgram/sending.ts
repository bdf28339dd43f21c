// What becomes of one datagram after send() has taken it.

import { AsyncResource } from "node:async_hooks";
import { callError } from "../nodeErrors.js";
import type { SendCallback } from "./arguments.js";
import { isBlocked } from "./errors.js";
import type { Handle } from "./handle.js";
import { kState, lookUp, type Subject } from "./state.js";
import type { Code } from "./types.js";

export interface Sending {
  readonly handle: Handle;
  readonly chunks: readonly Uint8Array[];
  readonly bytes: number;
  /** null: to the peer. */
  readonly to: { readonly port: number; readonly address: string | undefined } | null;
  readonly callback: SendCallback | undefined;
}

export function sendNow(socket: Subject, sending: Sending): void {
  if (sending.to === null) handOver(socket, sending, null);
  else lookUp(socket, sending.to.address, (error, ip) => afterLookup(socket, sending, error, ip));
}

function afterLookup(socket: Subject, sending: Sending, error: Error | null, ip: unknown): void {
  const { handle, bytes, callback } = sending;
  const state = socket[kState];
  const isRefused = error === null && state.sendBlockList?.check(ip as string, "ipv4");
  const failure = isRefused ? isBlocked(ip as string) : error;
  if (!failure) {
    handOver(socket, sending, ip as string);
    return;
  }
  handle.giveBack(bytes);
  process.nextTick(() => {
    if (callback) callback(failure);
    else socket.emit("error", failure);
  });
}

function handOver(socket: Subject, sending: Sending, ip: string | null): void {
  const { handle, chunks, bytes, to, callback } = sending;
  if (socket[kState].handle === null) {
    handle.giveBack(bytes);
    return;
  }
  const data = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
  const target = to === null ? null : { address: ip!, port: to.port };
  const context = callback && new AsyncResource("UDPSENDWRAP");
  handle.send(data, target, (code) => {
    handle.giveBack(bytes);
    if (context === undefined) return;
    context.runInAsyncScope(() => tellSender(callback, code, to, ip, bytes));
  });
}

/** Says what became of a datagram, later. */
export function tellSender(
  callback: SendCallback | undefined,
  code: Code,
  to: Sending["to"],
  ip: string | null = null,
  bytes = 0,
): void {
  if (callback === undefined) return;
  if (code === null) {
    process.nextTick(callback, null, bytes);
    return;
  }
  const place = to === null ? {} : { address: to.address ?? ip ?? undefined, port: to.port };
  process.nextTick(callback, callError(code, "send", place));
}
