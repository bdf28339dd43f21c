// A table without lines around it, as text: columns as wide as what stands in them, two blanks between.

import Table from "cli-table3";
import type { Paint } from "./style.js";

export interface Column {
  readonly head: string;
  /** Default: left. */
  readonly align?: "left" | "right";
}

/** Lines without blanks at their ends; the first has the names of the columns. */
export function renderColumns(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  paint: Paint,
): string[] {
  const table = new Table({
    head: columns.map(({ head }) => paint("dim", head)),
    chars: noBorders,
    colAligns: columns.map(({ align = "left" }) => align),
    style: { head: [], border: [], "padding-left": 0, "padding-right": 2 },
  });
  for (const row of rows) table.push([...row]);
  return table
    .toString()
    .split("\n")
    .map((line) => line.trimEnd());
}

/** At most `columns` characters that show; escape sequences count nothing. */
export function cutLine(line: string, columns: number): string {
  let seen = 0;
  let result = "";
  for (const piece of line.split(/(\u001b\[[0-9;]*m)/)) {
    if (piece.startsWith("\u001b")) {
      result += piece;
      continue;
    }
    result += piece.slice(0, Math.max(0, columns - 1 - seen));
    seen += piece.length;
  }
  return result;
}

const noBorders = {
  top: "",
  "top-mid": "",
  "top-left": "",
  "top-right": "",
  bottom: "",
  "bottom-mid": "",
  "bottom-left": "",
  "bottom-right": "",
  left: "",
  "left-mid": "",
  mid: "",
  "mid-mid": "",
  right: "",
  "right-mid": "",
  middle: "",
};
