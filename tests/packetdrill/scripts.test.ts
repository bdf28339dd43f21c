// The scripts beside this file, each a test, and how fast they run.

import assert from "node:assert/strict";
import { test } from "node:test";
import { scriptFiles } from "../../host/packetdrill/files.js";
import { runScripts, runText } from "../../host/packetdrill/runner.js";
import { fromRoot, readText } from "../static/support/module.js";

const FOLDER = "tests/packetdrill";
const files = scriptFiles([fromRoot(FOLDER)]);

test("there are scripts", () => {
  assert.ok(files.length >= 14, `${files.length} scripts`);
});

for (const file of files) {
  const name = file.slice(file.lastIndexOf("/") + 1);
  test(name, async () => {
    const [result] = await runScripts([file]);
    assert.equal(result?.status, "passed", JSON.stringify(result?.problem));
  });
}

test("the checked build, whose assertions stay, does the same", async () => {
  const results = await runScripts(files, { variant: "checked" });
  const others = results.filter(({ status }) => status !== "passed");
  assert.deepEqual(others, []);
});

test("hundreds of scripts run in a second, each as if it were the first", async () => {
  const text = readText(`${FOLDER}/passive-open.pkt`);
  const started = performance.now();
  for (let i = 0; i < 200; i++) {
    const { status, problem } = await runText(`${i}.pkt`, text);
    assert.equal(status, "passed", JSON.stringify(problem));
  }
  // Far more than it takes: the machine may have other work.
  assert.ok(performance.now() - started < 10_000);
});
