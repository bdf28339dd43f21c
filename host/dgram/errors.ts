// Errors of node:dgram that no other module has.

import { callError, invalidArgType, nodeError, systemError } from "../nodeErrors.js";
import type { Code } from "./types.js";

export const alreadyBound = () => nodeError("ERR_SOCKET_ALREADY_BOUND", "Socket is already bound");
export const notRunning = () => nodeError("ERR_SOCKET_DGRAM_NOT_RUNNING", "Not running");
export const isConnected = () => nodeError("ERR_SOCKET_DGRAM_IS_CONNECTED", "Already connected");
export const notConnected = () => nodeError("ERR_SOCKET_DGRAM_NOT_CONNECTED", "Not connected");
export const isBlocked = (address: string) =>
  nodeError("ERR_IP_BLOCKED", `IP(${address}) is blocked by net.BlockList`);

export const badType = () =>
  nodeError(
    "ERR_SOCKET_BAD_TYPE",
    "Bad socket type specified. Valid types are: udp4, udp6",
    TypeError,
  );

export const badBufferSize = () =>
  nodeError("ERR_SOCKET_BAD_BUFFER_SIZE", "Buffer size must be a positive integer", TypeError);

export const outOfBounds = (name: string) =>
  nodeError("ERR_BUFFER_OUT_OF_BOUNDS", `"${name}" is outside of buffer bounds`, RangeError);

const BUFFERS = ["Buffer", "TypedArray", "DataView", "string"];
export const notBytes = (name: string, value: unknown) => invalidArgType(name, BUFFERS, value);

class SystemError extends Error {}
SystemError.prototype.name = "SystemError";

/** The buffers of a socket that has none yet. */
export function bufferSizeError(syscall: string) {
  const code = "EBADF";
  const { errno, words } = systemError(code);
  const text = `Could not get or set buffer size: ${syscall} returned ${code} (${words})`;
  const error = nodeError("ERR_SOCKET_BUFFER_SIZE", text, SystemError);
  return Object.assign(error, { info: { errno, code, message: words, syscall }, errno, syscall });
}

/** Throws what a call of the handle has answered. */
export function throwIf(code: Code, syscall: string): void {
  if (code !== null) throw callError(code, syscall);
}
