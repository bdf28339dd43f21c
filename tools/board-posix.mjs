// Builds the program of the board "posix" for profiles: build/posix/PROFILE/mote-echo. See docs/boards.md.

import { mkdirSync } from "node:fs";
import { join, relative } from "node:path";
import { ROOT } from "./lib/files.mjs";
import { compileNative, POSIX } from "./lib/native.mjs";
import { BOARD_PROFILES } from "./lib/profiles.mjs";

const wanted = process.argv.length > 2 ? process.argv.slice(2) : ["tiny"];

for (const profile of wanted) {
  if (BOARD_PROFILES.includes(profile)) continue;
  console.error(`There is no profile ${profile}. Profiles: ${BOARD_PROFILES.join(", ")}`);
  process.exit(2);
}
try {
  for (const profile of wanted) {
    const folder = join(ROOT, "build/posix", profile);
    mkdirSync(folder, { recursive: true });
    const parts = { name: "mote-echo", sources: POSIX, flags: ["-O2"] };
    console.log(relative(process.cwd(), await compileNative(profile, folder, parts)));
  }
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
