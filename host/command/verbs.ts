// The table of verbs: adding one is adding a file and a row.

import type { Command } from "commander";
import type { Io } from "./io.js";
import { serveVerb } from "./serve/verb.js";

export interface Verb {
  /** Adds arguments, options and help to its command; the action gives the exit code. */
  define(command: Command, io: Io, finish: (code: Promise<number>) => Promise<void>): void;
  readonly name: string;
}

export const verbs: readonly Verb[] = [serveVerb];
