// The programs in the README and the guides do what the pages say: each ```js block is run, and
// prints what the ```text block behind it says.

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { basename } from "node:path";
import { test } from "node:test";
import { fromRoot, readText } from "./support/module.js";

const LIMIT_MS = 60_000;

interface Example {
  page: string;
  code: string;
  /** What it prints. */
  output: string;
}

const pages = readdirSync(fromRoot("docs/guides")).filter((name) => name.endsWith(".md"));

function examplesOf(page: string): Example[] {
  const blocks = readText(`docs/guides/${page}`).matchAll(
    /^```js\n([^]*?)^```\n+(?:^```text\n([^]*?)^```)?/gm,
  );
  return [...blocks].map(([, code = "", output = ""]) => ({ page, code, output }));
}

/** Below the repository, so that "motetcp" is this package. */
function writeProgram(name: string, code: string): string {
  mkdirSync(fromRoot(".tmp"), { recursive: true });
  const path = fromRoot(`.tmp/example-${name}.mjs`);
  writeFileSync(path, code);
  return path;
}

const examples = pages.flatMap(examplesOf);

test("there are examples", () => {
  assert.ok(examples.length >= 4, `${examples.length} examples`);
});

for (const [index, { page, code, output }] of examples.entries()) {
  test(`docs/guides/${page}: the program prints what the page says`, () => {
    assert.notEqual(output, "", "a program is followed by what it prints");
    const path = writeProgram(`${basename(page, ".md")}-${index}`, code);
    const run = spawnSync(process.execPath, [path], {
      cwd: fromRoot("."),
      encoding: "utf8",
      timeout: LIMIT_MS,
    });
    assert.equal(run.stderr, "");
    assert.equal(run.stdout, output);
    assert.equal(run.status, 0);
  });
}

/** All that comes from a port until the other side closes. */
function readAll(port: number, host: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    const socket = connect(port, host);
    socket.setEncoding("utf8").on("data", (chunk) => (text += String(chunk)));
    socket.on("end", () => socket.end());
    socket.on("close", () => resolve(text));
    socket.on("error", reject);
  });
}

test("README.md: the server answers to the command that it prints", async () => {
  const [, code = ""] = /^```js\n([^]*?)^```/m.exec(readText("README.md")) ?? [];
  assert.notEqual(code, "");
  const child = spawn(process.execPath, [writeProgram("readme", code)], {
    cwd: fromRoot("."),
    stdio: ["ignore", "pipe", "inherit"],
    timeout: LIMIT_MS,
  });
  try {
    const line = await new Promise<string>((resolve, reject) => {
      child.stdout.once("data", (bytes) => resolve(String(bytes).trim()));
      child.once("exit", (status) => reject(new Error(`ended with ${status}`)));
    });
    const [, host = "", port = ""] = /^nc (\S+) (\d+)$/.exec(line) ?? [];
    const answer = await readAll(Number(port), host);
    assert.match(answer, /^\d{4}-\d\d-\d\dT[\d:.]+Z\n$/);
  } finally {
    child.kill();
  }
});
