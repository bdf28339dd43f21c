// What a clone must have: the files that package.json promises, scripts that start by themselves,
// a lock file that works against any registry.

import assert from "node:assert/strict";
import { accessSync, constants, existsSync, readdirSync } from "node:fs";
import { describe, it } from "node:test";
import { fromRoot, readText } from "./support/module.js";

interface PackageJson {
  license: string;
  type: string;
  engines: { node: string };
  bin: Record<string, string>;
  files: string[];
  scripts: Record<string, string>;
  exports: Record<string, string | Record<string, string>>;
}

const manifest = JSON.parse(readText("package.json")) as PackageJson;

describe("package.json", () => {
  it("says what it runs on", () => {
    assert.equal(manifest.license, "MIT");
    assert.equal(manifest.type, "module");
    assert.equal(manifest.engines.node, ">=20.19");
  });

  it("names only files that the build makes or the repository has", () => {
    const entries = Object.values(manifest.exports).flatMap((entry) =>
      typeof entry === "string" ? [entry] : Object.values(entry),
    );
    for (const path of [...Object.values(manifest.bin), ...entries, ...manifest.files]) {
      assert.ok(existsSync(fromRoot(path.replace(/^!|\/\*.*/g, ""))), path);
    }
  });

  it("packs no page that links to tests without a word that those are elsewhere", () => {
    const left = new Set(manifest.files.filter((path) => path.startsWith("!")));
    for (const name of readdirSync(fromRoot("docs")).filter((name) => name.endsWith(".md"))) {
      const page = readText(`docs/${name}`);
      if (left.has(`!docs/${name}`) || !page.includes("](../tests/")) continue;
      assert.match(page, /not\s+in\s+the\s+npm\s+package/, name);
    }
  });

  it("installs by itself in every script that needs packages", () => {
    for (const name of [
      "start",
      "test",
      "build",
      "sim",
      "bench",
      "lint",
      "format",
      "format:check",
    ]) {
      assert.match(manifest.scripts[name] ?? "", /^node tools\/bootstrap\.mjs && /, name);
    }
  });

  it("has no script that npm would skip with ignore-scripts", () => {
    const hooks = Object.keys(manifest.scripts).filter((name) => /^(pre|post)/.test(name));
    assert.deepEqual(hooks, []);
  });
});

describe("the repository", () => {
  for (const folder of ["", "wit/"]) {
    it(`keeps the registry's address out of the lock file: ${folder}`, () => {
      const lock = JSON.parse(readText(`${folder}package-lock.json`)) as {
        packages: Record<string, { resolved?: string }>;
      };
      const resolved = Object.values(lock.packages).filter((entry) => entry.resolved !== undefined);
      assert.deepEqual(resolved, []);
      assert.match(readText(`${folder}.npmrc`), /^omit-lockfile-registry-resolved=true$/m);
      assert.match(readText(`${folder}.npmrc`), /^ignore-scripts=true$/m);
    });
  }

  it("has a README of at most 150 lines with the two commands", () => {
    const readme = readText("README.md");
    assert.ok(readme.trimEnd().split("\n").length <= 150);
    assert.match(readme, /npm start/);
    assert.match(readme, /npm test/);
  });

  it("has the files a stranger looks for", () => {
    for (const path of [
      "LICENSE",
      "CHANGELOG.md",
      "CONTRIBUTING.md",
      "SECURITY.md",
      "docs/abi.md",
    ]) {
      assert.ok(existsSync(fromRoot(path)), path);
    }
  });

  it("lets CI run what the README says", () => {
    accessSync(fromRoot(".ci/run"), constants.X_OK);
    assert.match(readText(".ci/run"), /MOTE_REQUIRE=all/);
    assert.match(readText(".ci/run"), /^npm test$/m);
  });
});
