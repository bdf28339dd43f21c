// What is in the package: all that its manifest promises, nothing foreign, maps that lead to sources, and types
// that every way to resolve modules finds.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { makeFolder } from "./support/folder.js";
import { entryName, fileEntries, fromRoot, manifest, pack, type Packed } from "./support/packed.js";
import { run } from "./support/run.js";

/** Bytes of the packed file; a rise is looked at, and then allowed here. */
const MOST_BYTES = 2_200_000;

/** The first level, and of folders with things for different readers the second. */
const CONTENTS = [
  "CHANGELOG.md",
  "CONTRIBUTING.md",
  "LICENSE",
  "README.md",
  "SECURITY.md",
  "boards",
  "build/aot",
  "build/desktop.wasm",
  "build/esp32.wasm",
  "build/memory-map.json",
  "build/tiny.wasm",
  "dist/host",
  "docs",
  "examples",
  "package.json",
  "tests/packetdrill",
  "tests/packets",
];

const { folder, remove } = makeFolder();
let packed: Packed;
before(async () => {
  packed = await pack(folder);
});
after(remove);

const paths = (): string[] => packed.files.map(({ path }) => path);
const read = (path: string): string => readFileSync(fromRoot(path), "utf8");

describe("the package", () => {
  it("has what it is meant to have, and nothing else", () => {
    const top = paths().map((path) =>
      path.split("/").slice(0, /^(build|dist|tests)\//.test(path) ? 2 : 1),
    );
    assert.deepEqual([...new Set(top.map((parts) => parts.join("/")))].sort(), CONTENTS);
  });

  it("has of dist/ what was compiled from a source that is there, and of tests/ packet scripts alone", () => {
    for (const path of paths()) {
      if (path.startsWith("tests/")) assert.match(path, /\.pkt$/);
      if (!path.startsWith("dist/")) continue;
      const [, name] = /^dist\/(host\/.+?)(?:\.d\.ts|\.js|\.js\.map)$/.exec(path) ?? [];
      assert.ok(name !== undefined && read(`${name}.ts`) !== "", path);
    }
  });

  it("has every file that the manifest names", () => {
    const entries = Object.values(manifest.exports).flatMap((entry) =>
      typeof entry === "string" ? [entry] : [entry.types, entry.default],
    );
    for (const path of [...entries, ...Object.values(manifest.bin)]) {
      assert.ok(paths().includes(path.replace(/^\.\//, "")), path);
    }
  });

  it("has packet scripts, pages, the C header and the licence", () => {
    const scripts = paths().filter((path) => path.endsWith(".pkt"));
    assert.ok(scripts.length > 1000, `${scripts.length} scripts`);
    for (const path of ["docs/reference/host-api.md", "boards/common/motetcp.h", "LICENSE"]) {
      assert.ok(paths().includes(path), path);
    }
  });

  it("has C of the profiles that boards have, and of nothing that was built beside them", () => {
    const folders = paths().flatMap((path) => /^build\/aot\/([^/]+)\//.exec(path)?.[1] ?? []);
    assert.deepEqual([...new Set(folders)].sort(), ["esp32", "tiny"]);
  });

  it("has maps with the sources in them", () => {
    const maps = paths().filter((path) => path.endsWith(".map"));
    assert.ok(maps.length > 100, `${maps.length} maps`);
    for (const path of maps) {
      const map = JSON.parse(read(path)) as { sources: string[]; sourcesContent?: string[] };
      const source = path.replace(/^dist\//, "").replace(/\.js\.map$/, ".ts");
      assert.equal(join(path, "..", map.sources[0] ?? ""), source, path);
      assert.deepEqual(map.sourcesContent, [read(source)], path);
    }
    for (const path of paths().filter((each) => /^dist\/.*\.js$/.test(each))) {
      const [, map = ""] = /\/\/# sourceMappingURL=(.+)\n?$/.exec(read(path)) ?? [];
      assert.ok(maps.includes(join(path, "..", map)), path);
    }
  });

  it("has a command that starts as a program", () => {
    for (const path of Object.values(manifest.bin)) {
      assert.match(read(path), /^#!\/usr\/bin\/env node\n/, path);
    }
  });

  it("is no larger than it has to be", (t) => {
    t.diagnostic(`package: ${packed.size} bytes packed, ${packed.files.length} files`);
    assert.ok(packed.size <= MOST_BYTES, `${packed.size} bytes`);
  });

  it("knows no path of the machine that packed it", () => {
    const root = fromRoot(".").replace(/\/$/, "");
    const texts = paths().filter((path) => /\.(js|ts|map|json|md|c|h)$/.test(path));
    for (const path of texts) assert.ok(!read(path).includes(root), path);
  });
});

describe("checks of others", () => {
  const tool = (name: string, ...words: string[]) =>
    run(process.execPath, [fromRoot(`node_modules/${name}`), ...words], { cwd: fromRoot(".") });

  it("publint has nothing to say", async () => {
    const { status, out } = await tool(
      "publint/src/cli.js",
      "run",
      "--strict",
      join(folder, packed.filename),
    );
    assert.equal(status, 0, out);
    assert.match(out, /All good!/);
  });

  // Files are no modules. A program of CommonJS requires the modules of ES that are here: Node does so since 20.19.
  it("are the types wrong? They are not", async () => {
    const { status, out } = await tool(
      "@arethetypeswrong/cli/dist/index.js",
      join(folder, packed.filename),
      ...["--profile", "esm-only", "--format", "ascii"],
      ...["--exclude-entrypoints", ...fileEntries.map((key) => key.replace(/^\.\//, ""))],
    );
    assert.equal(status, 0, out);
    for (const key of Object.keys(manifest.exports)) {
      if (!fileEntries.includes(key)) assert.ok(out.includes(`"${entryName(key)}"`), out);
    }
  });
});
