// Words of the command line: one of several, or given again and again.

import { suggestion } from "../suggest.js";
import { UsageError } from "./exit.js";

/** For an option that may be given again: all its words, in order. */
export const repeated = (word: string, before: readonly string[] | undefined): string[] => [
  ...(before ?? []),
  word,
];

export function oneOf<Name extends string>(
  option: string,
  word: string,
  names: readonly Name[],
): Name {
  const found = names.find((name) => name === word);
  if (found !== undefined) return found;
  throw new UsageError(
    `${option} takes ${names.join(" or ")}, not "${word}"${suggestion(word, names)}`,
  );
}
