// What is spoken over a control socket: lines of JSON, first a greeting of the stack, then requests of the client
// and an answer to each. This file has the words, and how much of them there may be.

import type {
  ConnectionInfo,
  CounterName,
  OptionName,
  PoolLevels,
  TraceEntry,
} from "../core/observe.js";
import type { SocketInfo } from "../core/socketRecords.js";
import type { InterfaceInfo, ProfileName } from "../core/stack.js";

/** Rises when a line of before means something else; what is added is no new version. */
export const CONTROL_VERSION = 1;

/** The longest request, bytes without its end. */
export const MOST_REQUEST_BYTES = 16 * 1024;
/** The longest answer that a client takes: thousands of connections have a few megabytes. */
export const MOST_ANSWER_BYTES = 64 * 1024 * 1024;

/** The first line of each connection. */
export interface Greeting {
  readonly motetcp: number;
  readonly name: string;
  readonly pid: number;
  /** Of the package. */
  readonly version: string;
}

export interface ControlRequest {
  /** Stands in the answer again. */
  readonly id: number | string;
  readonly call: string;
}

/** What becomes of a call. */
export type Outcome =
  | { readonly result: unknown }
  | { readonly error: { readonly code: string; readonly message: string } };

/** `id` is null where the request had none. */
export type Answer = { readonly id: number | string | null } & Outcome;

/** Who listens on a port of the stack, for people. */
export interface ControlService {
  /** As in "http". */
  readonly name: string;
  /** Of the stack. */
  readonly port: number;
  /** Of this machine, where another one leads to it. Default: none. */
  readonly hostPort?: number;
}

export interface StackFacts {
  readonly profile: ProfileName;
  /** Without .local; "": none. */
  readonly hostName: string;
  /** Since the control socket was opened, ms. */
  readonly uptimeMs: number;
  readonly turns: number;
}

/** What the trace ring still has. */
export interface History {
  /** Now, on the clock of the entries: ms, the lowest 32 bits. */
  readonly nowMs: number;
  /** Entries that the ring keeps; 0: this build has none. */
  readonly capacity: number;
  /** Entries that have been overwritten so far. */
  readonly overwritten: number;
  /** The oldest first. */
  readonly entries: readonly TraceEntry[];
}

/** Each call with what it gives. */
export interface CallResults {
  info: StackFacts;
  connections: readonly ConnectionInfo[];
  sockets: readonly SocketInfo[];
  counters: Readonly<Record<CounterName, number>>;
  pools: readonly PoolLevels[];
  history: History;
  interfaces: readonly InterfaceInfo[];
  /** Those that the stack has as a whole. */
  options: Readonly<Partial<Record<OptionName, number>>>;
  services: readonly ControlService[];
}

export type CallName = keyof CallResults;

export function controlError(code: string, message: string, cause?: unknown): Error {
  return Object.assign(new Error(message, { cause }), { code });
}
