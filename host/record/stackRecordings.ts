// Recordings of a stack that runs, as programs ask for them: what its flight recorder has, and a recording from now on.

import type { Core } from "../core/core.js";
import { StackInstance } from "../core/instance.js";
import type { Stack } from "../core/stack.js";
import { pathOf, writeFile } from "./file.js";
import type { Flight, FlightLevels } from "./flight.js";
import { flightOf, rotatingOf, rotationOf } from "./record.js";
import { startRunning, type StackRecording } from "./running.js";

/** How a recording of a stack that runs is written. */
export interface RecordStackOptions {
  /** Replaces a file that is there. Default false: throws EEXIST. */
  overwrite?: boolean;
  /** As of `RecordOptions`. */
  rotate?: number;
  /** As of `RecordOptions`. Default 8. */
  keep?: number;
}

/** How writeRecording() writes. */
export interface WriteRecordingOptions {
  /** Replaces a file that is there. Default false: throws EEXIST. */
  overwrite?: boolean;
}

/** What a stack writes down at the moment. */
export interface RecordingState {
  /** null: there is no flight recorder. */
  readonly flight: FlightLevels | null;
  /** Into several files, from the beginning; null: it is not. */
  readonly rotating: StackRecording | null;
  /** Those that recordStack() has begun. */
  readonly running: readonly StackRecording[];
}

const running = new WeakMap<Core, Set<StackRecording>>();

/**
 * Records a stack from now on: the file, with mode 0600, begins with all of its memory, and replays from there. It ends with
 * stop() or with the stack. Throws EEXIST, EBADF (its core has trapped), and what the file system says.
 */
export function recordStack(
  file: string | URL,
  stack: Stack,
  options: RecordStackOptions = {},
): StackRecording {
  const { core } = instanceOf(stack);
  const { overwrite = false } = options;
  const rotate = rotationOf({ ...options, to: file });
  const recording = startRunning(core, { path: pathOf(file), overwrite, rotate });
  const all = running.get(core) ?? new Set();
  running.set(core, all.add(recording));
  recording.ended.add(() => all.delete(recording));
  return recording;
}

/** All that the flight recorder has, up to now, for `mote replay`. Throws ENOTSUP: there is none. */
export function dumpRecording(stack: Stack): Uint8Array {
  return Buffer.concat(dumpParts(instanceOf(stack).core));
}

/**
 * Writes what the flight recorder has to a file with mode 0600. Throws EEXIST, ENOTSUP (there is none), and what the file
 * system says.
 */
export function writeRecording(
  file: string | URL,
  stack: Stack,
  { overwrite = false }: WriteRecordingOptions = {},
): void {
  writeFile(pathOf(file), dumpParts(instanceOf(stack).core), overwrite);
}

/** What is written down of a stack. */
export function recordingState(stack: Stack): RecordingState {
  const { core } = instanceOf(stack);
  return {
    flight: flightOf(core)?.levels ?? null,
    rotating: rotatingOf(core) ?? null,
    running: [...(running.get(core) ?? [])],
  };
}

function dumpParts(core: Core): Uint8Array[] {
  const flight: Flight | undefined = flightOf(core);
  if (flight !== undefined) return flight.dump();
  const text =
    "recording ENOTSUP: this stack has no flight recorder; createStack({ record: { flight: true } }) and " +
    "mote serve --flight have one";
  throw Object.assign(new Error(text), { code: "ENOTSUP", syscall: "record" });
}

function instanceOf(stack: Stack): StackInstance {
  if (stack instanceof StackInstance) return stack;
  const text = "recording EINVAL: this is not a stack that createStack() has made";
  throw Object.assign(new TypeError(text), { code: "EINVAL", syscall: "record" });
}
