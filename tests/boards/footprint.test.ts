// What boards take stays within tests/budgets.json: every image, whose sizes need no emulator, and the instructions of a
// segment on the board that counts them.

import assert from "node:assert/strict";
import { test } from "node:test";
import { BOARDS, findBoard } from "../../host/boards/board.js";
import { measureSegments } from "../../host/boards/segments.js";
import { measureImage, measureRun, memoryMaps } from "../../host/footprint/measure.js";
import { growthOf } from "../../host/footprint/report.js";
import { startMachine } from "../../host/boards/machine.js";
import { buildFirmware } from "../../host/boards/firmware.js";
import { openProbe } from "../../host/boards/probe.js";
import { compile, lastingMachine, memoryEnd, readText } from "../static/support/module.js";
import { cellsOf, nameOf, skipOf } from "./support/board.js";

interface Budget {
  readonly most: number;
}
const budgets = JSON.parse(readText("tests/budgets.json")) as {
  coreOnCortexM3: Budget;
  ramOfLm3s6965evb: Budget;
  memoryOfEsp32: Budget;
  ramOfEsp32c3WithWasm3: Budget;
  instructionsOf536Bytes: Budget;
  images: Record<string, { flash: number; ram: number }>;
};

function within(what: string, value: number, most: number): void {
  assert.ok(value <= most, `${what}: ${value}, at most ${most} allowed (tests/budgets.json)`);
}

for (const cell of cellsOf(BOARDS)) {
  const skip = await skipOf(cell.board);
  test(`${nameOf(cell)}: flash and RAM within the budget`, { skip }, async () => {
    const { board, engine, profile } = cell;
    const { flash, ram, components, sections } = await measureImage(board, engine, profile);
    const sum = (of: "flash" | "ram") =>
      Object.values(components).reduce((all, component) => all + component[of], 0);
    assert.equal(sum("flash"), flash, "components are the whole image");
    assert.equal(sum("ram") + (sections[".stack"] ?? 0), ram, "components are all RAM");
    for (const [name, component] of Object.entries(components)) {
      assert.ok(component.flash >= 0 && component.ram >= 0, name);
    }
    assert.ok(components.rest.flash < flash / 100, `${components.rest.flash} bytes are nobody's`);
    const budget = budgets.images[nameOf(cell)];
    assert.ok(budget !== undefined, "a new image needs a budget");
    within("flash", flash, budget.flash);
    within("RAM", ram, budget.ram);
    if (board.name === "lm3s6965evb") within("RAM", ram, budgets.ramOfLm3s6965evb.most);
    if (board.toolchain === "arm" && engine === "aot" && profile === "tiny") {
      within("the core's code", components.core.flash, budgets.coreOnCortexM3.most);
    }
    if (board.name === "esp32c3-direct" && engine === "wasm3" && profile === "esp32") {
      within("RAM", ram, budgets.ramOfEsp32c3WithWasm3.most);
    }
  });
}

const board = findBoard("mps2-an385")!;
const skip = await skipOf(board);
const options = { skip, timeout: 60_000 };

test("instructions of a segment of 536 bytes and its acknowledgment", options, async (t) => {
  const { image } = await buildFirmware({
    board,
    engine: "aot",
    profile: "tiny",
    program: "probe",
  });
  const machine = await startMachine({ board, image, network: "none", countInstructions: true });
  t.after(() => machine.stop());
  const probe = await openProbe(machine.console);
  const measure = () => measureSegments(probe, "tiny", board.instructionsPerTick!);
  const costs = await measure();
  const middle = costs.find(({ bytes }) => bytes === 536)!;
  const sum = middle.receive + middle.acknowledge;
  within("instructions", sum, budgets.instructionsOf536Bytes.most);
  const small = costs.find(({ bytes }) => bytes === 1)!;
  assert.ok(small.receive > 500 && small.receive < middle.receive, "more bytes take more");
  // Exact but for a tick of the clock in between.
  const again = (await measure()).find(({ bytes }) => bytes === 536)!;
  assert.ok(Math.abs(again.receive + again.acknowledge - sum) <= 100);
});

test("a board has more stack than it uses, and an interpreter more heap", options, async () => {
  for (const engine of ["aot", "wasm3"] as const) {
    const { stack, stackBytes, heap, pings } = await measureRun(board, engine, "tiny");
    assert.ok(stack > 100 && stack < 0.75 * stackBytes, `${stack} of ${stackBytes} bytes of stack`);
    assert.equal(heap > 0, engine === "wasm3");
    assert.ok(pings![0]!.instructions < pings![1]!.instructions);
  }
});

for (const profile of ["tiny", "esp32"] as const) {
  test(`${profile}: memory by pool sums up to what the module says`, () => {
    const areas = memoryMaps()[profile];
    const sum = areas.reduce((all, { total }) => all + total, 0);
    assert.equal(sum, memoryEnd(lastingMachine(compile(profile))));
    const rest = areas.find(({ name }) => name === "tables, padding")!;
    assert.ok(rest.total > 0 && rest.total < 1_024, `${rest.total} bytes are nobody's`);
    if (profile === "esp32") within("linear memory", sum, budgets.memoryOfEsp32.most);
    const { bytes } = growthOf(profile, areas);
    assert.equal(bytes.at(-1), sum);
    assert.equal(bytes.length, profile === "tiny" ? 5 : 9);
  });
}
