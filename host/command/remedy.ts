// Errors of the links carry their remedy in the message ("...; run: COMMAND (or use: ...) (CODE)").
// Here it is taken apart: what happened for the first line, the command that helps for the second.

import { closeSync, openSync, statSync } from "node:fs";
import { codeOf, CommandError, messageOf } from "./exit.js";
import { alreadyThere, WRITE_TROUBLE } from "./files.js";

export interface Remedy {
  readonly what: string;
  readonly command: string | undefined;
}

export function takeApart(error: unknown): Remedy {
  const text = messageOf(error).replace(/ \([A-Z_]+\)$/, "");
  const match = /^(.*?); run: (.*?)(?: \(or use: [^)]*\))?$/.exec(text);
  return match === null
    ? { what: text, command: undefined }
    : { what: match[1]!, command: match[2]! };
}

/** The same error with its remedy apart, for printing. */
export function withHint(error: unknown): unknown {
  if (error instanceof CommandError) return error;
  const { what, command } = takeApart(error);
  if (command === undefined) return error;
  return new CommandError(codeOf(error) || "EIO", what, command, { cause: error });
}

/** Fails early, and before anything is opened, when a capture cannot be written. */
export function checkCapture(path: string, force: boolean): void {
  refuseFile(path, force);
  checkWritable("capture", path, 0o666);
}

/** The same for a recording. */
export function checkRecording(path: string, force: boolean): void {
  refuseFile(path, force);
  checkWritable("recording", path, 0o600);
}

/** Nothing is overwritten unasked; pipes and devices have nothing to lose. */
export function refuseFile(path: string, force: boolean): void {
  if (!force && statSync(path, { throwIfNoEntry: false })?.isFile()) throw alreadyThere(path);
}

function checkWritable(what: string, path: string, mode: number): void {
  try {
    closeSync(openSync(path, "a", mode));
  } catch (cause) {
    const code = codeOf(cause);
    const why = WRITE_TROUBLE[code] ?? code;
    throw new CommandError(code, `the ${what} ${path} cannot be written: ${why}`, undefined, {
      cause,
    });
  }
}
