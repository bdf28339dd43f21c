// First proof: the core compiles against a runtime whose allocators are compile errors.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { fromRoot } from "./support/module.js";

function compileWithoutHeap(entry: string, profile: number) {
  const asc = fromRoot("node_modules/assemblyscript/bin/asc.js");
  const args = ["--config", "none", "--runtime", "./tests/static/noheap", "--noEmit"];
  const use = ["--use", "abort=", "--use", `MOTE_PROFILE=${profile}`];
  return spawnSync(process.execPath, [asc, entry, ...args, ...use], {
    cwd: fromRoot("."),
    encoding: "utf8",
  });
}

for (const [profile, name] of ["tiny", "esp32", "desktop"].entries()) {
  test(`the core compiles without a heap: ${name}`, () => {
    const { status, stderr } = compileWithoutHeap("assembly/index.ts", profile);
    assert.equal(status, 0, stderr);
  });
}

test("code that allocates does not compile: the proof can fail", () => {
  mkdirSync(fromRoot(".tmp"), { recursive: true });
  const source = "class Box { n: i32 = 1; }\nexport function f(): i32 { return new Box().n; }\n";
  writeFileSync(fromRoot(".tmp/allocates.ts"), source);
  const { status, stderr } = compileWithoutHeap(".tmp/allocates.ts", 0);
  assert.notEqual(status, 0);
  assert.match(stderr, /the core must not create objects/);
});
