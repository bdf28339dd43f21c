// Compiles the core as C made ahead of time, with C files of boards/, for this machine.

import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { makeAheadOfTime } from "./aheadOfTime.mjs";
import { ROOT } from "./files.mjs";

const FLAGS = ["-std=c11", "-fPIC"];
const OWN_FLAGS = ["-Wall", "-Wextra", "-Werror"];
const FOLDERS = ["common", "engine", "engine/aot", "posix"];

/** Runs gcc; throws with what it said. */
export function cc(...words) {
  try {
    execFileSync("gcc", [...FLAGS, ...words], { stdio: ["ignore", "pipe", "pipe"] });
  } catch (error) {
    const why =
      error.code === "ENOENT"
        ? "gcc is missing; install it: apt-get install gcc"
        : `gcc ${words.join(" ")}:\n${error.stderr}`;
    throw new Error(why, { cause: error });
  }
}

/** Compiles a profile into the file `name` of a folder. sources: C files below boards/, beside the engine; flags: for
 * everything; link: for what becomes of it. Returns the file's path; throws with what the compiler said. */
export async function compileNative(
  profile,
  folder,
  { name, sources = [], flags = [], link = [] },
) {
  const made = await makeAheadOfTime(profile);
  const [object, file] = [join(folder, "core.o"), join(folder, name)];
  const folders = [made, ...FOLDERS.map((part) => join(ROOT, "boards", part))];
  const given = [...flags, ...folders.map((path) => `-I${path}`)];
  // What wasm2c writes has unused parts, and warnings about them are none of ours.
  cc("-w", ...given, "-c", join(made, "core.c"), "-o", object);
  const own = ["engine/aot/engine.c", ...sources].map((path) => join(ROOT, "boards", path));
  cc(...OWN_FLAGS, ...given, ...link, object, join(made, "calls.c"), ...own, "-o", file);
  return file;
}

/** The board "posix" (docs/boards.md). */
export const POSIX = ["common/pump.c", "posix/hal.c", "posix/main.c"];
