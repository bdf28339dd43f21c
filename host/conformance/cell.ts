// A cell of the matrix on a terminal: how many scripts passed, fail as is known, and failed.

import type { Outcome } from "./known.js";

/** Styles of the terminal that the matrix is painted with. */
export type StyleName = "bold" | "dim" | "green" | "yellow" | "red";

export type Paint = (style: StyleName, text: string) => string;

/** Of a cell, with what is beside it. */
export const CELL_COLUMNS = 8;

/** `letters`: of the reasons why there are no more. */
export function cellText(
  { passed, known, failed }: Readonly<Record<Outcome, number>>,
  letters: readonly string[],
  paint: Paint,
): string {
  const parts: [StyleName, string][] = [
    ["green", passed > 0 ? `${passed}` : ""],
    ["yellow", known > 0 ? `?${known}` : ""],
    ["red", failed > 0 ? `!${failed}` : ""],
    ["dim", letters.join(",")],
  ];
  const shown = parts.filter(([, text]) => text !== "");
  const width = shown.map(([, text]) => text).join(" ").length;
  const text = shown.map(([style, part]) => paint(style, part)).join(" ");
  return text + " ".repeat(Math.max(1, CELL_COLUMNS - width));
}

/** How many there are of each outcome. */
export function countOutcomes(
  of: readonly { readonly outcome: Outcome }[],
): Record<Outcome, number> {
  const counts = { passed: 0, known: 0, failed: 0 };
  for (const { outcome } of of) counts[outcome]++;
  return counts;
}
