// The command line of `mote nc`, checked and typed before a device is opened.

import { isAddress } from "../../core/address.js";
import { UsageError } from "../exit.js";
import { parseReach, type ReachWords } from "../network/reachOptions.js";
import type { StationOptions } from "../network/stationOptions.js";
import { parseHost, parseNumber } from "../network/words.js";

/** As commander gives them. */
export interface NcWords extends ReachWords {
  readonly listen?: boolean | undefined;
  readonly keepOpen?: boolean | undefined;
  readonly udp?: boolean | undefined;
  readonly verbose?: boolean | undefined;
  readonly json?: boolean | undefined;
  readonly zero?: boolean | undefined;
  readonly wait?: string | undefined;
  readonly sourcePort?: string | undefined;
  readonly N?: boolean | undefined;
  readonly shutdown?: boolean | undefined;
  readonly halfClose?: boolean | undefined;
  readonly urgent?: boolean | undefined;
  readonly heartbeat?: string | undefined;
  readonly ttl?: string | undefined;
  readonly dscp?: string | undefined;
  readonly mss?: string | undefined;
}

export interface NcOptions {
  readonly station: StationOptions;
  readonly listens: boolean;
  readonly keepOpen: boolean;
  readonly udp: boolean;
  readonly verbose: boolean;
  /** What happens is said as JSON lines. */
  readonly json: boolean;
  /** Only to see whether the port is open. */
  readonly zero: boolean;
  /** Whom to call; with `listens` the address to listen at, undefined: all. */
  readonly host: string | undefined;
  readonly port: number;
  /** 0: any. */
  readonly sourcePort: number;
  /** How long a connection may take to open, and be silent; 0: as long as it likes. */
  readonly waitMs: number;
  /** The end of stdin is told to the peer. */
  readonly shutdown: boolean;
  /** One direction may end before the other. */
  readonly halfClose: boolean;
  readonly urgent: boolean;
  readonly heartbeat: Heartbeat | undefined;
  readonly ttl: number | undefined;
  readonly dscp: number | undefined;
  readonly mss: number | undefined;
}

export interface Heartbeat {
  readonly everyMs: number;
  readonly text: string;
}

const DAY_SECONDS = 86_400;

export function parseNc(words: readonly string[], given: NcWords): NcOptions {
  const listens = given.listen === true;
  const udp = given.udp === true;
  checkTogether(given);
  const place = listens ? parseListening(words, given.sourcePort) : parseCalling(words);
  const { host, port } = place;
  const destination = { host: host ?? "", port, protocol: udp ? "udp" : "tcp" } as const;
  const { wait, heartbeat, ttl, dscp, mss } = given;
  return {
    ...place,
    listens,
    udp,
    station: parseReach(given, listens ? undefined : destination),
    keepOpen: given.keepOpen === true,
    verbose: given.verbose === true,
    json: given.json === true,
    zero: given.zero === true,
    sourcePort: listens ? 0 : parseOptional("--source-port", given.sourcePort, 1, 65_535, 0),
    waitMs: wait === undefined ? 0 : 1000 * parseSeconds("-w", wait),
    shutdown: given.shutdown !== false,
    halfClose: given.halfClose !== false,
    urgent: given.urgent === true,
    heartbeat: heartbeat === undefined ? undefined : parseHeartbeat(heartbeat),
    ttl: parseOptional("--ttl", ttl, 1, 255, undefined),
    dscp: parseOptional("--dscp", dscp, 0, 63, undefined),
    mss: parseOptional("--mss", mss, 64, 65_535, undefined),
  };
}

/** What each option cannot be together with, and why. */
function checkTogether(given: NcWords): void {
  const { listen, keepOpen, udp, zero, shutdown, N: last } = given;
  if (keepOpen && !listen) throw new UsageError("-k goes with -l: it goes on listening");
  if (zero && listen) throw new UsageError("-z asks for a port, -l is one: leave one of them out");
  if (zero && udp) {
    throw new UsageError("-z cannot tell with -u: nobody has to answer to a datagram");
  }
  if (last && shutdown === false)
    throw new UsageError("-N and --no-shutdown contradict each other");
  for (const name of ["urgent", "heartbeat", "mss"] as const) {
    if (udp && given[name] !== undefined) throw new UsageError(`--${name} is about TCP, -u is UDP`);
  }
}

function parseCalling(words: readonly string[]): { host: string; port: number } {
  const [host, port, ...rest] = words;
  if (host === undefined || port === undefined || rest.length > 0) {
    throw new UsageError("HOST and PORT are needed, as in: mote nc 198.18.0.1 7");
  }
  return { host: parseHost(host), port: parsePort(port) };
}

/** PORT, or an address and PORT; -p PORT as old netcats have it. */
function parseListening(
  words: readonly string[],
  sourcePort: string | undefined,
): { host: string | undefined; port: number } {
  const all = sourcePort === undefined ? words : [...words, sourcePort];
  const port = all.at(-1);
  const [host] = all.slice(0, -1);
  if (port === undefined || all.length > 2) {
    throw new UsageError("-l needs a PORT, as in: mote nc -l 7");
  }
  if (host !== undefined && !isAddress(host)) {
    throw new UsageError(`-l takes an address of the stack's before PORT, not "${host}"`);
  }
  return { host, port: parsePort(port) };
}

const parsePort = (word: string): number => parseNumber("PORT", word, { least: 1, most: 65_535 });

function parseOptional<None>(
  option: string,
  word: string | undefined,
  least: number,
  most: number,
  none: None,
): number | None {
  return word === undefined ? none : parseNumber(option, word, { least, most });
}

const parseSeconds = (option: string, word: string): number =>
  parseNumber(option, word, { least: 0.01, most: DAY_SECONDS, whole: false });

/** SECONDS, or SECONDS:TEXT; a line end where there is no text. */
function parseHeartbeat(word: string): Heartbeat {
  const colon = word.indexOf(":");
  const seconds = colon < 0 ? word : word.slice(0, colon);
  const everyMs = 1000 * parseSeconds("--heartbeat", seconds);
  return { everyMs, text: colon < 0 ? "\n" : unescaped(word.slice(colon + 1)) };
}

/** A line end and a tab are written \n and \t. */
function unescaped(text: string): string {
  const known: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", "\\": "\\" };
  return text.replace(/\\([nrt\\])/g, (_, letter: string) => known[letter]!);
}
