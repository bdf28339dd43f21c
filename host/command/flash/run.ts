// One run of `mote flash`: the folder is written, and what to do with it is said.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { CONSOLE, esptoolLine, hex, WIRING, writeFlashFolder } from "../../boards/flash.js";
import { lacking } from "../../boards/lacking.js";
import { coreFile } from "../../node/builds.js";
import { CommandError, EXIT_OK } from "../exit.js";
import { formatCount } from "../format.js";
import type { Io } from "../io.js";
import type { FlashCommand } from "./options.js";

/** Only the compiler is needed here. */
const EMULATORS = /^(qemu-|python3)/;

export async function flash(options: FlashCommand, io: Io): Promise<number> {
  const missing = (await lacking(options.board)).filter((name) => !EMULATORS.test(name));
  if (missing.length > 0) {
    const text = `the compiler for ${options.chip} is missing`;
    throw new CommandError("ENOENT", text, `apt-get install ${missing.join(" ")}`);
  }
  const onStep = (text: string) => io.stderr.write(`  ${text}\n`);
  const parts = await writeFlashFolder({ ...options, version: io.version, onStep });
  const coreSha256 = createHash("sha256")
    .update(readFileSync(coreFile(options.profile)))
    .digest("hex");
  if (options.json) {
    const { folder, chip, engine, profile, address = null, router = null } = options;
    const facts = { chip, engine, profile, address, router, folder, parts, coreSha256 };
    const bench = { command: esptoolLine(parts), console: CONSOLE };
    io.stdout.write(`${JSON.stringify({ ...facts, ...bench })}\n`);
    return EXIT_OK;
  }
  const line = (text = "") => io.stdout.write(`${text}\n`);
  line(`${options.folder}:`);
  for (const { path, offset, bytes, sha256 } of parts) {
    line(
      `  ${path.padEnd(10)}at ${hex(offset).padEnd(8)}${formatCount(bytes).padStart(8)} bytes  ${sha256}`,
    );
  }
  line("  manifest.json, index.html for a browser");
  line(`  core, as its console says it: ${coreSha256}`);
  line();
  line(`In that folder:  ${esptoolLine(parts)}`);
  line("Or in a browser: index.html says how.");
  line();
  line(WIRING);
  line(`Console: ${CONSOLE} (r: a line about how it is)`);
  const router = options.router === undefined ? "" : `, router ${options.router}`;
  line(`Address: ${options.address === undefined ? "by DHCP" : `${options.address}${router}`}`);
  line();
  line("The page boot.bin has a secret of its own: for each device make one. It has run in an");
  line(
    "emulator (mote run-board esp32c3-direct), never on silicon: docs/boards.md has the checklist.",
  );
  return EXIT_OK;
}
