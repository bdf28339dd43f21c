// `mote run-board`, `mote footprint` and `mote flash`: their command lines, and what they do with a board that is here.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { get } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { findBoard } from "../../host/boards/board.js";
import { firmwareBytes } from "../../host/boards/size.js";
import { buildFirmware } from "../../host/boards/firmware.js";
import { startMachine } from "../../host/boards/machine.js";
import { inWords } from "../../host/boards/toolchain.js";
import { runCommand } from "../../host/command/cli.js";
import { skipOf } from "../boards/support/board.js";
import { fromRoot } from "../static/support/module.js";
import { output } from "./support/output.js";
import { BOUND } from "../interop/support/programs.js";
import { startMote } from "./support/process.js";

const wrong: readonly [readonly string[], RegExp][] = [
  [["run-board", "mps2"], /no board is called "mps2" \(did you mean mps2-an385\?\)/],
  [
    ["run-board", "lm3s6965evb", "--engine", "wasm3"],
    /--engine wasm3: it does not fit lm3s6965evb/,
  ],
  [["run-board", "lm3s6965evb", "--profile", "esp32"], /lm3s6965evb has room for tiny/],
  [["run-board", "mps2-an385", "--engine", "v8"], /--engine takes aot or wasm3, not "v8"/],
  [["run-board", "mps2-an385", "--address", "dhcp"], /told its address before it boots/],
  [["run-board", "mps2-an385", "--link", "tun0"], /--link takes tap:NAME/],
  [["run-board", "a", "b"], /too many arguments/],
  [["footprint", "--board", "riscv"], /no board is called "riscv"/],
  [["footprint", "--output", ""], /--output takes the name of a folder/],
  [["flash"], /missing required argument 'chip'/],
  [["flash", "esp32"], /no image is made for "esp32" \(did you mean esp32c3\?\)/],
  [["flash", "esp32c3", "--profile", "tiny"], /tiny has no DHCP: it needs an --address/],
  [["flash", "esp32c3", "--router", "192.0.2.1"], /--router goes with an --address/],
  [
    ["flash", "esp32c3", "--address", "192.0.2.9/24", "--router", "8.8.8.8"],
    /--router 8\.8\.8\.8 is no other address of the network of 192\.0\.2\.9\/24/,
  ],
  [
    ["flash", "esp32c3", "--address", "192.0.2.9/24", "--router", "192.0.2.9"],
    /--router 192\.0\.2\.9 is no other address/,
  ],
];

for (const [words, says] of wrong) {
  test(`mote ${words.join(" ")}: one line, exit code 2`, async () => {
    const { io, out, err } = output();
    assert.equal(await runCommand(words, io), 2);
    assert.equal(out(), "");
    assert.match(err(), /^mote (run-board|footprint|flash): [^\n]+\n$/);
    assert.match(err(), says);
  });
}

test("their help has examples and exit codes, and fits 100 columns", async () => {
  for (const verb of ["run-board", "footprint", "flash"]) {
    const { io, out } = output();
    assert.equal(await runCommand([verb, "--help"], io), 0);
    assert.match(out(), new RegExp(`^Usage: mote ${verb} `));
    assert.match(out(), /Examples:\n {2}mote /);
    assert.match(out(), /Exit codes:\n {2}0/);
    for (const line of out().split("\n")) assert.ok(line.length <= 100, line);
  }
});

const [lm3s, c3] = ["lm3s6965evb", "esp32c3-direct"].map((name) => findBoard(name)!);
const skipLm3s = await skipOf(lm3s!);
const skipC3 = await skipOf(c3!);

function folderOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "mote-command-"));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

test("without a board: what runs here and what the others need", async () => {
  const { io, out } = output();
  assert.equal(await runCommand(["run-board"], io), 0);
  for (const name of ["mps2-an385", "lm3s6965evb", "riscv32-virt", "esp32c3-direct"]) {
    assert.match(out(), new RegExp(`^${name} `, "m"));
  }
  assert.match(out(), /runs here|needs: apt-get install /);
});

test("a compiler that is missing: the package that brings it, and the other boards go on", async () => {
  const { PATH } = process.env;
  process.env.PATH = "/nowhere";
  try {
    const { io, out } = output();
    assert.equal(await runCommand(["run-board"], io), 0);
    assert.match(out(), /needs: apt-get install gcc-arm-none-eabi .*qemu-system-arm\n/);
    assert.match(out(), /needs: apt-get install gcc-riscv64-unknown-elf .*qemu-system-misc\n/);
  } finally {
    process.env.PATH = PATH;
  }
});

test("mote flash without its compiler: the package that brings it, and nothing is written", async (t) => {
  const folder = join(folderOf(t), "flash");
  const { PATH } = process.env;
  process.env.PATH = "/nowhere";
  try {
    const { io, out, err } = output();
    assert.equal(await runCommand(["flash", "esp32c3", "--output", folder], io), 1);
    assert.equal(out(), "");
    assert.match(err(), /the compiler for esp32c3 is missing/);
    assert.match(err(), /apt-get install gcc-riscv64-unknown-elf picolibc-riscv64-unknown-elf\n/);
    assert.equal(existsSync(folder), false);
  } finally {
    process.env.PATH = PATH;
  }
});

test("firmware that does not fit: the linker's numbers in plain words", () => {
  const said =
    "ld: region `RAM' overflowed by 1234 bytes\nld: region `FLASH' overflowed by 5 bytes";
  const text = "it is over its RAM by 1,234 bytes, and over its flash by 5 bytes";
  assert.equal(inWords(said), `the firmware does not fit this board: ${text}`);
  assert.equal(inWords("undefined reference to `x'"), undefined);
});

test("firmware that is too large is refused so", { skip: skipLm3s }, async (t) => {
  const script = join(folderOf(t), "board.ld");
  const text = readFileSync(fromRoot("boards/lm3s6965evb/board.ld"), "utf8");
  writeFileSync(script, text.replace("LENGTH = 64K", "LENGTH = 16K"));
  await assert.rejects(
    buildFirmware({ board: { ...lm3s!, script }, engine: "aot", profile: "tiny" }),
    /^Error: the firmware does not fit this board: it is over its RAM by [\d,]+ bytes$/,
  );
  // The next build is the board's own again.
  const { flash, ram } = await firmwareBytes(
    await buildFirmware({ board: lm3s!, engine: "aot", profile: "tiny" }),
  );
  assert.ok(flash < 256 * 1024 && ram < 64 * 1024);
});

test("mote run-board: boots, serves at once, ends by SIGINT", { skip: skipLm3s }, async (t) => {
  const board = startMote(t, ["run-board", "lm3s6965evb"], { through: BOUND });
  const found = await board.seen(/curl http:\/\/127\.0\.0\.1:(\d+)\n/, 60_000);
  const port = Number(found[1]);
  const page = await new Promise<string>((resolve, reject) => {
    get({ host: "127.0.0.1", port, agent: false }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (part: string) => (text += part));
      response.on("end", () => resolve(`${response.statusCode} ${text}`));
    }).on("error", reject);
  });
  assert.match(page, /^200 MoteTCP /);
  board.child.kill("SIGINT");
  assert.equal(await board.ended, 0);
});

test("--json of run-board, footprint and flash", { skip: skipLm3s || skipC3 }, async (t) => {
  const ask = async (...words: string[]) => {
    const { io, out } = output();
    assert.equal(await runCommand([...words, "--json"], io), 0);
    return out()
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  };
  const [built] = await ask("run-board", "lm3s6965evb", "--build-only");
  assert.deepEqual([built!["event"], built!["profile"]], ["built", "tiny"]);
  const [report] = await ask("footprint", "--board", "lm3s6965evb", "--quick");
  assert.equal((report!["cells"] as { flash: number }[])[0]!.flash, built!["flash"]);
  const [image] = await ask("flash", "esp32c3", "--output", folderOf(t));
  const parts = image!["parts"] as { path: string; offset: number }[];
  assert.deepEqual(
    parts.map(({ path }) => path),
    ["mote.bin", "boot.bin"],
  );
  assert.match(String(image!["command"]), /^esptool /);
  const board = startMote(t, ["run-board", "lm3s6965evb", "--json"], { through: BOUND });
  await board.seen(/"event":"serving",.*"name":"http","how":"curl http:/, 60_000);
  board.child.kill("SIGINT");
  assert.equal(await board.ended, 0);
});

test("mote footprint: tables, and the three files", { skip: skipLm3s }, async (t) => {
  const folder = folderOf(t);
  const { io, out } = output();
  const words = ["footprint", "--board", "lm3s6965evb", "--quick", "--output", folder];
  assert.equal(await runCommand(words, io), 0);
  assert.match(
    out(),
    /\nFlash\n[^]*lm3s6965evb[^]*\nRAM\n[^]*Memory of tiny\n[^]*Beside other stacks\n/,
  );
  const { cells, maps } = JSON.parse(readFileSync(join(folder, "footprint.json"), "utf8")) as {
    cells: { flash: number; ram: number; components: Record<string, { flash: number }> }[];
    maps: Record<string, { total: number }[]>;
  };
  const [cell] = cells;
  assert.ok(cell !== undefined && cells.length === 1);
  const parts = Object.values(cell.components).reduce((sum, { flash }) => sum + flash, 0);
  // What the linker puts between the parts is nobody's.
  assert.ok(Math.abs(parts - cell.flash) < 0.05 * cell.flash, `${parts} of ${cell.flash} bytes`);
  assert.deepEqual(Object.keys(maps), ["tiny", "esp32"]);
  assert.match(readFileSync(join(folder, "footprint.md"), "utf8"), /^### Flash\n/);
  const page = readFileSync(join(folder, "footprint.html"), "utf8");
  assert.match(page, /<polyline points="[\d., ]+"\/>/);
  assert.doesNotMatch(page, /src=|href=|undefined|NaN/);
  const again = output();
  assert.equal(await runCommand(words, again.io), 1);
  assert.match(again.err(), /footprint\.json is there already, and nothing is overwritten/);
});

test("mote flash: an image that boots, with a secret of its own", { skip: skipC3 }, async (t) => {
  const folders = [folderOf(t), folderOf(t)];
  let told = "";
  for (const folder of folders) {
    const { io, out } = output();
    const words = ["flash", "esp32c3", "--profile", "tiny", "--address", "198.18.0.9/24"];
    assert.equal(await runCommand([...words, "--output", folder], io), 0);
    assert.match(out(), /esptool --chip esp32c3 write_flash 0x0 mote\.bin 0xff000 boot\.bin\n/);
    told = out();
  }
  const read = (folder: string, name: string) => readFileSync(join(folder, name));
  const [image, again] = folders.map((folder) => read(folder, "mote.bin"));
  assert.deepEqual(image, again);
  assert.equal(image!.toString("hex", 0, 8), "1d04dbae1d04dbae");
  const pages = folders.map((folder) => read(folder, "boot.bin"));
  assert.notDeepEqual(pages[0]!.subarray(4, 36), pages[1]!.subarray(4, 36));
  assert.deepEqual([...pages[0]!.subarray(36, 40)], [198, 18, 0, 9]);
  assert.equal(statSync(join(folders[0]!, "boot.bin")).mode & 0o777, 0o600);
  assert.notDeepEqual(pages[0]!.subarray(45, 48), pages[1]!.subarray(45, 48));
  const manifest = JSON.parse(read(folders[0]!, "manifest.json").toString()) as {
    builds: { chipFamily: string; parts: { path: string; offset: number }[] }[];
  };
  assert.equal(manifest.builds[0]!.chipFamily, "ESP32-C3");
  const page = read(folders[0]!, "index.html").toString();
  assert.match(page, /W5500: SCK GPIO6, MOSI GPIO7, MISO GPIO2, CS GPIO10/);
  assert.match(page, /Console: UART0 \(TXD GPIO21, RXD GPIO20\), 115,200 baud/);
  assert.match(page, /not on two devices/);
  assert.doesNotMatch(page, /https?:|undefined/, "nothing is fetched from elsewhere");
  // As flash has it when both parts are written: it boots in the emulator without being told anything else.
  const flash = Buffer.alloc(1 << 20, 0xff);
  for (const { path, offset } of manifest.builds[0]!.parts)
    flash.set(read(folders[0]!, path), offset);
  const whole = join(folders[0]!, "flash");
  writeFileSync(whole, flash);
  const machine = await startMachine({ board: c3!, image: whole, network: "none" });
  t.after(() => machine.stop());
  const [, core] = await machine.console.seen(/core ([0-9a-f]{64})\r?\nready\r?\n/);
  const module = readFileSync(fromRoot("build/tiny.wasm"));
  assert.equal(core, createHash("sha256").update(module).digest("hex"));
  assert.match(told, new RegExp(`core, as its console says it: ${core}\n`));
});

test("mote flash does not replace files of others", { skip: skipC3 }, async (t) => {
  const folder = folderOf(t);
  writeFileSync(join(folder, "index.html"), "mine");
  const { io, err } = output();
  assert.equal(await runCommand(["flash", "esp32c3", "--output", folder], io), 1);
  assert.match(err(), /index\.html is there, and not of this command: choose another --output/);
  assert.equal(readFileSync(join(folder, "index.html"), "utf8"), "mine");
});

test("an emulator that fails: what it said", { skip: skipC3 }, async (t) => {
  const image = join(folderOf(t), "image");
  // The mark twice, then nothing that is an instruction.
  writeFileSync(image, Buffer.concat([Buffer.from("1d04dbae1d04dbae", "hex"), Buffer.alloc(64)]));
  const machine = await startMachine({ board: c3!, image, network: "none" });
  assert.notEqual(await machine.ended, 0);
  assert.match(machine.complaint(), /the chip stopped at 0x4200\w+: /);
});
