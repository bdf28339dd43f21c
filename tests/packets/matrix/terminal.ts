// The matrix on a terminal: a line for each event, a column for each state.

import { CELL_COLUMNS, cellText, type Paint } from "../../../host/conformance/cell.js";
import { shortState, STATES } from "../../../host/conformance/states.js";
import type { MatrixSummary } from "./summary.js";

const EVENT_COLUMNS = 25;

export function terminalText({ chapters, reasons }: MatrixSummary, paint: Paint): string {
  const names = STATES.map((state) => shortState(state).padEnd(CELL_COLUMNS)).join("");
  const lines = chapters.flatMap(({ title, rows }) => [
    "",
    paint("bold", `${title.padEnd(EVENT_COLUMNS)}${names}`.trimEnd()),
    ...rows.map(
      ({ event, cells }) =>
        event.padEnd(EVENT_COLUMNS) +
        cells
          .map(({ counts, letters }) => cellText(counts, letters, paint))
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
