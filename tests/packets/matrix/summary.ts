// The matrix as it is shown: for each event and state how many scripts passed, how many did not, and
// why some ways have none. Reasons are told once and have letters.

import type { Outcome } from "../../../host/conformance/known.js";
import { MATRIX } from "./events/index.js";
import { cellOf, pathOf, waysTo } from "./emit.js";
import { isGap, STATES, type EventRow, type State } from "./model.js";

/** Of a script, by its path below tests/packets. */
export type OutcomeOf = (path: string) => Outcome;

export interface CellSummary {
  readonly state: State;
  readonly counts: Readonly<Record<Outcome, number>>;
  /** Letters of the reasons for which there is no script, or not in every way. */
  readonly letters: readonly string[];
}

export interface RowSummary {
  readonly event: string;
  readonly what: string;
  readonly cells: readonly CellSummary[];
}

export interface MatrixSummary {
  readonly chapters: readonly { readonly title: string; readonly rows: readonly RowSummary[] }[];
  /** Letter and reason. */
  readonly reasons: readonly (readonly [letter: string, reason: string])[];
}

export function summarise(outcomeOf: OutcomeOf): MatrixSummary {
  const letters = new Map<string, string>();
  const letterOf = (reason: string) => {
    const known = letters.get(reason) ?? letterAt(letters.size);
    letters.set(reason, known);
    return known;
  };
  const chapters = MATRIX.map(({ title, events }) => ({
    title,
    rows: events.map((row) => summariseRow(row, outcomeOf, letterOf)),
  }));
  return { chapters, reasons: [...letters].map(([reason, letter]) => [letter, reason]) };
}

/** a to z, then aa, ab ... */
function letterAt(index: number): string {
  const last = String.fromCharCode(97 + (index % 26));
  return index < 26 ? last : letterAt(Math.floor(index / 26) - 1) + last;
}

function summariseRow(
  row: EventRow,
  outcomeOf: OutcomeOf,
  letterOf: (reason: string) => string,
): RowSummary {
  const cells = STATES.map((state) => {
    const counts = { passed: 0, known: 0, failed: 0 };
    const letters = new Set<string>();
    for (const way of waysTo(state)) {
      const cell = cellOf(row, state, way);
      if (isGap(cell)) letters.add(letterOf(cell.none));
      else counts[outcomeOf(pathOf(row, state, way))]++;
    }
    return { state, counts, letters: [...letters] };
  });
  return { event: row.name, what: row.what, cells };
}

export interface Totals {
  readonly cells: number;
  /** With at least one script. */
  readonly filled: number;
  /** Without a script, and the reason. */
  readonly explained: number;
  readonly scripts: number;
}

export function totalsOf({ chapters }: MatrixSummary): Totals {
  const cells = chapters.flatMap(({ rows }) => rows).flatMap((row) => row.cells);
  const scriptsIn = ({ counts }: CellSummary) => counts.passed + counts.known + counts.failed;
  const filled = cells.filter((cell) => scriptsIn(cell) > 0).length;
  return {
    cells: cells.length,
    filled,
    explained: cells.filter((cell) => scriptsIn(cell) === 0 && cell.letters.length > 0).length,
    scripts: cells.reduce((sum, cell) => sum + scriptsIn(cell), 0),
  };
}
