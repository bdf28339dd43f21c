// What a test is: agreed on by both sides before it begins. The client writes it as one JSON document (parameters), the
// server reads that, and believes none of it before it is checked.

import { foreign, Iperf3Error } from "./errors.js";

export type Direction = "forward" | "reverse" | "both";

export interface Settings {
  readonly protocol: "tcp" | "udp";
  /** Who sends: "forward" the client, "reverse" the server. */
  readonly direction: Direction;
  /** Each way. */
  readonly streams: number;
  /** Bytes of one write, or of one datagram. */
  readonly length: number;
  /** How long it lasts; 0: until `bytes` or `blocks` have been sent, or until somebody stops it. */
  readonly seconds: number;
  /** Seconds at the beginning that do not count. */
  readonly omitSeconds: number;
  /** All streams together; 0: by time, or blocks. */
  readonly bytes: number;
  /** Blocks of `length`; 0: by time, or bytes. */
  readonly blocks: number;
  /** Bits per second of each stream; 0: as fast as it goes. */
  readonly bitrate: number;
  /** Of each TCP stream; 0: what the link takes. */
  readonly mss: number;
  readonly noDelay: boolean;
  /** The IPv4 field. */
  readonly tos: number;
  /** UDP: datagrams are counted in 64 bits. */
  readonly counters64: boolean;
  /** The client wants to see what the server has printed. */
  readonly serverOutput: boolean;
}

export const LIMITS = {
  streams: 128,
  tcpLength: 1024 * 1024,
  leastUdpLength: 16,
  udpLength: 65_507,
  seconds: 86_400,
  omitSeconds: 60,
  blocks: 2 ** 32,
  /** Shorter intervals would be all there is to do. */
  leastIntervalMs: 100,
  intervalMs: 60_000,
  connectMs: 600_000,
} as const;

export const DEFAULT_PORT = 5201;
export const DEFAULT_SECONDS = 10;
export const DEFAULT_TCP_LENGTH = 128 * 1024;
export const DEFAULT_UDP_BITRATE = 1024 * 1024;
/** What of a datagram of the usual Ethernet is left without headers and options of TCP. */
export const DEFAULT_UDP_LENGTH = 1448;

/** The least and the most that one write, or one datagram, may have. */
export const lengthRange = (protocol: Settings["protocol"]): readonly [number, number] =>
  protocol === "udp" ? [LIMITS.leastUdpLength, LIMITS.udpLength] : [1, LIMITS.tcpLength];

/** Bytes that the senders of one direction send in all; Infinity: until the time has passed. */
export function amountOf({ bytes, blocks, length }: Settings): number {
  if (bytes > 0) return bytes;
  return blocks > 0 ? blocks * length : Infinity;
}

/** Streams in both directions. */
export const countOf = ({ streams, direction }: Settings): number =>
  direction === "both" ? 2 * streams : streams;

/** Whether the client sends on its stream number `index`. */
export function clientSends({ direction, streams }: Settings, index: number): boolean {
  return direction === "both" ? index < streams : direction === "forward";
}

/** The document; `version`: the client's. */
export function writeParameters(settings: Settings, version: string): Record<string, unknown> {
  const { protocol, direction, bitrate, mss, noDelay, tos, counters64, serverOutput } = settings;
  return {
    [protocol]: true,
    omit: settings.omitSeconds,
    time: settings.seconds,
    num: settings.bytes,
    blockcount: settings.blocks,
    ...(mss > 0 ? { MSS: mss } : {}),
    ...(noDelay ? { nodelay: true } : {}),
    parallel: settings.streams,
    ...(direction === "reverse" ? { reverse: true } : {}),
    ...(direction === "both" ? { bidirectional: true } : {}),
    len: settings.length,
    ...(bitrate > 0 ? { bandwidth: bitrate } : {}),
    ...(tos > 0 ? { TOS: tos } : {}),
    ...(counters64 ? { udp_counters_64bit: 1 } : {}),
    ...(serverOutput ? { get_server_output: 1 } : {}),
    client_version: version,
  };
}

/** Throws an Iperf3Error: EPROTO for what cannot be meant, ENOTSUP for what is not done here. */
export function readParameters(document: unknown): Settings {
  const from = objectOf(document, "parameters");
  if (from["sctp"] === true) throw new Iperf3Error("ENOTSUP", "the client asks for SCTP");
  if ("authtoken" in from) {
    throw new Iperf3Error("ENOTSUP", "the client authenticates itself, which is not done here");
  }
  const udp = from["udp"] === true;
  if (!udp && from["tcp"] !== true) throw foreign("the parameters name neither TCP nor UDP");
  const number = (name: string, least: number, most: number, otherwise: number): number =>
    numberIn(from, name, { least, most, otherwise });
  const [least, most] = lengthRange(udp ? "udp" : "tcp");
  const length = number("len", least, most, udp ? DEFAULT_UDP_LENGTH : DEFAULT_TCP_LENGTH);
  const settings: Settings = {
    protocol: udp ? "udp" : "tcp",
    direction: isSet(from["bidirectional"])
      ? "both"
      : isSet(from["reverse"])
        ? "reverse"
        : "forward",
    streams: number("parallel", 1, LIMITS.streams, 1),
    length,
    seconds: number("time", 0, LIMITS.seconds, DEFAULT_SECONDS),
    omitSeconds: number("omit", 0, LIMITS.omitSeconds, 0),
    bytes: number("num", 0, Number.MAX_SAFE_INTEGER, 0),
    blocks: number("blockcount", 0, Number.MAX_SAFE_INTEGER / length, 0),
    bitrate: number("bandwidth", 0, Number.MAX_SAFE_INTEGER, 0),
    mss: number("MSS", 0, 65_535, 0),
    noDelay: isSet(from["nodelay"]),
    tos: number("TOS", 0, 255, 0),
    counters64: isSet(from["udp_counters_64bit"]),
    serverOutput: isSet(from["get_server_output"]),
  };
  return settings;
}

const isSet = (value: unknown): boolean =>
  value === true || (typeof value === "number" && value > 0);

export function objectOf(value: unknown, what: string): Record<string, unknown> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>;
  }
  throw foreign(`the ${what} are no JSON object`);
}

interface Range {
  readonly least: number;
  readonly most: number;
  readonly otherwise: number;
}

function numberIn(
  from: Record<string, unknown>,
  name: string,
  { least, most, otherwise }: Range,
): number {
  const value = from[name] ?? otherwise;
  if (typeof value === "number" && value >= least && value <= most) return Math.floor(value);
  const shown = JSON.stringify(value)?.slice(0, 40);
  throw foreign(`the parameter ${name} is ${shown}, and may be from ${least} to ${most}`);
}
