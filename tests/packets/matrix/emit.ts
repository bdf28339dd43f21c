// The scripts of the matrix: for each cell and way an opening, the event, and what follows, with
// the numbers put in.

import { aftermathOf } from "./aftermath.js";
import { MATRIX } from "./events/index.js";
import {
  isGap,
  STATES,
  WAYS,
  type Cell,
  type EventRow,
  type Gap,
  type Numbers,
  type State,
  type Way,
} from "./model.js";
import { openingOf, whyUnreachable } from "./openings.js";

export interface Script {
  readonly event: string;
  readonly state: State;
  readonly way: Way;
  /** Below tests/packets. */
  readonly path: string;
  readonly text: string;
}

const WORDS: Readonly<Record<Way, string>> = {
  active: "opened actively",
  passive: "opened passively",
  simultaneous: "opened by both at once",
  closed: "opened passively, given up by close()",
};

/** The one cell for a state and a way. */
export function cellOf(row: EventRow, state: State, way: Way): Cell | Gap {
  const found = row.cells.filter(
    (cell) => cell.in.includes(state) && (cell.ways ?? WAYS).includes(way),
  );
  if (found.length === 1) return found[0]!;
  const problem = found.length === 0 ? "no cell" : `${found.length} cells`;
  throw new Error(`${row.name} in ${state}, ${way}: ${problem} in the table`);
}

/** The ways that lead to a state. */
export const waysTo = (state: State): Way[] =>
  WAYS.filter((way) => whyUnreachable(state, way) === undefined);

/** Below tests/packets. */
export const pathOf = (row: EventRow, state: State, way: Way): string =>
  `${row.name}-in-${state}/${way}.pkt`;

export function allScripts(): Script[] {
  return MATRIX.flatMap(({ events }) => events).flatMap((row) =>
    STATES.flatMap((state) => waysTo(state).flatMap((way) => scriptsOf(row, state, way))),
  );
}

function scriptsOf(row: EventRow, state: State, way: Way): Script[] {
  const cell = cellOf(row, state, way);
  if (isGap(cell)) return [];
  const text = textOf(row, cell, state, way);
  return [{ event: row.name, state, way, path: pathOf(row, state, way), text }];
}

/** {rcv+100} and its like. */
function withNumbers(lines: string, numbers: Numbers): string {
  return lines.replace(
    /\{(una|nxt|rcv)([+-]\d+)?\}/g,
    (_, name: keyof Numbers, shift = "0") => `${(numbers[name] + Number(shift)) >>> 0}`,
  );
}

/** Times end in the same column; comments stand as they are. */
function withColumns(lines: string): string {
  return lines
    .trim()
    .split("\n")
    .map((line) => line.trim())
    .map((line) =>
      line.startsWith("//") ? line : line.replace(/^\S+/, (time) => time.padStart(5)),
    )
    .join("\n");
}

const COLUMNS = 100;

/** A comment that no line of which is too long. */
function comment(text: string): string {
  const lines = [""];
  for (const word of text.trim().split(/\s+/)) {
    const longer = `${lines.at(-1)} ${word}`;
    if (longer.length + 2 <= COLUMNS) lines[lines.length - 1] = longer;
    else lines.push(` ${word}`);
  }
  return lines.map((line) => `//${line}`).join("\n");
}

/** The script: what it is, then the opening, the event, and what follows. */
function textOf(row: EventRow, cell: Cell, state: State, way: Way): string {
  const { lines: opening, numbers } = openingOf(cell.from ?? state, way);
  const to = cell.to ?? state;
  const shown = to === "LISTEN" ? "state 3 LISTEN" : `state - ${to}`;
  const rest =
    cell.then === undefined
      ? aftermathOf(to, way, way !== "closed" && cell.releases !== true)
      : { title: "", lines: cell.then };
  const part = (title: string, lines: string, at: Numbers) => {
    const text = withColumns(withTimestamps(withNumbers(lines, at), cell));
    return [...(title === "" ? [] : [comment(title)]), text].join("\n");
  };
  return `${[
    headOf(row, cell, `${state}, ${WORDS[way]}`),
    part("", `${opening}\n${(cell.setup ?? "").trim()}`, numbers),
    part("The event.", [cell.lines.trim(), ...told(shown, cell)].join("\n"), numbers),
    part(rest.title, rest.lines, moved(numbers, cell)),
  ].join("\n\n")}\n`;
}

/** What the runner is asked after the event: the state, and counters. */
const told = (shown: string, { counts = [] }: Cell): string[] =>
  [shown, ...counts.map((count) => `counter ${count}`)].map((text) => `+0 \`${text}\``);

function headOf(row: EventRow, cell: Cell, place: string): string {
  return [
    comment(`${row.name} in ${place}.`),
    comment(`${row.what}. Expected: ${cell.expect}`),
    comment(`${cell.rfc}.`),
    // A script for a profile of its own is for a small one, which has no timestamps to switch off.
    ...(cell.timestamps || cell.profile ? [] : ["--option=TIMESTAMPS=0"]),
    ...(cell.profile ? [`--profile=${cell.profile}`] : []),
    ...(cell.options === undefined ? [] : [cell.options.trim()]),
  ].join("\n");
}

/** Gives each segment without options its timestamps, and a SYN of the peer those beside its own. */
function withTimestamps(lines: string, { timestamps }: Cell): string {
  if (!timestamps) return lines;
  return lines
    .split("\n")
    .map((line) => {
      const [, direction, flags = ""] = /^\s*\S+ ([<>]) ([A-Z]*\.?) \S+\(/.exec(line) ?? [];
      if (direction === undefined || flags.startsWith("R")) return line;
      if (direction === ">" && flags === "S.") return line.replace(/<.*>$/, "<...>");
      if (line.endsWith("<mss 1000>")) return line.replace(/>$/, `,nop,nop,${PEERS}>`);
      if (line.endsWith(">")) return line;
      return `${line} <nop,nop,${direction === "<" ? PEERS : OURS}>`;
    })
    .join("\n");
}

const PEERS = "TS val 1000 ecr 0";
const OURS = "TS val ... ecr 1000";

/** The numbers after the event. */
function moved(numbers: Numbers, { moves = {} }: Cell): Numbers {
  return {
    una: numbers.una + (moves.una ?? 0),
    nxt: numbers.nxt + (moves.nxt ?? 0),
    rcv: numbers.rcv + (moves.rcv ?? 0),
  };
}
