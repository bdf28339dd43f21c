// The command line of `mote traceroute`, checked and typed before a device is opened.

import { parseStation, type StationOptions, type StationWords } from "../network/stationOptions.js";
import { parseNumber } from "../network/words.js";
import { parseHost } from "../ping/options.js";

export interface TracerouteWords extends StationWords {
  readonly maxHops?: string | undefined;
  readonly queries?: string | undefined;
  readonly wait?: string | undefined;
  readonly json?: boolean | undefined;
}

export interface TracerouteOptions {
  readonly host: string;
  readonly station: StationOptions;
  readonly maxHops: number;
  /** Probes for each hop. */
  readonly queries: number;
  /** How long a probe may wait for its answer. */
  readonly waitMs: number;
  readonly json: boolean;
}

export function parseTraceroute(host: string, words: TracerouteWords): TracerouteOptions {
  const { maxHops = "30", queries = "3", wait = "5" } = words;
  return {
    host: parseHost(host),
    station: parseStation(words),
    maxHops: parseNumber("-m", maxHops, { least: 1, most: 255 }),
    queries: parseNumber("-q", queries, { least: 1, most: 10 }),
    waitMs: 1000 * parseNumber("-w", wait, { least: 0.01, most: 3600, whole: false }),
    json: words.json === true,
  };
}
