// Compiles the core as C made ahead of time, with C files of boards/, for this machine.

import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, renameSync } from "node:fs";
import { join, resolve } from "node:path";
import { makeAheadOfTime } from "./aheadOfTime.mjs";
import { filesBelow, hashFiles, ROOT, sha256 } from "./files.mjs";

const FLAGS = ["-std=c11", "-fPIC"];
const OWN_FLAGS = ["-Wall", "-Wextra", "-Werror"];
const FOLDERS = ["common", "engine", "engine/aot", "posix"];

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

const cc = (...words) => runCompiler("gcc", [...FLAGS, ...words], "gcc libc6-dev");

/** The generated C as an object file: it takes the longest by far, so the same is not compiled again. */
function coreObject(made, flags) {
  const headers = ["core.c", "core.h", "profile.h"].map((name) => readFileSync(join(made, name)));
  const runtime = hashFiles(filesBelow("boards/engine/aot"));
  const compiler = runCompiler("gcc", ["-dumpfullversion", "-dumpmachine"], "gcc libc6-dev");
  const key = sha256([compiler, runtime, ...FLAGS, ...flags, ...headers].join("\n")).slice(0, 16);
  const object = join(made, `core-${key}.o`);
  if (existsSync(object)) return object;
  const partial = `${object}.${process.pid}`;
  // What wasm2c writes has unused parts, and warnings about them are none of ours.
  cc("-w", ...flags, "-c", join(made, "core.c"), "-o", partial);
  renameSync(partial, object);
  return object;
}

/** Compiles a profile into the file `name` of a folder. sources: C files below boards/, beside the engine, or with their
 * whole path; flags: for everything; link: for what becomes of it. Returns the file's path; throws with what the compiler
 * said. */
export async function compileNative(
  profile,
  folder,
  { name, sources = [], flags = [], link = [] },
) {
  const made = await makeAheadOfTime(profile);
  const file = join(folder, name);
  const folders = [made, ...FOLDERS.map((part) => join(ROOT, "boards", part))];
  const given = [...flags, ...folders.map((path) => `-I${path}`)];
  const object = coreObject(made, given);
  const own = ["engine/aot/engine.c", ...sources].map((path) => resolve(ROOT, "boards", path));
  cc(...OWN_FLAGS, ...given, join(made, "calls.c"), ...own, object, ...link, "-o", file);
  return file;
}

/** C files of every board, beside the engine. */
export const COMMON = ["common/pump.c", "common/socket.c", "common/text.c"];

/** The board "posix" (docs/boards.md). */
export const POSIX = [...COMMON, "posix/hal.c", "posix/main.c"];
