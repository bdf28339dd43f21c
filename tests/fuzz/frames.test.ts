// For each build a million frames, damaged or pure noise, between random user calls and steps of
// time, on the release and the checked build of each profile: no trap, no write behind the map, and
// when all is closed every pool is back at its idle level. MOTE_SEED repeats a run, MOTE_SOAK makes
// it longer.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Constant, Counter, poolNames } from "../../host/core/generated/abi.js";
import { OUR_ADDRESS } from "../static/support/frames.js";
import {
  lastingMachine,
  type Machine,
  memoryEnd,
  moduleBytes,
  PROFILES,
  wordOf,
} from "../static/support/module.js";
import { chooseSeed, createRandom, type Random } from "../static/support/random.js";
import { createSoak, neverUsed, poolLevels, setUp } from "../static/support/soak.js";
import { mutate } from "./support/mutate.js";

const SOAK = Math.max(1, Number(process.env["MOTE_SOAK"] ?? 1) || 1);
const FRAMES = 1_000_000 * SOAK;
const BUILDS = ["", ".checked"] as const;
const CANARY = 0xa5;
const LOOPBACK = [127, 0, 0, 1];
/** Damaged copies that follow one frame as it was. */
const COPIES = 5;

/** Each frame that comes is followed by copies of it, damaged, and by noise. Some connections stay
 * inside the stack, and the link goes down now and then. */
function damaging(machine: Machine, random: Random): Machine & { frames(): number } {
  const rx = { at: machine.call("constant", Constant.RX_FRAME), bytes: 0 };
  rx.bytes = machine.call("constant", Constant.FRAME_BYTES);
  const buffer = () => machine.memory().subarray(rx.at, rx.at + rx.bytes);
  const original = new Uint8Array(rx.bytes);
  let frames = 0;

  const receive = (length: number) => {
    frames++;
    return machine.call("receive", 0, length);
  };
  const noise = () => {
    const length = random.below(200);
    const into = buffer();
    for (let at = 0; at < length; at++) into[at] = random.word() & 255;
    if (random.percent(70)) into.set(original.subarray(0, 14 + random.below(40)));
    return length;
  };

  return {
    frames: () => frames,
    memory: () => machine.memory(),
    call(name, ...args) {
      if (name === "connect" && random.percent(15)) {
        const inside = random.percent(50) ? LOOPBACK : OUR_ADDRESS;
        machine.memory().set(inside, machine.call("constant", Constant.ADDRESS_BUFFER));
      }
      if (name === "nextEvent" && random.percent(2)) {
        machine.call("interfaceLink", 0, random.percent(30) ? 0 : 1);
      }
      if (name !== "receive") return machine.call(name, ...args);
      const length = Math.min(Math.max((args[1] ?? 0) >>> 0, 14), 1514);
      original.set(buffer().subarray(0, length));
      frames++;
      const reply = machine.call(name, ...args);
      for (let copy = 0; copy < COPIES; copy++) {
        buffer().set(original.subarray(0, length));
        receive(random.percent(8) ? noise() : mutate(buffer(), length, random));
        if (random.percent(20)) machine.call("transmit", 0);
      }
      return reply;
    },
  };
}

/** The line that repeats a run. */
const label = (profile: string, kind: string, seed: number) =>
  `fuzz of ${profile}${kind}: MOTE_SEED=${seed}`;

for (const kind of BUILDS) {
  for (const profile of PROFILES) {
    test(`random frames and calls do no harm: ${profile}${kind}`, (t) => {
      const seed = chooseSeed();
      const random = createRandom(seed);
      const machine = lastingMachine(new WebAssembly.Module(moduleBytes(profile, kind)));
      const startMs = (0 - random.below(100_000)) >>> 0;
      const end = memoryEnd(machine);
      machine.memory().fill(CANARY, end);

      setUp(machine, random, startMs);
      const idle = poolLevels(machine);
      const target = FRAMES;
      const damaged = damaging(machine, random);
      const soak = createSoak(damaged, random, startMs);
      let steps = 0;
      try {
        for (; damaged.frames() < target; steps++) soak.step();
        machine.call("interfaceLink", 0, 1);
        soak.settle();
      } catch (error) {
        assert.fail(`${label(profile, kind, seed)}: trap in step ${steps}: ${String(error)}`);
      }
      t.diagnostic(`${label(profile, kind, seed)}, ${damaged.frames()} frames, ${steps} steps`);

      assert.deepEqual(neverUsed(machine, profile), [], "pools that were never used");
      assert.ok(
        wordOf(machine, Constant.COUNTER_AREA, Counter.TCP_SEGMENTS_IN) > target / 10,
        "frames got to TCP",
      );
      const named = (levels: number[]) => levels.map((used, id) => `${poolNames[id]}: ${used}`);
      assert.deepEqual(named(poolLevels(machine)), named(idle), label(profile, kind, seed));
      const behind = machine.memory().subarray(end);
      const canary = new Uint8Array(behind.length).fill(CANARY);
      assert.equal(Buffer.compare(behind, canary), 0, `written behind the map, seed ${seed}`);
    });
  }
}
