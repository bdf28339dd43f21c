// Compiles the core, by either engine, with C files of boards/, for this machine.

import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { makeAheadOfTime } from "./aheadOfTime.mjs";
import { filesBelow, hashFiles, ROOT, sha256 } from "./files.mjs";
import { makeWasm3, wasm3Files, wasm3Flags, wasm3Sources } from "./wasm3.mjs";

const FLAGS = ["-std=c11", "-fPIC"];
const OWN_FLAGS = ["-Wall", "-Wextra", "-Werror"];
const POINTER_BYTES = process.arch.endsWith("64") ? 8 : 4;
const FOLDERS = ["common", "engine", "posix"];

const inBoards = (path) => resolve(ROOT, "boards", path);

/** Runs a program of the compiler's; throws with what it said. `brings`: the Debian package with it. */
export function runCompiler(program, words, brings) {
  try {
    return execFileSync(program, words, { stdio: ["ignore", "pipe", "pipe"], encoding: "utf8" });
  } catch (error) {
    const why =
      error.code === "ENOENT"
        ? `${program} is missing; install it: apt-get install ${brings}`
        : `${program} ${words.join(" ")}:\n${error.stderr}`;
    throw new Error(why, { cause: error });
  }
}

/** Runs gcc; throws with what it said. */
export const cc = (...words) => runCompiler("gcc", [...FLAGS, ...words], "gcc libc6-dev");

/** The generated C as an object file: it takes the longest by far, so the same is not compiled again. */
function coreObject(made, flags) {
  const headers = ["core.c", "core.h", "profile.h"].map((name) => readFileSync(join(made, name)));
  const runtime = hashFiles(filesBelow("boards/engine/aot"));
  const compiler = runCompiler("gcc", ["-dumpfullversion", "-dumpmachine"], "gcc libc6-dev");
  const key = sha256([compiler, runtime, ...FLAGS, ...flags, ...headers].join("\n")).slice(0, 16);
  const folder = join(ROOT, "build/core-objects");
  const object = join(folder, `${key}.o`);
  if (existsSync(object)) return object;
  mkdirSync(folder, { recursive: true });
  const partial = `${object}.${process.pid}`;
  // What wasm2c writes has unused parts, and warnings about them are none of ours.
  cc("-w", ...flags, "-c", join(made, "core.c"), "-o", partial);
  renameSync(partial, object);
  return object;
}

/** Each engine compiles what is not ours, and says how to compile the rest. Warnings about wasm3 are none of ours. */
const ENGINES = {
  async aot(profile, flags) {
    const made = await makeAheadOfTime(profile);
    const include = [`-I${inBoards("engine/aot")}`, `-I${made}`];
    const object = coreObject(made, [...flags, ...include]);
    const sources = [join(made, "calls.c"), inBoards("engine/aot/engine.c")];
    return { flags: include, files: [object, ...sources] };
  },
  wasm3(profile, flags, { made = makeWasm3(profile), ...sizes }) {
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
 * the engine, or with their whole path; flags: for everything; link: for what becomes of it; sizes: of wasm3Flags(), and
 * `made`, a folder with what makeWasm3() makes, of another module. Returns the file's path; throws with what the compiler
 * said. */
export async function compileNative(
  profile,
  folder,
  { engine = "aot", name, sources = [], flags = [], link = [], sizes = {} },
) {
  const common = [...FOLDERS.map((part) => `-I${inBoards(part)}`), ...flags];
  const core = await ENGINES[engine](profile, common, sizes);
  const file = join(folder, name);
  const own = [...sources.map(inBoards), ...core.files];
  cc(...OWN_FLAGS, ...common, ...core.flags, ...own, ...link, "-o", file);
  return file;
}

/** C files of every board, beside the engine. */
export const COMMON = ["common/pump.c", "common/socket.c", "common/text.c"];

/** The board "posix" (docs/boards.md). */
export const POSIX = [...COMMON, "posix/hal.c", "posix/main.c"];
