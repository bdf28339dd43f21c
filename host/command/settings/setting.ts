// A default that somebody has set for an option, and what an option can be set to. Taken from the command tree: an
// option can be set by the name that it has on the command line.

import type { Command, Option } from "commander";
import { UsageError } from "../exit.js";
import { repeated } from "../words.js";

export interface Setting {
  readonly option: Option;
  /** As the command line would have given it. */
  readonly value: string | boolean | readonly string[];
  /** Where it is set, for errors: "MOTE_LINK", "mote.json". */
  readonly from: string;
}

/** Options of every verb with a stack on a network that may be set for all of them at once. */
export const SHARED = ["link", "address", "router", "name-server"] as const;

/** Said each time, if at all: they speak of one run, or of a file that is lost. */
const NEVER_SET = ["help", "version", "force"];

/** "link-delay" of --link-delay. */
export const nameOf = ({ long }: Option): string => (long ?? "").replace(/^--/, "");

/** It takes no value. */
export const isSwitch = (option: Option): boolean => option.isBoolean() || option.negate;

export const isShared = (option: Option): boolean =>
  (SHARED as readonly string[]).includes(nameOf(option));

/** What can be set for a verb. */
export function settableOptions(command: Command): readonly Option[] {
  return command.options.filter((option) => !option.hidden && !NEVER_SET.includes(nameOf(option)));
}

/** Checked: a switch is true or false, what may be given again is a list, everything else one word. */
export function settingOf(option: Option, value: unknown, from: string, name: string): Setting {
  const fail = (wanted: string): never => {
    throw new UsageError(`${from}: ${name} is ${wanted}, not ${JSON.stringify(value)}`);
  };
  if (isSwitch(option)) {
    if (typeof value !== "boolean") return fail("true or false");
    // --no-control is what makes `control` false.
    return { option, value: option.negate ? !value : value, from };
  }
  const isWord = (word: unknown) => typeof word === "string" || typeof word === "number";
  if (option.parseArg === repeated) {
    const words: unknown[] = Array.isArray(value) ? value : [value];
    if (words.length === 0 || !words.every(isWord)) return fail("a word or a list of words");
    return { option, value: words.map(String), from };
  }
  return isWord(value) ? { option, value: String(value), from } : fail("a word or a number");
}
