// The first step of every script, with an npm that only notes that it was called: once for a lock
// file however many ask, again after an interrupted run or a change, never for nothing.

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { fromRoot } from "./support/module.js";

const BOOTSTRAP = fromRoot("tools/bootstrap.mjs");

/** Stands in for npm: takes a moment, makes node_modules, fails while a file says so. */
const FAKE_NPM = `
const fs = require("node:fs");
fs.appendFileSync("calls.txt", process.argv.slice(2).join(" ") + "\\n");
fs.mkdirSync("node_modules", { recursive: true });
setTimeout(() => process.exit(fs.existsSync("fail.txt") ? 1 : 0), 300);
`;

let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "mote-bootstrap-"));
  writeFileSync(join(folder, "package-lock.json"), '{ "lockfileVersion": 3 }');
  writeFileSync(join(folder, "npm-cli.js"), FAKE_NPM);
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function environment(): NodeJS.ProcessEnv {
  return { ...process.env, npm_execpath: join(folder, "npm-cli.js") };
}

function bootstrap() {
  return spawnSync(process.execPath, [BOOTSTRAP, folder], { env: environment(), encoding: "utf8" });
}

function calls(): string[] {
  const path = join(folder, "calls.txt");
  return existsSync(path) ? readFileSync(path, "utf8").trim().split("\n") : [];
}

describe("bootstrap", () => {
  it("installs once, and does nothing the next time", () => {
    const first = bootstrap();
    assert.equal(first.status, 0, first.stderr);
    assert.equal(first.stdout, "", "stdout belongs to what runs next");
    assert.equal(bootstrap().status, 0);
    assert.equal(calls().length, 1);
    assert.match(calls()[0] ?? "", /^ci .*--ignore-scripts/);
  });

  /** A lock file with one package, one for another platform, and what npm says is there. */
  function npmWasHere(version: string): void {
    const one = { version: "1.0.0", integrity: "sha512-one" };
    const other = { version: "1.0.0", optional: true, os: ["elsewhere"] };
    const packages = { "": {}, "node_modules/one": one, "node_modules/other": other };
    writeFileSync(join(folder, "package-lock.json"), JSON.stringify({ packages }));
    mkdirSync(join(folder, "node_modules"));
    const there = { "node_modules/one": { ...one, version } };
    writeFileSync(
      join(folder, "node_modules", ".package-lock.json"),
      JSON.stringify({ packages: there }),
    );
  }

  it("takes an installation that npm made from the same lock file", () => {
    npmWasHere("1.0.0");
    assert.equal(bootstrap().status, 0);
    assert.deepEqual(calls(), []);
  });

  it("replaces an installation that npm made from another lock file", () => {
    npmWasHere("0.9.0");
    assert.equal(bootstrap().status, 0);
    assert.equal(calls().length, 1);
  });

  it("installs again when the lock file has changed", () => {
    bootstrap();
    writeFileSync(join(folder, "package-lock.json"), '{ "lockfileVersion": 3, "name": "other" }');
    assert.equal(bootstrap().status, 0);
    assert.equal(calls().length, 2);
  });

  it("installs again after a run that failed, and says what to do", () => {
    writeFileSync(join(folder, "fail.txt"), "");
    const failed = bootstrap();
    assert.equal(failed.status, 1);
    assert.match(failed.stderr, /could not be installed/);
    rmSync(join(folder, "fail.txt"));
    assert.equal(bootstrap().status, 0);
    assert.equal(calls().length, 2);
  });

  it("installs once when several scripts start at the same time", async () => {
    const runs = Array.from({ length: 3 }, () => {
      return new Promise<number | null>((settle) => {
        const child = spawn(process.execPath, [BOOTSTRAP, folder], {
          env: environment(),
          stdio: "ignore",
        });
        child.on("exit", settle);
      });
    });
    assert.deepEqual(await Promise.all(runs), [0, 0, 0]);
    assert.equal(calls().length, 1);
  });

  it("takes over the lock of a process that is gone", () => {
    const gone = spawnSync(process.execPath, ["-e", "0"]).pid;
    const lock = join(folder, ".tmp", "bootstrap.lock");
    mkdirSync(lock, { recursive: true });
    writeFileSync(join(lock, "owner"), JSON.stringify({ pid: gone, host: hostname() }));
    const { status, stderr } = bootstrap();
    assert.equal(status, 0, stderr);
    assert.equal(calls().length, 1);
    assert.ok(!existsSync(lock));
  });
});
