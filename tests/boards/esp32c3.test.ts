// The image of the ESP32-C3 as its ROM finds it in flash, and the chip that stands in for it in tests.

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { findBoard } from "../../host/boards/board.js";
import { bootBlock } from "../../host/boards/boot.js";
import { BOARDS_FOLDER, buildFirmware } from "../../host/boards/firmware.js";
import { PYTHON, startMachine } from "../../host/boards/machine.js";
import { openProbe } from "../../host/boards/probe.js";
import { measureSegments } from "../../host/boards/segments.js";
import { runTool } from "../../host/boards/toolchain.js";
import { atBest } from "../static/support/atBest.js";
import { BOARD_ADDRESS, cellsOf, nameOf, skipOf } from "./support/board.js";

const board = findBoard("esp32c3-direct")!;
const options = { skip: await skipOf(board), timeout: 240_000 };

/** Where the ROM maps flash, for code and for constants. */
const CODE = 0x4200_0000;
const CONSTANTS = 0x3c00_0000;
const MARK = "1d04dbae";
const RAM = 0x3fc8_0000;
const RAM_BYTES = 320 * 1024;
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

  test(`${nameOf(cell)}: every section lies where the chip has memory`, options, async () => {
    const { elf, toolchain } = await buildFirmware(cell);
    const table = await runTool(toolchain, "objdump", ["-h", "-w", elf]);
    const sections = [...table.matchAll(/^ *\d+ (\S+) +(\S+) +(\S+) .*\bALLOC\b/gm)].map(
      ([, name = "", bytes = "", at = ""]) => {
        return { name, start: parseInt(at, 16), end: parseInt(at, 16) + parseInt(bytes, 16) };
      },
    );
    assert.ok(sections.length >= 4, table);
    const regions = [
      [CODE, CODE + board.bootAddress],
      [CONSTANTS, CONSTANTS + board.bootAddress],
      [RAM, RAM + RAM_BYTES],
    ] as const;
    for (const { name, start, end } of sections) {
      assert.ok(
        regions.some(([from, to]) => start >= from && end <= to),
        `${name}: ${table}`,
      );
    }
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
  const share = async () => {
    const before = ticksOf(pid);
    await delay(3_000);
    return (ticksOf(pid) - before) / 3;
  };
  // One that never sleeps takes all of it; the emulator's look at its timers takes 5 to 16.
  await atBest(50, share, "% of a processor");
});

/** A socket that the chip opens; closed with the test. */
async function listen(t: TestContext, path: string): Promise<{ opened: Promise<Socket> }> {
  const server: Server = createServer({ pauseOnConnect: true });
  server.listen(path);
  await once(server, "listening");
  t.after(() => server.close());
  return { opened: once(server, "connection").then(([socket]) => socket as Socket) };
}

/** The emulator alone, as whoever starts it otherwise would; `said` grows with what comes on stderr. */
async function startChip(t: TestContext) {
  const { image } = await buildFirmware({ board, engine: "aot", profile: "tiny" });
  const folder = mkdtempSync(join(tmpdir(), "mote-c3-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const [control, nic, boot] = ["control", "nic", "boot"].map((name) => join(folder, name));
  writeFileSync(boot!, bootBlock({ address: `${BOARD_ADDRESS}/24` }));
  const sockets = [await listen(t, control!), await listen(t, nic!)];
  const script = join(BOARDS_FOLDER, "esp32c3-direct/emulator/chip.py");
  const words = ["--control", control!, "--nic", nic!, "--boot", boot!];
  words.push("--boot-offset", String(board.bootAddress));
  const child = spawn(PYTHON, [script, image, ...words]);
  t.after(() => child.kill("SIGKILL"));
  const chip = { child, said: "", console: "", ended: once(child, "close") };
  child.stderr.on("data", (bytes: Buffer) => (chip.said += bytes.toString()));
  child.stdout.on("data", (bytes: Buffer) => (chip.console += bytes.toString()));
  const [asks, cable] = await Promise.all(sockets.map(({ opened }) => opened));
  while (!chip.console.includes("ready")) await once(child.stdout, "data");
  return { chip, asks: asks!, cable: cable! };
}

/** Somebody asks for the board's address. */
const question = () => {
  const frame = Buffer.alloc(4 + 60);
  frame.writeUInt32BE(60);
  frame.write("ffffffffffff0200000000aa08060001080006040001", 4, "hex");
  frame.write("0200000000aac6120001000000000000c6120002", 26, "hex");
  return frame;
};

test("without cable and control the chip goes on, without console it ends", options, async (t) => {
  const { chip, asks, cable } = await startChip(t);
  cable.write(Buffer.concat(Array.from({ length: 40 }, question)));
  await delay(500);
  // Nobody has read what came: the other side finds the connection reset.
  cable.destroy();
  asks.destroy();
  await delay(500);
  chip.console = "";
  chip.child.stdin.write("r");
  while (!/link 1, restarts 0/.test(chip.console)) await once(chip.child.stdout, "data");
  assert.equal(chip.said, "");
  chip.child.stdin.end();
  assert.deepEqual(await chip.ended, [0, null]);
  assert.equal(chip.said, "");
});

test("the chip refuses an unknown command, and ends by SIGTERM", options, async (t) => {
  const { chip, asks } = await startChip(t);
  asks.write(`${JSON.stringify({ execute: "system_reset" })}\n`);
  let answered = "";
  asks.on("data", (bytes: Buffer) => (answered += bytes.toString())).resume();
  while (!/\n.+\n/.test(answered)) await once(asks, "data");
  assert.match(answered, /"error": \{.*system_reset/);
  chip.child.kill("SIGTERM");
  assert.deepEqual(await chip.ended, [null, "SIGTERM"]);
});

test("instructions are counted exactly", options, async (t) => {
  const { image } = await buildFirmware({
    board,
    engine: "aot",
    profile: "tiny",
    program: "probe",
  });
  const machine = await startMachine({ board, image, network: "none", countInstructions: true });
  t.after(() => machine.stop());
  const probe = await openProbe(machine.console);
  const first = await measureSegments(probe, "tiny", board.instructionsPerTick!);
  assert.deepEqual(await measureSegments(probe, "tiny", board.instructionsPerTick!), first);
  const [small, , middle] = first;
  assert.ok(small!.receive > 500 && small!.receive < middle!.receive, JSON.stringify(first));
  // As many as QEMU counts, whose instructions these are, too: the C of the core is the same.
  const other = findBoard("riscv32-virt")!;
  if ((await skipOf(other)) !== false) return;
  const firmware = await buildFirmware({
    board: other,
    engine: "aot",
    profile: "tiny",
    program: "probe",
  });
  const virt = await startMachine({
    board: other,
    image: firmware.image,
    network: "none",
    countInstructions: true,
  });
  t.after(() => virt.stop());
  const theirs = await measureSegments(
    await openProbe(virt.console),
    "tiny",
    other.instructionsPerTick!,
  );
  for (const [i, { receive, acknowledge }] of first.entries()) {
    const sum = theirs[i]!.receive + theirs[i]!.acknowledge;
    assert.ok(
      Math.abs(receive + acknowledge - sum) < 0.01 * sum,
      `${receive + acknowledge}, ${sum}`,
    );
  }
});

test("the model of the W5500 forgets its interrupts when it is reset", options, () => {
  const program = `
from w5500 import *
chip = W5500(lambda frame: None)
def talk(address, control, data):
    chip.select()
    return chip.transfer(bytes([0, address, control]) + data)[3:]
socket, common = SOCKET_0 << 3, COMMON << 3
talk(SN_MR, socket | WRITE, bytes([4]))
talk(SN_CR, socket | WRITE, bytes([OPEN]))
talk(SN_CR, socket | WRITE, bytes([SEND]))
print(*talk(SN_IR, socket, bytes(1)))
talk(MR, common | WRITE, bytes([0x80]))
talk(SN_IR, socket | WRITE, bytes(1))
print(*talk(SN_IR, socket, bytes(1)))
`;
  const cwd = join(BOARDS_FOLDER, "esp32c3-direct/emulator");
  const env = { ...process.env, PYTHONDONTWRITEBYTECODE: "1" };
  const { stdout, stderr } = spawnSync(PYTHON, ["-c", program], { cwd, env, encoding: "utf8" });
  assert.equal(stderr, "");
  assert.equal(stdout, "16\n0\n");
});
