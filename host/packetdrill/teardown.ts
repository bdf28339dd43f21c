// The end of every script: nothing is left to expect, what is open is reset, time passes for
// orphans, SYN+ACKs and 2 MSL, and then every pool of connections is as empty as at the beginning.

import { Option, Pool, poolNames } from "../core/generated/abi.js";
import { readPool } from "../core/observe.js";
import { readRecords } from "../core/records.js";
import { failure } from "./errors.js";
import { sentText } from "./packets.js";
import type { Run } from "./state.js";

/** Orphans 60 s, SYN+ACKs 15 s, 2 MSL 60 s, RSTs that wait for a neighbour. */
const LONG_ENOUGH_US = 250e6;
const MSL_MS = 30_000;

/** Pools that are empty when no connection is left. */
export const CONNECTION_POOLS: readonly number[] = [
  Pool.TCB,
  Pool.RECEIVE_RING,
  Pool.SEND_RING,
  Pool.RECOVERY,
  Pool.REASSEMBLY,
  Pool.SYN_CACHE,
  Pool.TIME_WAIT,
  Pool.LISTENER,
];

export function expectNothingLeft(run: Run): void {
  const [first, ...more] = run.wire.sent;
  if (!first) return;
  const others = more.length === 0 ? "" : `, and ${more.length} more`;
  throw failure("packets are left that the script does not expect", {
    expected: "the end",
    found: sentText(run, first) + others,
  });
}

export function tearDown(run: Run): void {
  const { core } = run.wire;
  const { exports } = core;
  run.pending = undefined;
  exports.setOption(0, Option.MSL_MS, MSL_MS);
  exports.setOption(0, Option.ORPHAN_SECONDS, 60);
  for (const { handle, pool } of readRecords(core)) {
    if (handle === 0) continue;
    if (pool === Pool.LISTENER) exports.close(handle);
    else exports.abort(handle);
  }
  run.wire.advanceTo(run.wire.nowUs() + LONG_ENOUGH_US);
  for (const pool of CONNECTION_POOLS) {
    const { used } = readPool(core, pool);
    if (used > 0) throw failure(`${used} of the pool ${poolNames[pool]} in use after the end`);
  }
}
