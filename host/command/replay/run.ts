// One run of `mote replay`: a recording done again on a fresh core, shown as far as was asked for, and the verdict: the
// same to the last byte of memory, or the first call that was not.

import { readFileSync } from "node:fs";
import { setImmediate as nextTask } from "node:timers/promises";
import { openReplay, type Replay } from "../../record/replay.js";
import { codeOf, CommandError, EXIT_OK, messageOf } from "../exit.js";
import { READ_TROUBLE } from "../files.js";
import type { Io } from "../io.js";
import { createProgress } from "../progress.js";
import { createStopSignals } from "../signals.js";
import { openCapture } from "../tcpdump/writing.js";
import { momentsOf, type Moment } from "../../record/moments.js";
import { checkTerminal, createStepper, type Stepper } from "./keys.js";
import type { ReplayOptions } from "./options.js";
import { writeTest } from "./toTest.js";
import { createNotes, createShow, type Counts } from "./show.js";

/** Calls between two looks at Ctrl-C. */
const CALLS_PER_TASK = 1_000;

export async function replay(options: ReplayOptions, io: Io): Promise<number> {
  if (options.keys) checkTerminal(io);
  if (options.toTest !== undefined) {
    const path = await writeTest(options.file, options.toTest, options).catch((cause: unknown) => {
      throw explain(cause, options.file);
    });
    io.stderr.write(`${path} asserts what was seen; run: node --test ${path}\n`);
  }
  const { opened, bytes } = await open(options.file);
  let shown = 0;
  const show = createShow(opened, options, io, (text) => {
    shown++;
    io.stdout.write(`${text}\n`);
  });
  const counts = { calls: 0, frames: 0, transitions: 0, endUs: 0 };
  // Beside steps on the same terminal there is no place for it.
  const progress = createProgress(io, !options.json && !(options.step && io.stdout.isTTY === true));
  const done = (): void => progress.at(opened.doneBytes, bytes);
  const seen = (moment: Moment, notes: Notes): boolean => {
    const before = shown;
    count(counts, moment);
    show.moment(moment, notes);
    return shown > before;
  };
  const watcher = { seen, done, blocks: show.blocks };
  const stopped = await playAll(opened, options, io, watcher).finally(progress.end);
  show.end(counts, stopped);
  return EXIT_OK;
}

function count(counts: Counts, { frames, transitions, atUs }: Moment): void {
  counts.calls++;
  counts.frames += frames.length;
  counts.transitions += transitions.length;
  counts.endUs = atUs;
}

type Notes = ReturnType<ReturnType<typeof createNotes>>[];

interface Watcher {
  /** Whether there was something to see. */
  seen(moment: Moment, notes: Notes): boolean;
  /** Some more calls are done. */
  done(): void;
  /** Shows all control blocks. */
  blocks(): void;
}

/** Why it stopped before the end; "": it did not. */
async function playAll(opened: Replay, options: ReplayOptions, io: Io, watcher: Watcher) {
  const capture = options.pcap === undefined ? null : openCapture(options.pcap, options, io);
  const stop = createStopSignals(() => undefined);
  const stepper = options.keys ? createStepper(io, stop.asked) : null;
  let isAsked = false;
  void stop.asked.then(() => (isAsked = true));
  try {
    const follow = createNotes();
    const isReached = options.until?.at(opened.core) ?? (() => null);
    for (const moment of momentsOf(opened, options.verbose)) {
      const notes = moment.frames.map(follow);
      for (const note of notes) capture?.add(note);
      const isShown = watcher.seen(moment, notes);
      const reached = isReached(moment, notes);
      if (reached !== null) return reached;
      if (isShown && stepper !== null) isAsked ||= !(await mayGoOn(stepper, moment, watcher));
      if (moment.call.index % CALLS_PER_TASK === 0) {
        watcher.done();
        await nextTask();
      }
      if (isAsked) return `behind call ${moment.call.index}`;
    }
    return "";
  } catch (cause) {
    throw explain(cause, options.file);
  } finally {
    capture?.end();
    stepper?.end();
    stop.release();
  }
}

const mayGoOn = (stepper: Stepper, { call, transitions }: Moment, { blocks }: Watcher) =>
  stepper.mayGoOn({ index: call.index, hasChanged: transitions.length > 0, blocks });

/** With how many bytes there are. */
async function open(file: string): Promise<{ opened: Replay; bytes: number }> {
  try {
    const recording = readFileSync(file);
    return { opened: await openReplay(recording), bytes: recording.length };
  } catch (cause) {
    throw explain(cause, file);
  }
}

function explain(cause: unknown, file: string): unknown {
  if (cause instanceof CommandError) return cause;
  const code = codeOf(cause) || "EIO";
  const why = READ_TROUBLE[code] ?? messageOf(cause).replace(/^recording: /, "");
  return new CommandError(code, `${file}: ${why}`, undefined, { cause });
}
