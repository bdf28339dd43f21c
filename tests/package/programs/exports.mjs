// Imports each export that is named on the command line, and prints what it has.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const found = {};
// What replaces node:net comes before whatever uses it.
const isRegister = (name) => name.endsWith("/register");
const names = process.argv.slice(2);
for (const name of [...names.filter(isRegister), ...names.filter((each) => !isRegister(each))]) {
  if (/\.(wasm|h|json)$/.test(name)) {
    found[name] = readFileSync(fileURLToPath(import.meta.resolve(name))).length;
  } else {
    found[name] = Object.keys(await import(name));
  }
}
console.log(JSON.stringify(found));
