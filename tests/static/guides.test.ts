// The programs in the README and the guides do what the pages say: each ```js block is run, and
// prints what the ```text block behind it says. Those with packages of others: tests/libraries.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { connect } from "node:net";
import { test } from "node:test";
import { examples, LIMIT_MS, pages, runExample, writeProgram } from "./support/guides.js";
import { fromRoot, readText } from "./support/module.js";

test("there are examples", () => {
  assert.ok(examples.length >= 4, `${examples.length} examples`);
});

test("what imports something is a program that runs, no fragment", () => {
  const fragments = pages.flatMap((page) => {
    const found = readText(`docs/guides/${page}`).matchAll(/^ {4}import .*"/gm);
    return [...found].map(([line]) => `${page}:${line}`);
  });
  assert.deepEqual(fragments, []);
});

for (const example of examples.filter(({ packages }) => packages.length === 0)) {
  test(`docs/guides/${example.page}: the program prints what the page says`, (t) => {
    runExample(t, example);
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
  const child = spawn(process.execPath, [writeProgram("example-readme.mjs", code)], {
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
