// Python's wasm3, which is neither our C nor edited, does what the module does: the calls of a soak, behind the protocol
// of the probe (support/pywasm3.py).

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { crc32 } from "node:zlib";
import {
  compile,
  fromRoot,
  lastingMachine,
  memoryEnd,
  moduleBytes,
  type Machine,
} from "../static/support/module.js";
import { chooseSeed, createRandom } from "../static/support/random.js";
import { createSoak, setUp } from "../static/support/soak.js";
import { Trap } from "./support/native.js";
import { providePywasm3 } from "./support/wasm3.js";

const STEPS = 300;
const LONGEST_WRITE = 0xffff;
const GREETING = "probe\r\n";
/** Of a call: trap, result, ticks. */
const ANSWER_BYTES = 9;

/** Commands of the probe, and what the module itself has to answer to them. */
function createRecord(profile: "tiny" | "esp32") {
  const module = lastingMachine(compile(profile));
  const memory = module.memory().subarray(0, memoryEnd(module));
  const commands: Buffer[] = [];
  const answers: Buffer[] = [];
  const ask = (command: Buffer, answer: Buffer) => {
    commands.push(command);
    answers.push(answer);
  };
  const write = (address: number, bytes: Uint8Array) => {
    const head = Buffer.alloc(7);
    head.write("W");
    head.writeUInt32LE(address, 1);
    head.writeUInt16LE(bytes.length, 5);
    ask(Buffer.concat([head, bytes]), Buffer.alloc(0));
  };
  /** What was written since the last call, from the first byte that differs to the last. */
  let before = Buffer.from(memory);
  const tellWrites = () => {
    const differs = (at: number) => memory[at] !== before[at];
    let [from, to] = [0, memory.length];
    while (from < to && !differs(from)) from++;
    while (from < to && !differs(to - 1)) to--;
    for (; from < to; from += LONGEST_WRITE) {
      write(from, memory.slice(from, Math.min(to, from + LONGEST_WRITE)));
    }
  };
  const call: Machine["call"] = (name, ...given) => {
    tellWrites();
    const head = Buffer.concat([Buffer.from([67, name.length]), Buffer.from(name)]);
    const words = Buffer.alloc(1 + 4 * given.length);
    words[0] = given.length;
    given.forEach((value, i) => words.writeUInt32LE(value >>> 0, 1 + 4 * i));
    const result = module.call(name, ...given);
    const answer = Buffer.alloc(ANSWER_BYTES);
    answer.writeUInt32LE(result >>> 0, 1);
    ask(Buffer.concat([head, words]), answer);
    const sum = Buffer.alloc(4);
    sum.writeUInt32LE(crc32(memory));
    ask(Buffer.from("M"), sum);
    before = Buffer.from(memory);
    return result;
  };
  return { call, ask, commands, answers, bytes: memory.length, memory: () => module.memory() };
}

function runProbe(profile: string, bytes: number, commands: readonly Buffer[]) {
  const script = fromRoot("tests/boards/support/pywasm3.py");
  const words = [script, fromRoot(`build/${profile}.wasm`), String(bytes)];
  const env = { ...process.env, PYTHONPATH: providePywasm3(), PYTHONDONTWRITEBYTECODE: "1" };
  const input = Buffer.concat(commands);
  const { stdout, stderr, status } = spawnSync("python3", words, {
    env,
    input,
    maxBuffer: 1 << 28,
  });
  assert.equal(status, 0, String(stderr));
  assert.equal(stdout.toString("latin1", 0, GREETING.length), GREETING);
  return stdout.subarray(GREETING.length);
}

for (const profile of ["tiny", "esp32"] as const) {
  test(`${profile}: results and memory as the module's`, { timeout: 240_000 }, (t) => {
    const record = createRecord(profile);
    const sha256 = createHash("sha256").update(moduleBytes(profile)).digest("hex");
    const about = `{"sha256": "${sha256}", "memoryBytes": ${record.bytes}}\n`;
    record.ask(Buffer.from("H"), Buffer.from(about));
    record.ask(Buffer.from("S"), Buffer.from([Trap.NONE]));
    const seed = chooseSeed();
    t.diagnostic(`${STEPS} steps, MOTE_SEED=${seed}`);
    const random = createRandom(seed);
    setUp(record, random, 0);
    const soak = createSoak(record, random, 0);
    for (let step = 0; step < STEPS; step++) soak.step();
    const said = runProbe(profile, record.bytes, record.commands);
    let at = 0;
    record.answers.forEach((answer, i) => {
      const found = said.subarray(at, at + answer.length);
      assert.deepEqual(found, answer, `answer to ${record.commands[i]?.toString("latin1")}`);
      at += answer.length;
    });
    assert.equal(said.length, at);
  });
}

test("a trap is told, and ends every call until the next start", () => {
  const call = (name: string, ...given: number[]) => {
    const words = Buffer.alloc(4 * given.length);
    given.forEach((value, i) => words.writeUInt32LE(value, 4 * i));
    const text = String.fromCharCode(name.length) + name + String.fromCharCode(given.length);
    return Buffer.concat([Buffer.from(`C${text}`, "latin1"), words]);
  };
  const { bytes } = createRecord("tiny");
  const write = Buffer.alloc(7 + bytes, 0xff); // links that lead out of memory
  write.write("W");
  write.writeUInt32LE(0, 1);
  write.writeUInt16LE(bytes, 5);
  const read = Buffer.from([82, 0, 0, 0, 0, 4, 0]);
  const start = Buffer.from("S");
  const turns = [call("expire"), call("transmit", 0), call("transmit", 0), call("expire")];
  const commands = [start, call("initialise"), write, read, ...turns, start, call("initialise")];
  const said = runProbe("tiny", bytes, commands);
  const traps = turns.map((_, i) => said[1 + ANSWER_BYTES + 4 + ANSWER_BYTES * i]);
  assert.equal(traps.at(-1), Trap.OUT_OF_BOUNDS);
  assert.deepEqual(said.subarray(1 + ANSWER_BYTES, 5 + ANSWER_BYTES), Buffer.alloc(4, 0xff));
  const end = said.length - 1 - ANSWER_BYTES;
  assert.deepEqual([said[0], said[1], said[end], said[end + 1]], [0, 0, 0, 0]);
  assert.deepEqual(
    said.subarray(1, 1 + ANSWER_BYTES),
    said.subarray(end + 1),
    "as fresh as the first time",
  );
});
