// A packet of a script, behind < or >. The IP header's part may stand before it in brackets or
// parentheses; an ICMP error's quotation stands before `icmp` in one dialect and last in the other.

import { suggestion } from "../suggest.js";
import type { Cursor } from "./cursor.js";
import { unsupported } from "./errors.js";
import { icmpCode, icmpCodeNames, icmpType, icmpTypeNames } from "./icmpNames.js";
import { parseIpInfo } from "./parseIpInfo.js";
import { parseTcpOptions } from "./parseTcpOptions.js";
import {
  ACK,
  AE,
  CWR,
  ECE,
  FIN,
  PSH,
  RST,
  SYN,
  URG,
  type IpInfo,
  type Ports,
  type ScriptIcmp,
  type ScriptPacket,
  type ScriptTcp,
  type SequenceRange,
} from "./script.js";

/** Protocols and encapsulations that this stack does not have. */
const FOREIGN = new Set(["udp", "udplite", "sctp", "ipv4", "ipv6", "gre", "GREv0", "mpls"]);

export function parsePacket(cursor: Cursor, inbound: boolean): ScriptPacket {
  const quoted = parseQuoted(cursor);
  const ip = parseIpInfo(cursor);
  const ports = parsePorts(cursor);
  const token = cursor.peek();
  if (token.kind === "word" && FOREIGN.has(token.text)) {
    throw unsupported(`${token.text} is not supported by this stack yet`, token);
  }
  if (cursor.accept("icmp")) return parseIcmp(cursor, ip, quoted);
  if (quoted) return cursor.fail("icmp behind the segment that it quotes");
  return parseTcp(cursor, inbound, ip, ports);
}

function parsePorts(cursor: Cursor): Ports | undefined {
  if (!cursor.isKind("integer") || !cursor.at(">", 1)) return undefined;
  const source = cursor.integer("the source port", 65535);
  cursor.expect(">");
  return { source, destination: cursor.integer("the destination port", 65535) };
}

function parseTcp(
  cursor: Cursor,
  inbound: boolean,
  ip: IpInfo,
  ports: Ports | undefined,
): ScriptTcp {
  const letters = parseFlags(cursor);
  const seq = parseSequence(cursor);
  const ack = cursor.accept("ack") ? cursor.integer("the acknowledgment number") : undefined;
  const flags = ack === undefined ? letters : withAck(letters);
  const absoluteAck = ack !== undefined && cursor.accept("!");
  const window = cursor.accept("win") ? cursor.integer("the window", 65535) : undefined;
  const urgent = cursor.accept("urg") ? cursor.integer("the urgent pointer", 65535) : undefined;
  if (inbound && window === undefined && (flags & RST) === 0) {
    cursor.fail("win and the window, which a packet to the stack must have");
  }
  const before = cursor.peek();
  const options = parseTcpOptions(cursor);
  if (inbound && options === undefined) {
    cursor.fail("the options themselves (<...> is for packets of the stack only)", before);
  }
  if (cursor.at("{"))
    throw unsupported("fuzzing of packets ({...}) is not supported", cursor.peek());
  return { kind: "tcp", ip, ports, flags, seq, ack, absoluteAck, window, urgent, options };
}

const LETTERS: Readonly<Record<string, number>> = {
  F: FIN,
  S: SYN,
  R: RST,
  P: PSH,
  U: URG,
  E: ECE,
  W: CWR,
  C: CWR,
  A: AE,
};

const FLAGS = "flags (of F S R P . U E W A, or - for none)";

/** `S`, `.`, `F.`, `SEW`, `-`; a digit behind the point is the field ACE (AE, CWR, ECE). */
function parseFlags(cursor: Cursor): number {
  if (cursor.accept("-")) return 0;
  let flags = 0;
  const word = cursor.peek();
  if (word.kind === "word") {
    for (const letter of word.text) {
      const bit = LETTERS[letter];
      if (bit === undefined) return cursor.fail(FLAGS);
      flags |= bit;
    }
    cursor.next();
  }
  const point = cursor.peek();
  if (point.kind === "float" && /^\.[0-7]$/.test(point.text)) {
    cursor.next();
    const ace = Number(point.text.slice(1));
    return flags | ACK | (ace & 4 ? AE : 0) | (ace & 2 ? CWR : 0) | (ace & 1 ? ECE : 0);
  }
  if (cursor.accept(".")) return flags | ACK;
  return word.kind === "word" ? flags : cursor.fail(FLAGS);
}

/** Some write SA and PA for S. and P.: with a number to acknowledge and no point, A means ACK. */
function withAck(flags: number): number {
  return (flags & (ACK | AE)) === AE ? (flags & ~AE) | ACK : flags;
}

/** `1:101(100)`, with `!` as on the wire, `...(100)` anywhere. */
function parseSequence(cursor: Cursor): SequenceRange {
  if (cursor.accept("...")) {
    cursor.expect("(");
    const length = cursor.integer("the length of the data", 65535);
    cursor.expect(")");
    return { mode: "any", start: 0, length };
  }
  const start = cursor.integer("sequence numbers, as in 1:101(100)");
  cursor.expect(":");
  const endToken = cursor.peek();
  const end = cursor.integer("the number behind the last byte");
  cursor.expect("(");
  const length = cursor.integer("the length of the data", 65535);
  cursor.expect(")");
  const right = (start + length) >>> 0;
  if (end !== right) cursor.fail(`${right}, which is ${start} and ${length} bytes`, endToken);
  return { mode: cursor.accept("!") ? "absolute" : "relative", start, length };
}

/** `[1:1(0)]` before or behind an ICMP message. */
function parseQuoted(cursor: Cursor): SequenceRange | undefined {
  if (!cursor.at("[") || !(cursor.isKind("integer", 1) && cursor.at(":", 2))) return undefined;
  cursor.next();
  const range = parseSequence(cursor);
  cursor.expect("]");
  return range;
}

function parseIcmp(cursor: Cursor, ip: IpInfo, before: SequenceRange | undefined): ScriptIcmp {
  const typeToken = cursor.peek();
  const type = typeToken.kind === "word" ? icmpType(typeToken.text) : undefined;
  if (type === undefined) {
    return cursor.fail(`an ICMP type${suggestion(typeToken.text, icmpTypeNames)}`);
  }
  cursor.next();
  const code = parseIcmpCode(cursor, type);
  const mtu = cursor.accept("mtu") ? cursor.integer("the MTU", 65535) : undefined;
  const id = cursor.accept("id") ? cursor.integer("the identifier", 65535) : undefined;
  const rawBytes = parseRawBytes(cursor);
  const quoted = before ?? parseQuoted(cursor);
  return { kind: "icmp", ip, type, code, mtu, id, quoted, rawBytes };
}

function parseIcmpCode(cursor: Cursor, type: number): number {
  const token = cursor.peek();
  if (token.kind !== "word" || ["mtu", "id"].includes(token.text)) return 0;
  const code = icmpCode(type, token.text);
  if (code === undefined) {
    return cursor.fail(`an ICMP code${suggestion(token.text, icmpCodeNames(type))}`);
  }
  cursor.next();
  return code;
}

/** `[raw(100)]`: so many bytes, and nothing quoted. */
function parseRawBytes(cursor: Cursor): number | undefined {
  if (cursor.at("[") && (cursor.at("udp", 1) || cursor.at("sctp", 1) || cursor.at("udplite", 1))) {
    throw unsupported(`${cursor.peek(1).text} is not supported by this stack yet`, cursor.peek(1));
  }
  if (!cursor.at("[") || !cursor.at("raw", 1)) return undefined;
  cursor.next();
  cursor.next();
  cursor.expect("(");
  const bytes = cursor.integer("a number of bytes", 65000);
  cursor.expect(")");
  cursor.expect("]");
  return bytes;
}
