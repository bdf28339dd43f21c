// A program that `mote replay --to-test` has written, in a folder in which the package is installed: it passes there, and the
// command that writes it is the package's own.

import assert from "node:assert/strict";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { install, type Consumer } from "./support/folder.js";
import { succeed } from "./support/run.js";

const PROGRAM = `
import { once } from "node:events";
import { createStack, createSwitch, writeRecording } from "motetcp";
const wire = createSwitch();
const record = { to: "whole.moterec", flight: 4 };
const near = await createStack({ profile: "tiny", link: wire.port(), addresses: ["198.18.0.1/24"], record });
const far = await createStack({ link: wire.port(), addresses: ["198.18.0.2/24"] });
far.net.createServer((socket) => socket.end("an answer")).listen(7);
await once(near.net.connect(7, "198.18.0.2").resume(), "close");
writeRecording("last.moterec", near);
[near, far].forEach((stack) => stack.close());
`;

let consumer: Consumer;
before(async () => {
  consumer = await install();
});
after(() => consumer?.remove());

describe("a recording as a program", () => {
  it("runs where the package is installed, of a whole run and of a flight recorder", async () => {
    const { folder } = consumer;
    const run = (...words: string[]) => succeed(process.execPath, words, { cwd: folder });
    writeFileSync(join(folder, "make.mjs"), PROGRAM);
    await run("make.mjs");
    const mote = "node_modules/motetcp/dist/host/command/main.js";
    for (const name of ["whole", "last"]) {
      await run(mote, "replay", `${name}.moterec`, "--to-test", `${name}.test.mjs`);
      assert.ok(existsSync(join(folder, `${name}.test.mjs`)));
      await run("--test", `${name}.test.mjs`);
    }
  });
});
