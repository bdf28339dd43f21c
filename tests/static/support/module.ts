// The release modules as files and as instances. These tests look into linear memory from outside,
// so they instantiate by themselves; programs go through host/core.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Constant, type CoreExports } from "../../../host/core/generated/abi.js";

export const PROFILES = ["tiny", "esp32", "desktop"] as const;
export type Profile = (typeof PROFILES)[number];

export const PAGE_BYTES = 65536;

export function fromRoot(path: string): string {
  return fileURLToPath(new URL(`../../../../${path}`, import.meta.url));
}

export function readText(path: string): string {
  return readFileSync(fromRoot(path), "utf8");
}

/** Lines of a list without comments and empty lines. */
export function readList(path: string): string[] {
  const lines = readText(path).split("\n");
  return lines.map((line) => line.replace(/#.*/, "").trim()).filter((line) => line !== "");
}

/** kind: "" for the release build, ".checked" for the one that keeps its assertions. */
export function moduleBytes(profile: Profile, kind = ""): Uint8Array<ArrayBuffer> {
  return new Uint8Array(readFileSync(fromRoot(`build/${profile}${kind}.wasm`)));
}

export function compile(profile: Profile): WebAssembly.Module {
  return new WebAssembly.Module(moduleBytes(profile));
}

export type CallName = Exclude<keyof CoreExports, "memory">;

/** One way to run the core: a lasting instance, or a fresh one for each call. */
export interface Machine {
  call(name: CallName, ...args: number[]): number;
  memory(): Uint8Array;
}

export function instantiate(module: WebAssembly.Module): CoreExports {
  return new WebAssembly.Instance(module, {}).exports as unknown as CoreExports;
}

export function callOf(core: CoreExports, name: CallName, args: number[]): number {
  const call = core[name] as (...given: number[]) => number | undefined;
  return call(...args) ?? 0;
}

export function lastingMachine(module: WebAssembly.Module): Machine {
  const core = instantiate(module);
  const bytes = new Uint8Array(core.memory.buffer);
  return { call: (name, ...args) => callOf(core, name, args), memory: () => bytes };
}

/** First byte that the core never touches. */
export const memoryEnd = (machine: Machine) =>
  machine.call("constant", Constant.MEMORY_BYTES) >>> 0;

/** A word at a place that constant() names. */
export function wordOf(machine: Machine, area: Constant, index: number): number {
  const at = (machine.call("constant", area) >>> 0) + 4 * index;
  const { buffer } = machine.memory();
  return new DataView(buffer).getUint32(at, true);
}
