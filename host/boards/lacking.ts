// What a board needs of this machine and does not find.

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { Board } from "./board.js";
import { EMULATOR_PACKAGES, PYTHON } from "./machine.js";
import { isInPath } from "./path.js";
import { TOOLCHAINS } from "./toolchain.js";

const run = promisify(execFile);

async function hasUnicorn(): Promise<boolean> {
  try {
    await run(PYTHON, ["-c", "import unicorn"]);
    return true;
  } catch {
    return false;
  }
}

/** Debian's packages of the compilers and emulators that are missing here. */
export async function lacking({ toolchain, emulator }: Board): Promise<string[]> {
  const { prefix, packages } = TOOLCHAINS[toolchain];
  const missing = (await isInPath(`${prefix}gcc`)) ? [] : [...packages];
  if (emulator.kind === "qemu" && !(await isInPath(emulator.program))) {
    missing.push(EMULATOR_PACKAGES[emulator.program] ?? emulator.program);
  }
  if (emulator.kind === "unicorn" && !(await hasUnicorn())) missing.push("python3-unicorn");
  return missing;
}
