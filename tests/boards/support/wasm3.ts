// Where wasm3 comes from, and what is done to it: tools/lib/wasm3.mjs for the tests.

import { loadTool } from "./native.js";

export const { editWasm3 } = (await loadTool("tools/lib/wasm3Edits.mjs")) as {
  editWasm3(name: string, text: string): string;
};
