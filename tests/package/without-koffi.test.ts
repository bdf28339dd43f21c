// Installed without its optional dependency the package does everything but TAP devices, and of those it says
// what they need.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { install, type Consumer } from "./support/folder.js";
import { entryName, manifest, moduleEntries } from "./support/packed.js";
import { run } from "./support/run.js";

describe("without optional dependencies", () => {
  let consumer: Consumer;
  before(async () => {
    consumer = await install("--omit=optional");
  });
  after(() => consumer?.remove());

  const start = (program: string, ...words: string[]) =>
    run(process.execPath, [consumer.program(program), ...words], { cwd: consumer.folder });
  const mote = (...words: string[]) =>
    run(join(consumer.folder, "node_modules/.bin/mote"), words, { cwd: consumer.folder });

  it("is installed so", () => {
    for (const name of Object.keys(manifest.optionalDependencies)) {
      assert.ok(!existsSync(join(consumer.folder, "node_modules", name)), name);
    }
  });

  it("has all its modules", async () => {
    const { status, err } = await start("exports.mjs", ...moduleEntries.map(entryName));
    assert.equal(err, "");
    assert.equal(status, 0);
  });

  it("serves HTTP over loopback", async () => {
    const { out, err } = await start("http.mjs");
    assert.equal(err, "");
    assert.equal(out, "POST /much 1000000\nclosed\n");
  });

  it("runs packet scripts", async () => {
    const scripts = "node_modules/motetcp/tests/packets/scenarios";
    const { status, out } = await mote("packetdrill", scripts);
    assert.equal(status, 0, out);
  });

  it("says of a TAP device how to get what it needs", async () => {
    const { out } = await start("tap.mjs");
    if (process.platform === "linux") assert.match(out, /koffi.*run: npm install koffi/);
    else assert.match(out, /^ENOTSUP: TAP devices need Linux/);
  });

  it("says so on the command line, too", async () => {
    const { status, err } = await mote("serve", "--link", "tap:mote-none");
    assert.notEqual(status, 0);
    assert.match(
      err,
      process.platform === "linux" ? /npm install koffi/ : /TAP devices need Linux/,
    );
  });
});
