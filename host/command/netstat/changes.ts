// Changes of state out of the trace ring, with what the ring does not keep: the peer's address, where a record of
// these ports is still there, and how long the state before has lasted.

import type { StateName, TraceEntry } from "../../core/observe.js";
import type { Look } from "./look.js";

export interface Change {
  /** How long ago. */
  readonly agoMs: number;
  readonly localPort: number;
  readonly remotePort: number;
  /** null: no record of it is left. */
  readonly localAddress: string | null;
  readonly remoteAddress: string | null;
  readonly from: StateName;
  readonly to: StateName;
  readonly cause: string;
  /** How long it was in `from`; null: its beginning is not in the ring. */
  readonly afterMs: number | null;
}

/** The oldest first. */
export function listChanges({ history, connections }: Look): Change[] {
  if (history === null) return [];
  const addresses = new Map(connections.map((info) => [portsOf(info), info]));
  const last = new Map<string, TraceEntry>();
  return history.entries.map((entry) => {
    const { localPort, remotePort, from, to, cause, timeMs } = entry;
    const key = portsOf(entry);
    const before = last.get(key);
    last.set(key, entry);
    const record = addresses.get(key);
    return {
      agoMs: passed(timeMs, history.nowMs),
      ...{ localPort, remotePort, from, to, cause },
      localAddress: record?.localAddress ?? null,
      remoteAddress: record?.remoteAddress ?? null,
      afterMs: before?.to === from ? passed(before.timeMs, timeMs) : null,
    };
  });
}

const portsOf = (of: { localPort: number; remotePort: number }): string =>
  `${of.localPort} ${of.remotePort}`;

/** The times are the lowest 32 bits of theirs. */
const passed = (fromMs: number, toMs: number): number => Math.max(0, (toMs - fromMs) | 0);
