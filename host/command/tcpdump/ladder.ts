// TCP segments as arrows between their two hosts, with the states of both on the outer sides: the picture of
// RFC 9293 section 3.5. Conversations of a file are drawn one after another; live ones as their segments come,
// with the names of the hosts again whenever it is another one.

import { numberToAddress } from "../../core/address.js";
import type { Conversation, End, Segment } from "../../dissect/conversations.js";
import { createStateWatch, type States, type StateWatch } from "../../dissect/states.js";
import {
  arrowLines,
  besideText,
  innerColumns,
  labelOf,
  namesText,
  rowText,
  wrapped,
  type Sides,
} from "../../dissect/ladder.js";
import { numbersOf } from "../../dissect/numbers.js";
import type { Tcp } from "../../dissect/tcp.js";
import type { Paint } from "../style.js";
import type { Form } from "./notes.js";
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
  const inner = innerColumns(width);
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
      const { client, server } = drawing.conversation;
      line(namesText(nameOf(client), nameOf(server), width));
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
      const label = labelOf(tcp, numbersOf(tcp, segment, absolute), segment.windowBytes);
      const arrow = arrowLines(label, isFromClient, inner);
      const words = segment.words.flatMap((word) => wrapped(`[${word}]`, inner));
      const above = [...words, ...arrow.slice(0, -1)];
      for (const text of above) drawing.lines.push(aboveText(text, inner, paint));
      drawing.lines.push(rowText(time, changed(before, after), arrow.at(-1)!));
      if (isLive || ++rows >= MOST_ROWS) drawAll();
    },
    end: drawAll,
  };
}

/** States are shown where they change. */
function changed(before: States, after: States): Sides {
  return {
    client: before.client === after.client ? "" : after.client,
    server: before.server === after.server ? "" : after.server,
  };
}

const nameOf = ({ address, port }: End): string => `${numberToAddress(address)}:${port}`;

/** A line of text between the bars. */
function aboveText(text: string, inner: number, paint: Paint): string {
  const isWord = text.startsWith("[") || text.endsWith("]");
  return besideText(text, inner, isWord ? paint("yellow", text) : text);
}
