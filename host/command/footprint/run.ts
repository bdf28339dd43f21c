// One run of `mote footprint`: measures, prints tables, and writes the files that were asked for.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Table from "cli-table3";
import { readBudgets, type Budgets } from "../../footprint/budgets.js";
import { renderPage } from "../../footprint/markdown.js";
import { measureFootprint, type FootprintReport } from "../../footprint/measure.js";
import { renderHtml } from "../../footprint/page.js";
import { peerTables, poolTable, tablesOf, type FigureTable } from "../../footprint/tables.js";
import { CommandError, EXIT_OK } from "../exit.js";
import type { Io } from "../io.js";
import { withHint } from "../remedy.js";
import type { FootprintOptions } from "./options.js";

export async function runFootprint(options: FootprintOptions, io: Io): Promise<number> {
  const { boards, output, quick } = options;
  try {
    // A folder that cannot be written is known before minutes of work.
    if (output !== undefined) makeFolder(output);
    // `mote footprint | head`: the files are written all the same.
    io.stdout.on("error", () => undefined);
    const onStep = (text: string) => io.stderr.write(`${text}\n`);
    const report = await measureFootprint({ boards, quick, onStep });
    const budgets = readBudgets();
    print(report, budgets, io);
    if (output !== undefined) writeFiles(output, report, budgets, io);
    return EXIT_OK;
  } catch (error) {
    throw withHint(error);
  }
}

function makeFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true });
  } catch (cause) {
    const { code = "EIO" } = cause as NodeJS.ErrnoException;
    throw new CommandError(
      code,
      `--output ${path}: the folder cannot be made (${code})`,
      undefined,
      { cause },
    );
  }
}

function print(report: FootprintReport, budgets: Budgets, io: Io): void {
  const tables = [...tablesOf(report, budgets), ...report.profiles.map(poolTable), ...peerTables()];
  for (const table of tables) io.stdout.write(`${renderTable(table, io)}\n\n`);
  for (const problem of report.problems) io.stderr.write(`not measured: ${problem}\n`);
}

const FRAME = { head: [], border: [], compact: true };
/** Words beside numbers take no more columns. */
const MOST_WORDS = 60;

function renderTable({ title, about, head, rows, words }: FigureTable, { paint }: Io): string {
  const table = new Table({
    head: [...head],
    style: FRAME,
    colAligns: head.map((_, index) => (index < words ? "left" : "right")),
    colWidths: head.map((_, index) => {
      const widest = Math.max(...[head, ...rows].map((cells) => cells[index]?.length ?? 0));
      return index < words && widest > MOST_WORDS ? MOST_WORDS + 2 : null;
    }),
    wordWrap: true,
  });
  table.push(...rows.map((cells) => [...cells]));
  return `${paint("bold", title)}\n${wrap(about)}\n${table.toString()}`;
}

const LINE = 100;

/** Lines of at most so many columns. */
function wrap(text: string): string {
  const lines = [""];
  for (const word of text.split(" ")) {
    const last = lines.at(-1)!;
    if (last !== "" && last.length + 1 + word.length > LINE) lines.push(word);
    else lines[lines.length - 1] = last === "" ? word : `${last} ${word}`;
  }
  return lines.join("\n");
}

function writeFiles(folder: string, report: FootprintReport, budgets: Budgets, io: Io): void {
  const files = {
    "footprint.json": `${JSON.stringify({ ...report, budgets }, null, 1)}\n`,
    "footprint.html": renderHtml(report, budgets),
    "footprint.md": renderPage(report, budgets),
  };
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder, name);
    writeFileSync(path, text);
    io.stderr.write(`wrote ${path}\n`);
  }
}
