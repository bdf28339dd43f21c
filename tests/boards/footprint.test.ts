// What the firmware of boards takes stays within tests/budgets.json: sizes of every image, and the instructions of frames
// and segments where the core's code is smallest.

import assert from "node:assert/strict";
import { test } from "node:test";
import { BOARDS, findBoard } from "../../host/boards/board.js";
import { overBudget, readBudgets, segmentOf, valueOf } from "../../host/footprint/budgets.js";
import { cellName, cellsOf, COMPONENTS } from "../../host/footprint/cell.js";
import { measureFootprint, measureProfile } from "../../host/footprint/measure.js";
import { measureInstructions } from "../../host/footprint/running.js";
import { skipOf } from "./support/board.js";

const budgets = readBudgets();

for (const board of BOARDS) {
  const options = { skip: await skipOf(board), timeout: 240_000 };
  test(`${board.name}: every image is within its budget`, options, async () => {
    const report = await measureFootprint({ boards: [board], quick: true });
    assert.deepEqual(report.problems, []);
    assert.equal(report.cells.length, cellsOf([board]).length);
    for (const { name } of report.cells) {
      assert.ok(
        name in budgets.boards,
        `${name} has no limit: run node tools/footprint.mjs --limits`,
      );
    }
    assert.deepEqual(overBudget(report, budgets), []);
  });

  test(`${board.name}: every byte of an image belongs to a component`, options, async () => {
    const { cells } = await measureFootprint({ boards: [board], quick: true });
    for (const { name, flash, ram, flashBy, ramBy, memory } of cells) {
      const sum = (parts: Readonly<Record<string, number>>) =>
        Object.values(parts).reduce((all, bytes) => all + bytes, 0);
      assert.equal(sum(flashBy), flash, name);
      assert.equal(sum(ramBy), ram, name);
      assert.equal(ramBy.core, memory, name);
      for (const component of COMPONENTS) {
        assert.ok(flashBy[component] >= 0 && ramBy[component] >= 0, `${name}: ${component}`);
      }
      assert.ok(flashBy.core > flashBy.driver && flashBy.driver > 0, name);
      assert.ok(flashBy.rest < flash / 100, `${name}: ${flashBy.rest} bytes belong to nothing`);
    }
  });
}

test("linear memory is within its budget", async () => {
  const report = { profiles: [await measureProfile("esp32")], cells: [], problems: [] };
  const goal = budgets.goals.find(({ figure }) => figure === "memory")!;
  assert.ok(valueOf(goal, report)! > 0);
  assert.deepEqual(overBudget(report, budgets), []);
});

const smallest = findBoard("mps2-an385")!;

test(
  "mps2-an385, aot, tiny: instructions are within their budget",
  { skip: await skipOf(smallest), timeout: 120_000 },
  async () => {
    const cell = cellsOf([smallest])[0]!;
    assert.equal(cellName(cell), "mps2-an385, aot, tiny");
    const { cells, ...rest } = await measureFootprint({ boards: [smallest], quick: true });
    const instructions = await measureInstructions(cell);
    const measured = { ...rest, cells: [{ ...cells[0]!, instructions }] };
    assert.deepEqual(overBudget(measured, budgets), []);
    const [shortPing, longPing] = instructions.pings.map(({ instructions: count }) => count);
    assert.ok(shortPing! > 500 && longPing! > shortPing!, `${shortPing}, ${longPing}`);
    const segments = [1, 64, 536].map((bytes) => segmentOf(measured.cells[0]!, bytes)!);
    assert.ok(segments[0]! > 1_000, `${segments[0]} instructions`);
    assert.deepEqual(
      segments,
      [...segments].sort((a, b) => a - b),
      "more bytes take more",
    );
    assert.equal(segmentOf(measured.cells[0]!, 1_460), undefined, "more than a ring of tiny");
  },
);
