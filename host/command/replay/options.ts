// The command line of `mote replay`, checked before the file is opened.

import { StateName as stateNames } from "../../core/generated/abi.js";
import { suggestion } from "../../suggest.js";
import { UsageError } from "../exit.js";
import { parseNumber } from "../network/words.js";

export interface ReplayWords {
  readonly step?: boolean | undefined;
  readonly verbose?: boolean | undefined;
  readonly until?: string | undefined;
  readonly break?: string | undefined;
  readonly pcap?: string | undefined;
  readonly force?: boolean | undefined;
  readonly json?: boolean | undefined;
}

export interface ReplayOptions {
  readonly file: string;
  /** Shows every moment. */
  readonly step: boolean;
  /** And what of control blocks has changed. */
  readonly verbose: boolean;
  /** Since the beginning; Infinity: to the end. */
  readonly untilUs: number;
  /** Stops when a connection comes into it; null: never. */
  readonly breakAt: string | null;
  readonly pcap: string | undefined;
  readonly force: boolean;
  readonly json: boolean;
}

const names = (Object.values(stateNames) as unknown[]).filter(
  (name): name is string => typeof name === "string",
);

export function parseReplay(file: string, words: ReplayWords): ReplayOptions {
  const { step, verbose, until, pcap, force, json } = words;
  if (pcap === "") throw new UsageError("--pcap takes the name of a file, as in --pcap run.pcapng");
  const seconds = { least: 0, most: 1e9, whole: false };
  return {
    file,
    step: step === true || verbose === true,
    verbose: verbose === true,
    untilUs: until === undefined ? Infinity : 1e6 * parseNumber("--until", until, seconds),
    breakAt: words.break === undefined ? null : stateOf(words.break),
    pcap,
    force: force === true,
    json: json === true,
  };
}

/** "state=CLOSE_WAIT", in whatever letters. */
function stateOf(word: string): string {
  const [, given = ""] = /^state=(.*)$/i.exec(word) ?? [];
  if (given === "") throw new UsageError(`--break takes state=STATE, as in state=CLOSE_WAIT`);
  const wanted = given.toUpperCase().replaceAll("_", "-");
  if (names.includes(wanted)) return wanted;
  throw new UsageError(`no state is called "${given}"${suggestion(wanted, names)}`);
}
