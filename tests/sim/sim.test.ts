// The simulator's seeds: fixed ones, which together reach every edge of figure 5, every timer and
// every counter of TCP; new ones each time, whose number is printed; and that a run repeats, frame
// by frame. MOTE_SEED is the first of the new ones, MOTE_SOAK makes them more.

import assert from "node:assert/strict";
import { test } from "node:test";
import { chooseSeed } from "../static/support/random.js";
import { createCoverage, OUT_OF_REACH, type Coverage } from "./coverage.js";
import { runSeed } from "./run.js";

const SOAK = Math.max(1, Number(process.env["MOTE_SOAK"] ?? 1) || 1);
const FIXED_SEEDS = 240;
const NEW_SEEDS = 80 * SOAK;
/** Enough to meet all profiles, both builds, and gentle and harsh runs. */
const REPEATED_SEEDS = [1, 2, 3, 4, 5, 6] as const;

async function runSeeds(first: number, count: number): Promise<Coverage> {
  const coverage = createCoverage();
  for (let seed = first; seed < first + count; seed++) {
    coverage.add((await runSeed({ seed })).coverage);
  }
  return coverage;
}

test("fixed seeds keep every rule, and reach every edge, timer and counter of TCP", async (t) => {
  const coverage = await runSeeds(1, FIXED_SEEDS);
  t.diagnostic(`seeds 1 to ${FIXED_SEEDS} reach ${coverage.reached.size} of what is counted`);
  const missing = coverage.missing().filter((name) => !OUT_OF_REACH.has(name));
  assert.deepEqual(missing, [], "not reached by the fixed seeds");
  const reached = [...OUT_OF_REACH.keys()].filter((name) => coverage.reached.has(name));
  assert.deepEqual(reached, [], "reached, and so not out of reach");
});

test("new seeds keep every rule", async (t) => {
  const first = chooseSeed() % 2 ** 31 || 1;
  t.diagnostic(`simulator: MOTE_SEED=${first}, ${NEW_SEEDS} seeds`);
  const coverage = await runSeeds(first, NEW_SEEDS);
  assert.ok(coverage.reached.size > 0);
});

test("the same seed gives the same frames at the same times", async () => {
  const hashes = new Set<string>();
  for (const seed of REPEATED_SEEDS) {
    const once = await runSeed({ seed });
    const again = await runSeed({ seed });
    assert.equal(again.hash, once.hash, `frames of seed ${seed}`);
    assert.equal(again.tookMs, once.tookMs, `time of seed ${seed}`);
    assert.deepEqual(again.coverage.reached, once.coverage.reached, `what seed ${seed} reaches`);
    hashes.add(once.hash);
  }
  assert.equal(hashes.size, REPEATED_SEEDS.length, "different seeds, different runs");
});
