// The command line of `mote record`, checked and typed before a stack is looked for.

import { resolve } from "node:path";
import { LEAST_ROTATE_BYTES } from "../../record/limits.js";
import { UsageError } from "../exit.js";
import { parseNumber, parseSize, parseStackName } from "../network/words.js";

export interface RecordWords {
  readonly stack?: string | undefined;
  readonly write?: string | undefined;
  readonly dump?: boolean | undefined;
  readonly stop?: boolean | undefined;
  readonly force?: boolean | undefined;
  readonly rotate?: string | undefined;
  readonly keep?: string | undefined;
  readonly json?: boolean | undefined;
}

/** What is asked of the stack. */
export type RecordTask =
  | { readonly kind: "status" | "stop" }
  | { readonly kind: "dump"; readonly file: string; readonly force: boolean }
  | {
      readonly kind: "record";
      readonly file: string;
      readonly force: boolean;
      /** undefined: one file. */
      readonly rotate: number | undefined;
      readonly keep: number | undefined;
    };

export interface RecordOptions {
  /** undefined: the only one that runs. */
  readonly stack: string | undefined;
  readonly task: RecordTask;
  readonly json: boolean;
}

export function parseRecord(words: RecordWords): RecordOptions {
  return { stack: parseStackName(words.stack), task: taskOf(words), json: words.json === true };
}

function taskOf({ write, dump, stop, force = false, rotate, keep }: RecordWords): RecordTask {
  if (write === "") throw new UsageError("-w takes the name of a file, as in -w run.moterec");
  if (stop === true) {
    if (write !== undefined || dump === true) {
      throw new UsageError("--stop ends recordings, and takes neither -w nor --dump");
    }
    return { kind: "stop" };
  }
  if (write === undefined) {
    if (dump === true) throw new UsageError("--dump needs -w FILE, as in --dump -w last.moterec");
    if (force || rotate !== undefined || keep !== undefined) {
      throw new UsageError("--force, --rotate and --keep are for -w FILE");
    }
    return { kind: "status" };
  }
  // The process of the stack writes it, and may be anywhere.
  const file = resolve(write);
  if (dump === true) {
    if (rotate !== undefined || keep !== undefined) {
      throw new UsageError("--dump writes one file; leave out --rotate and --keep");
    }
    return { kind: "dump", file, force };
  }
  return { kind: "record", file, force, ...parseRotation(rotate, keep) };
}

/** Of --rotate and --keep, which belong together. */
export function parseRotation(rotate: string | undefined, keep: string | undefined) {
  if (keep !== undefined && rotate === undefined) {
    throw new UsageError("--keep says how many files of --rotate stay");
  }
  return {
    rotate: rotate === undefined ? undefined : parseSize("--rotate", rotate, LEAST_ROTATE_BYTES),
    keep: keep === undefined ? undefined : parseNumber("--keep", keep, { least: 1, most: 1e6 }),
  };
}
