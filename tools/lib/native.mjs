// Compiles the core, by either engine, with C files of boards/, for this machine.

import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { basename, join } from "node:path";
import { makeAheadOfTime } from "./aheadOfTime.mjs";
import { ROOT } from "./files.mjs";
import { makeWasm3, wasm3Files, wasm3Flags, wasm3Sources } from "./wasm3.mjs";

const FLAGS = ["-std=c11", "-fPIC"];
const OWN_FLAGS = ["-Wall", "-Wextra", "-Werror"];
const FOLDERS = ["common", "engine", "posix"];

const inBoards = (path) => join(ROOT, "boards", path);

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
  wasm3(profile, folder, flags) {
    const made = makeWasm3(profile);
    const foreign = wasm3Sources();
    const own = inBoards("engine/wasm3");
    const include = [`-I${own}`, `-I${made}`, "-isystem", foreign];
    const given = [...wasm3Flags(profile, 8), ...include];
    const objects = wasm3Files(foreign).map((path) => {
      const object = join(folder, `${basename(path, ".c")}.o`);
      // Its operations end in calls that have to be jumps: the stack would grow with each otherwise.
      const words = [
        "-w",
        ...flags.map(notUndefined),
        ...given,
        "-O2",
        "-include",
        join(own, "config.h"),
      ];
      cc(...words, "-c", path, "-o", object);
      return object;
    });
    const sources = ["module.c", "calls.c"].map((name) => join(made, name));
    const engine = ["engine/wasm3/engine.c", "engine/wasm3/heap.c", "common/sha256.c"].map(
      inBoards,
    );
    return { flags: given, files: [...objects, ...sources, ...engine] };
  },
};

/** wasm3 reads and writes 64-bit slots at multiples of 4, and shifts into the sign: no matter on any machine of ours. */
const notUndefined = (flag) => (flag.startsWith("-fsanitize=") ? "-fsanitize=address" : flag);

/** Compiles a profile into the file `name` of a folder. engine: "aot" or "wasm3"; sources: C files below boards/, beside
 * the engine; flags: for everything; link: for what becomes of it. Returns the file's path; throws with what the
 * compiler said. */
export async function compileNative(
  profile,
  folder,
  { engine = "aot", name, sources = [], flags = [], link = [] },
) {
  const objects = join(folder, `${name}.objects`);
  mkdirSync(objects, { recursive: true });
  const common = [...FOLDERS.map((part) => `-I${inBoards(part)}`), ...flags];
  const core = await ENGINES[engine](profile, objects, common);
  const file = join(folder, name);
  const own = [...core.files, ...sources.map(inBoards)];
  cc(...OWN_FLAGS, ...common, ...core.flags, ...flags, ...link, ...own, "-o", file);
  return file;
}

/** The board "posix" (docs/boards.md). */
export const POSIX = ["common/pump.c", "posix/hal.c", "posix/main.c"];
