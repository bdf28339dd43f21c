// The forms of arguments of createSocket(), bind() and send(), checked as Node checks them.

import { isIP } from "node:net";
import type { Lookup } from "../net/world.js";
import {
  invalidArgType,
  invalidArgValue,
  notOnThisStack,
  validateFunction,
  validateInt32,
  validatePort,
} from "../nodeErrors.js";
import { badType, isConnected, notBytes, outOfBounds } from "./errors.js";

export type SocketType = "udp4" | "udp6";

/** As net.BlockList: addresses that are not spoken with. */
export interface BlockList {
  check(address: string, family?: "ipv4" | "ipv6"): boolean;
}

export interface SocketOptions {
  type: SocketType;
  reuseAddr?: boolean;
  reusePort?: boolean;
  ipv6Only?: boolean;
  recvBufferSize?: number;
  sendBufferSize?: number;
  lookup?: Lookup;
  signal?: AbortSignal;
  receiveBlockList?: BlockList;
  sendBlockList?: BlockList;
}

const MOST = 2 ** 32 - 1;
const FAMILIES = ["udp4", "udp6"];

export function checkSocketOptions(given: unknown): SocketOptions {
  const isObject = given !== null && typeof given === "object";
  const options = (isObject ? given : { type: given }) as SocketOptions;
  for (const name of ["recvBufferSize", "sendBufferSize"] as const) {
    if (options[name]) validateInt32(options[name], `options.${name}`, 0, MOST);
  }
  if (!FAMILIES.includes(options.type)) throw badType();
  if (options.lookup !== undefined) validateFunction(options.lookup, "lookup");
  for (const name of ["receiveBlockList", "sendBlockList"] as const) {
    const list = options[name];
    if (list && typeof list.check !== "function")
      throw invalidArgType(`options.${name}`, "net.BlockList", list);
  }
  return options;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  value !== null && typeof value === "object";

/** bind(port, address), bind(options), each with or without a callback behind. */
export function bindForm(port: unknown, address: unknown): { port: number; address: string } {
  if (!isObject(port)) return { port: portNumber(port), address: addressText(address) };
  if (typeof port["recvStart"] === "function")
    throw notOnThisStack("A handle", "sockets are not the system's, and have none of it");
  const { fd } = port;
  if (Number.isInteger(fd) && (fd as number) > 0)
    throw notOnThisStack("options.fd", "sockets are not the system's, and have no descriptor");
  return { port: portNumber(port["port"]), address: addressText(port["address"]) };
}

const addressText = (address: unknown): string =>
  typeof address === "function" || !address ? "" : (address as string);

/** Node hands on what it gets, and the system takes the lowest 16 bits. */
const portNumber = (port: unknown): number => (Number(port || 0) >>> 0) & 0xffff;

/** bindSync(options): an address, not a name. */
export function bindSyncForm(options: unknown): { port: number; address: string } {
  if (!isObject(options) || Array.isArray(options))
    throw invalidArgType("options", "Object", options);
  const port = validatePort(options["port"] ?? 0, "options.port");
  return { port, address: literal(options["address"], "options.address", "bindSync") };
}

/** "" where nothing is given. */
export function literal(address: unknown, name: string, call: string): string {
  if (address === undefined || address === null || address === "") return "";
  if (typeof address !== "string") throw invalidArgType(name, "string", address);
  const reason = `must be a numeric IP address; ${call} does not perform DNS resolution`;
  if (isIP(address) === 0) throw invalidArgValue(name, address, reason);
  return address;
}

export type SendCallback = (error: Error | null, bytes?: number) => void;

export interface SendForm {
  readonly chunks: readonly Uint8Array[];
  /** 0: to the peer. */
  readonly port: number;
  readonly address: string | undefined;
  readonly callback: SendCallback | undefined;
}

/** Every form of send(). */
export function sendForm(
  isToPeer: boolean,
  data: unknown,
  offset: unknown,
  length: unknown,
  port: unknown,
  address: unknown,
  callback: unknown,
): SendForm {
  const form = isToPeer
    ? formForPeer(data, offset, length, port, address, callback)
    : formForAnybody(data, offset, length, port, address, callback);
  const chunks = chunksOf(form.data);
  const number = isToPeer ? 0 : validatePort(form.port, "Port", 1);
  let back = typeof form.callback === "function" ? form.callback : undefined;
  let to = form.address;
  if (typeof to === "function") {
    back = to;
    to = undefined;
  } else if (to != null && typeof to !== "string") throw invalidArgType("address", "string", to);
  return {
    chunks,
    port: number,
    address: (to as string | null | undefined) ?? undefined,
    callback: back as SendCallback | undefined,
  };
}

interface RawForm {
  data: unknown;
  port?: unknown;
  address?: unknown;
  callback: unknown;
}

function formForAnybody(
  data: unknown,
  offset: unknown,
  length: unknown,
  port: unknown,
  address: unknown,
  callback: unknown,
): RawForm {
  if (address || (port && typeof port !== "function"))
    return { data: part(data, offset, length), port, address, callback };
  return { data, port: offset, address: length, callback: port };
}

function formForPeer(
  data: unknown,
  offset: unknown,
  length: unknown,
  port: unknown,
  address: unknown,
  callback: unknown,
): RawForm {
  const isPart = typeof length === "number";
  const isBack = isPart && typeof port === "function";
  if ((port && !isBack) || address) throw isConnected();
  if (!isPart) return { data, callback: offset };
  return { data: part(data, offset, length), callback: isBack ? port : callback };
}

/** Bytes of a text or view, or null. */
function bytesOf(data: unknown): Uint8Array | null {
  if (typeof data === "string") return Buffer.from(data);
  if (!ArrayBuffer.isView(data)) return null;
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

function part(data: unknown, from: unknown, bytes: unknown): Uint8Array {
  const whole = bytesOf(data);
  if (whole === null) throw notBytes("buffer", data);
  const offset = Number(from) >>> 0;
  const length = Number(bytes) >>> 0;
  if (offset > whole.length) throw outOfBounds("offset");
  if (offset + length > whole.length) throw outOfBounds("length");
  return whole.subarray(offset, offset + length);
}

function chunksOf(data: unknown): Uint8Array[] {
  if (!Array.isArray(data)) {
    const bytes = bytesOf(data);
    if (bytes === null) throw notBytes("buffer", data);
    return [bytes];
  }
  const chunks = data.map(bytesOf);
  if (chunks.includes(null)) throw notBytes("buffer list arguments", data);
  return chunks as Uint8Array[];
}
