// Seeds of the simulator that are new each time, and that a run repeats, frame by frame. MOTE_SEED is
// the first of the new ones, MOTE_SOAK makes them more.

import assert from "node:assert/strict";
import { test } from "node:test";
import { chooseSeed } from "../static/support/random.js";
import { runSeed, runSeeds } from "./run.js";

const SOAK = Math.max(1, Number(process.env["MOTE_SOAK"] ?? 1) || 1);
const NEW_SEEDS = 150 * SOAK;
/** Enough to meet all profiles, both builds, and gentle and harsh runs. */
const REPEATED_SEEDS = [1, 2, 3, 4, 5, 6, 7, 8] as const;

test("new seeds keep every rule", async (t) => {
  const first = chooseSeed();
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
