// What verbs print once, on a terminal of 60 columns: help of all of them, doctor, and the control blocks of replay. And
// text that has to fit: widths of characters, as the terminal has them.

import assert from "node:assert/strict";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import {
  alignColumns,
  cutLine,
  fitColumns,
  foldLine,
  widthOf,
} from "../../host/command/columns.js";
import { terminalTable } from "../../host/command/footprint/table.js";
import { foldHelp } from "../../host/command/help.js";
import { createLiveView } from "../../host/command/live.js";
import { verbs } from "../../host/command/verbs.js";
import { B, createPair, transfer } from "../host/support/pair.js";
import { endsWell, folderFor, hasTerminal } from "./support/screen.js";
import { openTerminal } from "./support/terminal.js";

const options = { timeout: 60_000 };
const plain = (_format: unknown, text: string): string => text;

/** All lines of a command that ends by itself; none is longer than the terminal, or goes on in another row. */
async function linesOf(t: TestContext, words: readonly string[], columns = 60): Promise<string[]> {
  const terminal = openTerminal(t, words, { columns });
  const { restored } = await terminal.ended;
  assert.ok(restored);
  const lines = terminal.lines();
  // A command that brings something stays whole, so that it can be copied.
  const tooLong = lines.filter((line) => widthOf(line) > columns && !/sudo |apt-get /.test(line));
  assert.deepEqual(tooLong, [], words.join(" "));
  return lines;
}

test("--help of every verb fits 60 columns", options, async (t) => {
  if (!hasTerminal(t)) return;
  // Two at a time, as they are processes of their own.
  const waiting = ["", ...verbs.map(({ name }) => name)];
  const next = async (): Promise<void> => {
    for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
      const lines = await linesOf(t, name === "" ? ["--help"] : [name, "--help"]);
      assert.match(lines[0]!, /^Usage: mote/);
    }
  };
  await Promise.all([next(), next()]);
});

test("help in a narrow terminal: commands are whole, or go on after a backslash", () => {
  const help = [
    "Examples:",
    "  mote nc -l 7                    on a TAP device: nc 198.18.0.2 7 finds it",
    "  mote get -L http://example.org/ --link user -o page.html   a page",
    "",
    "Exit codes:",
    "  0    done, and all of it has come",
  ];
  assert.equal(foldHelp(help.join("\n"), Infinity), help.join("\n"));
  assert.deepEqual(foldHelp(help.join("\n"), 32).split("\n"), [
    "Examples:",
    "  mote nc -l 7",
    "      on a TAP device: nc",
    "      198.18.0.2 7 finds it",
    "  mote get -L \\",
    "      http://example.org/ \\",
    "      --link user -o page.html",
    "      a page",
    "",
    "Exit codes:",
    "  0    done, and all of it has",
    "       come",
  ]);
});

test("doctor: a list where the table has no room, the table where it has", options, async (t) => {
  if (!hasTerminal(t)) return;
  const list = await linesOf(t, ["doctor"]);
  assert.ok(list.includes("yes  Node: " + process.versions.node), list.join("\n"));
  assert.ok(list.includes("     for everything"));
  const table = await linesOf(t, ["doctor"], 200);
  assert.ok(table.some((line) => /^│ yes │ Node +│ [\d.]+ +│ everything +│$/.test(line)));
});

/** A short exchange on virtual time, recorded at the client. */
async function recording(t: TestContext): Promise<string> {
  const file = join(folderFor(t), "run.moterec");
  const pair = await createPair({ record: [{ to: file }, { to: () => undefined }] });
  pair.b.listen({ port: 7 }, (connection) => transfer(connection, Buffer.from("answer")));
  const client = transfer(pair.a.connect({ host: B, port: 7 }), Buffer.from("question"));
  pair.run(() => client.closed);
  pair.close();
  return file;
}

test("run-board lists boards in 60 columns", options, async (t) => {
  if (!hasTerminal(t)) return;
  const lines = await linesOf(t, ["run-board"]);
  assert.match(lines[0]!, /^mps2-an385 {6}Cortex-M3/);
});

test("conformance: states for which there is no room stand below", options, async (t) => {
  if (!hasTerminal(t)) return;
  const narrow = await linesOf(t, ["conformance", "syn"]);
  const wide = await linesOf(t, ["conformance", "syn"], 200);
  const counts = (lines: readonly string[]): number =>
    lines
      .filter((line) => /^syn /.test(line))
      .flatMap((line) => line.slice(4).match(/\d+/g) ?? [])
      .reduce((sum, count) => sum + Number(count), 0);
  assert.ok(counts(wide) > 10, wide.join("\n"));
  assert.equal(counts(narrow), counts(wide));
});

test("tables of footprint: row by row where they have no room", () => {
  const table = (room: number): string[] =>
    terminalTable(["board", "flash", "RAM"], [["mps2-an385", 31_000, null]], room).split("\n");
  assert.match(table(40)[3]!, /^│ mps2-an385 │ 31,000 │ – +│$/);
  assert.deepEqual(table(20), ["mps2-an385", "  flash  31,000", "  RAM    –"]);
});

test("replay: control blocks in as many columns as have room", options, async (t) => {
  if (!hasTerminal(t)) return;
  const file = await recording(t);
  const words = ["replay", file, "--break", "state=ESTABLISHED"];
  const blocks = async (columns: number): Promise<string[]> => {
    const terminal = openTerminal(t, words, { columns, rows: 24 });
    await endsWell(terminal, 0);
    const lines = terminal.lines();
    return lines.slice(lines.findIndex((line) => /↔ 7 ESTABLISHED$/.test(line))).filter(Boolean);
  };
  const [narrow, wide] = [await blocks(60), await blocks(200)];
  assert.ok(Math.max(...narrow.map(widthOf)) <= 60, narrow.join("\n"));
  assert.match(narrow[1]!, /^ {2}iss \d+ +irs \d+$/);
  assert.match(wide[1]!, /^ {2}iss \d+ +irs \d+ +sndUna \d+ +sndNxt \d+$/);
});

test(
  "replay --step on a terminal: whole lines in their order, and the verdict",
  options,
  async (t) => {
    if (!hasTerminal(t)) return;
    const file = join(folderFor(t), "run.moterec");
    const pair = await createPair({ record: [{ to: file }, { to: () => undefined }] });
    pair.b.listen({ port: 7 }, (connection) => transfer(connection, Buffer.from("answer")));
    const client = transfer(pair.a.connect({ host: B, port: 7 }), Buffer.from("question"));
    pair.run(() => client.closed);
    pair.close();
    const terminal = openTerminal(t, ["replay", file, "--step"]);
    await endsWell(terminal, 0);
    assert.ok(terminal.coloured());
    const lines = terminal.lines().filter(Boolean);
    assert.equal(lines.at(-1), "The memory is the same to the last byte.");
    const end = lines.findIndex((line) => line.startsWith("desktop release, "));
    assert.ok(end > 10, lines.join("\n"));
    for (const line of lines.slice(0, end)) assert.match(line, /^\d\d:\d\d:\d\d\.\d{6} /);
    assert.ok(lines.some((line) => / → ESTABLISHED/.test(line)));
  },
);

test("characters have the width that the terminal gives them", options, async (t) => {
  if (!hasTerminal(t)) return;
  const texts = ["plain", "mötë", "e\u0301", "日本語", "한국", "ｆｕｌｌ", "·→↔…"];
  for (const text of texts) {
    const through = ["sh", "-c", 'printf %s "$0"', text];
    const terminal = openTerminal(t, [], { through });
    await endsWell(terminal, 0);
    assert.equal(terminal.cursor.x, widthOf(text), text);
  }
});

test("a line is cut at a column, colours and wide characters whole", () => {
  assert.equal(cutLine("abcdef", 3), "abc");
  assert.equal(cutLine("日本語", 5), "日本");
  assert.equal(cutLine("日a本", 2), "日");
  assert.equal(
    cutLine("\u001b[1mab\u001b[22mcd\u001b[2me\u001b[22m", 3),
    "\u001b[1mab\u001b[22mc\u001b[2m\u001b[22m",
  );
});

test("a line is folded at blanks, under its second cell; a long word stays whole", () => {
  assert.deepEqual(foldLine("one two", 7), ["one two"]);
  assert.deepEqual(foldLine("link   one two three four five", 24), [
    "link   one two three",
    "       four five",
  ]);
  assert.deepEqual(foldLine("one two three", 9), ["one two", "    three"]);
  assert.deepEqual(foldLine("a 0123456789", 8), ["a", "0123456789"]);
});

test("columns go in their order, those of one number together", () => {
  const columns = [
    { head: "A" },
    { head: "B", leaves: 2 },
    { head: "C", leaves: 2 },
    { head: "D", leaves: 1 },
  ];
  const rows = [["1", "2", "3", "4"]];
  const heads = (room: number) =>
    alignColumns(fitColumns(columns, rows, room).kept.columns, [], plain)[0];
  assert.deepEqual([10, 9, 6, 1].map(heads), ["A  B  C  D", "A  B  C", "A", "A"]);
});

test("a picture that is the same is not drawn again", () => {
  let written = "";
  const stream = {
    isTTY: true,
    columns: 40,
    rows: 10,
    write: (text: string) => void (written += text),
  };
  const view = createLiveView(stream, { ownsScreen: true });
  view.show(() => ["one", "two"]);
  const before = written;
  view.show(() => ["one", "two"]);
  assert.equal(written, before);
  view.show(() => ["one", "three"]);
  assert.ok(written.length > before.length);
  view.done();
});
