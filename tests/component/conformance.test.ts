// The packet scripts that every board plays, run by the library's interfaces and by interface core: the same verdicts, the
// same result of every call, and on the small profiles the same memory after it, as the module's own.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { crc32 } from "node:zlib";
import { recordScript, type Step, type Transcript } from "../../host/boards/transcript.js";
import type { ProfileName } from "../../host/core/core.js";
import { createCore } from "../../host/node/builds.js";
import { Constant, type CoreExports } from "../../host/core/generated/abi.js";
import { runText } from "../../host/packetdrill/runner.js";
import { fromRoot, readList } from "../static/support/module.js";
import { withoutTimestampOption } from "../../host/conformance/exceptions.js";
import { boundaryOf } from "./support/boundary.js";
import { createCoreComponent, createLibrary, type CoreComponent } from "./support/library.js";

const SCRIPTS = readList("tests/boards/conformance.txt");
const options = { timeout: 240_000 };
const WORD_BYTES = 8;
/** Reading all memory by words takes its time, and whatever differs once stays different. */
const STEPS_PER_SUM = 4;

const textOf = (path: string) => readFileSync(fromRoot(`tests/packets/${path}`), "utf8");

/** What the module makes of the scripts, for a profile whose memory can be looked at after every call. */
const recorded = new Map<string, Promise<Transcript[]>>();
function transcriptsOf(profile: "tiny" | "esp32"): Promise<Transcript[]> {
  const known = recorded.get(profile) ?? record(profile);
  recorded.set(profile, known);
  return known;
}

async function record(profile: "tiny" | "esp32"): Promise<Transcript[]> {
  const transcripts: Transcript[] = [];
  for (const path of SCRIPTS) {
    const text = withoutTimestampOption(textOf(path));
    transcripts.push(await recordScript(path, text, profile));
  }
  for (const { script, verdict } of transcripts) {
    assert.equal(verdict.status, "passed", `${script}: ${verdict.problem?.message}`);
  }
  return transcripts;
}

const lineOf = ({ name, given, result }: Step) => `${name}(${given.join(", ")}) = ${result}`;

/** Both ways to the same steps: calls, arguments, what the host wrote, results, sums of memory. */
function assertSame(script: string, found: readonly Step[], wanted: readonly Step[]): void {
  wanted.forEach((step, i) => {
    assert.deepEqual(found[i], step, `${script}, call ${i + 1}: ${lineOf(step)}`);
  });
  assert.equal(found.length, wanted.length, script);
}

for (const profile of ["tiny", "esp32"] as const) {
  test(`conformance: the library, ${profile}`, options, async (t) => {
    let calls = 0;
    for (const wanted of await transcriptsOf(profile)) {
      const text = withoutTimestampOption(textOf(wanted.script));
      const library = await createLibrary(profile);
      const found = await recordScript(wanted.script, text, profile, () => boundaryOf(library));
      assert.equal(
        found.verdict.status,
        "passed",
        `${wanted.script}: ${found.verdict.problem?.message}`,
      );
      assertSame(wanted.script, found.steps, wanted.steps);
      calls += found.steps.length;
    }
    t.diagnostic(`${SCRIPTS.length} scripts, ${calls} calls`);
  });
}

/** Interface core under the names of the module, with all of its memory read by 8 bytes. */
function createPlayer({ core }: CoreComponent) {
  const end = core.constant(Constant.MEMORY_BYTES);
  const bytes = Buffer.alloc(Math.ceil(end / WORD_BYTES) * WORD_BYTES);
  const calls = core as unknown as Record<string, (...given: number[]) => number | undefined>;
  const read = () => {
    for (let at = 0; at < bytes.length; at += WORD_BYTES) bytes.writeBigUInt64LE(core.load(at), at);
    return bytes.subarray(0, end);
  };
  return {
    write(at: number, written: Buffer) {
      const from = at - (at % WORD_BYTES);
      const words = Buffer.alloc(Math.ceil((at + written.length - from) / WORD_BYTES) * WORD_BYTES);
      for (let i = 0; i < words.length; i += WORD_BYTES) {
        words.writeBigUInt64LE(core.load(from + i), i);
      }
      written.copy(words, at - from);
      for (let i = 0; i < words.length; i += WORD_BYTES) {
        core.store(from + i, words.readBigUInt64LE(i));
      }
    },
    call: (name: string, given: readonly number[]) => (calls[name]!(...given) ?? 0) >>> 0,
    sum: () => crc32(read()),
  };
}

for (const profile of ["tiny", "esp32"] as const) {
  test(`conformance: interface core, ${profile}`, options, async (t) => {
    let [calls, summed, sums] = [0, 0, 0];
    for (const { script, steps } of await transcriptsOf(profile)) {
      const player = createPlayer(await createCoreComponent(profile));
      for (const [i, step] of steps.entries()) {
        for (const { at, bytes } of step.writes) player.write(at, bytes);
        const place = `${script}, call ${i + 1}: ${lineOf(step)}`;
        assert.equal(player.call(step.name, step.given), step.result, place);
        calls++;
        if (step.memory === undefined || ++summed % STEPS_PER_SUM !== 0) continue;
        assert.equal(player.sum(), step.memory, `${place}: memory`);
        sums++;
      }
    }
    assert.ok(sums > SCRIPTS.length);
    t.diagnostic(`${SCRIPTS.length} scripts, ${calls} calls, memory compared ${sums} times`);
  });
}

/** Runs a script and writes down its calls and results: the memory of this profile is too large to look at. */
async function callsOf(path: string, exports: (inner: CoreExports) => CoreExports) {
  const calls: string[] = [];
  const noted = (inner: CoreExports): CoreExports => {
    const through = Object.entries(exports(inner)).map(([name, call]) => {
      if (typeof call !== "function" || name === "constant") return [name, call] as const;
      const called = (...given: number[]) => {
        const result = ((call as (...given: number[]) => number | undefined)(...given) ?? 0) | 0;
        calls.push(`${name}(${given.map((word) => word >>> 0).join(", ")}) = ${result}`);
        return result;
      };
      return [name, called] as const;
    });
    return Object.fromEntries(through) as unknown as CoreExports;
  };
  const core = (profile: ProfileName) => createCore(profile, "release", noted);
  const verdict = await runText(path, textOf(path), { profile: "desktop", core });
  assert.equal(verdict.status, "passed", `${path}: ${verdict.problem?.message}`);
  return calls;
}

test("conformance: the library, desktop", options, async (t) => {
  let calls = 0;
  for (const path of SCRIPTS) {
    const library = await createLibrary("desktop");
    const wanted = await callsOf(path, (inner) => inner);
    const found = await callsOf(path, () => boundaryOf(library));
    assert.deepEqual(found, wanted, path);
    calls += found.length;
  }
  t.diagnostic(`${SCRIPTS.length} scripts, ${calls} calls`);
});

test("a library that does otherwise is found out", options, async () => {
  const library = await createLibrary("tiny");
  const [wanted] = await transcriptsOf("tiny");
  const { script, steps } = wanted!;
  const deaf = { ...library.frames, transmit: () => undefined };
  const text = withoutTimestampOption(textOf(script));
  const other = () => boundaryOf({ ...library, frames: deaf });
  const found = await recordScript(script, text, "tiny", other);
  assert.notEqual(found.verdict.status, "passed");
  assert.throws(() => assertSame(script, found.steps, steps), /call \d+: transmit\(0\) = \d+/);
});
