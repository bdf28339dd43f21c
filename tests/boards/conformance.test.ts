// The same packet scripts on every board, by every engine: the calls that a script makes of the core on this host are made
// of the board's, one by one, and each result and all memory after it must be the same. So the verdict is, too. All of it
// by the same module, which each says by its SHA-256.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { test, type TestContext } from "node:test";
import { BOARDS, type BoardProfile } from "../../host/boards/board.js";
import { firstDifference, type Probe } from "../../host/boards/probe.js";
import { recordScript, type Transcript } from "../../host/boards/transcript.js";
import { fromRoot, moduleBytes, readList } from "../static/support/module.js";
import { cellsOf, nameOf, skipOf, startProbe } from "./support/board.js";
import { startPosixProbe, startPythonProbe } from "./support/probes.js";
import { withoutTimestampOption } from "../../host/conformance/exceptions.js";

const SCRIPTS = readList("tests/boards/conformance.txt");
const options = { timeout: 240_000 };

/** What this host makes of the scripts: all of them pass. */
const recorded = new Map<BoardProfile, Promise<Transcript[]>>();
function transcriptsOf(profile: BoardProfile): Promise<Transcript[]> {
  const known = recorded.get(profile) ?? record(profile);
  recorded.set(profile, known);
  return known;
}

async function record(profile: BoardProfile): Promise<Transcript[]> {
  const transcripts: Transcript[] = [];
  for (const path of SCRIPTS) {
    const text = readFileSync(fromRoot(`tests/packets/${path}`), "utf8");
    const transcript = await recordScript(path, withoutTimestampOption(text), profile);
    assert.equal(
      transcript.verdict.status,
      "passed",
      `${path}: ${transcript.verdict.problem?.message}`,
    );
    transcripts.push(transcript);
  }
  return transcripts;
}

async function playAll(t: TestContext, probe: Probe, profile: BoardProfile): Promise<void> {
  assert.equal(await probe.start(), 0);
  assert.equal(
    (await probe.info()).sha256,
    createHash("sha256").update(moduleBytes(profile)).digest("hex"),
  );
  let steps = 0;
  for (const transcript of await transcriptsOf(profile)) {
    assert.equal(await probe.start(), 0);
    const answers = await probe.play(transcript.steps);
    assert.equal(firstDifference(transcript.steps, answers), "", transcript.script);
    steps += transcript.steps.length;
  }
  t.diagnostic(`${SCRIPTS.length} scripts, ${steps} calls`);
}

for (const cell of cellsOf(BOARDS)) {
  const skip = await skipOf(cell.board);
  test(`conformance: ${nameOf(cell)}`, { ...options, skip }, async (t) => {
    await playAll(t, await startProbe(t, cell), cell.profile);
  });
}

for (const engine of ["aot", "wasm3"] as const) {
  for (const profile of ["tiny", "esp32"] as const) {
    test(`conformance: posix, ${engine}, ${profile}`, options, async (t) => {
      await playAll(t, await startPosixProbe(t, engine, profile), profile);
    });
  }
}

for (const profile of ["tiny", "esp32"] as const) {
  test(`conformance: Python's wasm3, ${profile}`, options, async (t) => {
    await playAll(t, await startPythonProbe(t, profile), profile);
  });
}

test("a board whose core does otherwise is found out", options, async (t) => {
  const probe = await startPosixProbe(t, "aot", "tiny");
  const [transcript] = await transcriptsOf("tiny");
  const { steps } = transcript!;
  const at = steps.findIndex(({ name }) => name === "receive");
  const other = (change: object) =>
    steps.map((step, i) => (i === at ? { ...step, ...change } : step));
  for (const [change, found] of [
    [{ result: 7 }, /receive\(.*\): \d+, not 7$/],
    [{ memory: 1 }, /receive\(.*\): other memory$/],
    [{ name: "receeive" }, /trap 255$/],
  ] as const) {
    await probe.start();
    const changed = other(change);
    assert.match(firstDifference(changed, await probe.play(changed)), found);
  }
});
