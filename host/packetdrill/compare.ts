// Is a packet of the stack the one that the script expects? The first difference in words.

import type { RunConfig } from "./config.js";
import { localOffset, type Connection } from "./connections.js";
import { flagText, optionText } from "./describe.js";
import { icmpText } from "./icmpNames.js";
import type { IpHeader, LiveIcmp, LiveTcp } from "./live.js";
import { ACK, FIN, PSH, SYN, URG, type IpInfo, type ScriptIcmp, type ScriptTcp } from "./script.js";
import type { TcpOption } from "./script.js";

/** A part of the segment that the script expects in one, where it takes several packets. */
export interface Piece {
  /** Bytes of the segment before this packet, and those of this packet. */
  readonly offset: number;
  readonly length: number;
  readonly isLast: boolean;
}

const differs = (what: string, wanted: unknown, came: unknown) =>
  wanted === came ? undefined : `${what} ${String(wanted)} expected, ${String(came)} came`;

/** `live` has the script's numbers, `wire` those of the wire. */
export function compareTcp(
  script: ScriptTcp,
  live: LiveTcp,
  wire: LiveTcp,
  piece: Piece,
  connection: Connection,
  config: RunConfig,
): string | undefined {
  return (
    compareIp(script.ip, live) ??
    compareFlags(script, live, piece) ??
    compareNumbers(script, live, wire, piece) ??
    compareOptions(script.options, live.options, connection, wire, config) ??
    comparePayload(wire, connection)
  );
}

function compareIp(script: IpInfo, live: IpHeader): string | undefined {
  const { tos, tosMask = 255, anyEct, ttl, dontFragment } = script;
  const ecn = live.tos & 3;
  if (anyEct && ecn !== 1 && ecn !== 2) return `ect0 or ect1 expected, ECN ${ecn} came`;
  return (
    (tos === undefined ? undefined : differs("tos", tos & tosMask, live.tos & tosMask)) ??
    (ttl === undefined ? undefined : differs("ttl", ttl, live.ttl)) ??
    (dontFragment === undefined ? undefined : differs("df", dontFragment, live.dontFragment))
  );
}

/** Only the last piece has PSH and FIN. */
function compareFlags(script: ScriptTcp, live: LiveTcp, piece: Piece): string | undefined {
  const wanted = piece.isLast ? script.flags : script.flags & ~(PSH | FIN);
  const came = piece.isLast ? live.flags : live.flags & ~PSH;
  return differs("flags", flagText(wanted), flagText(came));
}

function compareNumbers(
  script: ScriptTcp,
  live: LiveTcp,
  wire: LiveTcp,
  piece: Piece,
): string | undefined {
  const { seq, ack, window, urgent } = script;
  const start = (seq.start + piece.offset) >>> 0;
  const came = seq.mode === "absolute" ? wire.seq : live.seq;
  return (
    (seq.mode === "any" ? undefined : differs("seq", start, came)) ??
    differs("length", piece.length, live.payload.length) ??
    (script.flags & ACK ? differs("ack", ack ?? 0, live.ack) : undefined) ??
    (window === undefined ? undefined : differs("win", window, live.window)) ??
    (urgent === undefined && (live.flags & URG) !== 0
      ? undefined
      : differs("urg", urgent ?? 0, live.urgent))
  );
}

const isPadding = ({ kind }: TcpOption) => kind === "nop" || kind === "eol";

function compareOptions(
  script: ScriptTcp["options"],
  live: readonly TcpOption[],
  connection: Connection,
  wire: LiveTcp,
  config: RunConfig,
): string | undefined {
  learnTimestamp(script, wire, connection);
  if (script === undefined) return undefined;
  const ordered = (options: readonly TcpOption[]) =>
    config.optionOrder === "strict"
      ? withoutTail(options)
      : options.filter((option) => !isPadding(option)).sort(byKind);
  const wanted = ordered(script);
  const came = ordered(live);
  for (let i = 0; i < Math.max(wanted.length, came.length); i++) {
    const problem = compareOption(wanted[i], came[i], connection, wire, config);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

/** Zeros that fill up the header are not written in scripts, or not all of them. */
function withoutTail(options: readonly TcpOption[]): readonly TcpOption[] {
  let end = options.length;
  while (end > 0 && options[end - 1]!.kind === "eol") end--;
  return options.slice(0, end);
}

const byKind = (a: TcpOption, b: TcpOption) => a.kind.localeCompare(b.kind);

function compareOption(
  wanted: TcpOption | undefined,
  came: TcpOption | undefined,
  connection: Connection,
  wire: LiveTcp,
  config: RunConfig,
): string | undefined {
  if (!wanted) return `option ${optionText(came!)} came, which was not expected`;
  if (!came) return `option ${optionText(wanted)} expected, and none came`;
  if (wanted.kind !== "TS" || came.kind !== "TS") {
    return differs("option", optionText(wanted), optionText(came));
  }
  return (
    differs("TS ecr", wanted.ecr, came.ecr) ??
    compareTimestamp(wanted.val, connection, wire, config)
  );
}

/** A value of ours is compared, within the tolerance, where the script says how long a tick is. */
function compareTimestamp(
  wanted: number | undefined,
  { firstTimestamp }: Connection,
  wire: LiveTcp,
  config: RunConfig,
): string | undefined {
  const live = wire.options.find((option) => option.kind === "TS")?.val;
  if (wanted === undefined || live === undefined || !firstTimestamp || config.tsTickUs === 0) {
    return undefined;
  }
  const came = (live - firstTimestamp.live + firstTimestamp.script) >>> 0;
  const apartUs = Math.abs((came - wanted) | 0) * config.tsTickUs;
  return apartUs <= config.toleranceUs ? undefined : differs("TS val", wanted, came);
}

/** What a value of the script is on the wire: later packets to the stack echo it. */
function learnTimestamp(script: ScriptTcp["options"], wire: LiveTcp, connection: Connection): void {
  const live = wire.options.find((option) => option.kind === "TS")?.val;
  const wanted = script?.find((option) => option.kind === "TS")?.val;
  if (live === undefined || wanted === undefined) return;
  connection.firstTimestamp ??= { script: wanted, live };
  connection.timestamps.set(wanted, live);
}

/** Every byte is one that the script wrote, at its place. */
function comparePayload(wire: LiveTcp, connection: Connection): string | undefined {
  if (wire.payload.length === 0) return undefined;
  const { isn, written } = connection;
  if (!isn) return "data came before our SYN";
  const from = (wire.seq - isn.live - 1 + (wire.flags & SYN ? 1 : 0)) | 0;
  const wanted = from < 0 ? new Uint8Array() : written.part(from, wire.payload.length);
  const at = wire.payload.findIndex((byte, i) => byte !== wanted[i]);
  if (at < 0) return undefined;
  const place = (wire.seq + at - localOffset(connection)) >>> 0;
  return `the data differ from what was written, first at ${place}`;
}

export function compareIcmp(script: ScriptIcmp, live: LiveIcmp): string | undefined {
  return (
    compareIp(script.ip, live) ??
    differs("type", icmpText(script.type, script.code), icmpText(live.type, live.code)) ??
    (script.mtu === undefined ? undefined : differs("mtu", script.mtu, live.rest & 0xffff)) ??
    (script.id === undefined ? undefined : differs("id", script.id, live.rest >>> 16))
  );
}
