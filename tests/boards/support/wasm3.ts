// Where wasm3 comes from, and what is done to it: tools/lib/wasm3.mjs.

import { loadTool } from "./native.js";

interface Source {
  checkArchive(path: string): void;
  fetchWasm3(root?: string): string;
  providePywasm3(root?: string): string;
  wasm3Flags(profile: string, pointerBytes: number): string[];
  publishedWasm3(root?: string, checkout?: string): string;
}

export const { editWasm3 } = (await loadTool("tools/lib/wasm3Edits.mjs")) as {
  editWasm3(name: string, text: string): string;
};
export const { checkArchive, fetchWasm3, providePywasm3, publishedWasm3, wasm3Flags } =
  (await loadTool("tools/lib/wasm3.mjs")) as Source;
