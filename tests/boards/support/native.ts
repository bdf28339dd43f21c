// The core as C made ahead of time (boards/engine/aot), compiled for this machine and called in this process.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import koffi from "koffi";
import type { CallName, Machine } from "../../static/support/module.js";
import { fromRoot, type Profile } from "../../static/support/module.js";

export interface Parts {
  readonly name: string;
  readonly sources?: readonly string[];
  readonly flags?: readonly string[];
  readonly link?: readonly string[];
}

interface Compiler {
  readonly POSIX: readonly string[];
  readonly COMMON: readonly string[];
  compileNative(profile: Profile, folder: string, parts: Parts): Promise<string>;
}

const load = (path: string) => import(pathToFileURL(fromRoot(path)).href) as Promise<unknown>;

export const { exchangeAccesses } = (await load("tools/lib/aheadOfTime.mjs")) as {
  exchangeAccesses(text: string): string;
};
export const { compileNative, COMMON, POSIX } = (await load("tools/lib/native.mjs")) as Compiler;

/** enum mote_trap of boards/engine/engine.h. */
export const Trap = { NONE: 0, OUT_OF_BOUNDS: 1, ARITHMETIC: 2, CALL_DEPTH: 3, UNREACHABLE: 4 };

export interface Native extends Machine {
  start(): number;
  trap(): number;
  /** SHA-256 of the module that it was made from. */
  readonly sha256: string;
}

/** Loads a profile into this process; `depth`: how deep calls may nest. */
export async function loadNative(profile: Profile, depth?: number): Promise<Native> {
  const folder = mkdtempSync(join(tmpdir(), "mote-native-"));
  const flags = depth === undefined ? [] : [`-DWASM_RT_MAX_CALL_STACK_DEPTH=${depth}`];
  const parts = { name: "libmote.so", flags: ["-O1", ...flags], link: ["-shared"] };
  const library = koffi.load(await compileNative(profile, folder, parts));
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
