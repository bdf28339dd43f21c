// The core as C made ahead of time (boards/engine/aot), compiled for this machine and called in this process.

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import koffi from "koffi";
import type { CallName, Machine } from "../../static/support/module.js";
import { fromRoot, type Profile } from "../../static/support/module.js";

interface Tool {
  exchangeAccesses(text: string): string;
  makeAheadOfTime(profile: Profile): Promise<string>;
}

export const tool = (await import(
  pathToFileURL(fromRoot("tools/lib/aheadOfTime.mjs")).href
)) as Tool;

/** enum mote_trap of boards/engine/engine.h. */
export const Trap = { NONE: 0, OUT_OF_BOUNDS: 1, ARITHMETIC: 2, CALL_DEPTH: 3, UNREACHABLE: 4 };

export interface Native extends Machine {
  start(): number;
  trap(): number;
  /** SHA-256 of the module that it was made from. */
  readonly sha256: string;
}

const FLAGS = ["-std=c11", "-O1", "-fPIC"];
const OWN_FLAGS = ["-Wall", "-Wextra", "-Wpedantic", "-Werror"];

const cc = (...words: string[]): void => void execFileSync("gcc", [...FLAGS, ...words]);

/** Makes, compiles and loads a profile; `depth`: how deep calls may nest. */
export async function loadNative(profile: Profile, depth?: number): Promise<Native> {
  const made = await tool.makeAheadOfTime(profile);
  const folder = mkdtempSync(join(tmpdir(), "mote-native-"));
  const [object, file] = [join(folder, "core.o"), join(folder, "libmote.so")];
  const folders = [
    made,
    ...["common", "engine", "engine/aot"].map((part) => fromRoot(`boards/${part}`)),
  ];
  const given = folders.map((path) => `-I${path}`);
  if (depth !== undefined) given.push(`-DWASM_RT_MAX_CALL_STACK_DEPTH=${depth}`);
  // What wasm2c writes has unused parts, and warnings about them are none of ours.
  cc("-w", ...given, "-c", join(made, "core.c"), "-o", object);
  const own = [join(made, "calls.c"), fromRoot("boards/engine/aot/engine.c")];
  cc(...OWN_FLAGS, ...given, "-shared", object, ...own, "-o", file);
  const library = koffi.load(file);
  rmSync(folder, { recursive: true });
  return bindCalls(library);
}

/** Names of C from those of the module: nextDeadline, mote_next_deadline. */
const nameInC = (name: string) => `mote_${name.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`)}`;

function bindCalls(library: ReturnType<typeof koffi.load>): Native {
  const bind = (result: string, name: string, count: number) =>
    library.func(name, result, new Array<string>(count).fill("uint32_t")) as (
      ...given: number[]
    ) => number;
  const start = bind("int32_t", "mote_engine_start", 0);
  const trap = bind("int32_t", "mote_engine_trap", 0);
  const bytes = bind("uint32_t", "mote_engine_memory_bytes", 0)();
  const area = library.func("mote_engine_memory", "void *", [])() as unknown;
  const memory = new Uint8Array(koffi.view(area, bytes));
  const sha256 = String(library.func("mote_engine_core", "const char *", [])());
  const known = new Map<string, (...given: number[]) => number>();
  const call = (name: CallName, ...given: number[]): number => {
    const key = `${name} ${given.length}`;
    const found = known.get(key) ?? bind("int32_t", nameInC(name), given.length);
    known.set(key, found);
    return found(...given.map((value) => value >>> 0));
  };
  return { start, trap, call, memory: () => memory, sha256 };
}
