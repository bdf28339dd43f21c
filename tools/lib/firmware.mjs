// The folder that firmware of one's own adds: motetcp.h, hal.h, core.c (the core), mote.c (all around it), and an example of a
// board with an application. See docs/guides/firmware.md.

import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeAheadOfTime } from "./aheadOfTime.mjs";
import { oneHeader, oneSource } from "./amalgamate.mjs";
import { ROOT } from "./files.mjs";

/** From boards/posix to the folder's example/. */
const EXAMPLE = { "hal.c": "board.c", "posix.h": "posix.h", "main.c": "main.c" };

/** Writes the folder for build/NAME.wasm; the names of its files. */
export async function writeFirmware(name, folder) {
  const made = await makeAheadOfTime(name);
  const core = ["core.c", "engine.c", "calls.c"];
  const around = ["pump.c", "socket.c", "text.c"];
  const files = {
    "motetcp.h": oneHeader(name, made),
    "hal.h": readFileSync(join(ROOT, "boards/common/hal.h"), "utf8"),
    "core.c": oneSource("The core, ahead of time,", name, made, core),
    "mote.c": oneSource("Pump and sockets", name, made, around),
  };
  mkdirSync(join(folder, "example"), { recursive: true });
  for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text);
  for (const [from, to] of Object.entries(EXAMPLE)) {
    copyFileSync(join(ROOT, "boards/posix", from), join(folder, "example", to));
  }
  return Object.keys(files);
}
