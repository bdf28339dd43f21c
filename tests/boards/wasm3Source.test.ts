// Where wasm3 comes from: errors say what is missing and what to do.

import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test, type TestContext } from "node:test";
import { checkArchive, editWasm3, fetchWasm3, publishedWasm3 } from "./support/wasm3.js";

const folder = mkdtempSync(join(tmpdir(), "mote-wasm3-"));
after(() => rmSync(folder, { recursive: true }));

/** PATH with nothing but a python3 that says this and fails; with "" there is none. */
function withPython(t: TestContext, says: string): string {
  const root = mkdtempSync(join(folder, "root-"));
  const path = process.env["PATH"];
  process.env["PATH"] = root;
  t.after(() => (process.env["PATH"] = path));
  if (says === "") return root;
  writeFileSync(join(root, "python3"), `#!/bin/sh\necho "${says}" >&2\nexit 1\n`);
  chmodSync(join(root, "python3"), 0o755);
  return root;
}

const CASES: readonly [string, RegExp][] = [
  ["", /python3 is missing; install it: apt-get install python3 python3-pip/],
  ["/usr/bin/python3: No module named pip", /pip is missing; install it/],
  [
    "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES",
    /another archive than the one with the SHA-256/,
  ],
  ["Could not fetch URL", /is there a network\? or name a checkout of wasm3: MOTE_WASM3=DIR/],
];

for (const [says, expected] of CASES) {
  test(`wasm3 is not to be had: ${says || "no python3"}`, (t) => {
    const root = withPython(t, says);
    assert.throws(() => fetchWasm3(root), expected);
    assert.deepEqual(readdirSync(join(root, "build")), [], "nothing is left behind");
  });
}

test("an archive with other bytes is refused", () => {
  const path = join(folder, "archive");
  writeFileSync(path, "other");
  assert.throws(() => checkArchive(path), /has the SHA-256 d9298a10.*, and not 5a47c8a3/);
});

test("a checkout may be named, if it is the version that the engine is made for", () => {
  const checkout = join(folder, "checkout");
  assert.throws(() => publishedWasm3(folder, checkout), /no wasm3\.h in \S+checkout/);
  const source = join(checkout, "source");
  mkdirSync(source, { recursive: true });
  const header = (version: string) =>
    writeFileSync(join(source, "wasm3.h"), `#define M3_VERSION          "${version}"\n`);
  header("0.4.9");
  assert.throws(() => publishedWasm3(folder, checkout), /is wasm3 0\.4\.9; the engine is made for/);
  header("0.5.0");
  assert.equal(publishedWasm3(folder, checkout), source);
});

test("another text than the edits expect is an error", () => {
  const text = "typedef void /*const*/ *                    code_t;";
  assert.throws(() => editWasm3("m3_core.h", `${text}\n${text}`), /has 2 times, and not 1/);
  assert.throws(() => editWasm3("m3_core.h", "int x;"), /has 0 times, and not 1/);
  assert.equal(editWasm3("m3_module.c", "int x;"), "int x;");
});
