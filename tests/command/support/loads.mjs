// For `node --import`: at the end it says on stderr which native libraries were opened and which modules of
// WebAssembly were read or compiled.

import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";

const loaded = [];

const { dlopen } = process;
process.dlopen = (module, file, ...rest) => {
  loaded.push(file);
  return dlopen.call(process, module, file, ...rest);
};

for (const name of ["readFileSync", "readFile", "openSync", "open"]) {
  const call = fs[name];
  fs[name] = (path, ...rest) => {
    if (/\.(wasm|node)$/.test(String(path))) loaded.push(String(path));
    return call(path, ...rest);
  };
}
syncBuiltinESMExports();

const { Module } = WebAssembly;
WebAssembly.Module = class extends Module {
  constructor(bytes) {
    loaded.push(`${bytes.byteLength} bytes of WebAssembly`);
    super(bytes);
  }
};
for (const name of ["compile", "instantiate"]) {
  const call = WebAssembly[name];
  WebAssembly[name] = (...given) => {
    loaded.push(`WebAssembly.${name}`);
    return call(...given);
  };
}

process.on("exit", () => process.stderr.write(`loaded: ${JSON.stringify(loaded)}\n`));
