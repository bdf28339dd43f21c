// What a socket is made of behind its class: its handle, how far it is bound and connected, what waits for that.

import { AsyncResource } from "node:async_hooks";
import type { EventEmitter } from "node:events";
import { isIP } from "node:net";
import type { World } from "../net/world.js";
import type { BlockList, SocketType } from "./arguments.js";
import { notRunning } from "./errors.js";
import type { Handle } from "./handle.js";

/** The world of a module's sockets: on the prototype of its Socket. */
export const kWorld = Symbol("world");
export const kState = Symbol("state");

/** A dgram.Socket as its parts see it. */
export interface Subject extends EventEmitter {
  readonly [kWorld]: World;
  readonly type: SocketType;
  readonly [kState]: State;
  bind(...args: unknown[]): unknown;
}

export type AnyCallback = (...args: unknown[]) => void;
export type Found = (error: Error | null, address?: unknown) => void;

/** A call that waits until the socket is bound. */
export interface Queued {
  readonly run: () => void;
  /** It will never be run. */
  readonly forget?: () => void;
}

export interface State {
  /** null: closed. */
  handle: Handle | null;
  bound: "no" | "binding" | "yes";
  connected: "no" | "connecting" | "yes";
  queue: Queued[] | null;
  readonly lookup: Function | undefined;
  readonly sendBytes: number | undefined;
  readonly receiveBlockList: BlockList | undefined;
  readonly sendBlockList: BlockList | undefined;
}

export function runningHandle(socket: Subject): Handle {
  const { handle } = socket[kState];
  if (handle === null) throw notRunning();
  return handle;
}

export /** The address behind a name, in the context of the caller and never at once. */
function lookUp(socket: Subject, name: string | undefined, found: Found): void {
  const family = socket.type === "udp4" ? 4 : 6;
  const host = name || (family === 4 ? "127.0.0.1" : "::1");
  const { lookup } = socket[kState];
  if (lookup !== undefined) {
    // As Node calls it.
    lookup(host, family, found);
    return;
  }
  if (isIP(host) !== 0) process.nextTick(found, null, host);
  else socket[kWorld].lookup(host, { family }, AsyncResource.bind(found) as never);
}
