// What `npm start` does with the words it gets, beside tools that only note how they were called.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { fromRoot } from "./support/module.js";

const folder = mkdtempSync(join(tmpdir(), "mote-start-"));
after(() => rmSync(folder, { recursive: true, force: true }));

/** Stands in for a tool or the command: tells its name and words, and fails when told to. */
function notesItsWords(path: string): void {
  mkdirSync(join(folder, path, ".."), { recursive: true });
  const text = `console.log("${path}", ...process.argv.slice(2));
process.exitCode = process.env.FAIL === "${path}" ? 7 : 0;`;
  writeFileSync(join(folder, path), text);
}

cpSync(fromRoot("tools/lib"), join(folder, "tools/lib"), { recursive: true });
cpSync(fromRoot("tools/start.mjs"), join(folder, "tools/start.mjs"));
writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
["tools/build.mjs", "dist/host/command/main.js"].forEach(notesItsWords);

/** What was called, by the words of `npm start --`. */
function start(words: readonly string[], fail = "") {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(folder, "tools/start.mjs"), ...words],
    { env: { ...process.env, FAIL: fail }, encoding: "utf8" },
  );
  return { status, stdout: stdout.trimEnd(), built: stderr.trimEnd() };
}

describe("npm start", () => {
  it("builds and serves; stdout belongs to the command", () => {
    const { status, stdout, built } = start([]);
    assert.equal(status, 0);
    assert.equal(built, "tools/build.mjs --start");
    assert.equal(stdout, "dist/host/command/main.js serve");
  });

  it("builds the profile that its words name, and hands all words on", () => {
    for (const words of [["hello", "--profile", "tiny"], ["--profile=esp32"]]) {
      const { stdout, built } = start(words);
      const profile = words.join(" ").includes("tiny") ? "tiny" : "esp32";
      assert.equal(built, `tools/build.mjs --start ${profile}`);
      assert.equal(stdout, `dist/host/command/main.js serve ${words.join(" ")}`);
    }
  });

  it("leaves it to the command what is wrong with a profile", () => {
    for (const words of [["--profile", "nope"], ["--profile"], ["--profile", "desktop"]]) {
      assert.equal(start(words).built, "tools/build.mjs --start", words.join(" "));
    }
  });

  it("serves nothing when the build failed", () => {
    const { status, stdout } = start([], "tools/build.mjs");
    assert.equal(status, 1);
    assert.equal(stdout, "");
  });

  it("ends as the command ends", () => {
    assert.equal(start([], "dist/host/command/main.js").status, 7);
  });
});
