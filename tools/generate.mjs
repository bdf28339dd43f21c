// Writes what hosts know about the boundary: host/core/generated/abi.ts, boards/common/motetcp.h,
// those of the WebAssembly component (wit/, docs/reference/component.md), and the tables in
// docs/abi.md, all committed. `--check` writes nothing and fails when they drift.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { readBoundary } from "./lib/boundary.mjs";
import { witPage } from "./lib/component/witPage.mjs";
import { withTables } from "./lib/emit-markdown.mjs";
import { emitHeader } from "./lib/emit-c.mjs";
import { emitTypeScript } from "./lib/emit-typescript.mjs";
import { emitCoreImports, emitCoreWit, emitPeer } from "./lib/emit-wit.mjs";

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "..");

/** Path and text of every generated file. */
function generatedFiles(root = ROOT) {
  const boundary = readBoundary(root);
  const coreWit = emitCoreWit(boundary);
  return [
    { path: "host/core/generated/abi.ts", text: emitTypeScript(boundary) },
    { path: "boards/common/motetcp.h", text: emitHeader(boundary) },
    { path: "wit/stack/core.wit", text: coreWit },
    { path: "wit/library/generated/core.ts", text: emitCoreImports(boundary) },
    {
      path: "wit/self-test/generated/peer.ts",
      text: emitPeer(readOrEmpty(join(root, "wit/self-test/stack.ts"))),
    },
    { path: "docs/reference/component.md", text: witPage(root, coreWit) },
    { path: "docs/abi.md", text: withTables(readOrEmpty(join(root, "docs/abi.md")), boundary) },
  ];
}

function readOrEmpty(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

/** Files whose text differs from what the source says. */
function driftedFiles() {
  return generatedFiles().filter(({ path, text }) => readOrEmpty(join(ROOT, path)) !== text);
}

try {
  const drifted = driftedFiles();
  if (process.argv.includes("--check")) {
    for (const { path } of drifted) console.error(`${path} is out of date: run npm run build`);
    if (drifted.length > 0) process.exitCode = 1;
  } else {
    for (const { path, text } of drifted) {
      mkdirSync(dirname(join(ROOT, path)), { recursive: true });
      writeFileSync(join(ROOT, path), text);
      console.error(`wrote ${path}`);
    }
  }
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
