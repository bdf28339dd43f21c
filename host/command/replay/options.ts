// The command line of `mote replay`, checked before the file is opened.

import type { Core } from "../../core/core.js";
import { atState, parseState, parseUntil, type Until } from "../../record/events.js";
import { messageOf, UsageError } from "../exit.js";

export interface ReplayWords {
  readonly step?: boolean | undefined;
  readonly keys?: boolean | undefined;
  readonly verbose?: boolean | undefined;
  readonly until?: string | undefined;
  readonly break?: string | undefined;
  readonly pcap?: string | undefined;
  readonly toTest?: string | undefined;
  readonly force?: boolean | undefined;
  readonly json?: boolean | undefined;
}

export interface ReplayOptions {
  readonly file: string;
  /** Shows every moment. */
  readonly step: boolean;
  /** And waits behind each for a key. */
  readonly keys: boolean;
  /** And what of control blocks has changed. */
  readonly verbose: boolean;
  /** Where it stops, as it was written, and as moments are held against it; null: at the end. */
  readonly until: { readonly word: string; readonly at: (core: Core) => Until } | null;
  /** A program that asserts what was seen is written there; undefined: none. */
  readonly toTest: string | undefined;
  readonly pcap: string | undefined;
  readonly force: boolean;
  readonly json: boolean;
}

export function parseReplay(file: string, words: ReplayWords): ReplayOptions {
  const { step, keys, verbose, pcap, force, json, toTest } = words;
  if (keys && json)
    throw new UsageError("--keys is for people, --json for programs: leave one of them out");
  if (toTest === "")
    throw new UsageError("--to-test takes the name of a program, as in --to-test run.test.mjs");
  if (pcap === "") throw new UsageError("--pcap takes the name of a file, as in --pcap run.pcapng");
  return {
    file,
    step: step === true || keys === true || verbose === true,
    keys: keys === true,
    verbose: verbose === true,
    until: endOf(words),
    toTest,
    pcap,
    force: force === true,
    json: json === true,
  };
}

function untilOf(word: string): ReplayOptions["until"] {
  try {
    return { word, at: parseUntil(word) };
  } catch (cause) {
    throw new UsageError(`--until: ${messageOf(cause)}`);
  }
}

/** "state=CLOSE_WAIT", in whatever letters. */
function breakOf(word: string): ReplayOptions["until"] {
  const [, given = ""] = /^state=(.*)$/i.exec(word) ?? [];
  if (given === "") throw new UsageError(`--break takes state=STATE, as in state=CLOSE_WAIT`);
  try {
    return { word: `state=${given}`, at: atState(parseState(given)) };
  } catch (cause) {
    throw new UsageError(messageOf(cause));
  }
}

/** --break is another word for one kind of --until. */
function endOf({ until, break: state }: ReplayWords): ReplayOptions["until"] {
  if (until !== undefined && state !== undefined) {
    throw new UsageError("--until or --break, not both");
  }
  if (until !== undefined) return untilOf(until);
  return state === undefined ? null : breakOf(state);
}
