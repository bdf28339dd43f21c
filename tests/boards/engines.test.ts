// Every engine does what the module does: each byte of memory is the same after each step of a soak.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { Constant } from "../../host/core/generated/abi.js";
import {
  compile,
  lastingMachine,
  memoryEnd,
  moduleBytes,
  readText,
} from "../static/support/module.js";
import { chooseSeed, createRandom } from "../static/support/random.js";
import { createSoak, neverUsed, setUp } from "../static/support/soak.js";
import {
  ENGINES,
  exchangeAccesses,
  makeAheadOfTime,
  loadNative,
  Trap,
  type Engine,
  type Sizes,
} from "./support/native.js";
import { wasm3Flags } from "./support/wasm3.js";

/** After these every counter has been used. */
const STEPS = 10_000;
/** Compiling all the time takes long. */
const LAZY_STEPS = 4_000;
const TOGETHER = 20;

/** The profiles that boards have. */
const PROFILES = ["tiny", "esp32"] as const;
type BoardProfile = (typeof PROFILES)[number];

/** As many steps on an engine and on the module; returns the engine. */
async function compareSteps(
  engine: Engine,
  profile: BoardProfile,
  seed: number,
  steps = STEPS,
  sizes: Sizes = {},
) {
  const native = await loadNative(engine, profile, { sizes });
  assert.equal(native.start(), Trap.NONE);
  const sha256 = createHash("sha256").update(moduleBytes(profile)).digest("hex");
  assert.equal(native.sha256(), sha256, "it says which module it is");
  const module = lastingMachine(compile(profile));
  const end = memoryEnd(module);
  assert.equal(native.memory().length, end, "no byte more than the profile touches");
  const both = [native, module].map((machine) => {
    const random = createRandom(seed);
    const startMs = (0 - random.below(100_000)) >>> 0;
    setUp(machine, random, startMs);
    return createSoak(machine, random, startMs);
  });
  for (let step = 0; step < steps; step += TOGETHER) {
    for (const soak of both) for (let i = 0; i < TOGETHER; i++) soak.step();
    assert.equal(native.trap(), Trap.NONE);
    const difference = Buffer.compare(native.memory(), module.memory().subarray(0, end));
    assert.equal(difference, 0, `memory differs after step ${step + TOGETHER}`);
  }
  return native;
}

for (const engine of ENGINES) {
  for (const profile of PROFILES) {
    const name = `${engine}, ${profile}: memory as the module's, step by step`;
    test(name, { timeout: 240_000 }, async (t) => {
      const seed = chooseSeed();
      t.diagnostic(`${profile}: ${STEPS} steps, MOTE_SEED=${seed}`);
      const native = await compareSteps(engine, profile, seed);
      assert.deepEqual(neverUsed(native, profile), []);
    });
  }

  test(`${engine}: a trap ends the call, then every call, until the core is started again`, async () => {
    const native = await loadNative(engine, "tiny");
    assert.equal(native.start(), Trap.NONE);
    assert.equal(native.call("initialise"), 0);
    const version = native.call("constant", Constant.ABI_VERSION);
    assert.ok(version > 0);
    native.memory().fill(0xff); // links that lead out of memory
    for (let i = 0; i < 4 && native.trap() === Trap.NONE; i++) {
      native.call("expire");
      native.call("transmit", 0);
    }
    assert.equal(native.trap(), Trap.OUT_OF_BOUNDS);
    assert.equal(native.call("constant", Constant.ABI_VERSION), 0);
    assert.equal(native.start(), Trap.NONE);
    assert.equal(native.call("initialise"), 0);
    assert.equal(native.call("constant", Constant.ABI_VERSION), version);
  });
}

test("aot: calls that nest too deep are a trap, not a stack that runs over", async () => {
  const native = await loadNative("aot", "tiny", {
    flags: ["-DWASM_RT_MAX_CALL_STACK_DEPTH=1"],
  });
  assert.equal(native.start(), Trap.NONE);
  native.call("initialise");
  assert.equal(native.trap(), Trap.CALL_DEPTH);
});

/** Less than everything takes, and more than what is used within one call. */
const LITTLE_HEAP = { tiny: 92 * 1024, esp32: 170 * 1024 };

for (const profile of PROFILES) {
  test(`wasm3, ${profile}: compiled lazily in little heap, memory is the same`, async (t) => {
    const seed = chooseSeed();
    t.diagnostic(`${profile}: ${LAZY_STEPS} steps, MOTE_SEED=${seed}`);
    const sizes = { lazy: true, heap: LITTLE_HEAP[profile] };
    const native = await compareSteps("wasm3", profile, seed, LAZY_STEPS, sizes);
    assert.ok(native.figure("mote_wasm3_dropped") > 0, "code was thrown away");
    const most = native.figure("mote_wasm3_growth_most");
    t.diagnostic(`code was made anew ${native.figure("mote_wasm3_dropped")} times, ${most} bytes`);
  });
}

test("wasm3: a thousand starts leave no byte behind, and memory stays where it is", async () => {
  const native = await loadNative("wasm3", "tiny");
  assert.equal(native.start(), Trap.NONE);
  const used = native.figure("mote_engine_heap_used");
  const at = native.address();
  for (let i = 0; i < 1_000; i++) {
    assert.equal(native.start(), Trap.NONE);
    native.call("initialise");
    assert.equal(native.figure("mote_engine_heap_used"), used);
    assert.equal(native.address(), at);
  }
  assert.equal(native.figure("mote_engine_heap_most"), used);
});

for (const profile of PROFILES) {
  test(`wasm3, ${profile}: the heap that the build gives is enough, and not 5 % too much`, async () => {
    const native = await loadNative("wasm3", profile);
    assert.equal(native.start(), Trap.NONE);
    const [flag] = wasm3Flags(profile, 8);
    const given = Number(/HEAP=(\d+)u/.exec(flag ?? "")?.[1]);
    const most = native.figure("mote_engine_heap_most");
    assert.ok(most > 0.95 * given, `${most} of ${given}: HEAP_NEEDS of tools/lib/wasm3.mjs`);
  });
}

test("wasm3: no call needs heap once everything is compiled", async () => {
  const native = await compareSteps("wasm3", "tiny", 1, LAZY_STEPS);
  assert.equal(native.figure("mote_wasm3_growth_most"), 0);
  assert.ok(native.figure("mote_wasm3_stack_most") <= 1_536, "of 2,048 bytes of value stack");
});

test("wasm3: a heap that is too small is an error of the start, and calls return 0", async () => {
  const native = await loadNative("wasm3", "tiny", { sizes: { heap: 60_000 } });
  assert.equal(native.start(), Trap.ENGINE);
  assert.equal(native.trap(), Trap.ENGINE);
  assert.equal(native.call("constant", Constant.ABI_VERSION), 0);
});

for (const limit of ["MOTE_WASM3_STACK=64", "MOTE_WASM3_NATIVE_STACK=200"]) {
  test(`wasm3: calls that nest too deep are a trap: ${limit}`, async () => {
    const native = await loadNative("wasm3", "tiny", { flags: [`-D${limit}`] });
    assert.equal(native.start(), Trap.NONE);
    native.call("initialise");
    assert.equal(native.trap(), Trap.CALL_DEPTH);
  });
}

test("an access that is not exchanged is an error, and so is another prelude", () => {
  const prelude = "#if defined(_MSC_VER)\n\n// Adapted from";
  const access = (name: string) =>
    `${prelude}\n x = ${name}(&instance->w2c_memory, (u64)(i) + 4u);`;
  assert.match(exchangeAccesses(access("i32_load_default32")), /x = mote_i32_load\(i, 4u\);/);
  assert.throws(() => exchangeAccesses(access("f32_load_default32")), /not exchanged/);
  assert.throws(() => exchangeAccesses("int main(void) {}"), /another prelude/);
});

for (const profile of PROFILES) {
  test(`${profile}: the C that firmware is built from is what the module makes`, async () => {
    const files = ["core.c", "core.h", "calls.c", "exports.c", "profile.h"];
    const read = () => files.map((name) => readText(`build/aot/${profile}/${name}`));
    const built = read();
    const sha256 = createHash("sha256").update(moduleBytes(profile)).digest("hex");
    assert.match(built.at(-1)!, new RegExp(`#define MOTE_CORE_SHA256 "${sha256}"`));
    await makeAheadOfTime(profile);
    assert.deepEqual(read(), built);
  });
}
