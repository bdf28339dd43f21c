// One run of `mote footprint`: measures board by board, prints the tables, writes the files.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ENGINES, type Board } from "../../boards/board.js";
import { lacking } from "../../boards/lacking.js";
import { measureImage, measureRun, memoryMaps, type Cell } from "../../footprint/measure.js";
import { toHtml, toMarkdown } from "../../footprint/render.js";
import { tablesOf, type Report } from "../../footprint/report.js";
import { foldText, roomOf } from "../columns.js";
import { EXIT_FAILURE, EXIT_OK, messageOf } from "../exit.js";
import type { Io } from "../io.js";
import { refuseFile } from "../remedy.js";
import type { FootprintOptions } from "./options.js";
import { terminalTable } from "./table.js";

export async function footprint(options: FootprintOptions, io: Io): Promise<number> {
  checkFiles(options);
  const cells: Cell[] = [];
  for (const board of options.boards) {
    const missing = await lacking(board);
    if (missing.length > 0) {
      io.stderr.write(`${board.name}: left out; it needs: apt-get install ${missing.join(" ")}\n`);
      continue;
    }
    cells.push(...(await measureBoard(board, options.quick, io)));
  }
  if (cells.length === 0) return EXIT_FAILURE;
  const report: Report = { cells, maps: memoryMaps() };
  if (options.json) io.stdout.write(`${JSON.stringify(report)}\n`);
  else printTables(report, io);
  if (options.output !== undefined) writeFiles(options.output, report, io);
  return EXIT_OK;
}

function printTables(report: Report, io: Io): void {
  const room = roomOf(io.stdout);
  for (const { title, text, head, rows } of tablesOf(report)) {
    const table = terminalTable(head, rows, room);
    io.stdout.write(`\n${io.paint("bold", title)}\n${foldText(text, room)}\n${table}\n`);
  }
}

async function measureBoard(board: Board, quick: boolean, io: Io): Promise<Cell[]> {
  const cells: Cell[] = [];
  for (const engine of ENGINES) {
    for (const profile of board.engines[engine]) {
      io.stderr.write(`${board.name}, ${engine}, ${profile} ...\n`);
      const image = await tried(io, () => measureImage(board, engine, profile));
      if (image === undefined) continue;
      const run = quick ? undefined : await tried(io, () => measureRun(board, engine, profile));
      cells.push(run === undefined ? image : { ...image, run });
    }
  }
  return cells;
}

/** What one image cannot do leaves the others as they are. */
async function tried<T>(io: Io, work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    io.stderr.write(`  not measured: ${messageOf(error)}\n`);
    return undefined;
  }
}

const FILES = ["footprint.json", "footprint.md", "footprint.html"] as const;

/** Before minutes are spent. */
function checkFiles({ output, force }: FootprintOptions): void {
  if (output === undefined) return;
  for (const name of FILES) refuseFile(join(output, name), force);
}

function writeFiles(folder: string, report: Report, io: Io): void {
  mkdirSync(folder, { recursive: true });
  const files: Readonly<Record<(typeof FILES)[number], string>> = {
    "footprint.json": `${JSON.stringify(report, null, 2)}\n`,
    "footprint.md": `${toMarkdown(report)}\n`,
    "footprint.html": toHtml(report),
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  io.stderr.write(`wrote ${Object.keys(files).join(", ")} in ${folder}\n`);
}
