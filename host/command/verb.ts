// What a verb of the command is.

import type { Command } from "commander";
import type { Io } from "./io.js";

export interface Verb {
  /** Adds arguments, options and help to its command; the action gives the exit code. */
  define(command: Command, io: Io, finish: (code: Promise<number>) => Promise<void>): void;
  readonly name: string;
  /** Other words for it. */
  readonly aliases?: readonly string[];
  /** Its stack sits on a network: settings for all such verbs are meant for it, too. */
  readonly isNetwork?: boolean;
}
