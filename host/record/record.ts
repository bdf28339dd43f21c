// Records a stack: from its first call on, into a file or whatever takes bytes; into files one after another; and what
// comes last, in memory.

import type { Core } from "../core/core.js";
import type { CoreExports } from "../core/generated/abi.js";
import { machine } from "../core/machine.js";
import { createFile, pathOf, writeBeside } from "./file.js";
import { createFlight, type Flight } from "./flight.js";
import {
  DEFAULT_FLIGHT_MIB,
  DEFAULT_KEEP,
  LEAST_FLIGHT_MIB,
  LEAST_ROTATE_BYTES,
  MOST_FLIGHT_MIB,
} from "./limits.js";
import { endOf, startOf } from "./origin.js";
import type { RecordingSink } from "./recorder.js";
import { startRunning, type Rotation, type StackRecording } from "./running.js";
import { createEarlyTape, type EarlyTape, type Taker } from "./tape.js";

/** Where a recording goes, and what is kept of it. */
export interface RecordOptions {
  /**
   * A file, made with mode 0600: it holds keys, and all that came in. Or whoever takes the bytes. Default: nothing is
   * written, and `flight` says what is kept.
   */
  to?: string | URL | RecordingSink;
  /** Replaces a file that is there. Default false: EEXIST. */
  overwrite?: boolean;
  /**
   * Not one file but several, `to` with .1, .2 ... behind it: each stands for itself, and another one begins after so
   * many bytes. Default: one file, from the first call on.
   */
  rotate?: number;
  /** Of those files so many stay, the last. Default 8. */
  keep?: number;
  /**
   * The flight recorder: what came last is kept in memory, in so many MiB, 4 to 4096; true: 64. dumpRecording() gives it.
   * Default: false.
   */
  flight?: boolean | number;
  /** A file for what the flight recorder has, should the core trap; of names that are taken one with a number. Default: none. */
  trapTo?: string | URL;
}

/** A recording of one core. */
export interface Recording {
  /** Stands between the core and its calls. */
  through(exports: CoreExports): CoreExports;
  /** The core has started. */
  begin(core: Core): void;
}

const flights = new WeakMap<Core, Flight>();
const rotating = new WeakMap<Core, StackRecording>();

/** The recording into several files that a core began with; undefined: there is none. */
export const rotatingOf = (core: Core): StackRecording | undefined => rotating.get(core);

/** Of a core; undefined: it has none. */
export const flightOf = (core: Core): Flight | undefined => flights.get(core);

/** Throws EINVAL, and what the file system says, EEXIST in words. */
export function createRecording(options: RecordOptions): Recording {
  const { to, overwrite = false } = options;
  const flight = flightMib(options.flight ?? false);
  const rotate = rotationOf(options);
  if (to === undefined && flight === 0) throw invalid("it has neither `to` nor `flight`");
  if (options.trapTo !== undefined && flight === 0) throw invalid("trapTo is for `flight`");
  const whole = to === undefined || rotate !== null ? null : wholeRun(to, overwrite);
  let tape: EarlyTape;

  return {
    through(exports) {
      tape = createEarlyTape(exports);
      if (whole === null) return exports;
      tape.add(whole.taker);
      return tape.exports;
    },
    begin(core) {
      tape.bind(core);
      whole?.begin(core, tape);
      if (flight > 0) flights.set(core, startFlight(core, flight, options.trapTo));
      if (rotate === null) return;
      rotating.set(core, startRunning(core, { path: pathOf(to as string), overwrite, rotate }));
    },
  };
}

function startFlight(core: Core, mib: number, trapTo: RecordOptions["trapTo"]): Flight {
  const onTrap =
    trapTo === undefined ? null : () => void writeBeside(pathOf(trapTo), flight.dump());
  const flight = createFlight(core, mib, onTrap);
  return flight;
}

/** All calls from the first on. */
function wholeRun(to: NonNullable<RecordOptions["to"]>, overwrite: boolean) {
  const out =
    typeof to === "function"
      ? { write: to, close: () => undefined }
      : createFile(pathOf(to), overwrite);
  /** What was gathered before the head could be written. */
  let early: Uint8Array[] | null = [];
  const taker: Taker = {
    take(bytes) {
      if (early === null) out.write(bytes);
      else early.push(bytes.slice());
    },
    trapped: () => undefined,
  };
  return {
    taker,
    begin(core: Core, tape: EarlyTape): void {
      out.write(startOf(core, tape.calls, null, { pages: null }));
      for (const bytes of early ?? []) out.write(bytes);
      early = null;
      // A process that just ends leaves a recording without its end, and all that was gathered.
      const forget = machine().onExit(tape.flush);
      core.onEnd.add(() => {
        forget();
        tape.flush();
        if (!tape.hasTrapped) out.write(endOf(core, "all"));
        out.close();
        tape.remove(taker);
      });
    },
  };
}

function flightMib(flight: boolean | number): number {
  if (typeof flight === "boolean") return flight ? DEFAULT_FLIGHT_MIB : 0;
  if (flight >= LEAST_FLIGHT_MIB && flight <= MOST_FLIGHT_MIB) return flight;
  throw invalid(
    `flight is a number of MiB from ${LEAST_FLIGHT_MIB} to ${MOST_FLIGHT_MIB}, not ${flight}`,
  );
}

/** null: it is one file. Throws EINVAL. */
export function rotationOf({
  to,
  rotate,
  keep = DEFAULT_KEEP,
}: Pick<RecordOptions, "to" | "rotate" | "keep">): Rotation | null {
  if (rotate === undefined) return null;
  if (to === undefined || typeof to === "function") throw invalid("rotate is for files");
  if (!(rotate >= LEAST_ROTATE_BYTES))
    throw invalid(`rotate is ${LEAST_ROTATE_BYTES} bytes at least, not ${rotate}`);
  if (Number.isInteger(keep) && keep > 0) return { bytes: rotate, keep };
  throw invalid(`keep is a number of files from 1 on, not ${keep}`);
}

function invalid(why: string): Error {
  return Object.assign(new RangeError(`createStack: the option record: ${why}`), {
    code: "EINVAL",
  });
}
