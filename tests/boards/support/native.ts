// The core run by an engine of boards/engine, compiled for this machine and called in this process.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import koffi from "koffi";
import type { CallName, Machine } from "../../static/support/module.js";
import { fromRoot, type Profile } from "../../static/support/module.js";

export const ENGINES = ["aot", "wasm3"] as const;
export type Engine = (typeof ENGINES)[number];

/** Of wasm3: tools/lib/wasm3.mjs, wasm3Flags(). */
export interface Sizes {
  readonly lazy?: boolean;
  readonly heap?: number;
  readonly made?: string;
}

export interface Parts {
  readonly engine?: Engine;
  readonly sizes?: Sizes;
  readonly name: string;
  readonly sources?: readonly string[];
  readonly flags?: readonly string[];
  readonly link?: readonly string[];
}

interface Compiler {
  cc(...words: string[]): void;
  readonly POSIX: readonly string[];
  readonly COMMON: readonly string[];
  compileNative(profile: Profile, folder: string, parts: Parts): Promise<string>;
}

export const loadTool = (path: string) =>
  import(pathToFileURL(fromRoot(path)).href) as Promise<unknown>;

export const { exchangeAccesses, makeAheadOfTime } = (await loadTool(
  "tools/lib/aheadOfTime.mjs",
)) as {
  exchangeAccesses(text: string): string;
  makeAheadOfTime(profile: Profile): Promise<string>;
};
export const { cc, compileNative, COMMON, POSIX } = (await loadTool(
  "tools/lib/native.mjs",
)) as Compiler;

/** enum mote_trap of boards/engine/engine.h. */
export const Trap = {
  NONE: 0,
  OUT_OF_BOUNDS: 1,
  ARITHMETIC: 2,
  CALL_DEPTH: 3,
  UNREACHABLE: 4,
  ENGINE: 5,
};

export interface Native extends Machine {
  start(): number;
  trap(): number;
  /** SHA-256 of the module that it says it runs; from the start on. */
  sha256(): string;
  /** Where its memory lies in this process. */
  address(): bigint;
  /** A number that a function of C without arguments returns. */
  figure(name: string): number;
}

type Options = Pick<Parts, "flags" | "sizes">;

const loaded = new Map<string, Promise<Native>>();

/** An engine with a profile in this process: always the same one for the same words, so start it first. */
export function loadNative(
  engine: Engine,
  profile: Profile,
  options: Options = {},
): Promise<Native> {
  const key = JSON.stringify([engine, profile, options]);
  const known = loaded.get(key) ?? compileAndLoad(engine, profile, options);
  loaded.set(key, known);
  return known;
}

async function compileAndLoad(
  engine: Engine,
  profile: Profile,
  { flags = [], sizes = {} }: Options,
): Promise<Native> {
  const folder = mkdtempSync(join(tmpdir(), "mote-native-"));
  const all = ["-O1", ...flags];
  const parts = { engine, sizes, name: "libmote.so", flags: all, link: ["-shared"] };
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
  const startEngine = bind("int32_t", "mote_engine_start", 0);
  const trap = bind("int32_t", "mote_engine_trap", 0);
  const bytes = bind("uint32_t", "mote_engine_memory_bytes", 0)();
  const areaOf = library.func("mote_engine_memory", "void *", []) as () => unknown;
  const core = library.func("mote_engine_core", "const char *", []) as () => unknown;
  const known = new Map<string, (...given: number[]) => number>();
  let memory = new Uint8Array(0);
  const start = () => {
    const why = startEngine();
    if (why === Trap.NONE) memory = new Uint8Array(koffi.view(areaOf(), bytes));
    return why;
  };
  const call = (name: CallName, ...given: number[]): number => {
    const key = `${name} ${given.length}`;
    const found = known.get(key) ?? bind("int32_t", nameInC(name), given.length);
    known.set(key, found);
    return found(...given.map((value) => value >>> 0));
  };
  const figure = (name: string) => bind("uint32_t", name, 0)();
  const address = () => koffi.address(areaOf());
  return { start, trap, call, figure, address, memory: () => memory, sha256: () => String(core()) };
}
