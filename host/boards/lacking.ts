// What a board needs of this machine and does not find.

import { constants } from "node:fs";
import { access } from "node:fs/promises";
import { delimiter, join } from "node:path";
import type { Board } from "./board.js";
import { EMULATOR_PACKAGES } from "./machine.js";
import { TOOLCHAINS } from "./toolchain.js";

async function isInPath(program: string): Promise<boolean> {
  for (const folder of (process.env.PATH ?? "").split(delimiter)) {
    try {
      await access(join(folder, program), constants.X_OK);
      return true;
    } catch {
      // The next folder may have it.
    }
  }
  return false;
}

/** Debian's packages of the compilers and emulators that are missing here. */
export async function lacking({ toolchain, emulator }: Board): Promise<string[]> {
  const { prefix, packages } = TOOLCHAINS[toolchain];
  const missing = (await isInPath(`${prefix}gcc`)) ? [] : [...packages];
  if (emulator.kind === "qemu" && !(await isInPath(emulator.program))) {
    missing.push(EMULATOR_PACKAGES[emulator.program] ?? emulator.program);
  }
  return missing;
}
