// Fourth proof: after a soak, every byte behind the memory map is what it was before, and when all
// is closed and time has passed, every pool is back at its idle level.

import assert from "node:assert/strict";
import { test } from "node:test";
import { poolNames } from "../../host/core/generated/abi.js";
import { compile, lastingMachine, memoryEnd, PROFILES } from "./support/module.js";
import { chooseSeed, createRandom } from "./support/random.js";
import { createSoak, neverUsed, poolLevels, setUp } from "./support/soak.js";

const STEPS = 30_000 * Math.max(1, Number(process.env["MOTE_SOAK"] ?? 1) || 1);
const CANARY = 0xa5;

for (const profile of PROFILES) {
  test(`a soak leaves no trace: ${profile}`, (t) => {
    const seed = chooseSeed();
    t.diagnostic(`soak of ${profile}: ${STEPS} steps, MOTE_SEED=${seed}`);
    const random = createRandom(seed);
    const machine = lastingMachine(compile(profile));
    const startMs = (0 - random.below(100_000)) >>> 0; // the clock wraps on the way
    const end = memoryEnd(machine);
    machine.memory().fill(CANARY, end);

    setUp(machine, random, startMs);
    const idle = poolLevels(machine);
    const soak = createSoak(machine, random, startMs);
    for (let step = 0; step < STEPS; step++) soak.step();
    assert.deepEqual(neverUsed(machine, profile), [], "pools that were never used");
    soak.settle();

    const touched = machine
      .memory()
      .subarray(end)
      .findIndex((byte) => byte !== CANARY);
    assert.equal(touched, -1, `byte ${end + touched} was written, seed ${seed}`);
    const named = (levels: number[]) => levels.map((used, id) => `${poolNames[id]}: ${used}`);
    assert.deepEqual(named(poolLevels(machine)), named(idle), `not idle again, seed ${seed}`);
  });
}
