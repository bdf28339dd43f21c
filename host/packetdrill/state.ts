// What a running script has: a stack on a wire, sockets by the numbers of the script, connections,
// system calls that have not returned yet.

import type { RecordInfo } from "../core/recordInfo.js";
import { readRecord, readRecords } from "../core/records.js";
import { Pool, State } from "../core/generated/abi.js";
import type { RunConfig } from "./config.js";
import type { Connection } from "./connections.js";
import type { CallEvent } from "./script.js";
import type { Wire } from "./wire.js";

export interface Socket {
  readonly fd: number;
  role: "fresh" | "listener" | "connection";
  blocking: boolean;
  /** Port and whether any address will do; set by bind. */
  bound: { port: number; any: boolean } | undefined;
  /** In the core; 0: none. */
  handle: number;
  connection: Connection | undefined;
  /** connect() has said how it ended. */
  connectTold: boolean;
  /** The error that ended the connection was told; afterwards it reads as the end. */
  errorTold: boolean;
  readShut: boolean;
  linger: { onoff: number; seconds: number } | undefined;
  /** Options of the core, handed on when there is a connection. */
  coreOptions: Map<number, number>;
  /** Values that were set, by the option's name. */
  values: Map<string, number>;
}

/** How a system call returned. */
export interface Outcome {
  value: number;
  /** Other values that mean the same on another system. */
  alternatives?: readonly number[];
  errno?: string;
}

/** undefined: it would block. */
export type Attempt = () => Outcome | undefined;

export interface Pending {
  readonly event: CallEvent;
  readonly attempt: Attempt;
  readonly endUs: number;
  /** When to try again although nothing has happened, or Infinity. */
  readonly wakeUs: number;
  outcome: Outcome | undefined;
}

export interface Run {
  readonly file: string;
  readonly config: RunConfig;
  readonly wire: Wire;
  readonly sockets: Map<number, Socket>;
  readonly connections: Connection[];
  /** The connection that packets without ports belong to. */
  underTest: Connection | undefined;
  pending: Pending | undefined;
  /** Counters at the script's beginning. */
  readonly counters: Uint32Array;
  /** Tells what happens, as it happens. */
  note(text: () => string): void;
}

export function createSocket(fd: number, blocking: boolean): Socket {
  return {
    fd,
    role: "fresh",
    blocking,
    bound: undefined,
    handle: 0,
    connection: undefined,
    connectTold: false,
    errorTold: false,
    readShut: false,
    linger: undefined,
    coreOptions: new Map(),
    values: new Map(),
  };
}

export function findConnection(
  run: Run,
  localPort: number,
  remotePort: number,
): Connection | undefined {
  const found = run.connections.filter(
    (known) => known.localPort === localPort && known.remotePort === remotePort,
  );
  return found.at(-1); // an earlier one with these ports is over
}

/** What the core knows of a connection, with or without a handle. One that is over may still be kept
 * for its owner when its ports are in use again: the living one is meant. */
export function recordOf(run: Run, connection: Connection): RecordInfo | undefined {
  const { core } = run.wire;
  const found = readRecords(core).filter(
    (record) =>
      record.pool !== Pool.LISTENER &&
      record.localPort === connection.localPort &&
      record.remotePort === connection.remotePort,
  );
  return found.find((record) => record.state !== State.CLOSED) ?? found[0];
}

export function infoOf(run: Run, { handle }: Socket): RecordInfo | undefined {
  return readRecord(run.wire.core, handle) ?? undefined;
}
