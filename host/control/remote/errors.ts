// Errors of a stack that runs elsewhere, as its own calls would throw them.

import { Errno, stackError, type ErrorPlace, type StackError } from "../../core/errors.js";

/** `code` is what it has told, known here or not. */
export function remoteError(code: string, place: ErrorPlace): StackError {
  const number = (Errno as Record<string, number>)[code] ?? 0;
  return Object.assign(stackError(number, place), { code });
}
