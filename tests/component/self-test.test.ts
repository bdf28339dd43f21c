// The self-test as a command: in Node by `jco run`, and in wasmtime. It brings its own time and random numbers, so that
// both print the same.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { before, test } from "node:test";
import { loadTool } from "../boards/support/native.js";
import { createHash } from "node:crypto";
import { fromRoot, moduleBytes, PROFILES, type Profile } from "../static/support/module.js";
import { filesOf, provideWasmtime } from "./support/library.js";

const LIMIT_MS = 120_000;
const options = { timeout: 2 * LIMIT_MS };

interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const limits = { encoding: "utf8", timeout: LIMIT_MS } as const;

/** `jco run`, as the guide has it. */
const runInNode = (path: string): Outcome =>
  spawnSync(process.execPath, [fromRoot("wit/node_modules/.bin/jco"), "run", path], limits);

let wasmtime = "";
/** Why wasmtime is not here; "": it is. */
let missing = "";

before(() => {
  try {
    wasmtime = provideWasmtime();
  } catch (error) {
    missing = (error as Error).message;
  }
});

function runInWasmtime(path: string): Outcome {
  const env = { ...process.env, PYTHONPATH: wasmtime, PYTHONDONTWRITEBYTECODE: "1" };
  return spawnSync("python3", [fromRoot("wit/runWithWasmtime.py"), path], { ...limits, env });
}

/** The report, line by line, of a profile. */
function reportOf(profile: Profile): RegExp[] {
  const sha256 = createHash("sha256").update(moduleBytes(profile)).digest("hex");
  const datagrams =
    profile === "tiny" ? /^datagrams: none in this profile$/ : /^datagrams: 1 each way$/;
  return [
    new RegExp(`^MoteTCP self-test: two stacks, profile ${profile}$`),
    new RegExp(`^module: SHA-256 ${sha256}$`),
    /^handshake: established after 5 frames, 3 of them TCP$/,
    /^data: 262144 bytes each way in \d+ frames$/,
    /^loss: 32768 bytes each way in \d+ frames, [1-9]\d* of them lost, [1-9]\d* segments sent again, \d+ ms$/,
    datagrams,
    /^mistakes: 8, each with its error$/,
    /^close: in good order, TIME-WAIT was over after 60\d{3} ms, and every pool is idle$/,
    /^passed$/,
    /^$/,
  ];
}

function assertPassed({ status, stdout, stderr }: Outcome, profile: Profile): void {
  assert.equal(stderr, "");
  const lines = stdout.split("\n");
  const expected = reportOf(profile);
  expected.forEach((line, i) => assert.match(lines[i] ?? "", line));
  assert.equal(lines.length, expected.length);
  assert.equal(status, 0);
}

for (const profile of PROFILES) {
  test(`the self-test passes in Node: ${profile}`, options, () => {
    assertPassed(runInNode(fromRoot(filesOf(profile).selfTest)), profile);
  });

  test(
    `the self-test passes in wasmtime and prints what it prints in Node: ${profile}`,
    options,
    (t) => {
      if (missing !== "") return t.skip(missing);
      const path = fromRoot(filesOf(profile).selfTest);
      const outcome = runInWasmtime(path);
      assertPassed(outcome, profile);
      assert.equal(outcome.stdout, runInNode(path).stdout);
    },
  );
}

interface Builder {
  buildSelfTest(profile: string, without: readonly string[]): Promise<Buffer>;
}

test("a stack that does not connect fails the self-test", options, async (t) => {
  const { buildSelfTest } = (await loadTool("tools/lib/component/build.mjs")) as Builder;
  const folder = mkdtempSync(join(tmpdir(), "mote-self-test-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "broken.wasm");
  writeFileSync(path, await buildSelfTest("tiny", ["connect"]));
  assert.notDeepEqual(readFileSync(path), readFileSync(fromRoot(filesOf("tiny").selfTest)));
  const { status, stdout } = runInNode(path);
  assert.equal(status, 1);
  assert.match(stdout, /\nFAILED: connect\nFAILED\n$/);
  if (missing !== "") return t.skip(missing);
  const other = runInWasmtime(path);
  assert.equal(other.status, 1);
  assert.equal(other.stdout, stdout);
});
