// What the core tells about itself, as plain objects with names: connections, counters, pools, state
// changes. Everything here is copied out; nothing refers to the core's memory.

import type { Core } from "./core.js";
import {
  CauseName,
  Constant,
  Counter,
  Option,
  Pool,
  StateName as stateNames,
  counterNames,
  poolNames,
} from "./generated/abi.js";
import type { Levels, RecordInfo } from "./recordInfo.js";
import { readLevels, readRecord, readRecords } from "./records.js";
import type { TraceReader } from "./trace.js";

/** States as RFC 9293 spells them. */
export type StateName =
  | "CLOSED"
  | "LISTEN"
  | "SYN-SENT"
  | "SYN-RECEIVED"
  | "ESTABLISHED"
  | "CLOSE-WAIT"
  | "FIN-WAIT-1"
  | "CLOSING"
  | "LAST-ACK"
  | "FIN-WAIT-2"
  | "TIME-WAIT";

/** Options of the core: NO_DELAY, TTL ... docs/abi.md has them with units, ranges and defaults. */
export type OptionName = keyof typeof Option;
/** Counters of the core in lower case: rx_frames ... docs/abi.md has them. */
export type CounterName = Lowercase<Exclude<keyof typeof Counter, "COUNT">>;
/** Pools of the core in lower case: tcb, listener ... docs/abi.md has them. */
export type PoolName = Lowercase<Exclude<keyof typeof Pool, "COUNT">>;

/** What is in use of one pool. */
export interface PoolLevels extends Levels {
  /** Which. */
  name: PoolName;
}

/** One change of state. */
export interface TraceEntry {
  /** The stack's clock, ms, its lowest 32 bits. */
  timeMs: number;
  /** Of the connection; 0 for one that has none. */
  handle: number;
  /** The state before. */
  from: StateName;
  /** The state after. */
  to: StateName;
  /** Why: USER, SYN, ACK, FIN, RST, TIMEOUT ... */
  cause: string;
  /** Ours. */
  localPort: number;
  /** The peer's. */
  remotePort: number;
}

/** One record: everything that is known of it by its name, state and pool as text. */
export interface ConnectionInfo extends Omit<RecordInfo, "state" | "pool"> {
  /** As RFC 9293 spells it. */
  state: StateName;
  /** Which kind of record: tcb, listener, syn_cache or time_wait. */
  pool: PoolName;
}

const named = (record: RecordInfo): ConnectionInfo => ({
  ...record,
  state: stateName(record.state),
  pool: (poolNames[record.pool] ?? "tcb") as PoolName,
});

/** A connection or listener; null when the handle is stale. */
export function readConnection(core: Core, handle: number): ConnectionInfo | null {
  const record = readRecord(core, handle);
  return record && named(record);
}

export function readConnections(core: Core): ConnectionInfo[] {
  return readRecords(core).map(named);
}

export function readCounter({ words, constant }: Core, id: number): number {
  return words.getUint32(constant(Constant.COUNTER_AREA) + 4 * id, true);
}

export function readCounters(core: Core): Record<CounterName, number> {
  const counters = counterNames.map((name, id) => [name, readCounter(core, id)]);
  return Object.fromEntries(counters) as Record<CounterName, number>;
}

export function readPool(core: Core, id: number): PoolLevels {
  return { name: poolNames[id] as PoolName, ...readLevels(core, id) };
}

export function readPools(core: Core): PoolLevels[] {
  return poolNames.map((_, id) => readPool(core, id));
}

export function readTraces(reader: TraceReader): TraceEntry[] {
  return reader.take().map(({ from, to, cause, ...record }) => ({
    ...record,
    from: stateName(from),
    to: stateName(to),
    cause: CauseName[cause] ?? "USER",
  }));
}

export function stateName(state: number): StateName {
  return (stateNames[state] ?? "CLOSED") as StateName;
}
