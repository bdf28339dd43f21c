// How a socket comes to its port and to its peer, and what is asked of it before.

import { EventEmitter } from "node:events";
import { isIP } from "node:net";
import { callError } from "../nodeErrors.js";
import { isBlocked } from "./errors.js";
import type { Handle } from "./handle.js";
import {
  kState,
  lookUp,
  type AnyCallback,
  type Queued,
  type State,
  type Subject,
} from "./state.js";
import type { Code } from "./types.js";

export function onceBound(socket: Subject, callback: AnyCallback): void {
  const forget = (): void => {
    socket.removeListener("error", forget);
    socket.removeListener("listening", tell);
  };
  const tell = (): void => {
    forget();
    callback.call(socket);
  };
  socket.on("error", forget);
  socket.on("listening", tell);
}

export function bindNow(socket: Subject, handle: Handle, ip: string, port: number): Error | null {
  // The core speaks IPv4 only.
  const isOther = socket.type === "udp6" && isIP(ip) === 6;
  const code: Code = isOther
    ? "EAFNOSUPPORT"
    : socket.type === "udp6"
      ? "EINVAL"
      : handle.bind(ip, port);
  return code === null ? null : callError(code, "bind", { address: ip, port });
}

export function startListening(socket: Subject): void {
  becomeBound(socket);
  socket.emit("listening");
}

function becomeBound(socket: Subject): void {
  const state = socket[kState];
  state.bound = "yes";
  if (state.sendBytes) state.handle!.leastSendBytes = state.sendBytes;
}

/** Without a lookup, and so at once; 'listening' comes later. */
export function bindAtOnce(socket: Subject, handle: Handle, address: string, port: number): void {
  const failure = bindNow(socket, handle, address || anyAddress(socket), port);
  if (failure !== null) throw failure;
  becomeBound(socket);
  emitLater(socket, "listening");
}

/** The same for a peer. */
export function connectAtOnce(
  socket: Subject,
  handle: Handle,
  address: string,
  port: number,
): void {
  const state = socket[kState];
  const host = address || (socket.type === "udp4" ? "127.0.0.1" : "::1");
  const failure = connectTo(state, handle, host, port, host);
  if (failure !== null) throw failure;
  state.connected = "yes";
  emitLater(socket, "connect");
}

function emitLater(socket: Subject, name: string): void {
  process.nextTick(() => {
    if (socket[kState].handle !== null) socket.emit(name);
  });
}

export const anyAddress = ({ type }: Subject): string => (type === "udp4" ? "0.0.0.0" : "::");

export function bindFirst(socket: Subject): void {
  if (socket[kState].bound === "no") socket.bind({ port: 0, exclusive: true }, null);
}

/** What is asked for before the socket is bound is done once it is, and forgotten where it cannot be. */
export function enqueue(socket: Subject, queued: Queued): void {
  const state = socket[kState];
  if (state.queue !== null) {
    state.queue.push(queued);
    return;
  }
  state.queue = [queued];
  const take = (): Queued[] => {
    const { queue } = state;
    state.queue = null;
    socket.removeListener(EventEmitter.errorMonitor, onError);
    socket.removeListener("listening", onListening);
    return queue ?? [];
  };
  const onListening = (): void => take().forEach(({ run }) => run());
  const onError = (): void => take().forEach(({ forget }) => forget?.());
  socket.on(EventEmitter.errorMonitor, onError);
  socket.on("listening", onListening);
}

export function connectNow(
  socket: Subject,
  port: number,
  address: string,
  callback: AnyCallback | undefined,
): void {
  if (callback) socket.once("connect", callback);
  lookUp(socket, address, (error, ip) => {
    const state = socket[kState];
    if (state.handle === null) return;
    const failure = error ?? connectTo(state, state.handle, ip as string, port, address);
    if (failure === null) {
      state.connected = "yes";
      process.nextTick(() => socket.emit("connect"));
      return;
    }
    state.connected = "no";
    process.nextTick(() => {
      if (!callback) {
        socket.emit("error", failure);
        return;
      }
      socket.removeListener("connect", callback);
      callback(failure);
    });
  });
}

function connectTo(
  { sendBlockList }: State,
  handle: Handle,
  ip: string,
  port: number,
  address: string,
): Error | null {
  if (sendBlockList?.check(ip, "ipv4")) return isBlocked(ip);
  const code = handle.connect(ip, port);
  return code === null ? null : callError(code, "connect", { address, port });
}
