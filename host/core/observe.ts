// What the core tells about itself, as plain objects: connections, counters, pools, state changes.
// Everything here is copied out; nothing refers to the core's memory.

import type { Core } from "./core.js";
import { formatAddress } from "./address.js";
import {
  CauseName,
  Counter,
  InfoOffset,
  Option,
  Pool,
  StateName as stateNames,
  TraceRecordOffset,
  counterNames,
  poolNames,
} from "./generated/abi.js";

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

/** Options by the core's names (NO_DELAY ...), counters and pools in lower case (rx_frames, tcb). */
export type OptionName = keyof typeof Option;
export type CounterName = Lowercase<Exclude<keyof typeof Counter, "COUNT">>;
export type PoolName = Lowercase<Exclude<keyof typeof Pool, "COUNT">>;

export interface PoolLevels {
  name: PoolName;
  capacity: number;
  used: number;
  highWater: number;
}

/** One change of state. */
export interface TraceEntry {
  /** The stack's clock, ms, its lowest 32 bits. */
  timeMs: number;
  handle: number;
  from: StateName;
  to: StateName;
  /** Why: USER, SYN, ACK, FIN, RST, TIMEOUT ... */
  cause: string;
  localPort: number;
  remotePort: number;
}

type InfoNumbers = {
  [
    Field in Exclude<
      keyof typeof InfoOffset,
      "state" | "pool" | "localAddress" | "remoteAddress" | "addressLength" | "interface"
    >
  ]: number;
};

/**
 * One record: every field of the core's Info by its name, addresses and state as text. Timers that
 * are not armed are -1.
 */
export interface ConnectionInfo extends InfoNumbers {
  state: StateName;
  pool: PoolName;
  /** Interface number; -1: loopback, or any. */
  interface: number;
  /** Zeros: any. */
  localAddress: string;
  remoteAddress: string;
}

const numberFields = Object.entries(InfoOffset).filter(
  ([name]) => !/^(state|pool|interface|addressLength)$|Address$/.test(name),
) as [keyof InfoNumbers, number][];

/** Who talks to whom: the part of Info that every connection needs. */
export interface Endpoints {
  localAddress: string;
  localPort: number;
  remoteAddress: string;
  remotePort: number;
}

/** Fills in the endpoints of a connection, and nothing else: this is done for each one accepted. */
export function readEndpoints(core: Core, handle: number, into: Endpoints): void {
  if (core.exports.info(handle) < 0) return;
  const base = core.exports.infoBuffer();
  into.localAddress = addressAt(core, base, InfoOffset.localAddress);
  into.remoteAddress = addressAt(core, base, InfoOffset.remoteAddress);
  into.localPort = core.words.getUint32(base + InfoOffset.localPort, true);
  into.remotePort = core.words.getUint32(base + InfoOffset.remotePort, true);
}

function addressAt(core: Core, base: number, offset: number): string {
  const { memory, words } = core;
  const at = base + offset;
  if (words.getUint32(base + InfoOffset.addressLength, true) === 16) {
    return formatAddress(memory.slice(at, at + 16));
  }
  return `${memory[at]}.${memory[at + 1]}.${memory[at + 2]}.${memory[at + 3]}`;
}

/** Reads the Info block that info() or enumerate() has just filled in. */
export function readInfo(core: Core): ConnectionInfo {
  const base = core.exports.infoBuffer();
  const word = (offset: number) => core.words.getUint32(base + offset, true);
  const info: Record<string, number | string> = {
    state: stateName(word(InfoOffset.state)),
    pool: poolNames[word(InfoOffset.pool)] ?? "tcb",
    interface: word(InfoOffset.interface) | 0,
    localAddress: addressAt(core, base, InfoOffset.localAddress),
    remoteAddress: addressAt(core, base, InfoOffset.remoteAddress),
  };
  for (const [name, offset] of numberFields) info[name] = word(offset);
  // A timer that is not armed has the largest word there is.
  info.timerMs = word(InfoOffset.timerMs) | 0;
  info.ackTimerMs = word(InfoOffset.ackTimerMs) | 0;
  return info as unknown as ConnectionInfo;
}

export function readConnections(core: Core): ConnectionInfo[] {
  const found: ConnectionInfo[] = [];
  let cursor = 0;
  while ((cursor = core.exports.enumerate(cursor)) !== 0) found.push(readInfo(core));
  return found;
}

export function readCounters(core: Core): Record<CounterName, number> {
  const counters: Record<string, number> = {};
  counterNames.forEach((name, id) => (counters[name] = core.exports.counter(id) >>> 0));
  return counters as Record<CounterName, number>;
}

export function readPools(core: Core): PoolLevels[] {
  return poolNames.map((name, id) => ({
    name: name as PoolName,
    capacity: core.exports.poolCapacity(id),
    used: core.exports.poolUsed(id),
    highWater: core.exports.poolHighWater(id),
  }));
}

export function readTraces(core: Core): TraceEntry[] {
  const entries: TraceEntry[] = [];
  let pointer = 0;
  while ((pointer = core.exports.traceNext()) !== 0) {
    const word = (offset: number) => core.words.getUint32(pointer + offset, true);
    const change = word(TraceRecordOffset.change);
    const ports = word(TraceRecordOffset.ports);
    entries.push({
      timeMs: word(TraceRecordOffset.timeMs),
      handle: word(TraceRecordOffset.handle),
      from: stateName(change & 0xff),
      to: stateName((change >>> 8) & 0xff),
      cause: CauseName[(change >>> 16) & 0xff] ?? "USER",
      localPort: ports & 0xffff,
      remotePort: ports >>> 16,
    });
  }
  return entries;
}

export function stateName(state: number): StateName {
  return (stateNames[state] ?? "CLOSED") as StateName;
}
