// docs/explanation/versions.md has the numbers of the code.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Abi } from "../../host/core/generated/abi.js";
import { RECORDING_VERSION } from "../../host/record/format.js";
import { FORMAT_VERSION } from "../../host/snapshot/format.js";
import { packageVersion } from "../../host/version.js";
import { readText } from "./support/module.js";

const page = readText("docs/explanation/versions.md");
const rows = new Map(
  [...page.matchAll(/^\| ([^|]+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$/gm)].map(
    ([, what = "", version = ""]) => [what, version],
  ),
);
const manifest = JSON.parse(readText("package.json")) as {
  version: string;
  engines: { node: string };
};

describe("docs/explanation/versions.md", () => {
  it("has the numbers of the code", () => {
    assert.equal(rows.get("the npm package"), manifest.version);
    assert.equal(rows.get("the boundary of the core (ABI)"), String(Abi.VERSION));
    assert.equal(rows.get("snapshots"), String(FORMAT_VERSION));
    assert.equal(rows.get("recordings"), String(RECORDING_VERSION));
    assert.equal(rows.get("Node"), `${manifest.engines.node.replace(/^>=/, "")} or newer`);
    const series = manifest.version.split(".").slice(0, 2).join(".");
    assert.equal(rows.get("the C library"), series);
    assert.equal(packageVersion(), manifest.version);
  });

  it("says where they stand", () => {
    assert.match(readText("assembly/constants.ts"), new RegExp(`VERSION = ${Abi.VERSION},`));
    assert.match(
      readText("boards/common/motetcp.h"),
      new RegExp(`ABI_VERSION = ${Abi.VERSION}\\b`),
    );
    assert.match(page, /^\| recordings \| \d+ \| bytes 8 to 11 of the file \|/m);
    assert.match(page, /^\| snapshots \| \d+ \| bytes 8 to 11 of the file \|/m);
  });

  it("is linked from where somebody looks for it", () => {
    for (const path of [
      "README.md",
      "CONTRIBUTING.md",
      "docs/guides/snapshot.md",
      "docs/guides/replay.md",
    ]) {
      assert.match(readText(path), /explanation\/versions\.md\)/, path);
    }
  });
});
