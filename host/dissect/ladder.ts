// What ladders are drawn with: rows of a time, the states of both ends, and an arrow with its label between two bars.
// Input: text and numbers; output: lines. Who draws decides what a row is.

import type { Numbers } from "./numbers.js";
import { sequenceText } from "./numbers.js";
import { ACK, CWR, ECE, FIN, PSH, RST, SYN, URG, type Tcp } from "./tcp.js";

/** Columns, at the least, of a ladder that can be read. */
export const LEAST_WIDTH = 60;
/** Where nobody says how many. */
export const DEFAULT_WIDTH = 80;

const TIME_COLUMNS = 10;
/** Of the longest name, SYN-RECEIVED. */
const STATE_COLUMNS = 12;
/** Up to and with the left bar; and from the right bar on. */
const LEFT_COLUMNS = TIME_COLUMNS + 1 + STATE_COLUMNS + 2;
const RIGHT_COLUMNS = 2 + STATE_COLUMNS;

/** Columns between the bars of a ladder of so many. */
export const innerColumns = (width: number): number => width - LEFT_COLUMNS - RIGHT_COLUMNS;

/** What stands beside the bars: a state, or what somebody has called. */
export interface Sides {
  readonly client: string;
  readonly server: string;
}

/** The names of both hosts above their bars. */
export function namesText(client: string, server: string, width: number): string {
  const left = client.padStart(LEFT_COLUMNS);
  return left + server.padStart(width - left.length);
}

export function rowText(time: string, { client, server }: Sides, between: string): string {
  const left = `${time.padStart(TIME_COLUMNS)} ${client.padStart(STATE_COLUMNS)}`;
  return `${left} |${between}| ${server}`.trimEnd();
}

/** A text between the bars, in the middle; `shown`: the same with colours. */
export function besideText(text: string, inner: number, shown = text): string {
  const before = Math.max(0, Math.floor((inner - text.length) / 2));
  const after = Math.max(0, inner - before - text.length);
  const between = " ".repeat(before) + shown + " ".repeat(after);
  return rowText("", { client: "", server: "" }, between);
}

const NAMES: readonly (readonly [number, string])[] = [
  [SYN, "SYN"],
  [FIN, "FIN"],
  [RST, "RST"],
  [PSH, "PSH"],
  [URG, "URG"],
  [ECE, "ECE"],
  [CWR, "CWR"],
  [ACK, "ACK"],
];

/**
 * "SYN ACK seq 0 ack 1 win 65535"; without a window where `windowBytes` is null; `isNumbered`: with its sequence number
 * also where it takes none.
 */
export function labelOf(
  tcp: Tcp,
  numbers: Pick<Numbers, "sequence" | "acknowledgment">,
  windowBytes: number | null,
  isNumbered = false,
): string {
  const names = NAMES.filter(([bit]) => (tcp.flags & bit) !== 0).map(([, name]) => name);
  const parts = [
    names.join(" ") || "none",
    sequenceText(numbers, tcp) ?? (isNumbered ? `seq ${numbers.sequence}` : null),
    tcp.flags & ACK ? `ack ${numbers.acknowledgment}` : null,
    windowBytes === null || tcp.flags & RST ? null : `win ${windowBytes}`,
  ];
  return parts.filter((part) => part !== null).join(" ");
}

/** How far an arrow goes: from bar to bar, or only one of its ends is on this row; lost: it never arrives. */
export type Reach = "whole" | "leaves" | "arrives" | "lost";

const TAIL: Readonly<Record<Reach, string>> = {
  whole: "--",
  leaves: "--",
  lost: "--",
  arrives: "..",
};

/** The head of an arrow, and a piece of its shaft on each side of a label. */
const ARROW_COLUMNS = 6;

/** The label within the arrow where it fits, else above it. */
export function arrowLines(
  label: string,
  toRight: boolean,
  inner: number,
  reach: Reach = "whole",
): string[] {
  const fits = label.length + ARROW_COLUMNS <= inner;
  const above = fits ? [] : wrapped(label, inner);
  const middle = fits ? ` ${label} ` : "";
  const shaft = "-".repeat(Math.max(0, inner - middle.length - 2));
  return [...above, arrow(middle, shaft, toRight, reach)];
}

function arrow(middle: string, shaft: string, toRight: boolean, reach: Reach): string {
  const tail = TAIL[reach];
  if (reach === "whole" || reach === "arrives") {
    const rest = shaft.slice(1);
    return toRight ? `${tail}${middle}${rest}>` : `<${rest}${middle}${tail}`;
  }
  // It is under way, or gone, before it gets to the other bar.
  const half = shaft.slice(0, Math.floor(shaft.length / 2));
  const end = reach === "lost" ? "X" : "...";
  const rest = " ".repeat(Math.max(0, shaft.length - half.length - end.length));
  return toRight ? `${tail}${middle}${half}${end}${rest}` : `${rest}${end}${half}${middle}${tail}`;
}

/** Words on lines of so many columns; a word that is longer is cut in pieces. */
export function wrapped(text: string, columns: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= columns) {
      lines[lines.length - 1] = `${last} ${word}`;
      continue;
    }
    for (let at = 0; at < word.length; at += columns) lines.push(word.slice(at, at + columns));
  }
  return lines;
}
