// Imports each export that is named on the command line, and prints what it has.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const found = {};
for (const name of process.argv.slice(2)) {
  if (/\.(wasm|h|json)$/.test(name)) {
    found[name] = readFileSync(fileURLToPath(import.meta.resolve(name))).length;
  } else {
    found[name] = Object.keys(await import(name));
  }
}
console.log(JSON.stringify(found));
