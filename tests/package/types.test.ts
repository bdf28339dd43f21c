// Programs in TypeScript that use the installed package, strict and with its own declarations checked, compile
// in each way to resolve modules that its exports are for.

import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { install, type Consumer } from "./support/folder.js";
import { fromRoot, manifest } from "./support/packed.js";
import { run } from "./support/run.js";

/** The types of the oldest Node, and of a newer one. */
const NODE_TYPES = [manifest.devDependencies["@types/node"] ?? "", "24.19.2"];

const RESOLUTIONS = [
  { module: "node16", moduleResolution: "node16", files: ["usage.mts"] },
  { module: "nodenext", moduleResolution: "nodenext", files: ["usage.mts", "required.cts"] },
  { module: "esnext", moduleResolution: "bundler", files: ["usage.mts"] },
];

let consumer: Consumer;
before(async () => {
  consumer = await install();
  consumer.program("types");
});
after(() => consumer?.remove());

for (const version of NODE_TYPES) {
  describe(`with @types/node ${version}`, () => {
    before(() => consumer.add(`@types/node@${version}`));

    for (const { files, ...resolution } of RESOLUTIONS) {
      it(`compiles with moduleResolution ${resolution.moduleResolution}`, async () => {
        const { status, out } = await compile(consumer.folder, files, resolution);
        assert.equal(out, "");
        assert.equal(status, 0);
      });
    }
  });
}

function compile(folder: string, files: readonly string[], resolution: object) {
  const project = join(folder, "types", "tsconfig.json");
  const compilerOptions = {
    ...resolution,
    target: "es2022",
    lib: ["es2022"],
    types: ["node"],
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: false,
    noEmit: true,
  };
  mkdirSync(join(folder, "types"), { recursive: true });
  writeFileSync(project, JSON.stringify({ compilerOptions, files }));
  const tsc = fromRoot("node_modules/typescript/bin/tsc");
  return run(process.execPath, [tsc, "-p", project, "--pretty", "false"], { cwd: folder });
}
