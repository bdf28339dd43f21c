// Builds the program of the board "posix" for profiles: build/posix/PROFILE/mote-echo, or mote-echo-wasm3 with
// --engine wasm3. See docs/boards.md.

import { mkdirSync } from "node:fs";
import { join, relative } from "node:path";
import { parseArgs } from "node:util";
import { ROOT } from "./lib/files.mjs";
import { compileNative, ENGINE_NAMES, POSIX } from "./lib/native.mjs";
import { BOARD_PROFILES } from "./lib/profiles.mjs";

const { positionals, values } = readWords();
const { engine } = values;
const wanted = positionals.length > 0 ? positionals : ["tiny"];

function readWords() {
  const options = { engine: { type: "string", default: "aot" } };
  try {
    return parseArgs({ options, allowPositionals: true });
  } catch (error) {
    refuse(`${error.message}\nusage: npm run board:posix -- [PROFILE...] [--engine aot|wasm3]`);
  }
}

function refuse(why) {
  console.error(why);
  process.exit(2);
}

if (!ENGINE_NAMES.includes(engine)) {
  refuse(`There is no engine ${engine}. Engines: ${ENGINE_NAMES.join(", ")}`);
}
for (const profile of wanted) {
  if (BOARD_PROFILES.includes(profile)) continue;
  refuse(`There is no profile ${profile}. Profiles: ${BOARD_PROFILES.join(", ")}`);
}
try {
  for (const profile of wanted) {
    const folder = join(ROOT, "build/posix", profile);
    mkdirSync(folder, { recursive: true });
    const name = engine === "aot" ? "mote-echo" : `mote-echo-${engine}`;
    const parts = { engine, name, sources: POSIX, flags: ["-O2"] };
    console.log(relative(process.cwd(), await compileNative(profile, folder, parts)));
  }
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
