// The conformance suite: the table of the matrix is whole, its scripts and the page are what it says,
// and every script does what its first lines expect, but those that are known to fail.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { scriptFiles } from "../../host/packetdrill/files.js";
import { fromRoot, readText } from "../static/support/module.js";
import { allScripts } from "./matrix/emit.js";
import { MATRIX } from "./matrix/events/index.js";
import { KNOWN_FAILURES } from "../../host/conformance/known.js";
import { STATES } from "./matrix/model.js";
import { conformancePage } from "./matrix/page.js";
import { EXCEPTIONS } from "../../host/conformance/exceptions.js";
import { failuresOn } from "./matrix/profiles.js";
import { SCENARIOS } from "./matrix/scenarios.js";
import { expectedOutcome, problemText, runSuite, type SuiteResult } from "./matrix/suite.js";
import { summarise, totalsOf } from "./matrix/summary.js";
import { differences } from "./matrix/write.js";

const UPDATE = "npm run conformance";
const SCENARIO_FOLDER = "tests/packets/scenarios";

function assertPassed({ results, failed, recovered }: SuiteResult): void {
  assert.ok(results.length > 0);
  assert.equal(failed.map(problemText).join("\n"), "");
  assert.deepEqual(
    recovered.map(({ file }) => file),
    [],
    "these pass: take them off the list in host/conformance/known.ts",
  );
}

test("every cell of the matrix has scripts, or the reason why not", () => {
  const { cells, filled, explained, scripts } = totalsOf(summarise(expectedOutcome));
  const events = MATRIX.flatMap((chapter) => chapter.events);
  assert.equal(cells, events.length * STATES.length);
  assert.equal(filled + explained, cells);
  assert.ok(scripts >= 600, `${scripts} scripts`);
});

test("events have names of their own", () => {
  const names = MATRIX.flatMap(({ events }) => events).map(({ name }) => name);
  assert.equal(new Set(names).size, names.length);
});

test("the scripts are what the table says", () => {
  assert.deepEqual(
    differences().map(({ path }) => path),
    [],
    UPDATE,
  );
});

test("docs/conformance.md is what the table says", () => {
  assert.ok(
    readText("docs/conformance.md") === conformancePage(summarise(expectedOutcome)),
    UPDATE,
  );
});

test("known failures are scripts that exist, and name a reason", () => {
  const paths = new Set(allScripts().map(({ path }) => path));
  for (const { reason, scripts } of KNOWN_FAILURES) {
    assert.ok(reason.length > 40);
    for (const script of scripts) assert.ok(paths.has(`${script}.pkt`), script);
  }
});

for (const { title, events } of MATRIX) {
  const names = new Set(events.map(({ name }) => name));
  test(`matrix: ${title}`, async () => {
    const files = allScripts().filter(({ event }) => names.has(event));
    assertPassed(await runSuite(files.map(({ path }) => fromRoot(`tests/packets/${path}`))));
  });
}

test("the checked build, whose assertions stay, does the same", async () => {
  const files = allScripts().map(({ path }) => fromRoot(`tests/packets/${path}`));
  assertPassed(await runSuite(files, { variant: "checked" }));
});

for (const profile of ["esp32", "tiny"] as const) {
  test(`the matrix on ${profile}, but for what it leaves out`, async () => {
    const failed = await failuresOn(profile);
    assert.equal(failed.map(problemText).join("\n"), "");
    const paths = allScripts().map(({ path }) => path);
    for (const { scripts, why } of EXCEPTIONS[profile]) {
      assert.ok(
        paths.some((path) => scripts.test(path)),
        `${why}: of no script`,
      );
    }
  });
}

test("every scenario is shown, and every script is a scenario's", () => {
  const scripts = SCENARIOS.flatMap(({ script }) => (script === undefined ? [] : [script]));
  for (const { number, script, tests } of SCENARIOS) {
    assert.ok(script?.startsWith(`${number}-`) ?? (tests && tests.length > 0), number);
  }
  const found = scriptFiles([fromRoot(SCENARIO_FOLDER)]);
  assert.deepEqual(
    found.map((file) => file.replace(/^.*[\\/]|\.pkt$/g, "")).sort(),
    [...scripts].sort(),
  );
  for (const script of scripts) {
    assert.ok(existsSync(fromRoot(`${SCENARIO_FOLDER}/${script}.pkt`)), script);
  }
});

for (const { number, title, script } of SCENARIOS) {
  if (script === undefined) continue;
  test(`${number} ${title}`, async () => {
    assertPassed(await runSuite([fromRoot(`${SCENARIO_FOLDER}/${script}.pkt`)]));
  });
}
