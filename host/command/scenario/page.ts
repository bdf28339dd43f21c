// A scenario as a page of text: what it shows, its ladder, the states of both sides, tables, what to look at, and why.

import { wrapped } from "../../dissect/ladder.js";
import { families, scenarios } from "../../scenario/catalogue.js";
import { secondsText } from "../../scenario/ladder.js";
import { ADDRESSES } from "../../scenario/world.js";
import type { History, Outcome } from "../../scenario/run.js";
import { plural } from "../format.js";
import type { Paint } from "../style.js";

/** Wider lines are hard to read. */
const MOST_COLUMNS = 100;
/** More conversations than that are told by the ladder alone. */
const MOST_HISTORIES = 4;

export function listLines(paint: Paint, width: number): string[] {
  const parts = families.map(({ family, title }) => {
    const rows = scenarios.filter((each) => each.family === family);
    return [paint("bold", title), ...rows.map(({ id, title }) => `  ${id.padEnd(5)}${title}`)];
  });
  const hint = "mote scenario ID shows one, mote scenario all shows all of them.";
  return [...parts.flatMap((lines) => [...lines, ""]), ...wrapped(hint, textColumns(width))];
}

export function pageLines(outcome: Outcome, paint: Paint, width: number): string[] {
  const { scenario, sheets, histories } = outcome;
  const columns = textColumns(width);
  const part = (title: string, lines: readonly string[]): string[] =>
    lines.length === 0 ? [] : ["", paint("bold", title), ...lines];
  return [
    paint("bold", `${scenario.id}  ${scenario.title}`),
    "",
    ...wrapped(scenario.shows, columns),
    "",
    ...outcome.ladder(width).map((line) => painted(line, paint)),
    ...part("States", historyLines(histories, scenario.showing?.alone === true)),
    ...sheets.flatMap(({ title, lines }) => part(title, lines)),
    ...part(
      "Look at",
      scenario.look.flatMap((text) => hanging("- ", text, columns)),
    ),
    ...part("Why", wrapped(scenario.why, columns)),
    "",
    verdict(outcome, paint),
  ];
}

const textColumns = (width: number): number => Math.min(width, MOST_COLUMNS);

/** Words of Wireshark's stand out, and what was lost. */
function painted(line: string, paint: Paint): string {
  return line
    .replace(/\[TCP [^\]]*\]/, (word) => paint("yellow", word))
    .replace(/-X(?= )|X-(?=-)/, (cross) => cross.replace("X", paint("red", "X")));
}

/** A text behind a mark, its further lines below its first one. */
function hanging(mark: string, text: string, columns: number): string[] {
  return wrapped(text, columns - mark.length).map(
    (line, index) => (index === 0 ? mark : " ".repeat(mark.length)) + line,
  );
}

export function historyLines(histories: readonly History[], isAlone: boolean): string[] {
  const [first, ...others] = histories;
  if (first === undefined || histories.length > MOST_HISTORIES) return [];
  return [first, ...others].flatMap(({ clientPort, serverPort, client, server }) => {
    const ends = `${ADDRESSES.client}:${clientPort}`;
    const name = isAlone ? ends : `${ends} and ${ADDRESSES.server}:${serverPort}`;
    return [
      ...(others.length === 0 ? [] : [`  ${name}`]),
      `  client  ${client.join(" → ")}`,
      ...(isAlone ? [] : [`  server  ${server.join(" → ")}`]),
    ];
  });
}

function verdict({ failures, checked, tookMs, seed }: Outcome, paint: Paint): string {
  const run = `${secondsText(tookMs)} s of virtual time, seed ${seed}`;
  if (failures.length === 0) {
    return paint("green", `As it should: ${plural(checked, "check")}, ${run}.`);
  }
  const text = `Not as it should: ${failures.length} of ${plural(checked, "check")}, ${run}.`;
  return paint("red", text);
}
