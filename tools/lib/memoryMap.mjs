// The memory map of a profile by pool: assembly/memory.ts itself, evaluated with the limits of the profile. Whatever the
// areas do not account for (tables of constants, padding) is the last line, so that the lines always sum up.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import vm from "node:vm";
import ts from "typescript";
import { ROOT } from "./files.mjs";

const PROFILE_NUMBERS = { tiny: 0, esp32: 1, desktop: 2 };
/** `export const NAME: usize = TASKS ? memory.data(BYTES, ALIGNMENT) : 0`, on one line or on several. */
const AREA =
  /const (\w+): usize =\s*(?:(\w+)\s*\?\s*)?memory\.data\(((?:[^()]|\((?:[^()]|\([^()]*\))*\))*?),\s*[48]\)/g;

/** Runs a file of assembly/ that has only constants; what it exports. `others`: exports of those that it imports. */
function evaluate(name, others, globals) {
  const text = readFileSync(join(ROOT, "assembly", `${name}.ts`), "utf8");
  const source = text.replace(/^const /gm, "export const ");
  const options = { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 };
  const { outputText } = ts.transpileModule(source, { compilerOptions: options });
  const exports = {};
  const require = (path) => others[path.replace("./", "")] ?? {};
  vm.runInNewContext(outputText, { exports, require, ...globals });
  return exports;
}

/** { name, count, bytes, total }, in the order of memory.ts; bytes: of one. */
export function memoryMap(profile, memoryBytes, without = 0) {
  const globals = {
    MOTE_PROFILE: PROFILE_NUMBERS[profile],
    MOTE_WITHOUT: without,
    isDefined: () => true,
    ERROR: (text) => {
      throw new Error(text);
    },
    memory: { data: () => 0, size: () => 0 },
    offsetof: () => 16,
    sizeof: () => 4,
    changetype: (value) => value,
    load: () => 0,
  };
  const config = evaluate("config", {}, globals);
  const constants = evaluate("constants", {}, globals);
  const layout = { TraceRecord: null };
  const memory = evaluate("memory", { config, constants, layout }, globals);
  const known = vm.createContext({ ...globals, ...config, ...constants, ...memory });
  const value = (text) =>
    vm.runInContext(text.replace(/<\w+>/g, "").replace(/<TraceRecord>/g, ""), known);
  const source = readFileSync(join(ROOT, "assembly/memory.ts"), "utf8");
  const areas = [];
  for (const [, name, condition, text] of source.matchAll(AREA)) {
    if (condition !== undefined && !value(condition)) continue;
    const total = value(text);
    const parts = /^\(?([\w\s+?:()]*?COUNT[\w\s+]*?)\)?\s*\*\s*(\w+)/.exec(text);
    const bytes = parts === null ? total : value(parts[2]);
    const count = Math.floor(total / bytes);
    areas.push({ name, count, bytes, total });
  }
  const sum = areas.reduce((all, { total }) => all + total, 0);
  const rest = memoryBytes - sum;
  return [...areas, { name: "tables, padding", count: 1, bytes: rest, total: rest }];
}
