// A table on the terminal; where it has no room, the same row by row.

import Table from "cli-table3";
import { foldLine, widthOf } from "../columns.js";

type Row = readonly (string | number | null)[];

export function terminalTable(head: readonly string[], rows: readonly Row[], room: number): string {
  const cells = rows.map((row) =>
    row.map((cell) => (cell === null ? "–" : cell.toLocaleString("en-US"))),
  );
  const numbers = head.map((_, column) => rows.some((row) => typeof row[column] === "number"));
  const table = new Table({
    head: [...head],
    colAligns: numbers.map((isNumber) => (isNumber ? "right" : "left")),
    style: { head: [], border: [], compact: true },
  });
  table.push(...cells);
  const whole = table.toString();
  const fits = whole.split("\n").every((line) => widthOf(line) <= room);
  return fits ? whole : cells.flatMap((row) => listOf(head, row, room)).join("\n");
}

/** A line for each column, below that of the first. */
function listOf(head: readonly string[], [first = "", ...rest]: string[], room: number): string[] {
  const [, ...names] = head;
  const width = Math.max(...names.map(widthOf));
  return [
    ...foldLine(first, room),
    ...rest.flatMap((cell, index) => foldLine(`  ${names[index]!.padEnd(width)}  ${cell}`, room)),
  ];
}
