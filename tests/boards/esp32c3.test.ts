// The image of the ESP32-C3 as its ROM finds it in flash, and the chip that stands in for it in tests.

import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { findBoard } from "../../host/boards/board.js";
import { bootBlock } from "../../host/boards/boot.js";
import { buildFirmware } from "../../host/boards/firmware.js";
import { startMachine } from "../../host/boards/machine.js";
import { runTool } from "../../host/boards/toolchain.js";
import { BOARD_ADDRESS, cellsOf, nameOf, skipOf } from "./support/board.js";

const board = findBoard("esp32c3-direct")!;
const options = { skip: await skipOf(board), timeout: 240_000 };

/** Where the ROM maps flash, for code and for constants. */
const CODE = 0x4200_0000;
const CONSTANTS = 0x3c00_0000;
const MARK = "1d04dbae";
/** The ROM jumps behind its mark, which stands there twice. */
const ENTRY = 8;
/** RV32IMC has none of these; the linker would take them of a library that was made for more. */
const ATOMIC = /\t(lr|sc|amo\w+)\.w\S*\t/;

for (const cell of cellsOf([board])) {
  test(`${nameOf(cell)}: the image begins as the ROM wants it`, options, async () => {
    const { elf, image, toolchain } = await buildFirmware(cell);
    const bytes = readFileSync(image);
    assert.equal(bytes.toString("hex", 0, ENTRY), MARK + MARK);
    const symbols = new Map(
      (await runTool(toolchain, "nm", [elf])).split("\n").map((line) => {
        const [at = "", , name = ""] = line.split(" ");
        return [name, parseInt(at, 16)] as const;
      }),
    );
    assert.equal(symbols.get("_start"), CODE + ENTRY);
    assert.equal(symbols.get("mote_boot_page"), CONSTANTS + board.bootAddress);
    const dataBytes = symbols.get("mote_data_end")! - symbols.get("mote_data_start")!;
    assert.equal(symbols.get("mote_data_source")! - CONSTANTS + dataBytes, bytes.length);
    assert.ok(bytes.length <= board.bootAddress, `${bytes.length} bytes reach the boot page`);
  });

  test(`${nameOf(cell)}: no atomic instructions`, options, async () => {
    const { elf, toolchain } = await buildFirmware(cell);
    const code = await runTool(toolchain, "objdump", ["-d", elf]);
    assert.match(code, /\tjal?r?\t/);
    assert.equal(ATOMIC.exec(code), null);
  });
}

test("what finds atomic instructions finds them", () => {
  for (const line of [
    "\t100522af          \tlr.w\tt0,(a0)",
    "\t00b5252f\tamoadd.w.aq\ta0,a1,(a0)",
  ]) {
    assert.match(line, ATOMIC);
  }
  assert.doesNotMatch("\t02b50533          \tmul\ta0,a0,a1", ATOMIC);
});

test("the ROM starts nothing without its mark", options, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "mote-c3-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const image = join(folder, "image");
  writeFileSync(image, Buffer.from(MARK, "hex"));
  await assert.rejects(startMachine({ board, image, network: "none" }), /is no direct-boot image/);
});

/** Ticks of 10 ms that a child of this process has computed. */
function ticksOf(pid: string): number {
  const [, fields = ""] = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ");
  const [user, system] = fields.split(" ").slice(11);
  return Number(user) + Number(system);
}

function findChip(): string {
  const isChip = (pid: string) => {
    try {
      const ours = readFileSync(`/proc/${pid}/stat`, "utf8").includes(`) S ${process.pid} `);
      return ours && readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("chip.py");
    } catch {
      return false; // over meanwhile
    }
  };
  for (let i = 0; i < 1_000; i++) {
    const found = readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .find(isChip);
    if (found !== undefined) return found;
  }
  throw new Error("the emulator does not run, or never sleeps");
}

test("a chip that has nothing to do leaves the host's processor alone", options, async (t) => {
  const { image } = await buildFirmware({ board, engine: "aot", profile: "tiny" });
  const boot = bootBlock({ address: `${BOARD_ADDRESS}/24` });
  const machine = await startMachine({ board, image, boot, network: "here" });
  t.after(() => machine.stop());
  await machine.console.seen(/ready\r?\n/);
  await delay(500);
  const pid = findChip();
  const before = ticksOf(pid);
  await delay(3_000);
  const share = (ticksOf(pid) - before) / 3;
  assert.ok(share < 15, `${share.toFixed(0)} % of a processor`);
});
