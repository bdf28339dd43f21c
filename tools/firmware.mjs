// Writes what firmware of one's own adds: motetcp.h, hal.h, core.c (the core), mote.c (all around it), and an example of a
// board with an application. See docs/guides/firmware.md.

import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeAheadOfTime } from "./lib/aheadOfTime.mjs";
import { oneHeader, oneSource } from "./lib/amalgamate.mjs";
import { ROOT } from "./lib/files.mjs";
import { profileOf } from "./lib/profiles.mjs";

const USAGE = "npm run firmware -- PROFILE FOLDER";
/** From boards/posix to the folder's example/. */
const EXAMPLE = { "hal.c": "board.c", "posix.h": "posix.h", "main.c": "main.c" };

const [word, folder] = process.argv.slice(2);
const profile = profileOf(word, USAGE);
if (folder === undefined) {
  console.error(`usage: ${USAGE}`);
  process.exit(2);
}
try {
  const made = await makeAheadOfTime(profile);
  const core = ["core.c", "engine.c", "calls.c"];
  const around = ["pump.c", "socket.c", "text.c"];
  const files = {
    "motetcp.h": oneHeader(profile, made),
    "hal.h": readFileSync(join(ROOT, "boards/common/hal.h"), "utf8"),
    "core.c": oneSource("The core, ahead of time,", profile, made, core),
    "mote.c": oneSource("Pump and sockets", profile, made, around),
  };
  mkdirSync(join(folder, "example"), { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  for (const [from, to] of Object.entries(EXAMPLE)) {
    copyFileSync(join(ROOT, "boards/posix", from), join(folder, "example", to));
  }
  console.log(`${Object.keys(files).join(", ")} and example/ are in ${folder}. On Linux:`);
  console.log(`  gcc -O2 -I${folder} ${folder}/*.c ${folder}/example/*.c -o mote-echo`);
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
