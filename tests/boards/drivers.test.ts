// The drivers on simulated devices, which end a test at anything that a datasheet does not allow. The tests are in C
// (tests/boards/simulated); here each gets its name.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { compileForBoard, compileSimulated, run } from "./support/simulated.js";

/** How many tests there are at least for every device. */
const COMMON = 14;

const folder = mkdtempSync(join(tmpdir(), "mote-drivers-"));
after(() => rmSync(folder, { recursive: true }));

for (const driver of ["lan9118", "stellaris", "virtio", "w5500"]) {
  const program = compileSimulated(driver, folder);
  const names = run(program).trimEnd().split("\n");
  describe(driver, () => {
    it("compiles freestanding", () => compileForBoard(driver, folder));
    it("has tests", () => assert.ok(names.length > COMMON, names.join("\n")));
    it("knows no test of another name", () => assert.throws(() => run(program, "?"), /status 2/));
    for (const name of names) it(name, () => void run(program, name));
  });
}
