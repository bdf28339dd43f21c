// What runs have reached: edges of figure 5, timers that ended, counters of TCP. Together the seeds
// of the tests must reach all of it but a short list, each line of which says why.

import { Counter, counterNames } from "../../host/core/generated/abi.js";
import { EDGES } from "./rules/states.js";

export interface Coverage {
  /** How often, by name. */
  readonly reached: Map<string, number>;
  note(name: string, times?: number): void;
  add(other: Coverage): void;
  missing(): string[];
}

/** Timers, by what happens when they end. */
export const TIMERS = [
  "timer: SYN again",
  "timer: SYN+ACK again",
  "timer: handshake given up",
  "timer: retransmission",
  "timer: persist",
  "timer: no progress until R2",
  "timer: delayed ACK",
  "timer: 2 MSL",
  "timer: orphan limit",
  "timer: FIN-WAIT-2 limit",
  "timer: keepalive",
  "timer: CLOSE-WAIT limit",
  "timer: neighbour asked again",
  "timer: neighbour given up",
] as const;
export type TimerName = (typeof TIMERS)[number];

/** What only another kind of test can reach, and why. */
export const OUT_OF_REACH: ReadonlyMap<string, string> = new Map([]);

const TCP_COUNTERS = counterNames.flatMap((name, id) => {
  const ofTcp = /^(tcp_|drop_tcp_)/.test(name);
  return ofTcp ? [{ id, name: `counter: ${name}` }] : [];
});

export const counterName = (id: number) => `counter: ${counterNames[id] ?? id}`;
export const edgeCoverage = (edge: string) => `edge: ${edge}`;

/** Everything that can be reached, by name. */
export const ALL: readonly string[] = [
  ...EDGES.map(edgeCoverage),
  ...TIMERS,
  ...TCP_COUNTERS.map(({ name }) => name),
];

export function createCoverage(): Coverage {
  const reached = new Map<string, number>();
  return {
    reached,
    note(name, times = 1) {
      if (times > 0) reached.set(name, (reached.get(name) ?? 0) + times);
    },
    add(other) {
      for (const [name, times] of other.reached) this.note(name, times);
    },
    missing: () => ALL.filter((name) => !reached.has(name)),
  };
}

/** Adds what the counters of a core say at the end of a run. */
export function noteCounters(coverage: Coverage, read: (id: number) => number): void {
  for (let id = 0; id < Counter.COUNT; id++) coverage.note(counterName(id), read(id));
}
