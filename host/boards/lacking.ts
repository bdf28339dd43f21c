// What a board needs of this machine and does not find.

import type { Board } from "./board.js";
import { EMULATOR_PACKAGES } from "./machine.js";
import { isInPath } from "./path.js";
import { TOOLCHAINS } from "./toolchain.js";

/** Debian's packages of the compilers and emulators that are missing here. */
export async function lacking({ toolchain, emulator }: Board): Promise<string[]> {
  const { prefix, packages } = TOOLCHAINS[toolchain];
  const missing = (await isInPath(`${prefix}gcc`)) ? [] : [...packages];
  if (emulator.kind === "qemu" && !(await isInPath(emulator.program))) {
    missing.push(EMULATOR_PACKAGES[emulator.program] ?? emulator.program);
  }
  return missing;
}
