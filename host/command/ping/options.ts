// The command line of `mote ping`, checked and typed before a device is opened.

import { UsageError } from "../exit.js";
import { parseStation, type StationOptions, type StationWords } from "../network/stationOptions.js";
import { parseNumber } from "../network/words.js";

export interface PingWords extends StationWords {
  readonly count?: string | undefined;
  readonly interval?: string | undefined;
  readonly size?: string | undefined;
  readonly timeout?: string | undefined;
  readonly ttl?: string | undefined;
  readonly json?: boolean | undefined;
}

export interface PingOptions {
  readonly host: string;
  readonly station: StationOptions;
  /** Infinity: until it is stopped. */
  readonly count: number;
  readonly intervalMs: number;
  /** Of data in each request. */
  readonly bytes: number;
  /** How long the last request may wait for its answer. */
  readonly timeoutMs: number;
  readonly ttl: number;
  readonly json: boolean;
}

/** Largest datagram of IPv4 without its headers. */
const MOST_BYTES = 65_507;

export function parsePing(host: string, words: PingWords): PingOptions {
  const { count, interval = "1", size = "56", timeout = "10", ttl = "64" } = words;
  const seconds = { least: 0.01, most: 86_400, whole: false };
  return {
    host: parseHost(host),
    station: parseStation(words),
    count: count === undefined ? Infinity : parseNumber("-c", count, { least: 1, most: 1e9 }),
    intervalMs: 1000 * parseNumber("-i", interval, seconds),
    bytes: parseNumber("-s", size, { least: 0, most: MOST_BYTES }),
    timeoutMs: 1000 * parseNumber("-W", timeout, seconds),
    ttl: parseNumber("-t", ttl, { least: 1, most: 255 }),
    json: words.json === true,
  };
}

export function parseHost(word: string): string {
  if (/^[^\s/:]+$/.test(word)) return word;
  throw new UsageError(`HOST is an IPv4 address or a name, as in 198.18.0.1, not "${word}"`);
}
