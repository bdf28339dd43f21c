// Requires each export that is named on the command line, and prints what it has.

const { readFileSync } = require("node:fs");

const found = {};
for (const name of process.argv.slice(2)) {
  found[name] = /\.(wasm|h|json)$/.test(name)
    ? readFileSync(require.resolve(name)).length
    : Object.keys(require(name));
}
console.log(JSON.stringify(found));
