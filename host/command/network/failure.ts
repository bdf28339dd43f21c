// What ended a connection, or kept it from being opened, in one line: where, what it means, its code.

import { meaningOf } from "../../core/errors.js";
import { codeOf, CommandError, messageOf } from "../exit.js";

/** `place`: "198.18.0.1:80". */
export function explainFailure(cause: unknown, place: string): CommandError {
  if (cause instanceof CommandError) return cause;
  const code = codeOf(cause) || "EIO";
  const hint = code === "ENETUNREACH" ? "--router ADDRESS names a way there" : undefined;
  return new CommandError(code, `${place}: ${inWords(cause, code)} (${code})`, hint, { cause });
}

function inWords(cause: unknown, code: string): string {
  // Modules of Node's shape have another name for an empty pool.
  const meaning = meaningOf(code === "EMFILE" ? "ENOBUFS" : code);
  return meaning === "unknown error" ? messageOf(cause) : meaning;
}

/** Nothing was heard for as long as -w says. */
export function tooLong(place: string, ms: number, what: string): CommandError {
  return new CommandError("ETIMEDOUT", `${place}: ${what} for ${ms / 1000} s (ETIMEDOUT)`);
}
