// What the status page tells, as plain data: taken from the stack at the moment of a request. The
// rows are bounded, so that a thousand connections do not make a thousand large pages.

import type { ConnectionInfo, PoolLevels } from "../../../core/observe.js";
import type { Stack } from "../../../core/stack.js";
import { reuse } from "./reuse.js";

/** Connections listed on a page, at most; the totals count all. */
export const LISTED_CONNECTIONS = 200;

export interface ServiceLine {
  readonly name: string;
  readonly port: number;
  /** The port that leads to it from outside: another one in user mode. */
  readonly hostPort: number;
}

/** What the stack itself does not know. */
export interface StatusBasis {
  readonly version: string;
  readonly link: string;
  readonly address: string;
  readonly services: readonly ServiceLine[];
}

export interface StatusConnection {
  readonly service: string;
  readonly state: string;
  readonly localPort: number;
  readonly remoteAddress: string;
  readonly remotePort: number;
  /** Bytes received and not yet read, written and not yet acknowledged. */
  readonly receiveQueue: number;
  readonly sendQueue: number;
  /** Smoothed round-trip time in ms; 0: not measured. */
  readonly rttMs: number;
  readonly congestionWindow: number;
  /** ms since it came into its state. */
  readonly ageMs: number;
}

export interface Status extends StatusBasis {
  readonly profile: string;
  readonly uptimeMs: number;
  /** Connections by state, listeners left out. */
  readonly states: Readonly<Record<string, number>>;
  readonly connectionsTotal: number;
  /** At most LISTED_CONNECTIONS, the open ones first. */
  readonly connections: readonly StatusConnection[];
  readonly counters: Readonly<Record<string, number>>;
  readonly pools: readonly PoolLevels[];
}

/** A function that takes the status of `stack`; its uptime starts now. */
export function createStatus(stack: Stack, basisNow: () => StatusBasis): () => Status {
  const startedMs = stack.clock.now();
  function take(): Status {
    const basis = basisNow();
    const serviceOf = new Map(basis.services.map(({ name, port }) => [port, name]));
    const all = stack.connections().filter(({ state }) => state !== "LISTEN");
    const states: Record<string, number> = {};
    for (const { state } of all) states[state] = (states[state] ?? 0) + 1;
    all.sort((a, b) => rank(a) - rank(b) || a.ageMs - b.ageMs);
    return {
      ...basis,
      profile: stack.profile,
      uptimeMs: Math.round(stack.clock.now() - startedMs),
      states,
      connectionsTotal: all.length,
      connections: all
        .slice(0, LISTED_CONNECTIONS)
        .map((info) => describe(info, serviceOf.get(info.localPort) ?? "")),
      counters: stack.counters(),
      pools: stack.pools(),
    };
  }

  return reuse(stack.clock, take);
}

function rank({ state }: ConnectionInfo): number {
  return state === "TIME-WAIT" ? 1 : 0;
}

function describe(info: ConnectionInfo, service: string): StatusConnection {
  return {
    service,
    state: info.state,
    localPort: info.localPort,
    remoteAddress: info.remoteAddress,
    remotePort: info.remotePort,
    receiveQueue: info.receiveQueue,
    sendQueue: info.sendQueue,
    rttMs: Math.round(info.srttUs / 10) / 100,
    congestionWindow: info.cwnd,
    ageMs: info.ageMs,
  };
}
