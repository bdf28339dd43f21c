// `mote footprint`: tables on the terminal, files, bad words. Sizes only: boards run in tests/boards.

import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { findBoard } from "../../host/boards/board.js";
import { lacking } from "../../host/boards/lacking.js";
import { runCommand } from "../../host/command/cli.js";
import type { FootprintReport } from "../../host/footprint/measure.js";
import { output } from "./support/output.js";

const BOARD = "lm3s6965evb";
const missing = await lacking(findBoard(BOARD)!);
const options = { skip: missing.length > 0 && `missing: ${missing.join(", ")}`, timeout: 120_000 };

async function run(...words: string[]): Promise<{ code: number; out: string; err: string }> {
  const { io, out, err } = output();
  const code = await runCommand(["footprint", ...words], io);
  return { code, out: out(), err: err() };
}

function folderFor(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "mote-footprint-"));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

const wrong: [words: string[], says: RegExp][] = [
  [["--board", "lm3s"], /--board: no board is called "lm3s" \(did you mean lm3s6965evb\?\)/],
  [["--board"], /argument missing; mote footprint --help/],
  [["--output", ""], /--output takes the name of a folder/],
  [["--fast"], /unknown option '--fast'/],
  [["lm3s6965evb"], /too many arguments|argument/],
];

for (const [words, says] of wrong) {
  test(`mote footprint ${words.join(" ")}: one line, exit code 2`, async () => {
    const { code, out, err } = await run(...words);
    assert.equal(code, 2);
    assert.equal(out, "");
    assert.match(err, /^mote( footprint)?: [^\n]+\n$/);
    assert.match(err, says);
  });
}

test("mote footprint --help: boards, examples, exit codes", async () => {
  const { code, out } = await run("--help");
  assert.equal(code, 0);
  assert.match(out, /Boards:\n {2}mps2-an385/);
  assert.match(out, /Examples:\n {2}mote footprint/);
  assert.match(out, /Exit codes:\n {2}0 /);
  assert.ok(Math.max(...out.split("\n").map((line) => line.length)) <= 100);
});

test(
  "mote footprint --quick: tables of one board, and what other stacks take",
  options,
  async () => {
    const { code, out, err } = await run("--quick", "--board", BOARD);
    assert.equal(code, 0, err);
    for (const title of [
      "Budgets",
      "Images",
      "Sections",
      "Flash by component",
      "RAM by component",
    ]) {
      assert.match(out, new RegExp(`^${title}$`, "m"));
    }
    assert.match(out, /lm3s6965evb +│ aot +│ tiny +│ +\d\d,\d{3} │/);
    assert.doesNotMatch(out, /│ mps2-an385|^Instructions$|^Stack and/m);
    assert.match(out, /^Memory of esp32$[^]*│ connections \(TCB\) +│ +16 │ +188 │ +3,008 │/m);
    assert.match(out, /│ lwIP 2\.1\.3/);
    assert.match(err, /^lm3s6965evb, aot, tiny$/m);
  },
);

test(
  "mote footprint --output: JSON, a page that needs nothing else, Markdown",
  options,
  async (t) => {
    const folder = join(folderFor(t), "deep", "figures");
    const { code, err } = await run("--quick", "--board", BOARD, "--output", folder);
    assert.equal(code, 0, err);
    const read = (name: string) => readFileSync(join(folder, name), "utf8");

    const report = JSON.parse(read("footprint.json")) as FootprintReport;
    assert.deepEqual(report.problems, []);
    assert.deepEqual(
      report.cells.map(({ name }) => name),
      [`${BOARD}, aot, tiny`],
    );
    assert.deepEqual(
      report.profiles.map(({ profile, costs, connections }) => [
        profile,
        costs.length === connections,
      ]),
      [
        ["tiny", true],
        ["esp32", true],
        ["desktop", true],
      ],
    );

    const page = read("footprint.html");
    assert.match(page, /^<!doctype html>/);
    assert.doesNotMatch(page, /<script|<link|src=|href=|@import|url\(|https?:|NaN|undefined/);
    assert.match(page, /prefers-color-scheme: dark/);
    assert.ok(page.match(/<svg /g)!.length >= 5, "flash, RAM, and connections of each profile");

    const markdown = read("footprint.md");
    const flash = report.cells[0]!.flash.toLocaleString("en-US");
    assert.ok(markdown.includes(`| ${BOARD} | aot | tiny | ${flash} |`));
    assert.doesNotMatch(markdown, /NaN|undefined/);
  },
);

test("mote footprint --output FILE: one line, before anything is built", async (t) => {
  const file = join(folderFor(t), "file");
  writeFileSync(file, "");
  const { code, out, err } = await run("--output", join(file, "figures"));
  assert.equal(code, 1);
  assert.equal(out, "");
  assert.match(err, /--output .*: the folder cannot be made \(ENOTDIR\)/);
});

test("mote footprint without compilers: the packages, and all that needs none", async (t) => {
  const { PATH } = process.env;
  t.after(() => (process.env.PATH = PATH));
  process.env.PATH = folderFor(t);
  const { code, out, err } = await run("--quick");
  assert.equal(code, 0);
  assert.match(err, /not measured: mps2-an385: apt-get install gcc-arm-none-eabi/);
  assert.match(err, /not measured: riscv32-virt: apt-get install gcc-riscv64-unknown-elf/);
  assert.match(out, /^Memory of tiny$/m);
  assert.match(out, /^Bytes per connection$/m);
  assert.doesNotMatch(out, /^Images$/m);
});

test("mote footprint without an emulator: sizes, and the package", options, async (t) => {
  const { PATH } = process.env;
  t.after(() => (process.env.PATH = PATH));
  const folder = folderFor(t);
  for (const name of ["gcc", "size", "nm"]) {
    const path = join(folder, `arm-none-eabi-${name}`);
    writeFileSync(path, `#!/bin/sh\nPATH='${PATH}' exec arm-none-eabi-${name} "$@"\n`);
    chmodSync(path, 0o755);
  }
  process.env.PATH = folder;
  const { code, out, err } = await run("--board", BOARD);
  assert.equal(code, 0);
  assert.match(err, /not measured: lm3s6965evb: apt-get install qemu-system-arm/);
  assert.match(out, /^Images$/m);
  assert.doesNotMatch(out, /^Instructions$/m);
});
