// One run of `mote tcpdump`: frames from a source, through the filter, into one form of output, until the source
// ends, the count is reached, or it is told to stop. TCP is followed before the filter, so that words and relative
// numbers do not depend on it.

import { createConversations } from "../../dissect/conversations.js";
import { dissect } from "../../dissect/packet.js";
import { EXIT_OK } from "../exit.js";
import { plural } from "../format.js";
import type { Io } from "../io.js";
import { createStopSignals } from "../signals.js";
import { createLadder } from "./ladder.js";
import { createLines } from "./line.js";
import { createJson } from "./json.js";
import { openFileSource } from "./fileSource.js";
import { openLiveSource } from "./liveSource.js";
import type { Form, Note } from "./notes.js";
import { LEAST_WIDTH, type SourceChoice, type TcpdumpOptions } from "./options.js";
import type { FrameSource } from "./source.js";
import { openCapture, type Capture } from "./writing.js";

/** Of a ladder, where there is no terminal. */
const DEFAULT_WIDTH = 80;

export async function tcpdump(options: TcpdumpOptions, io: Io): Promise<number> {
  const stop = createStopSignals(() => undefined);
  try {
    const source = await openSource(options.source);
    void stop.asked.then(() => source.close());
    try {
      return await show(source, options, io);
    } finally {
      source.close();
    }
  } finally {
    stop.release();
  }
}

function openSource(choice: SourceChoice): Promise<FrameSource> {
  return choice.kind === "file" ? openFileSource(choice.path) : openLiveSource(choice.name);
}

async function show(source: FrameSource, options: TcpdumpOptions, io: Io): Promise<number> {
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
  }
  tellCounts(source, capture, counts, tell);
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
      const columns = options.width ?? io.stdout.columns ?? DEFAULT_WIDTH;
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
  const dropped = lost === null ? "" : `, ${plural(lost, "frame")} dropped by the kernel`;
  tell(`${plural(seen, "frame")} seen, ${shown} passed the filter${dropped}.`);
}
