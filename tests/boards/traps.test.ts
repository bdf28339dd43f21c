// Every trap of the interpreter, and the exact end of its memory, with a module that does nothing else.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { before, test } from "node:test";
import koffi from "koffi";
import { fromRoot } from "../static/support/module.js";
import { compileNative, Trap, type Parts } from "./support/native.js";

const MEMORY_BYTES = 1_000;

const MODULE = `(module
  (memory 1)
  (func $fall (param i32 i32) (result i32)
    local.get 0 i32.const 1 i32.add local.get 1 call $fall i32.const 1 i32.add)
  (func (export "load8") (param i32 i32) (result i32) local.get 0 i32.load8_u)
  (func (export "load32") (param i32 i32) (result i32) local.get 0 i32.load offset=8)
  (func (export "store8") (param i32 i32) (result i32) local.get 0 local.get 1 i32.store8 i32.const 1)
  (func (export "store64") (param i32 i32) (result i32)
    local.get 0 local.get 1 i64.extend_i32_u i64.store offset=4 i32.const 1)
  (func (export "fill") (param i32 i32) (result i32)
    local.get 0 i32.const 7 local.get 1 memory.fill i32.const 1)
  (func (export "copy") (param i32 i32) (result i32)
    i32.const 0 local.get 0 local.get 1 memory.copy i32.const 1)
  (func (export "divide") (param i32 i32) (result i32) local.get 0 local.get 1 i32.div_s)
  (func (export "fall") (param i32 i32) (result i32) local.get 0 local.get 1 call $fall)
  (func (export "never") (param i32 i32) (result i32) unreachable)
  (func (export "choose") (param i32 i32) (result i32)
    (block $c (block $b (block $a local.get 0 br_table $a $b $c)
      i32.const 10 return) i32.const 11 return) i32.const 12)
  (func (export "long") (param i32 i32) (result i32)
    local.get 0 i64.extend_i32_u i64.const 0x123456789 i64.mul i64.const 32 i64.shr_u i32.wrap_i64)
  (func (export "grow") (param i32 i32) (result i32) local.get 0 memory.grow)
)`;

const NAMES = [...MODULE.matchAll(/export "(\w+)"/g)].map(([, name]) => name ?? "");

interface Engine {
  start(): number;
  trap(): number;
  call(index: number, a: number, b: number): number;
}

async function load(): Promise<Engine> {
  const folder = mkdtempSync(join(tmpdir(), "mote-traps-"));
  const to = (name: string) => join(folder, name);
  writeFileSync(to("traps.wat"), MODULE);
  const wabt = fromRoot("node_modules/wabt/bin/wat2wasm");
  execFileSync(process.execPath, [wabt, to("traps.wat"), "-o", to("traps.wasm")]);
  const bytes = [...readFileSync(to("traps.wasm"))];
  const head = '#include "calls.h"\n';
  writeFileSync(to("profile.h"), `#define MOTE_MEMORY_BYTES ${MEMORY_BYTES}u\n`);
  const array = `const uint8_t mote_module[] = {${bytes.join(",")}};`;
  writeFileSync(
    to("module.c"),
    `${head}${array}\nconst uint32_t mote_module_bytes = sizeof mote_module;\n`,
  );
  const names = NAMES.map((name) => `"${name}"`).join(", ");
  writeFileSync(
    to("calls.c"),
    `${head}const char *const mote_exports[] = {${names}};
    const uint32_t mote_export_count = ${NAMES.length};
    void *mote_functions[${NAMES.length}];
    uint32_t call(uint32_t i, uint32_t a, uint32_t b);
    uint32_t call(uint32_t i, uint32_t a, uint32_t b) {
      return mote_wasm3_call(i, 2, (const uint32_t[]){a, b});
    }\n`,
  );
  const sizes = { made: folder, heap: 64 * 1024 };
  const parts: Parts = {
    engine: "wasm3",
    name: "traps.so",
    sizes,
    flags: ["-O1"],
    link: ["-shared"],
  };
  const library = koffi.load(await compileNative("tiny", folder, parts));
  rmSync(folder, { recursive: true });
  return {
    start: library.func("uint32_t mote_engine_start()") as Engine["start"],
    trap: library.func("uint32_t mote_engine_trap()") as Engine["trap"],
    call: library.func("uint32_t call(uint32_t, uint32_t, uint32_t)") as Engine["call"],
  };
}

let engine: Engine;
before(async () => {
  engine = await load();
});

/** Result of one call of a fresh module, and its trap. */
function once(name: string, a: number, b = 0): [number, number] {
  assert.equal(engine.start(), Trap.NONE);
  const result = engine.call(NAMES.indexOf(name), a >>> 0, b >>> 0);
  return [result, engine.trap()];
}

const OUT: [number, number] = [0, Trap.OUT_OF_BOUNDS];
const END = MEMORY_BYTES;

/** [call, first argument, second, what is expected]. Memory ends within the module's page. */
const CASES: readonly [string, number, number, [number, number]][] = [
  ["load8", END - 1, 0, [0, Trap.NONE]],
  ["load8", END, 0, OUT],
  ["load8", 65_535, 0, OUT],
  ["load8", -1, 0, OUT],
  ["load32", END - 12, 0, [0, Trap.NONE]],
  ["load32", END - 11, 0, OUT],
  ["load32", -8, 0, OUT],
  ["store8", END - 1, 0xff, [1, Trap.NONE]],
  ["store8", END, 0xff, OUT],
  ["store64", END - 12, 0, [1, Trap.NONE]],
  ["store64", END - 11, 0, OUT],
  ["fill", END - 10, 10, [1, Trap.NONE]],
  ["fill", END - 10, 11, OUT],
  ["fill", 1, -1, OUT],
  ["copy", END - 10, 10, [1, Trap.NONE]],
  ["copy", END - 10, 11, OUT],
  ["divide", -6, 2, [-3 >>> 0, Trap.NONE]],
  ["divide", 1, 0, [0, Trap.ARITHMETIC]],
  ["divide", -0x80000000, -1, [0, Trap.ARITHMETIC]],
  ["fall", 0, 0, [0, Trap.CALL_DEPTH]],
  ["never", 0, 0, [0, Trap.UNREACHABLE]],
  ["choose", 0, 0, [10, Trap.NONE]],
  ["choose", 1, 0, [11, Trap.NONE]],
  ["choose", 2, 0, [12, Trap.NONE]],
  ["choose", 9, 0, [12, Trap.NONE]],
  ["long", 0x10000, 0, [0x12345, Trap.NONE]],
  ["grow", 1, 0, [-1 >>> 0, Trap.NONE]],
];

for (const [name, a, b, expected] of CASES) {
  test(`${name}(${a}, ${b})`, () => assert.deepEqual(once(name, a, b), expected));
}
