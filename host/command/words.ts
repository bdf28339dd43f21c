// Words of the command line that are one of several.

import { suggestion } from "../suggest.js";
import { UsageError } from "./exit.js";

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
