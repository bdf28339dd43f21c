// What firmware of one's own adds (tools/firmware.mjs): two C files and two headers, which any compiler takes, and which ask
// for nothing but a board's HAL and a handful of functions of the C library.

import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { needs } from "../command/support/process.js";
import { readText } from "../static/support/module.js";
import { compile, firmwareFolder } from "./support/tools.js";

const COMPILERS = [
  { tools: "", package: "gcc", flags: ["-O1"] },
  {
    tools: "arm-none-eabi-",
    package: "gcc-arm-none-eabi",
    flags: ["-mcpu=cortex-m3", "-mthumb", "-Os"],
  },
  {
    tools: "riscv64-unknown-elf-",
    package: "gcc-riscv64-unknown-elf picolibc-riscv64-unknown-elf",
    flags: ["-march=rv32imc", "-misa-spec=2.2", "-mabi=ilp32", "--specs=picolibc.specs", "-Os"],
  },
];
const LIBRARY = /^(mem(cpy|set|move|cmp)|strlen|_?setjmp|longjmp)$/;
/** Of the compiler itself: what a processor has no instruction for. */
const LIBGCC = /^__(aeabi_\w+|[a-z]+[sdt]i[234]?)$/;
const hal = new Set(readText("boards/common/hal.h").match(/mote_hal_\w+/g));

/** Symbols of object files: those that are there, and those that must come from elsewhere. */
async function symbolsOf(nm: string, objects: readonly string[]) {
  const lines = (await compile(nm, ...objects)).split("\n");
  const found = lines.flatMap((line) => /^[0-9a-f ]+ ([A-Za-z]) (\S+)$/.exec(line) ?? []);
  const [there, wanted] = [new Set<string>(), new Set<string>()];
  for (let i = 0; i < found.length; i += 3) {
    (found[i + 1] === "U" ? wanted : there).add(found[i + 2]!);
  }
  return { there, missing: [...wanted].filter((name) => !there.has(name)) };
}

for (const profile of ["tiny", "esp32"] as const) {
  test(`${profile}: the folder has two C files, two headers and an example`, async () => {
    const folder = await firmwareFolder(profile);
    assert.deepEqual(readdirSync(folder).sort(), [
      "core.c",
      "example",
      "hal.h",
      "mote.c",
      "motetcp.h",
    ]);
    assert.deepEqual(readdirSync(join(folder, "example")).sort(), ["board.c", "main.c", "posix.h"]);
  });

  for (const { tools, package: brings, flags } of COMPILERS) {
    test(`${profile}: ${tools}gcc takes it, and it asks for the HAL alone`, async (t) => {
      if (!needs(t, `${tools}gcc`, brings)) return;
      const folder = await firmwareFolder(profile);
      const objects = ["core", "mote"].map((name) => join(folder, `${name}-${tools}.o`));
      for (const [i, name] of ["core.c", "mote.c"].entries()) {
        // The generated code has unused parts.
        const warnings = name === "core.c" ? ["-w"] : ["-Wall", "-Wextra", "-Werror"];
        const words = [...warnings, "-c", join(folder, name), "-o", objects[i]!];
        await compile(`${tools}gcc`, "-std=c11", ...flags, ...words);
      }
      const { there, missing } = await symbolsOf(`${tools}nm`, objects);
      for (const name of ["mote_pump_turn", "mote_read", "mote_listen", "mote_error_name"]) {
        assert.ok(there.has(name), name);
      }
      assert.equal(there.has("mote_send_to"), profile === "esp32", "sockets are the profile's");
      const others = missing.filter((name) => !LIBRARY.test(name) && !LIBGCC.test(name));
      assert.deepEqual(others.sort(), [...hal].sort());
    });
  }
}

test("the board of the example is about a hundred lines", () => {
  const lines = readText("boards/posix/hal.c").split("\n").length;
  assert.ok(lines >= 50 && lines <= 110, `${lines} lines`);
});
