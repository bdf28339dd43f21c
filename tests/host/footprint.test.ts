// The footprint's figures that need no compiler: the memory map by pool, bytes per connection, link maps, budgets, plots.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createCore, PROFILES } from "../../host/core/core.js";
import { Constant } from "../../host/core/generated/abi.js";
import { limitFor, overBudget, type Goal } from "../../host/footprint/budgets.js";
import { componentOf } from "../../host/footprint/cell.js";
import { connectionCosts } from "../../host/footprint/connections.js";
import { parseLinkMap } from "../../host/footprint/linkMap.js";
import { AREAS, placesOf, readDebug, readMemoryMap } from "../../host/footprint/memoryMap.js";
import { niceStep, stackedBars } from "../../host/footprint/plots.js";
import { readText } from "../static/support/module.js";

test("the memory map names every area of assembly/memory.ts", () => {
  const source = readText("assembly/memory.ts");
  const places = [...source.matchAll(/^(?:export )?const (\w+): usize =([^;]*);/gm)]
    .filter(([, , value]) => /memory\.data\(/.test(value!))
    .map(([, name]) => name);
  assert.deepEqual(
    places.filter((name) => !AREAS.some(({ place }) => place === name)),
    [],
  );
  assert.ok(places.length > 40);
});

for (const profile of PROFILES) {
  test(`the memory map of ${profile} sums up to all that the core touches`, async () => {
    const core = await createCore(profile);
    const pools = await readMemoryMap(profile);
    const sum = pools.reduce((all, { bytes }) => all + bytes, 0);
    assert.equal(sum, core.constant(Constant.MEMORY_BYTES));
    for (const { name, count = 0, each = 0, bytes } of pools) {
      assert.ok(
        bytes > 0 && bytes >= count * each,
        `${name}: ${count} of ${each} in ${bytes} bytes`,
      );
    }
    // What remains is the tables that are code's, not state.
    const constants = pools.at(-1)!;
    assert.equal(constants.name, "constants");
    assert.ok(constants.bytes < 512, `${constants.bytes} bytes have no name`);
  });

  test(`the debug module of ${profile} has the layout of the release module`, async () => {
    const [core, debug] = await Promise.all([createCore(profile), readDebug(profile)]);
    const places = [
      ["TCBS", Constant.TCB_AREA],
      ["LISTENERS", Constant.LISTENER_AREA],
      ["COUNTERS", Constant.COUNTER_AREA],
      ["GENERATIONS", Constant.GENERATION_AREA],
    ] as const;
    const at = (name: string) => debug.globals.get(`assembly/memory/${name}`)!;
    const shift = core.constant(Constant.RX_FRAME) - at("RX_FRAME");
    for (const [name, id] of places) assert.equal(core.constant(id), at(name) + shift, name);
  });

  test(`no two areas of ${profile} share a place`, async () => {
    const named = placesOf(await readDebug(profile)).flatMap(({ area }) => area?.place ?? []);
    assert.equal(new Set(named).size, named.length);
  });
}

test("a connection's own bytes: its record, and two rings while there are some", () => {
  const numbers = {
    ...{ profile: "esp32", memory: 48_000, connections: 4, carrying: 2 },
    ...{ record: 200, ring: 1_000 },
  };
  assert.deepEqual(connectionCosts(numbers), [
    { connections: 1, shared: 48_000, own: 2_200 },
    { connections: 2, shared: 24_000, own: 2_200 },
    { connections: 3, shared: 16_000, own: 1_533 },
    { connections: 4, shared: 12_000, own: 1_200 },
  ]);
});

test("a link map: long names, strings that were merged, what was left out", () => {
  const map = `Discarded input sections

 .text.gone     0x00000000       0x10 a.o

Linker script and memory map

LOAD a.o

.text           0x00000000       0x60
 *(.text*)
 .text          0x00000000       0x10 a.o
 .text.with_a_long_name
                0x00000010       0x20 lib.a(b.o)
                0x00000010                with_a_long_name
 *fill*         0x00000030        0x2 
 .rodata.str1.1
                0x00000032       0x20 a.o
                                 0x24 (size before relaxing)
 .rodata        0x00000042        0xe lib.a(b.o)

/DISCARD/
 .eh_frame      0x00000000       0x40 a.o
`;
  assert.deepEqual(parseLinkMap(map), [
    { section: ".text", bytes: 0x10, file: "a.o" },
    { section: ".text", bytes: 0x20, file: "lib.a(b.o)" },
    { section: ".text", bytes: 2, file: "" },
    { section: ".text", bytes: 0x10, file: "a.o" },
    { section: ".text", bytes: 0xe, file: "lib.a(b.o)" },
  ]);
  assert.throws(() => parseLinkMap("nothing"), /no link map/);
});

test("components by the source of an object", () => {
  const sources = ["core", "engine/calls.c", "wasm3/m3_env.c", "common/pump.c", "drivers/fifo.c"];
  assert.deepEqual(sources.map(componentOf), ["core", "engine", "engine", "common", "driver"]);
  assert.equal(componentOf("riscv/start.S"), "board");
});

test("what is over its budget is said in words; what was not measured is not", () => {
  const cell = {
    ...{ name: "x, aot, tiny", board: "x", engine: "aot", profile: "tiny", memory: 1 },
    ...{ flash: 1_001, ram: 500, sections: {} },
    flashBy: { core: 900, engine: 0, common: 0, driver: 0, board: 0, libc: 0, rest: 101 },
    ramBy: { core: 1, engine: 0, common: 0, driver: 0, board: 0, libc: 0, rest: 499, stack: 0 },
  };
  const report = { profiles: [], cells: [cell], problems: [] };
  const goal: Goal = {
    ...{ about: "core of x", figure: "core", board: "x", engine: "aot", profile: "tiny" },
    ...{ most: 899, aim: 800 },
  };
  const goals = [goal, { ...goal, about: "time", figure: "segment536" as const, most: 1 }];
  const limit = { flash: 1_000, ram: 500 };
  assert.deepEqual(overBudget(report, { goals, boards: { "x, aot, tiny": limit } }), [
    "core of x: 900, at most 899 allowed",
    "x, aot, tiny: bytes of flash: 1001, at most 1000 allowed",
  ]);
  assert.deepEqual(limitFor(limit), { flash: 1_020, ram: 510 });
});

test("plots: steps of an axis, and names that are text", () => {
  assert.deepEqual(
    [9, 88_000, 134_237].map((most) => niceStep(most)),
    [2, 20_000, 50_000],
  );
  const svg = stackedBars("a < b", ["one"], [{ name: "<x>", values: [10] }]);
  assert.match(svg, /aria-label="a &lt; b"/);
  assert.match(svg, /&lt;x&gt;/);
  assert.doesNotMatch(svg, /<x>|NaN/);
});
