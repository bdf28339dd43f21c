// Fifth proof: all state is in linear memory. The same random run is made twice: in one instance,
// and with memory moved into a fresh instance between any two calls. Every result and the whole
// memory after every call are the same.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  callOf,
  compile,
  instantiate,
  lastingMachine,
  type Machine,
  type Profile,
} from "./support/module.js";
import { chooseSeed, createRandom } from "./support/random.js";
import { createSoak, setUp } from "./support/soak.js";

const SOAK = Math.max(1, Number(process.env["MOTE_SOAK"] ?? 1) || 1);

interface Plan {
  profile: Profile;
  steps: number;
  /** Calls between two fresh instances. */
  every: number;
  hashBytes: number;
}

/** desktop's memory is two thousand times larger: fewer moves, and its hash leaves out the rings. */
const PLANS: Plan[] = [
  { profile: "tiny", steps: 1_500 * SOAK, every: 1, hashBytes: 65_536 },
  { profile: "esp32", steps: 1_500 * SOAK, every: 1, hashBytes: 65_536 },
  { profile: "desktop", steps: 1_500, every: 2_500, hashBytes: 524_288 },
];

/** FNV-1a over words: cheap, and any difference shows. */
function hashOf(memory: Uint8Array, bytes: number): number {
  const words = new Uint32Array(memory.buffer, 0, bytes >>> 2);
  let hash = 0x811c9dc5;
  for (const word of words) hash = Math.imul(hash ^ word, 0x01000193);
  return hash >>> 0;
}

/** Memory moves into a fresh instance before every n-th call. */
function restoringMachine(module: WebAssembly.Module, every: number): Machine {
  let core = instantiate(module);
  let bytes = new Uint8Array(core.memory.buffer);
  let calls = 0;
  return {
    call(name, ...args) {
      if (++calls % every === 0) {
        const next = instantiate(module);
        const target = new Uint8Array(next.memory.buffer);
        target.set(bytes);
        core = next;
        bytes = target;
      }
      return callOf(core, name, args);
    },
    memory: () => bytes,
  };
}

/** Tells `note` about each call and what the memory is after it. */
function watched(machine: Machine, hashBytes: number, note: (line: string) => void): Machine {
  return {
    call(name, ...args) {
      const result = machine.call(name, ...args);
      note(
        `${name}(${args.join(", ")}) = ${result}, memory ${hashOf(machine.memory(), hashBytes)}`,
      );
      return result;
    },
    memory: () => machine.memory(),
  };
}

function run(machine: Machine, seed: number, steps: number): void {
  const random = createRandom(seed);
  const startMs = (0 - random.below(20_000)) >>> 0;
  setUp(machine, random, startMs);
  const soak = createSoak(machine, random, startMs);
  for (let step = 0; step < steps; step++) soak.step();
}

for (const { profile, steps, every, hashBytes } of PLANS) {
  test(`a snapshot between any two calls changes nothing: ${profile}`, (t) => {
    const seed = chooseSeed();
    t.diagnostic(`snapshots of ${profile}: ${steps} steps, MOTE_SEED=${seed}`);
    const module = compile(profile);

    const expected: string[] = [];
    run(
      watched(lastingMachine(module), hashBytes, (line) => expected.push(line)),
      seed,
      steps,
    );
    let calls = 0;
    const compare = (line: string) => {
      const wanted = expected[calls++];
      if (line !== wanted) assert.equal(line, wanted, `call ${calls}, seed ${seed}`);
    };
    run(watched(restoringMachine(module, every), hashBytes, compare), seed, steps);
    assert.equal(calls, expected.length);
    assert.ok(calls > steps, "the run has made calls");
  });
}
