// What boards need of the profiles that they have. Part of the build: the C of both engines (build/aot/PROFILE,
// build/wasm3-PROFILE), and the memory by pool (build/memory-map.json).

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeAheadOfTime } from "./lib/aheadOfTime.mjs";
import { ROOT } from "./lib/files.mjs";
import { memoryMap } from "./lib/memoryMap.mjs";
import { makeWasm3 } from "./lib/wasm3.mjs";

function memoryBytes(folder) {
  return Number(
    /MOTE_MEMORY_BYTES (\d+)u/.exec(readFileSync(join(folder, "profile.h"), "utf8"))[1],
  );
}

try {
  const maps = {};
  for (const profile of ["tiny", "esp32"]) {
    const folder = await makeAheadOfTime(profile);
    makeWasm3(profile);
    maps[profile] = memoryMap(profile, memoryBytes(folder));
  }
  writeFileSync(join(ROOT, "build/memory-map.json"), JSON.stringify(maps, null, 2));
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
