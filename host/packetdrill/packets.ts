// Packets of a script: those for the stack are put together with the numbers of the wire and handed
// over; those of the stack are taken in the order in which they left and compared.

import { State } from "../core/generated/abi.js";
import { compareIcmp, compareTcp, type Piece } from "./compare.js";
import {
  createConnection,
  learnIsn,
  localOffset,
  remoteBytes,
  toScript,
  type Connection,
} from "./connections.js";
import { liveText, scriptText, secondsText } from "./describe.js";
import { failure, mistake } from "./errors.js";
import { ipBytes, type IpHeader, type LiveIcmp, type LivePacket, type LiveTcp } from "./live.js";
import {
  ACK,
  SYN,
  type PacketEvent,
  type ScriptIcmp,
  type ScriptTcp,
  type SequenceRange,
  type TcpOption,
} from "./script.js";
import { findConnection, recordOf, type Run } from "./state.js";
import type { Sent } from "./wire.js";

/** The first remote port; each further connection of a peer has the next. */
const FIRST_REMOTE_PORT = 40001;
/** How long a packet that may come at any time is waited for. */
const LONGEST_WAIT_US = 4 * 3600 * 1e6;
const PROTOCOL_TCP = 6;
const DEFAULT_TTL = 64;

// To the stack.

export function injectPacket(run: Run, { packet }: PacketEvent): void {
  const live = packet.kind === "tcp" ? buildTcp(run, packet) : buildIcmp(run, packet);
  run.note(() => scriptText(packet, true));
  run.wire.inject(live);
}

function ipHeader(run: Run, ip: ScriptTcp["ip"]): IpHeader {
  const { remoteIp: source, localIp: destination } = run.config;
  const { tos = 0, ttl = DEFAULT_TTL, dontFragment = true } = ip;
  return { source, destination, tos, ttl, dontFragment };
}

function buildTcp(run: Run, script: ScriptTcp): LiveTcp {
  const connection = connectionOfInbound(run, script);
  const { seq, flags } = script;
  if (flags & SYN) learnRemoteIsn(run, connection, seq.start, flags);
  const shift = script.absoluteAck || (flags & ACK) === 0 ? 0 : localOffset(connection);
  const dataSeq = seq.start + (flags & SYN ? 1 : 0);
  return {
    kind: "tcp",
    ...ipHeader(run, script.ip),
    sourcePort: connection.remotePort,
    destinationPort: connection.localPort,
    seq: seq.start,
    ack: ((script.ack ?? 0) + shift) >>> 0,
    flags,
    window: script.window ?? 0,
    urgent: script.urgent ?? 0,
    options: (script.options ?? []).map((option) => optionToWire(run, option, connection, flags)),
    payload: remoteBytes(dataSeq >>> 0, seq.length),
  };
}

/** Blocks and echoed timestamps are numbers of ours. */
function optionToWire(
  run: Run,
  option: TcpOption,
  connection: Connection,
  flags: number,
): TcpOption {
  if (option.kind === "sack") {
    const shift = localOffset(connection);
    const blocks = option.blocks.map(({ left, right }) => ({
      left: (left + shift) >>> 0,
      right: (right + shift) >>> 0,
    }));
    return { kind: "sack", blocks };
  }
  if (option.kind !== "TS" || option.absoluteEcr || (flags & ACK) === 0) return option;
  return { ...option, ecr: liveTimestamp(run, option.ecr, connection) };
}

function liveTimestamp(run: Run, ecr: number, connection: Connection): number {
  const { timestamps, firstTimestamp } = connection;
  const known = timestamps.get(ecr);
  if (known !== undefined) return known;
  if (run.config.tsEcrScaled && firstTimestamp) {
    return (ecr - firstTimestamp.script + firstTimestamp.live) >>> 0;
  }
  if (ecr === 0) return 0;
  throw mistake(`ecr ${ecr} echoes no timestamp of the stack (ecr ${ecr}! sends it as it stands)`);
}

/** Where a SYN may begin a connection, its number counts; elsewhere it is only a segment. */
function learnRemoteIsn(run: Run, connection: Connection, seq: number, flags: number): void {
  const record = recordOf(run, connection);
  const state = record?.state ?? State.CLOSED;
  if (state <= State.SYN_SENT || state === State.TIME_WAIT) connection.remoteIsn = seq;
  const begins = state === State.CLOSED || state === State.TIME_WAIT;
  if (begins && (flags & ACK) === 0) connection.mayRestart = true;
}

function connectionOfInbound(run: Run, script: ScriptTcp): Connection {
  const { ports } = script;
  if (ports) {
    const known = findConnection(run, ports.destination, ports.source);
    return known ?? adopt(run, createConnection(ports.destination, ports.source));
  }
  const { underTest } = run;
  const isRequest = (script.flags & (SYN | ACK)) === SYN;
  if (underTest && !(isRequest && isOver(run, underTest))) return underTest;
  const localPort = listenerPort(run) ?? underTest?.localPort ?? boundPort(run);
  return adopt(run, createConnection(localPort, FIRST_REMOTE_PORT + run.connections.length));
}

function adopt(run: Run, connection: Connection): Connection {
  run.connections.push(connection);
  run.underTest = connection;
  return connection;
}

/** The core has forgotten it, and somebody listens: a SYN is a new connection. */
function isOver(run: Run, connection: Connection): boolean {
  return recordOf(run, connection) === undefined && listenerPort(run) !== undefined;
}

function listenerPort(run: Run): number | undefined {
  const listeners = [...run.sockets.values()].filter(({ role }) => role === "listener");
  return listeners.at(-1)?.bound?.port;
}

function boundPort(run: Run): number {
  const bound = [...run.sockets.values()].filter((socket) => socket.bound).at(-1);
  return bound?.bound?.port ?? run.config.bindPort;
}

function buildIcmp(run: Run, script: ScriptIcmp): LiveIcmp {
  const { type, code, mtu = 0, id = 0, rawBytes } = script;
  const isQuery = type === 8 || type === 0;
  const payload =
    rawBytes !== undefined
      ? new Uint8Array(Math.max(0, rawBytes - 8))
      : isQuery
        ? new Uint8Array()
        : quotation(run, script.quoted ?? { mode: "relative", start: 0, length: 0 });
  return {
    kind: "icmp",
    ...ipHeader(run, script.ip),
    type,
    code,
    rest: (id << 16) | mtu,
    payload,
  };
}

/** The IP header of our segment, and its first eight bytes and data, as a router quotes them. */
function quotation(run: Run, range: SequenceRange): Uint8Array {
  const connection = run.underTest ?? createConnection(run.config.bindPort, FIRST_REMOTE_PORT);
  const shift = range.mode === "absolute" ? 0 : localOffset(connection);
  const body = new Uint8Array(20 + range.length);
  const view = new DataView(body.buffer);
  view.setUint16(0, connection.localPort);
  view.setUint16(2, connection.remotePort);
  view.setUint32(4, (range.start + shift) >>> 0);
  const { localIp: source, remoteIp: destination } = run.config;
  const ip = { source, destination, tos: 0, ttl: DEFAULT_TTL, dontFragment: true };
  return ipBytes(ip, PROTOCOL_TCP, body).subarray(0, 20 + 8 + range.length);
}

// Of the stack.

/** The moments at which a packet may have been sent. */
export interface Span {
  readonly fromUs: number;
  readonly toUs: number;
}

export function expectPacket(run: Run, event: PacketEvent, span: Span): void {
  const { packet: script } = event;
  if (script.kind === "icmp") {
    const sent = takeSent(run, event, span);
    const problem = sent.packet.kind === "icmp" ? compareIcmp(script, sent.packet) : "TCP came";
    if (problem !== undefined) throw mismatch(run, event, sent, problem);
    return;
  }
  for (let offset = 0; ;) {
    const sent = takeSent(run, event, span);
    const piece = pieceOf(run, script, sent.packet, offset);
    const problem = compareSegment(run, script, sent, piece);
    if (problem !== undefined) throw mismatch(run, event, sent, problem);
    offset += piece.length;
    if (piece.isLast) return;
  }
}

/** A segment longer than a packet can be may come in several, unless the script forbids it. */
function pieceOf(run: Run, script: ScriptTcp, packet: LivePacket, offset: number): Piece {
  const length = script.seq.length - offset;
  const came = packet.kind === "tcp" ? packet.payload.length : 0;
  const isPart = came > 0 && came < length && !run.config.strictSegments;
  if (isPart && script.seq.length > longestSegment(run)) {
    return { offset, length: came, isLast: false };
  }
  return { offset, length, isLast: true };
}

function longestSegment(run: Run): number {
  const sndMss = run.underTest && recordOf(run, run.underTest)?.sndMss;
  return Math.min(run.config.mtu - 40, sndMss || Infinity);
}

function compareSegment(
  run: Run,
  script: ScriptTcp,
  { packet }: Sent,
  piece: Piece,
): string | undefined {
  if (packet.kind !== "tcp") return "ICMP came";
  const { ports } = script;
  const wanted = ports
    ? findConnection(run, ports.source, ports.destination)
    : (run.underTest ?? findConnection(run, packet.sourcePort, packet.destinationPort));
  const connection = findConnection(run, packet.sourcePort, packet.destinationPort);
  if (!connection || connection !== wanted) {
    return `another connection's packet came (${packet.sourcePort} > ${packet.destinationPort})`;
  }
  if (packet.flags & script.flags & SYN && script.seq.mode === "relative") {
    learnIsn(connection, script.seq.start, packet.seq);
  }
  const live = toScript(packet, connection);
  return compareTcp(script, live, packet, piece, connection, run.config);
}

function takeSent(run: Run, event: PacketEvent, span: Span): Sent {
  const { wire } = run;
  const untilUs = Math.min(span.toUs, wire.nowUs() + LONGEST_WAIT_US);
  if (wire.sent.length === 0) wire.advanceTo(untilUs, () => wire.sent.length > 0);
  const sent = wire.sent.shift();
  if (!sent) {
    throw failure(`no packet came until ${secondsText(untilUs)}`, {
      expected: expectedText(event, span),
      found: "nothing",
    });
  }
  // A thousandth of a microsecond is rounding, not lateness.
  if (sent.atUs < span.fromUs - 0.01 || sent.atUs > span.toUs + 0.01) {
    throw mismatch(run, event, sent, `it came at ${secondsText(sent.atUs)}`, span);
  }
  return sent;
}

function expectedText(event: PacketEvent, span?: Span): string {
  const text = scriptText(event.packet, false);
  if (!span || span.toUs === Infinity) return text;
  return `${text}, from ${secondsText(Math.max(0, span.fromUs))} to ${secondsText(span.toUs)}`;
}

function mismatch(run: Run, event: PacketEvent, sent: Sent, problem: string, span?: Span) {
  return failure(problem, { expected: expectedText(event, span), found: sentText(run, sent) });
}

/** A packet of the stack as the script would have it, with its moment. */
export function sentText(run: Run, { packet, atUs }: Sent): string {
  const mapped =
    packet.kind === "tcp"
      ? toScript(packet, findConnection(run, packet.sourcePort, packet.destinationPort))
      : packet;
  return `${secondsText(atUs)} ${liveText(mapped, false)}`;
}
