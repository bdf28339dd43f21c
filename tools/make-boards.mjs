// The C of the profiles that boards have, for both engines: build/aot/PROFILE and build/wasm3-PROFILE. Part of the build.

import { makeAheadOfTime } from "./lib/aheadOfTime.mjs";
import { makeWasm3 } from "./lib/wasm3.mjs";

try {
  for (const profile of ["tiny", "esp32"]) {
    await makeAheadOfTime(profile);
    makeWasm3(profile);
  }
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
