// `npm run component`: the WebAssembly components of the core in build/component, and their sizes. See
// docs/guides/component.md.

import { statSync } from "node:fs";
import { join } from "node:path";
import { buildComponents, componentFiles } from "./lib/component/build.mjs";
import { PROFILES } from "./lib/component/profiles.mjs";
import { ROOT } from "./lib/files.mjs";

try {
  await buildComponents();
  for (const profile of PROFILES) {
    const { library, selfTest, core } = componentFiles(profile);
    for (const path of [library, selfTest, core]) {
      console.log(`${path}  ${statSync(join(ROOT, path)).size.toLocaleString("en-US")} bytes`);
    }
  }
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
