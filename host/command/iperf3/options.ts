// The command line of `mote iperf3`, checked and typed before a device is opened.

import { isAddress } from "../../core/address.js";
import {
  DEFAULT_PORT,
  DEFAULT_SECONDS,
  DEFAULT_TCP_LENGTH,
  DEFAULT_UDP_BITRATE,
  lengthRange,
  LIMITS,
  type Settings,
} from "../../iperf3/settings.js";
import { UsageError } from "../exit.js";
import { parseReach, type ReachWords } from "../network/reachOptions.js";
import type { StationOptions } from "../network/stationOptions.js";
import { parseHost, parseNumber } from "../network/words.js";
import { oneOf } from "../words.js";
import { parseQuantity, type RateFormat } from "./units.js";
import { checkUnsupported } from "./unsupported.js";

/** As commander gives them. */
export interface Iperf3Words extends ReachWords {
  readonly server?: boolean | undefined;
  readonly client?: string | undefined;
  readonly port?: string | undefined;
  readonly bind?: string | undefined;
  readonly oneOff?: boolean | undefined;
  readonly interval?: string | undefined;
  readonly format?: string | undefined;
  readonly json?: boolean | undefined;
  readonly time?: string | undefined;
  readonly bytes?: string | undefined;
  readonly blockcount?: string | undefined;
  readonly length?: string | undefined;
  readonly parallel?: string | undefined;
  readonly reverse?: boolean | undefined;
  readonly bidir?: boolean | undefined;
  readonly udp?: boolean | undefined;
  readonly bitrate?: string | undefined;
  readonly omit?: string | undefined;
  readonly setMss?: string | undefined;
  /** false: -N. */
  readonly delay?: boolean | undefined;
  readonly tos?: string | undefined;
  readonly connectTimeout?: string | undefined;
  readonly getServerOutput?: boolean | undefined;
  readonly udpCounters64bit?: boolean | undefined;
}

interface Common {
  readonly station: StationOptions;
  readonly port: number;
  /** 0: no intervals. */
  readonly intervalMs: number;
  readonly format: RateFormat | undefined;
  readonly json: boolean;
}

export interface ServerCommand extends Common {
  readonly role: "server";
  /** One of the stack's addresses; undefined: all. */
  readonly host: string | undefined;
  readonly once: boolean;
}

export interface ClientCommand extends Common {
  readonly role: "client";
  readonly host: string;
  readonly settings: Settings;
  /** 0: as long as it takes. */
  readonly connectMs: number;
}

export type Iperf3Options = ServerCommand | ClientCommand;

const FORMATS = ["k", "m", "g", "t", "K", "M", "G", "T"] as const;

/** What only a client has to say, by its word. */
const CLIENTS: Partial<Record<keyof Iperf3Words, string>> = {
  time: "-t",
  bytes: "-n",
  blockcount: "-k",
  length: "-l",
  parallel: "-P",
  reverse: "-R",
  bidir: "--bidir",
  udp: "-u",
  bitrate: "-b",
  omit: "-O",
  setMss: "-M",
  tos: "-S",
  connectTimeout: "--connect-timeout",
  getServerOutput: "--get-server-output",
  udpCounters64bit: "--udp-counters-64bit",
};

export function parseIperf3(given: Iperf3Words): Iperf3Options {
  checkUnsupported(given);
  if (given.server && given.client !== undefined) {
    throw new UsageError("-s and -c contradict each other: one side is the server");
  }
  if (given.server) return parseServer(given);
  if (given.client === undefined) {
    throw new UsageError("-s or -c HOST is needed, as in: mote iperf3 -c 198.18.0.1");
  }
  return parseClient(given, parseHost(given.client));
}

function parseServer(given: Iperf3Words): ServerCommand {
  if (given.delay === false) throw clientsWord("-N");
  for (const [name, option] of Object.entries(CLIENTS)) {
    if (given[name as keyof Iperf3Words] === undefined) continue;
    throw clientsWord(option);
  }
  const { bind } = given;
  if (bind !== undefined && !isAddress(bind)) {
    throw new UsageError(`-B takes an address of the stack's, not "${bind}"`);
  }
  const station = parseReach(given, undefined);
  return {
    ...{ role: "server", station, host: bind, once: given.oneOff === true },
    ...parseCommon(given),
  };
}

const clientsWord = (option: string): UsageError =>
  new UsageError(`${option} is for the client to say, -s is the server`);

function parseClient(given: Iperf3Words, host: string): ClientCommand {
  checkTogether(given);
  const common = parseCommon(given);
  const { connectTimeout } = given;
  return {
    ...{ role: "client", host, settings: parseSettings(given) },
    ...common,
    station: parseStation(given, host, common.port),
    connectMs: parseOptional("--connect-timeout", connectTimeout, 1, LIMITS.connectMs, 0),
  };
}

function checkTogether(given: Iperf3Words): void {
  const { time, bytes, blockcount, reverse, bidir, omit, udp } = given;
  if ([time, bytes, blockcount].filter((word) => word !== undefined).length > 1) {
    throw new UsageError("-t, -n and -k each say when it ends: one of them is enough");
  }
  if (omit !== undefined && (bytes !== undefined || blockcount !== undefined)) {
    throw new UsageError("-O leaves out seconds of a test by time, not of one by -n or -k");
  }
  if (reverse && bidir) throw new UsageError("-R and --bidir contradict each other");
  if (given.oneOff) throw new UsageError("-1 goes with -s: the server ends after one test");
  if (given.bind !== undefined) throw new UsageError("-B goes with -s: --address is the client's");
  if (udp && given.setMss !== undefined) throw new UsageError("-M is about TCP, -u is UDP");
  if (udp && given.delay === false) throw new UsageError("-N is about TCP, -u is UDP");
  if (!udp && given.udpCounters64bit) {
    throw new UsageError("--udp-counters-64bit goes with -u");
  }
}

function parseCommon(given: Iperf3Words): Omit<Common, "station"> {
  const { port, interval = "1", format, json } = given;
  return {
    port: parseOptional("-p", port, 1, 65_535, DEFAULT_PORT),
    intervalMs: parseInterval(interval),
    format: format === undefined ? undefined : oneOf("-f", format, FORMATS),
    json: json === true,
  };
}

function parseInterval(word: string): number {
  if (word === "0") return 0;
  const { leastIntervalMs, intervalMs } = LIMITS;
  const range = { least: leastIntervalMs / 1000, most: intervalMs / 1000, whole: false };
  return 1000 * parseNumber("-i", word, range);
}

function parseSettings(given: Iperf3Words): Settings {
  const { udp = false, time, bytes, blockcount, bitrate, parallel, setMss, omit } = given;
  const isByTime = bytes === undefined && blockcount === undefined;
  const most = Number.MAX_SAFE_INTEGER;
  const amount = { least: 1, most, base: 1024 } as const;
  const defaultRate = udp ? DEFAULT_UDP_BITRATE : 0;
  return {
    protocol: udp ? "udp" : "tcp",
    direction: given.bidir ? "both" : given.reverse ? "reverse" : "forward",
    streams: parseOptional("-P", parallel, 1, LIMITS.streams, 1),
    length: parseLength(given),
    seconds: isByTime ? parseOptional("-t", time, 0, LIMITS.seconds, DEFAULT_SECONDS) : 0,
    omitSeconds: parseOptional("-O", omit, 0, LIMITS.omitSeconds, 0),
    bytes: bytes === undefined ? 0 : parseQuantity("-n", bytes, amount),
    blocks:
      blockcount === undefined
        ? 0
        : parseQuantity("-k", blockcount, { ...amount, most: LIMITS.blocks }),
    bitrate:
      bitrate === undefined
        ? defaultRate
        : parseQuantity("-b", bitrate, { least: 0, most, base: 1000 }),
    mss: parseOptional("-M", setMss, 64, 65_535, 0),
    noDelay: given.delay === false,
    tos: parseOptional("-S", given.tos, 0, 255, 0),
    counters64: given.udpCounters64bit === true,
    serverOutput: given.getServerOutput === true,
  };
}

/** 0: as it turns out. */
function parseLength({ length, udp }: Iperf3Words): number {
  if (length === undefined) return udp ? 0 : DEFAULT_TCP_LENGTH;
  const [least, most] = lengthRange(udp ? "udp" : "tcp");
  return parseQuantity("-l", length, { least, most, base: 1024 });
}

/** User mode lets out what is needed: the control connection, and datagrams where there are any. */
function parseStation(given: Iperf3Words, host: string, port: number): StationOptions {
  const station = parseReach(given, { host, port, protocol: "tcp" });
  if (!given.udp || station.running !== undefined) return station;
  const { allow = [] } = parseReach({ ...given, allow: [] }, { host, port, protocol: "udp" });
  return { ...station, allow: [...(station.allow ?? []), ...allow] };
}

function parseOptional(
  option: string,
  word: string | undefined,
  least: number,
  most: number,
  none: number,
): number {
  return word === undefined ? none : parseNumber(option, word, { least, most });
}
