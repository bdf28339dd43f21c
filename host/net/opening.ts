// How a socket gets its handle, and what goes between the two: the way to the peer, settings, and bytes that come.

import { isIP, type TcpSocketConnectOpts } from "node:net";
import type { StateChange } from "../core/stateChanges.js";
import { Handle, type HandleOwner } from "./handle.js";
import { planConnect } from "./options.js";
import { intoOwnBuffer } from "./ownBuffer.js";
import { reach, type Reaching } from "./reach.js";
import type { Socket } from "./socket.js";
import { kAttempt, kCounts, kHandle, kOnRead, kOwnEnd, kPeer, kSettings, kWorld } from "./state.js";
import { getDefaultAutoSelectFamily, getDefaultAutoSelectFamilyAttemptTimeout } from "./system.js";

/** KeepAlive and Nagle, once there is a connection. */
function applySettings(socket: Socket): void {
  const { noDelay, keepAlive, keepAliveSeconds } = socket[kSettings];
  if (noDelay) socket[kHandle]?.setNoDelay(true);
  if (keepAlive) socket[kHandle]?.setKeepAlive(true, keepAliveSeconds);
}

/** From the first SYN on. */
function applyTypeOfService(socket: Socket): void {
  const { typeOfService } = socket[kSettings];
  if (typeOfService !== undefined) socket[kHandle]?.setTypeOfService(typeOfService);
}

const stateTeller = (socket: Socket) => (change: StateChange) => {
  if (!socket.emit("stateChange", change)) socket[kHandle]?.tellState(false);
};

export function ownerFor(socket: Socket): HandleOwner {
  return {
    onConnect: () => {},
    onError: (error) => void socket.destroy(error),
    onAbandoned: () => void socket._reset(),
    onState: stateTeller(socket),
    onEnd() {
      socket.push(null);
      socket.read(0);
    },
    readInto: () => socket[kOnRead]?.buffer ?? null,
    onData(bytes) {
      socket._unrefTimer();
      return typeof bytes === "number" ? intoOwnBuffer(socket, bytes) : socket.push(bytes);
    },
  };
}

/** A socket that was destroyed may connect again. */
export function revive(socket: Socket): void {
  (socket as unknown as { _undestroy(): void })._undestroy();
  socket[kHandle] = null;
  socket[kPeer] = socket[kOwnEnd] = null;
  socket[kCounts] = { read: 0, written: 0 };
}

export function startConnect(socket: Socket, options: TcpSocketConnectOpts): void {
  const plan = planConnect(options, {
    autoSelectFamily: getDefaultAutoSelectFamily(),
    attemptTimeoutMs: getDefaultAutoSelectFamilyAttemptTimeout(),
  });
  if (!isIP(plan.host)) socket._host = plan.host;
  socket.autoSelectFamilyAttemptedAddresses = undefined;
  const attempt = ++socket[kAttempt];
  const isWanted = () => socket.connecting && socket[kAttempt] === attempt;
  reach(plan, reachingFor(socket, isWanted));
}

function reachingFor(socket: Socket, isWanted: () => boolean): Reaching {
  return {
    world: socket[kWorld],
    isWanted,
    onLookup: (error, address, family, host) =>
      void socket.emit("lookup", error, address, family, host),
    open(connection) {
      const handle = socket[kHandle]?.isFresh ? socket[kHandle] : newHandle(socket);
      handle.open(connection);
      applyTypeOfService(socket);
      return handle;
    },
    onAttempt(address, port, family) {
      (socket.autoSelectFamilyAttemptedAddresses ??= []).push(`${address}:${port}`);
      socket.emit("connectionAttempt", address, port, family);
    },
    onAttemptFailed: (address, port, family, error) =>
      void socket.emit("connectionAttemptFailed", address, port, family, error),
    onAttemptTimeout: (address, port, family) =>
      void socket.emit("connectionAttemptTimeout", address, port, family),
    onReached: (handle) => reached(socket, handle),
    onState: stateTeller(socket),
    onFailed: (error) => void socket.destroy(error),
  };
}

/** A fresh one: a connection comes into it later. */
export function newHandle(socket: Socket): Handle {
  const handle = new Handle();
  if (!socket[kSettings].isRef) handle.unref();
  if (socket.listenerCount("stateChange") > 0) handle.tellState(true);
  socket[kHandle] = handle;
  return handle;
}

function reached(socket: Socket, handle: Handle): void {
  handle.belongTo(ownerFor(socket));
  socket.connecting = false;
  socket[kOwnEnd] = null;
  applySettings(socket);
  socket._unrefTimer();
  socket.emit("connect");
  socket.emit("ready");
  if (socket.readable && !socket.isPaused() && !socket.destroyed) socket.read(0);
}
