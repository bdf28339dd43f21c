// What lwIP takes on the board mps2-an385, for docs/footprint.md: bytes of code, of static RAM, and instructions. With the
// sources of Debian's package (apt-get source lwip):
//
//   node dist/tests/bench/lwip/measure.js FOLDER

import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findBoard } from "../../../host/boards/board.js";
import { BOARDS_FOLDER } from "../../../host/boards/firmware.js";
import { startMachine } from "../../../host/boards/machine.js";
import { runTool, TOOLCHAINS } from "../../../host/boards/toolchain.js";
import { parseLinkMap } from "../../../host/footprint/linkMap.js";
import { fromRoot } from "../../static/support/module.js";

const [source] = process.argv.slice(2);
if (source === undefined) throw new Error("usage: measure.js FOLDER, with the sources of lwIP");

const board = findBoard("mps2-an385")!;
const toolchain = TOOLCHAINS[board.toolchain];
const HERE = fromRoot("tests/bench/lwip");
const folder = mkdtempSync(join(tmpdir(), "mote-lwip-"));

const filesOf = (path: string) =>
  readdirSync(join(source, path))
    .filter((name) => name.endsWith(".c"))
    .map((name) => join(source, path, name));
const SOURCES = [
  ...["src/core", "src/core/ipv4"].flatMap(filesOf),
  join(source, "src/netif/ethernet.c"),
];
/** As those of our firmware. */
const FLAGS = [
  ...["-Os", "-std=gnu11", "-DNDEBUG", "-w", "-ffunction-sections", "-fdata-sections"],
  ...[`-I${HERE}`, `-I${join(source, "src/include")}`, "-nostartfiles", "-Wl,--gc-sections"],
];

async function build(name: string, words: readonly string[]): Promise<string> {
  const elf = join(folder, `${name}.elf`);
  const main = [...toolchain.flags, ...FLAGS, ...words, ...SOURCES];
  await runTool(toolchain, "gcc", [...main, `-Wl,-Map=${elf}.map`, "-o", elf]);
  return elf;
}

/** lwIP's own code and tables, without the application and libc. */
async function measureSize(name: string, words: readonly string[]): Promise<void> {
  const application = join(HERE, "echo.c");
  const objects = ["-Wl,-e,main", application, ...words];
  const elf = await build(name, objects);
  const sections = (await runTool(toolchain, "size", ["-A", elf])).matchAll(/^(\.\S+)\s+(\d+)/gm);
  const bytes = new Map([...sections].map(([, section, count]) => [section, Number(count)]));
  const code = parseLinkMap(readFileSync(`${elf}.map`, "utf8"))
    .filter(({ section, file }) => /^\.(text|rodata)/.test(section) && !file.includes(".a("))
    .reduce((sum, part) => sum + part.bytes, 0);
  const ram = (bytes.get(".data") ?? 0) + (bytes.get(".bss") ?? 0);
  console.log(`${name}: ${code} bytes of code with the application, ${ram} of static RAM`);
}

async function measureInstructions(): Promise<void> {
  const own = (path: string) => join(BOARDS_FOLDER, path);
  const common = ["boot.c", "console.c", "stack.c", "sha256.c"].map((name) =>
    own(`common/${name}`),
  );
  const elf = await build("instructions", [
    ...["-DBENCH_MSS=1460", ...board.defines.map((define) => `-D${define}`)],
    ...["common", "cortex-m", "drivers"].map((path) => `-I${own(path)}`),
    ...[`-L${own("cortex-m")}`, `-T${own(board.script)}`],
    ...[join(HERE, "instructions.c"), ...common, ...board.sources.map(own)],
  ]);
  const machine = await startMachine({
    board,
    image: elf,
    network: "none",
    countInstructions: true,
  });
  try {
    await machine.console.seen(/end\r?\n/);
    for (const [, what, ticks] of machine.console.text().matchAll(/^(\w+ \d+): (\d+)/gm)) {
      console.log(
        `${what}: ${Math.round(Number(ticks) * board.instructionsPerTick!)} instructions`,
      );
    }
  } finally {
    await machine.stop();
  }
}

try {
  await measureSize("plain", []);
  await measureSize("with all", ["-DWITH_ALL"]);
  await measureInstructions();
} finally {
  rmSync(folder, { recursive: true });
}
