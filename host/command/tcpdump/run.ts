// One run of `mote tcpdump`: frames from a source, through the filter, into one form of output, until the source
// ends, the count is reached, or it is told to stop. TCP is followed before the filter, so that words and relative
// numbers do not depend on it.

import { createConversations } from "../../dissect/conversations.js";
import { DEFAULT_WIDTH, LEAST_WIDTH } from "../../dissect/ladder.js";
import { dissect } from "../../dissect/packet.js";
import { roomOf } from "../columns.js";
import { EXIT_OK } from "../exit.js";
import { plural } from "../format.js";
import type { Io } from "../io.js";
import { createStopSignals } from "../signals.js";
import { createLadder } from "./ladder.js";
import { createLines } from "./line.js";
import { createJson } from "./json.js";
import { openFileSource } from "./fileSource.js";
import { openLiveSource } from "./liveSource.js";
import { openStackSource } from "./stackSource.js";
import type { Form, Note } from "./notes.js";
import type { SourceChoice, TcpdumpOptions } from "./options.js";
import type { FrameSource } from "./source.js";
import { openCapture, type Capture } from "./writing.js";

export async function tcpdump(options: TcpdumpOptions, io: Io): Promise<number> {
  const stop = createStopSignals(() => undefined);
  try {
    const source = await openSource(options.source, io);
    void stop.asked.then(() => source.close());
    try {
      return await show(source, options, io, () => stop.reason === "signal");
    } finally {
      source.close();
    }
  } finally {
    stop.release();
  }
}

function openSource(choice: SourceChoice, io: Io): Promise<FrameSource> {
  switch (choice.kind) {
    case "file":
      return openFileSource(choice.path);
    case "interface":
      return openLiveSource(choice.name);
    case "stack":
      return openStackSource(choice.name, io.env);
  }
}

async function show(
  source: FrameSource,
  options: TcpdumpOptions,
  io: Io,
  stopped: () => boolean,
): Promise<number> {
  const capture = options.write === undefined ? null : openCapture(options.write, options, io);
  const lines = createLineBuffer(io);
  const form = capture ?? formOf(source, options, io, lines.add);
  const tell = (text: string): void => void io.stderr.write(`${text}\n`);
  if (source.isLive) tell(`Listening on ${source.name}; Ctrl-C ends it.`);
  const counts = { seen: 0, shown: 0 };
  try {
    for await (const notes of notesOf(source, options, counts)) {
      for (const note of notes) form.add(note);
      lines.flush();
      capture?.flush();
    }
  } finally {
    form.end();
    lines.flush();
    // Not behind the ^C that the terminal shows.
    if (stopped() && io.stderr.isTTY === true) tell("");
    // Also where what is watched has gone.
    if (source.isLive) tellCounts(source, capture, counts, tell);
  }
  if (!source.isLive) tellCounts(source, capture, counts, tell);
  return EXIT_OK;
}

interface Counts {
  seen: number;
  shown: number;
}

/** What passes the filter, piece by piece. */
async function* notesOf(
  source: FrameSource,
  { filter, count }: TcpdumpOptions,
  counts: Counts,
): AsyncGenerator<Note[]> {
  const conversations = createConversations();
  for await (const frames of source.pieces()) {
    const notes: Note[] = [];
    for (const frame of frames) {
      const number = ++counts.seen;
      const packet = dissect(frame.bytes, frame.length);
      const segment = conversations.follow(number, frame.timeUs, packet);
      if (!filter(packet)) continue;
      notes.push({ number, frame, packet, segment });
      if (++counts.shown >= count) break;
    }
    yield notes;
    if (counts.shown >= count) return;
  }
}

function formOf(
  source: FrameSource,
  options: TcpdumpOptions,
  io: Io,
  line: (text: string) => void,
): Form {
  const { absolute } = options;
  switch (options.form) {
    case "json":
      return createJson(line);
    case "ladder": {
      const room = roomOf(io.stdout);
      const columns = options.width ?? (room === Infinity ? DEFAULT_WIDTH : room);
      const width = Math.max(LEAST_WIDTH, columns);
      return createLadder({ width, absolute, isLive: source.isLive }, io.paint, line);
    }
    case "lines":
      return createLines(options, io.paint, line);
  }
}

/** Lines of a piece leave together. */
function createLineBuffer({ stdout }: Io) {
  let text = "";
  return {
    add: (line: string): void => void (text += `${line}\n`),
    flush(): void {
      if (text !== "") stdout.write(text);
      text = "";
    },
  };
}

function tellCounts(
  source: FrameSource,
  capture: Capture | null,
  { seen, shown }: Counts,
  tell: (text: string) => void,
): void {
  if (capture?.path !== undefined) tell(`${plural(shown, "frame")} written to ${capture.path}.`);
  if (!source.isLive) return;
  const lost = source.lost();
  const dropped = lost === null ? "" : `, ${plural(lost, "frame")} dropped by ${source.lostBy}`;
  tell(`${plural(seen, "frame")} seen, ${shown} passed the filter${dropped}.`);
}
