// docs/guides/component.md keeps its word: its program prints what the page says, and components are no larger.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, statSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { fromRoot, PROFILES, readText } from "../static/support/module.js";
import { filesOf } from "./support/library.js";

const page = readText("docs/guides/component.md");
/** A bound that is much too high says nothing. */
const CLOSE = 0.9;

test("the program of the guide prints what the page says", () => {
  const blocks = /^```javascript\n([^]*?)^```\n+^```text\n([^]*?)^```/m.exec(page);
  assert.ok(blocks);
  const [, code = "", output = ""] = blocks;
  mkdirSync(fromRoot(".tmp"), { recursive: true });
  const path = fromRoot(".tmp/example-component.mjs");
  writeFileSync(path, code);
  const run = spawnSync(process.execPath, [path], { cwd: fromRoot("."), encoding: "utf8" });
  assert.equal(run.stderr, "");
  assert.equal(run.stdout, output);
  assert.equal(run.status, 0);
});

test("the guide says how much larger than the module components are", () => {
  const size = (path: string) => statSync(fromRoot(path)).size;
  const most = (name: string) => {
    const row = new RegExp(`^\\| \`${name}\` \\|[^|]*\\| ([\\d,]+) \\|$`, "m").exec(page);
    return Number(row?.[1]?.replaceAll(",", ""));
  };
  for (const profile of PROFILES) {
    const { core, library, selfTest } = filesOf(profile);
    for (const [name, path] of [
      ["core-PROFILE.wasm", core],
      ["PROFILE.wasm", library],
      ["self-test-PROFILE.wasm", selfTest],
    ] as const) {
      const more = size(path) - size(`build/${profile}.wasm`);
      assert.ok(more <= most(name), `${path}: ${more} bytes more than the module`);
      assert.ok(more >= CLOSE * most(name), `${path}: only ${more} bytes more than the module`);
    }
  }
});
