// Compiles the core, by either engine, with C files of boards/, for this machine.

import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { makeAheadOfTime } from "./aheadOfTime.mjs";
import { filesBelow, hashFiles, ROOT } from "./files.mjs";
import { makeWasm3, wasm3Files, wasm3Flags, wasm3Sources } from "./wasm3.mjs";

const FLAGS = ["-std=c11", "-fPIC"];
const OWN_FLAGS = ["-Wall", "-Wextra", "-Werror"];
const POINTER_BYTES = process.arch.endsWith("64") ? 8 : 4;
const FOLDERS = ["common", "engine", "posix"];

const inBoards = (path) => join(ROOT, "boards", path);

/** gcc with the flags of all C here; throws with what it said. */
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

/** Each engine compiles what is not ours, and says how to compile the rest. Warnings about what wasm2c writes, which has
 * unused parts, and about wasm3 are none of ours. */
const ENGINES = {
  async aot(profile, folder, flags) {
    const made = await makeAheadOfTime(profile);
    const [include, object] = [
      [`-I${inBoards("engine/aot")}`, `-I${made}`],
      join(folder, "core.o"),
    ];
    cc("-w", ...flags, ...include, "-c", join(made, "core.c"), "-o", object);
    const sources = [join(made, "calls.c"), inBoards("engine/aot/engine.c")];
    return { flags: include, files: [object, ...sources] };
  },
  wasm3(profile, folder, flags, { made = makeWasm3(profile), ...sizes }) {
    const foreign = wasm3Sources();
    const include = [`-I${inBoards("engine/wasm3")}`, "-isystem", foreign];
    const objects = wasm3Objects(foreign, [...flags.map(notUndefined), ...include]);
    const sources = ["module.c", "calls.c"].map((name) => join(made, name));
    const engine = ["engine/wasm3/engine.c", "engine/wasm3/heap.c", "common/sha256.c"];
    const given = [...wasm3Flags(profile, POINTER_BYTES, sizes), `-I${made}`, ...include];
    return { flags: given, files: [...objects, ...sources, ...engine.map(inBoards)] };
  },
};

export const ENGINE_NAMES = Object.keys(ENGINES);

/** wasm3 takes 64-bit constants at multiples of 4, which UBSan minds and no machine of ours. */
const notUndefined = (flag) => (flag.startsWith("-fsanitize=") ? "-fsanitize=address" : flag);

/** wasm3 compiled with these flags, which is kept: it is the same for all profiles and sizes. */
function wasm3Objects(foreign, flags) {
  const config = inBoards("engine/wasm3/config.h");
  // Its operations end in calls that have to be jumps: the stack would grow with each otherwise.
  const words = ["-w", ...flags, "-O2", "-include", config];
  const inputs = [...filesBelow("build/wasm3-sources"), ...filesBelow("boards/engine/wasm3")];
  const folder = join(ROOT, "build/wasm3-objects", hashFiles(inputs, words.join(" ")).slice(0, 16));
  const files = wasm3Files(foreign);
  if (!existsSync(folder)) {
    mkdirSync(dirname(folder), { recursive: true });
    const fresh = mkdtempSync(`${folder}-`);
    for (const path of files) cc(...words, "-c", path, "-o", join(fresh, objectOf(path)));
    // Somebody else may have been as far at the same time, with the same result.
    if (existsSync(folder)) rmSync(fresh, { recursive: true });
    else renameSync(fresh, folder);
  }
  return files.map((path) => join(folder, objectOf(path)));
}

const objectOf = (path) => `${basename(path, ".c")}.o`;

/** Compiles a profile into the file `name` of a folder. engine: "aot" or "wasm3"; sources: C files below boards/, beside
 * the engine; flags: for everything; link: for what becomes of it; sizes: of
 * wasm3Flags(), and `made`, a folder with what makeWasm3() makes, of another module. Returns the file's path; throws with what the
 * compiler said. */
export async function compileNative(
  profile,
  folder,
  { engine = "aot", name, sources = [], flags = [], link = [], sizes = {} },
) {
  const objects = join(folder, `${name}.objects`);
  mkdirSync(objects, { recursive: true });
  const common = [...FOLDERS.map((part) => `-I${inBoards(part)}`), ...flags];
  const core = await ENGINES[engine](profile, objects, common, sizes);
  const file = join(folder, name);
  const own = [...core.files, ...sources.map(inBoards)];
  cc(...OWN_FLAGS, ...common, ...core.flags, ...link, ...own, "-o", file);
  return file;
}

/** The board "posix" (docs/boards.md). */
export const POSIX = ["common/pump.c", "posix/hal.c", "posix/main.c"];
