// The matrix on a terminal: a line for each event, a column for each state.

import { STATES, type State } from "./model.js";
import type { CellSummary, MatrixSummary } from "./summary.js";

/** Styles of the terminal that the matrix is painted with. */
export type StyleName = "bold" | "dim" | "green" | "yellow" | "red";

export type Paint = (style: StyleName, text: string) => string;

const EVENT_COLUMNS = 25;
const CELL_COLUMNS = 8;
const SHORT: Partial<Readonly<Record<State, string>>> = {
  "SYN-SENT": "SYN-S",
  "SYN-RECEIVED": "SYN-R",
  ESTABLISHED: "ESTAB",
  "FIN-WAIT-1": "FIN-W1",
  "FIN-WAIT-2": "FIN-W2",
  "CLOSE-WAIT": "CLO-W",
  "LAST-ACK": "LAST-A",
  "TIME-WAIT": "TIME-W",
};

export function terminalText({ chapters, reasons }: MatrixSummary, paint: Paint): string {
  const names = STATES.map((state) => (SHORT[state] ?? state).padEnd(CELL_COLUMNS)).join("");
  const lines = chapters.flatMap(({ title, rows }) => [
    "",
    paint("bold", `${title.padEnd(EVENT_COLUMNS)}${names}`.trimEnd()),
    ...rows.map(
      ({ event, cells }) =>
        event.padEnd(EVENT_COLUMNS) +
        cells
          .map((cell) => cellText(cell, paint))
          .join("")
          .trimEnd(),
    ),
  ]);
  const legend = reasons.map(([letter, reason]) =>
    paint("dim", `${letter.padStart(3)}  ${reason}`),
  );
  return [
    ...lines.slice(1),
    "",
    "3: passed   ?1: fails, which is known   !1: failed   letter: no script, or not in every way:",
    ...legend,
  ].join("\n");
}

function cellText({ counts, letters }: CellSummary, paint: Paint): string {
  const { passed, known, failed } = counts;
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
