// Tables of thousands of rows as text: columns as wide as what stands in them, two blanks between, no lines around.
// The library that draws the live table of serve takes half a millisecond for each row, and more the more there are.

import { stripVTControlCharacters } from "node:util";
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
  const all = [columns.map(({ head }) => paint("dim", head)), ...rows];
  const widths = columns.map((_, index) => {
    return all.reduce((widest, row) => Math.max(widest, widthOf(row[index] ?? "")), 0);
  });
  return all.map((row) => {
    const cells = columns.map(({ align }, index) => {
      const text = row[index] ?? "";
      const blanks = " ".repeat(widths[index]! - widthOf(text));
      return align === "right" ? blanks + text : text + blanks;
    });
    return cells.join("  ").trimEnd();
  });
}

/** Colours take no room. */
const widthOf = (text: string): number => stripVTControlCharacters(text).length;

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
