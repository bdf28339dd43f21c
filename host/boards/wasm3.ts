// The C sources of the interpreter wasm3, which are never part of this package.

import { fileURLToPath, pathToFileURL } from "node:url";
import type { BoardProfile } from "./board.js";

export interface Wasm3 {
  wasm3Sources(): string;
  wasm3Files(folder: string): string[];
  wasm3Flags(profile: BoardProfile, pointerBytes: number): string[];
}

export async function loadWasm3(): Promise<Wasm3> {
  const path = fileURLToPath(new URL("../../../tools/lib/wasm3.mjs", import.meta.url));
  return (await import(pathToFileURL(path).href)) as Wasm3;
}
