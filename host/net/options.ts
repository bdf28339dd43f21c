// What callers may pass, checked as Node checks it, with the same errors.

import { isIP } from "node:net";
import type { SocketConstructorOpts, TcpSocketConnectOpts } from "node:net";
import type { DuplexOptions } from "node:stream";
import {
  invalidArgType,
  invalidArgValue,
  missingArgs,
  nodeError,
  notOnThisStack,
  validateBoolean,
  validateFunction,
  validateInt32,
  validateNumber,
  validatePort,
} from "../nodeErrors.js";

export interface KeepAliveSetting {
  noDelay?: boolean | undefined;
  keepAlive?: boolean | undefined;
  /** ms. */
  keepAliveInitialDelay?: number | undefined;
}

export interface SocketOptions extends SocketConstructorOpts, KeepAliveSetting, DuplexOptions {
  handle?: unknown;
  pauseOnCreate?: boolean;
  /** Node 24. */
  typeOfService?: number;
  manualStart?: boolean;
}

const OWN_DESCRIPTOR = "sockets are not the system's, and have no descriptor or handle of it";

/** Throws for what no socket can be made of. */
export function checkSocketOptions(
  given: SocketOptions | number | null | undefined,
): SocketOptions {
  const options: SocketOptions = typeof given === "number" ? { fd: given } : { ...given };
  const asked = options as Record<string, unknown>;
  for (const name of ["objectMode", "readableObjectMode", "writableObjectMode"]) {
    if (asked[name]) throw invalidArgValue(`options.${name}`, asked[name], "is not supported");
  }
  checkDelay(options);
  if (options.typeOfService !== undefined)
    validateInt32(options.typeOfService, "options.typeOfService", 0, 255);
  if (options.fd !== undefined) {
    validateInt32(options.fd, "fd", 0);
    throw notOnThisStack("options.fd", OWN_DESCRIPTOR);
  }
  if (options.handle) throw notOnThisStack("options.handle", OWN_DESCRIPTOR);
  return options;
}

/** A negative delay is none. */
export function checkDelay(options: KeepAliveSetting): void {
  if (options.keepAliveInitialDelay === undefined) return;
  validateNumber(options.keepAliveInitialDelay, "options.keepAliveInitialDelay");
  options.keepAliveInitialDelay = Math.max(0, options.keepAliveInitialDelay);
}

/**
 * For Duplex: strings are encoded where they are written, 'close' is the socket's own, and a signal that was aborted
 * before is for a socket that is complete.
 */
export function streamOptions(options: SocketOptions): DuplexOptions {
  // Always the same fields in the same order: copies of whatever was given cost as much as the rest of a socket.
  return {
    allowHalfOpen: Boolean(options.allowHalfOpen),
    emitClose: false,
    autoDestroy: true,
    decodeStrings: false,
    readable: options.readable,
    writable: options.writable,
    highWaterMark: options.highWaterMark,
    readableHighWaterMark: options.readableHighWaterMark,
    writableHighWaterMark: options.writableHighWaterMark,
    encoding: options.encoding,
    defaultEncoding: options.defaultEncoding,
    read: options.read,
    write: options.write,
    writev: options.writev,
    final: options.final,
    destroy: options.destroy,
    construct: options.construct,
    captureRejections: (options as { captureRejections?: boolean }).captureRejections,
  } as DuplexOptions;
}

/** Where to, and how, as connect() was told. */
export interface ConnectPlan {
  readonly host: string;
  readonly port: number;
  readonly family: number;
  readonly hints: number;
  readonly localAddress: string | undefined;
  readonly localPort: number;
  readonly lookup: Function | undefined;
  readonly several: boolean;
  readonly attemptTimeoutMs: number;
  readonly blockList: { check(address: string, family?: "ipv4" | "ipv6"): boolean } | undefined;
}

export interface ConnectDefaults {
  readonly autoSelectFamily: boolean;
  readonly attemptTimeoutMs: number;
}

const NO_PATHS = "there are no local sockets with a path on this stack";
const SHORTEST_ATTEMPT_MS = 10;

export function checkTarget(options: { port?: unknown; path?: unknown }): void {
  if (options.port === undefined && options.path == null)
    throw missingArgs(["options", "port", "path"]);
  if (!options.path) return;
  if (typeof options.path !== "string")
    throw invalidArgType("options.path", "string", options.path);
  throw notOnThisStack("options.path", NO_PATHS);
}

export function planConnect(
  options: TcpSocketConnectOpts & { blockList?: ConnectPlan["blockList"] },
  defaults: ConnectDefaults,
): ConnectPlan {
  const { localAddress, localPort, port, autoSelectFamily, lookup } = options;
  if (localAddress && !isIP(localAddress)) throw invalidAddress(localAddress);
  if (localPort) validateNumber(localPort, "options.localPort");
  if (port !== undefined && typeof port !== "number" && typeof port !== "string")
    throw invalidArgType("options.port", ["number", "string"], port);
  const number = validatePort(port);
  if (autoSelectFamily != null) validateBoolean(autoSelectFamily, "options.autoSelectFamily");
  const timeout = options.autoSelectFamilyAttemptTimeout;
  if (timeout != null) validateInt32(timeout, "options.autoSelectFamilyAttemptTimeout", 1);
  const host = options.host || "localhost";
  if (!isIP(host) && lookup != null) validateFunction(lookup, "options.lookup");
  return {
    host,
    port: number,
    family: familyNumber(options.family),
    hints: options.hints || 0,
    localAddress: localAddress || undefined,
    localPort: localPort || 0,
    lookup: lookup ?? undefined,
    several: autoSelectFamily ?? defaults.autoSelectFamily,
    attemptTimeoutMs: Math.max(SHORTEST_ATTEMPT_MS, timeout ?? defaults.attemptTimeoutMs),
    blockList: options.blockList,
  };
}

function familyNumber(family: unknown): number {
  if (family === "IPv4") return 4;
  if (family === "IPv6") return 6;
  return typeof family === "number" ? family : 0;
}

export const invalidAddress = (address: unknown) =>
  nodeError("ERR_INVALID_IP_ADDRESS", `Invalid IP address: ${String(address)}`, TypeError);
