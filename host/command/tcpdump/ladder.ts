// TCP segments as arrows between their two hosts, with the states of both on the outer sides: the picture of
// RFC 9293 section 3.5. Conversations of a file are drawn one after another; live ones as their segments come,
// with the names of the hosts again whenever it is another one.

import { numberToAddress } from "../../core/address.js";
import type { Conversation, End, Segment } from "../../dissect/conversations.js";
import { createStateWatch, type States, type StateWatch } from "../../dissect/states.js";
import { ACK, ECE, CWR, FIN, PSH, RST, SYN, URG, type Tcp } from "../../dissect/tcp.js";
import type { Paint } from "../style.js";
import type { Form } from "./notes.js";
import { numbersOf, sequenceText } from "./segmentText.js";
import { sinceText } from "./time.js";

export interface LadderOptions {
  /** Columns, 60 at least. */
  readonly width: number;
  readonly absolute: boolean;
  /** Draws at once. */
  readonly isLive: boolean;
}

/** More segments than anybody reads: what has come so far is drawn, and it goes on below. */
const MOST_ROWS = 100_000;
/** Conversations that are drawn at a time; then the oldest is forgotten, and begins anew if it goes on. */
const MOST_CONVERSATIONS = 4096;

const TIME_COLUMNS = 10;
/** Of the longest name, SYN-RECEIVED. */
const STATE_COLUMNS = 12;
/** Up to and with the left bar; and from the right bar on. */
const LEFT_COLUMNS = TIME_COLUMNS + 1 + STATE_COLUMNS + 2;
const RIGHT_COLUMNS = 2 + STATE_COLUMNS;

/** One conversation on its way down the page. */
interface Drawing {
  readonly conversation: Conversation;
  readonly startUs: number;
  readonly watch: StateWatch;
  /** Waiting to be drawn. */
  lines: string[];
}

export function createLadder(
  { width, absolute, isLive }: LadderOptions,
  paint: Paint,
  line: (text: string) => void,
): Form {
  const inner = width - LEFT_COLUMNS - RIGHT_COLUMNS;
  const drawings = new Map<number, Drawing>();
  let rows = 0;
  let last: Drawing | null = null;

  function drawingOf(segment: Segment, tcp: Tcp, timeUs: number): Drawing {
    const { conversation } = segment;
    let drawing = drawings.get(conversation.id);
    if (drawing === undefined) {
      drawing = { conversation, startUs: timeUs, watch: createStateWatch(), lines: [] };
      drawings.set(conversation.id, drawing);
      drawing.watch.expect(tcp);
      if (drawings.size > MOST_CONVERSATIONS) forgetFirst();
    }
    return drawing;
  }

  function forgetFirst(): void {
    const [id, drawing] = drawings.entries().next().value!;
    draw(drawing);
    drawings.delete(id);
  }

  function draw(drawing: Drawing): void {
    if (drawing.lines.length === 0) return;
    if (drawing !== last) {
      if (last !== null) line("");
      line(namesText(drawing.conversation, width));
    }
    last = drawing;
    for (const text of drawing.lines) line(text);
    drawing.lines = [];
  }

  function drawAll(): void {
    for (const drawing of drawings.values()) draw(drawing);
    rows = 0;
  }

  return {
    add({ packet: { tcp }, segment, frame }) {
      if (tcp === null || segment === null) return;
      const isNew = !drawings.has(segment.conversation.id);
      const drawing = drawingOf(segment, tcp, frame.timeUs);
      const before = drawing.watch.states;
      if (isNew) drawing.lines.push(rowText("", before, " ".repeat(inner)));
      const after = drawing.watch.take(segment, tcp);
      const time = sinceText(frame.timeUs - drawing.startUs);
      const { isFromClient } = segment;
      const arrow = arrowLines(labelOf(tcp, segment, absolute), isFromClient, inner);
      const words = segment.words.flatMap((word) => wrapped(`[${word}]`, inner));
      const above = [...words, ...arrow.slice(0, -1)];
      for (const text of above) drawing.lines.push(besideText(text, inner, paint));
      drawing.lines.push(rowText(time, changed(before, after), arrow.at(-1)!));
      if (isLive || ++rows >= MOST_ROWS) drawAll();
    },
    end: drawAll,
  };
}

/** States are shown where they change. */
function changed(before: States, after: States): { client: string; server: string } {
  return {
    client: before.client === after.client ? "" : after.client,
    server: before.server === after.server ? "" : after.server,
  };
}

const nameOf = ({ address, port }: End): string => `${numberToAddress(address)}:${port}`;

/** The names of both hosts above their bars. */
function namesText({ client, server }: Conversation, width: number): string {
  const left = nameOf(client).padStart(LEFT_COLUMNS);
  return left + nameOf(server).padStart(width - left.length);
}

function rowText(
  time: string,
  { client, server }: { readonly client: string; readonly server: string },
  between: string,
): string {
  const left = `${time.padStart(TIME_COLUMNS)} ${client.padStart(STATE_COLUMNS)}`;
  return `${left} |${between}| ${server}`.trimEnd();
}

/** A line of text between the bars. */
function besideText(text: string, inner: number, paint: Paint): string {
  const before = Math.floor((inner - text.length) / 2);
  const shown = text.startsWith("[") || text.endsWith("]") ? paint("yellow", text) : text;
  const between = " ".repeat(before) + shown + " ".repeat(inner - before - text.length);
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

function labelOf(tcp: Tcp, segment: Segment, absolute: boolean): string {
  const names = NAMES.filter(([bit]) => (tcp.flags & bit) !== 0).map(([, name]) => name);
  const numbers = numbersOf(tcp, segment, absolute);
  const parts = [
    names.join(" ") || "none",
    sequenceText(numbers, tcp),
    tcp.flags & ACK ? `ack ${numbers.acknowledgment}` : null,
    tcp.flags & RST ? null : `win ${segment.windowBytes}`,
  ];
  return parts.filter((part) => part !== null).join(" ");
}

/** The head of an arrow, and a piece of its shaft on each side of a label. */
const ARROW_COLUMNS = 6;

/** The label within the arrow where it fits, else above it. */
function arrowLines(label: string, toRight: boolean, inner: number): string[] {
  const shaft = (columns: number): string => "-".repeat(Math.max(0, columns));
  if (label.length + ARROW_COLUMNS > inner) {
    const arrow = toRight ? `${shaft(inner - 1)}>` : `<${shaft(inner - 1)}`;
    return [...wrapped(label, inner), arrow];
  }
  const rest = inner - label.length - 2 - 2;
  return [toRight ? `-- ${label} ${shaft(rest - 1)}>` : `<${shaft(rest - 1)} ${label} --`];
}

/** Words on lines of so many columns; a word that is longer is cut in pieces. */
function wrapped(text: string, columns: number): string[] {
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
