// No two records have the same 4-tuple, and each that lives is found by it: an active open from the
// same port to the same peer must say EADDRINUSE. That asks the core itself, and changes nothing.

import { State } from "../../../host/core/generated/abi.js";
import type { Records } from "../records.js";

export interface Named {
  tuple: string;
  remote: number[];
  localPort: number;
  remotePort: number;
}

/** Records that segments may be for. */
export function living({ tcbs, synEntries, timeWaits }: Records): Named[] {
  return [...tcbs.filter(({ state }) => state !== State.CLOSED), ...synEntries, ...timeWaits];
}

export function twinsProblem(records: Records): string {
  const seen = new Set<string>();
  for (const { tuple } of living(records)) {
    if (seen.has(tuple)) return `two records are ${tuple}`;
    seen.add(tuple);
  }
  return "";
}

/** isFound: asks the core for a 4-tuple that is one of the records. */
export function lostProblem(records: Records, isFound: (record: Named) => boolean): string {
  const lost = living(records).find((record) => !isFound(record));
  return lost ? `no look-up finds ${lost.tuple}` : "";
}
