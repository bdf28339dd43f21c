// The C sources of the interpreter wasm3, which are never part of this package.

import { existsSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { BoardProfile } from "./board.js";

export interface Wasm3 {
  wasm3Sources(): string;
  wasm3Files(folder: string): string[];
  wasm3Flags(profile: BoardProfile, pointerBytes: number): string[];
}

/** What fetches and edits them is part of the repository, not of the package. */
export async function loadWasm3(): Promise<Wasm3> {
  const path = fileURLToPath(new URL("../../../tools/lib/wasm3.mjs", import.meta.url));
  if (!existsSync(path)) {
    throw new Error("the engine wasm3 is built from a clone of the repository; here there is aot");
  }
  return (await import(pathToFileURL(path).href)) as Wasm3;
}
