// Text that fits: tables with columns as wide as what stands in them, lines cut or folded at the width of the terminal.
// All verbs that draw use this one; a piped output has no width, and everything in it is whole.

import { stripVTControlCharacters } from "node:util";
import type { Output } from "./io.js";
import type { Paint } from "./style.js";

export interface Column {
  readonly head: string;
  /** Default: left. */
  readonly align?: "left" | "right";
  /** Where there is no room, columns go in this order, 1 first, those of one number together; without it a column stays. */
  readonly leaves?: number;
}

type Cells = readonly (readonly string[])[];

/** How wide text for this output may be; Infinity where nobody has set a width. */
export function roomOf({ isTTY, columns }: Output): number {
  if (isTTY !== true) return Infinity;
  // A terminal that nobody has given a size says 0.
  return columns || 80;
}

/**
 * Lines without blanks at their ends; the first has the names of the columns. What has no room is left out, and
 * a last line names it.
 */
export function renderColumns(
  columns: readonly Column[],
  rows: Cells,
  paint: Paint,
  room = Infinity,
): string[] {
  const { kept, left } = fitColumns(columns, rows, room);
  const lines = alignColumns(kept.columns, kept.rows, paint);
  const names = left.map(({ head }) => head).join(", ");
  if (left.length === 0) return lines;
  const remark = foldLine(`No room for: ${names}`, room);
  return [...lines, ...remark.map((line) => paint("dim", line))];
}

export function alignColumns(columns: readonly Column[], rows: Cells, paint: Paint): string[] {
  const widths = widthsOf(columns, rows);
  return [columns.map(({ head }) => paint("dim", head)), ...rows].map((row) => {
    const cells = columns.map(({ align }, index) => {
      const text = row[index] ?? "";
      const blanks = " ".repeat(widths[index]! - widthOf(text));
      return align === "right" ? blanks + text : text + blanks;
    });
    return cells.join(GAP).trimEnd();
  });
}

/** Between two columns. */
const GAP = "  ";

const widthsOf = (columns: readonly Column[], rows: Cells): number[] =>
  columns.map(({ head }, index) =>
    rows.reduce((widest, row) => Math.max(widest, widthOf(row[index] ?? "")), widthOf(head)),
  );

/** The columns for which there is room, with their cells, and those that had to go. */
export function fitColumns(
  columns: readonly Column[],
  rows: Cells,
  room: number,
): { kept: { columns: Column[]; rows: string[][] }; left: Column[] } {
  const widths = widthsOf(columns, rows);
  const kept = new Set(columns.keys());
  const width = (): number =>
    [...kept].reduce((sum, index) => sum + widths[index]! + GAP.length, -GAP.length);
  const order = new Set(columns.map(({ leaves = Infinity }) => leaves).sort((a, b) => a - b));
  order.delete(Infinity);
  for (const next of order) {
    if (width() <= room) break;
    for (const [index, { leaves }] of columns.entries()) if (leaves === next) kept.delete(index);
  }
  const pick = <Item>(list: readonly Item[]): Item[] => list.filter((_, index) => kept.has(index));
  const left = columns.filter((_, index) => !kept.has(index));
  return { kept: { columns: pick(columns), rows: rows.map(pick) }, left };
}

const NO_WIDTH = /^[\p{Mn}\p{Me}\p{Cf}]$/u;
const DOUBLE_WIDTH =
  /^(?:\p{Emoji_Presentation}|[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}])$/u;

/** Columns that one character takes. */
function widthOfCharacter(character: string): number {
  if (character < "\u0300") return 1;
  if (NO_WIDTH.test(character)) return 0;
  return DOUBLE_WIDTH.test(character) ? 2 : 1;
}

/** Columns that a text takes; colours take none. */
export function widthOf(text: string): number {
  const plain = stripVTControlCharacters(text);
  let width = 0;
  for (const character of plain) width += widthOfCharacter(character);
  return width;
}

/** At most so many columns of a line; escape sequences count nothing, and all of them stay. */
export function cutLine(line: string, columns: number): string {
  let room = columns;
  let result = "";
  for (const piece of line.split(/(\u001b\[[0-9;]*m)/)) {
    if (piece.startsWith("\u001b")) {
      result += piece;
      continue;
    }
    const fitting = piece.slice(0, lengthWithin(piece, room));
    result += fitting;
    // Behind the first character without room nothing else has any.
    room = fitting === piece ? room - widthOf(piece) : 0;
  }
  return result;
}

/** How much of a plain text takes so many columns at most. */
function lengthWithin(text: string, columns: number): number {
  let width = 0;
  let length = 0;
  for (const character of text) {
    width += widthOfCharacter(character);
    if (width > columns) break;
    length += character.length;
  }
  return length;
}

/** Less room than this beside a label is not worth an indentation. */
const LEAST_ROOM = 16;
const INDENT = 4;

/**
 * Breaks a plain line at blanks, so that each piece has room. Further pieces are indented as the line's second cell, that is
 * behind the first two blanks in it, or by a little. A word without room stays whole, so that it can be copied.
 */
export function foldLine(line: string, columns: number): string[] {
  if (widthOf(line) <= columns) return [line];
  const [, leading = "", cell = "", gap = "", rest = ""] = /^( *)(.*?)(?:( {2,})(.*))?$/.exec(
    line,
  )!;
  const second = widthOf(leading + cell + gap);
  if (rest === "" || second > columns - LEAST_ROOM) {
    const indent = " ".repeat(leading.length + INDENT);
    const pieces = fill(cell, columns, leading, indent);
    return rest === "" ? pieces : [...pieces, ...fill(rest, columns, indent, indent)];
  }
  return fill(rest, columns, leading + cell + gap, " ".repeat(second));
}

/** The same for all lines of a text. */
export const foldText = (text: string, columns: number): string =>
  text
    .split("\n")
    .flatMap((line) => foldLine(line, columns))
    .join("\n");

function fill(text: string, columns: number, first: string, others: string): string[] {
  const lines: string[] = [];
  let line = first;
  let isEmpty = true;
  for (const word of text.split(" ")) {
    if (!isEmpty && widthOf(line) + 1 + widthOf(word) > columns) {
      lines.push(line.trimEnd());
      line = others;
      isEmpty = true;
    }
    // Rather less indentation than a word that is torn.
    if (isEmpty && line.trim() === "") line = line.slice(0, Math.max(0, columns - widthOf(word)));
    line += isEmpty ? word : ` ${word}`;
    isEmpty = false;
  }
  return [...lines, line.trimEnd()];
}
