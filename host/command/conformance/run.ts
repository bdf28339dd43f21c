// One run of `mote conformance`: every script, then a matrix of what became of them and a line for each that failed.

import { relative } from "node:path";
import { CELL_COLUMNS, cellText, countOutcomes } from "../../conformance/cell.js";
import type { Outcome } from "../../conformance/known.js";
import { shortState, STATES, type State } from "../../conformance/states.js";
import { runSuite, type SuiteOutcome } from "../../conformance/suite.js";
import { foldLine, roomOf } from "../columns.js";
import { EXIT_FAILURE, EXIT_OK } from "../exit.js";
import { formatCount, formatDuration } from "../format.js";
import type { Io } from "../io.js";
import type { ConformanceOptions } from "./options.js";

export async function conformance(options: ConformanceOptions, io: Io): Promise<number> {
  const { scripts, profile, leftOut, json } = options;
  const started = performance.now();
  const outcomes = await runSuite(scripts, profile);
  const ms = performance.now() - started;
  const failed = outcomes.filter(({ outcome }) => outcome === "failed");
  const counts = { ...countOutcomes(outcomes), leftOut };
  const line = (text: string) => io.stdout.write(`${text}\n`);
  if (json) {
    for (const { path, event, state, outcome, result } of outcomes) {
      line(JSON.stringify({ script: path, event, state, outcome, problem: result.problem }));
    }
    line(JSON.stringify({ profile, ...counts, ms }));
  } else {
    for (const text of matrixLines(outcomes, io)) line(text);
    for (const each of failed) line(problemText(each, io));
    for (const text of foldLine(summary(counts, profile, ms), roomOf(io.stdout))) line(text);
  }
  return failed.length === 0 ? EXIT_OK : EXIT_FAILURE;
}

/**
 * A line for each event, a column for each state; scenarios go through many, and have a line of their own. Where there is no
 * room for all states, the others follow below.
 */
function matrixLines(outcomes: readonly SuiteOutcome[], { paint, stdout }: Io): string[] {
  const events = [...new Set(outcomes.map(({ event }) => event))];
  const width = Math.max(...events.map(({ length }) => length), 0) + 2;
  const count = Math.max(1, Math.floor((roomOf(stdout) - width) / CELL_COLUMNS));
  const lines: string[] = [];
  for (let from = 0; from < STATES.length; from += count) {
    const shown = STATES.slice(from, from + count);
    const isShown = ({ state }: SuiteOutcome): boolean =>
      state === null ? from === 0 : shown.includes(state);
    lines.push(...bandLines(outcomes.filter(isShown), shown, width, paint));
  }
  return lines;
}

function bandLines(
  outcomes: readonly SuiteOutcome[],
  shown: readonly State[],
  width: number,
  paint: Io["paint"],
): string[] {
  const events = [...new Set(outcomes.map(({ event }) => event))];
  const head = shown.map((state) => shortState(state).padEnd(CELL_COLUMNS)).join("");
  const rows = events.map((event) => {
    const of = outcomes.filter((each) => each.event === event);
    const states: readonly (State | null)[] = of[0]!.state === null ? [null] : shown;
    const cells = states.map((state) => {
      const there = of.filter((each) => each.state === state);
      return cellText(countOutcomes(there), [], paint);
    });
    return `${event.padEnd(width)}${cells.join("").trimEnd()}`;
  });
  return [paint("bold", `${" ".repeat(width)}${head}`.trimEnd()), ...rows, ""];
}

function problemText({ file, result }: SuiteOutcome, { paint }: Io): string {
  const { line = 1, column = 1, message = "" } = result.problem ?? {};
  return `${paint("red", "failed")} ${relative(".", file)}:${line}:${column}: ${message}`;
}

function summary(
  { passed, known, failed, leftOut }: Record<Outcome | "leftOut", number>,
  profile: string,
  ms: number,
): string {
  const parts = [
    `${formatCount(passed)} passed`,
    ...(known > 0 ? [`${known} fail, which is known (?)`] : []),
    ...(failed > 0 ? [`${formatCount(failed)} failed (!)`] : []),
    ...(leftOut > 0 ? [`${formatCount(leftOut)} left out, as ${profile} does without`] : []),
  ];
  return `${parts.join(", ")}, in ${formatDuration(ms)}`;
}
