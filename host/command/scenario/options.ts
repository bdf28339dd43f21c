// The command line of `mote scenario`, checked and typed before anything is run.

import { LEAST_WIDTH } from "../../dissect/ladder.js";
import { ids as known } from "../../scenario/ids.js";
import { closest } from "../../suggest.js";
import { UsageError } from "../exit.js";
import { parseNumber } from "../network/words.js";

/** As commander gives them. */
export interface ScenarioWords {
  readonly list?: boolean | undefined;
  readonly seed?: string | undefined;
  readonly pcap?: string | undefined;
  readonly force?: boolean | undefined;
  readonly width?: string | undefined;
  readonly json?: boolean | undefined;
}

export interface ScenarioOptions {
  /** What is run; empty: all are listed. */
  readonly ids: readonly string[];
  readonly seed: number;
  /** Where frames are written; "-" is stdout, undefined: nowhere. */
  readonly pcap: string | undefined;
  readonly force: boolean;
  /** Columns; undefined: the terminal's. */
  readonly width: number | undefined;
  readonly json: boolean;
}

export const DEFAULT_SEED = 1;
const ALL = "all";
/** What may stand in place of a scenario. */
export const scenarioIds: readonly string[] = [...known, ALL];
const MOST_WIDTH = 400;
const MOST_SEED = 0xffff_ffff;

export function parseScenario(ids: readonly string[], words: ScenarioWords): ScenarioOptions {
  const {
    list = false,
    seed = `${DEFAULT_SEED}`,
    pcap,
    force = false,
    width,
    json = false,
  } = words;
  const chosen = ids.flatMap(named);
  if (list && ids.length > 0) throw new UsageError("--list lists all scenarios; leave out which");
  if (chosen.length === 0 && pcap !== undefined) {
    throw new UsageError(
      "--pcap writes the frames of a scenario: say which, as in: mote scenario O1",
    );
  }
  if (force && (pcap === undefined || pcap === "-")) {
    throw new UsageError("--force lets --pcap FILE overwrite a file");
  }
  if (json && pcap === "-")
    throw new UsageError("--json and --pcap - both write to stdout: one of them");
  return {
    ids: [...new Set(chosen)],
    seed: parseNumber("--seed", seed, { least: 0, most: MOST_SEED }),
    pcap,
    force,
    width:
      width === undefined
        ? undefined
        : parseNumber("--width", width, { least: LEAST_WIDTH, most: MOST_WIDTH }),
    json,
  };
}

function named(word: string): readonly string[] {
  if (word.toLowerCase() === ALL) return known;
  const found = known.find((id) => id.toLowerCase() === word.toLowerCase());
  if (found !== undefined) return [found];
  const near = closest(word, scenarioIds);
  const hint = near === undefined ? "mote scenario lists all" : `did you mean ${near}?`;
  throw new UsageError(`there is no scenario "${word}" (${hint})`);
}
