// Frames for the stack with every field open to lies, and frames of the stack taken apart.
// Whatever the stack sends is checked on the way: checksums, lengths, options, addresses.

import assert from "node:assert/strict";
import {
  checksum,
  OUR_ADDRESS,
  OUR_MAC,
  peerAddress,
  peerMac,
} from "../../static/support/frames.js";

export { checksum, OUR_ADDRESS, OUR_MAC, peerAddress, peerMac };

export const BROADCAST_MAC = [255, 255, 255, 255, 255, 255];
export const ETHERTYPE_IPV4 = 0x0800;
export const ETHERTYPE_ARP = 0x0806;
export const PROTOCOL_ICMP = 1;
export const PROTOCOL_IGMP = 2;
export const PROTOCOL_TCP = 6;
export const PROTOCOL_UDP = 17;

/** Letters of the flags, lowest bit first. */
const FLAG_LETTERS = "FSRPAUEC";

export function flagBits(letters: string): number {
  return [...letters].reduce((bits, letter) => bits | (1 << FLAG_LETTERS.indexOf(letter)), 0);
}

/** In the order that people write them: SA, FA, PA, RA. */
export function flagLetters(bits: number): string {
  const present = [...FLAG_LETTERS].filter((_, bit) => (bits >> bit) & 1);
  return "SFRPUECA"
    .split("")
    .filter((letter) => present.includes(letter))
    .join("");
}

export const word16 = (value: number) => [(value >>> 8) & 255, value & 255];
export const word32 = (value: number) => [...word16(value >>> 16), ...word16(value)];

export interface EthernetFields {
  to?: number[];
  from?: number[];
  type?: number;
  /** Smallest length; Ethernet pads to 60. */
  padTo?: number;
}

export interface IpFields {
  source?: number[];
  destination?: number[];
  protocol?: number;
  ttl?: number;
  tos?: number;
  /** Flags and offset. */
  fragment?: number;
  options?: number[];
  version?: number;
  /** The header length field, in words. */
  headerWords?: number;
  totalBytes?: number;
  checksum?: number;
}

export interface TcpFields {
  sourcePort: number;
  destinationPort: number;
  seq: number;
  ack: number;
  flags: string | number;
  win?: number;
  urg?: number;
  options?: number[];
  data?: ArrayLike<number>;
  /** The data offset field, in words. */
  offset?: number;
  checksum?: number;
}

export function ethernetFrame(peer: number, fields: EthernetFields, payload: ArrayLike<number>) {
  const { to = OUR_MAC, from = peerMac(peer), type = ETHERTYPE_IPV4, padTo = 60 } = fields;
  const frame = new Uint8Array(Math.max(14 + payload.length, padTo));
  frame.set(to);
  frame.set(from, 6);
  frame.set(word16(type), 12);
  frame.set(payload, 14);
  return frame;
}

export function ipFrame(
  peer: number,
  fields: IpFields,
  payload: ArrayLike<number>,
  ethernet: EthernetFields = {},
) {
  const options = [...(fields.options ?? [])];
  while (options.length % 4 !== 0) options.push(0);
  const headerBytes = 20 + options.length;
  const {
    version = 4,
    headerWords = headerBytes / 4,
    tos = 0,
    fragment = 0x4000,
    ttl = 64,
  } = fields;
  const total = fields.totalBytes ?? headerBytes + payload.length;
  const header = [(version << 4) | headerWords, tos, ...word16(total), 0, 0, ...word16(fragment)];
  header.push(ttl, fields.protocol ?? PROTOCOL_TCP, 0, 0);
  header.push(...(fields.source ?? peerAddress(peer)), ...(fields.destination ?? OUR_ADDRESS));
  header.push(...options);
  header.splice(10, 2, ...word16(fields.checksum ?? checksum(header)));
  const bytes = new Uint8Array(headerBytes + payload.length);
  bytes.set(header);
  bytes.set(payload, headerBytes);
  return ethernetFrame(peer, ethernet, bytes);
}

export function tcpFrame(
  peer: number,
  tcp: TcpFields,
  ip: IpFields = {},
  ethernet: EthernetFields = {},
) {
  const options = [...(tcp.options ?? [])];
  while (options.length % 4 !== 0) options.push(0);
  const data = tcp.data ?? [];
  const flags = typeof tcp.flags === "string" ? flagBits(tcp.flags) : tcp.flags;
  const offset = tcp.offset ?? (20 + options.length) / 4;
  const bytes = new Uint8Array(20 + options.length + data.length);
  bytes.set([...word16(tcp.sourcePort), ...word16(tcp.destinationPort)]);
  bytes.set([...word32(tcp.seq), ...word32(tcp.ack)], 4);
  bytes.set([offset << 4, flags, ...word16(tcp.win ?? 65535), 0, 0, ...word16(tcp.urg ?? 0)], 12);
  bytes.set(options, 20);
  bytes.set(data, 20 + options.length);
  const source = ip.source ?? peerAddress(peer);
  const destination = ip.destination ?? OUR_ADDRESS;
  const pseudo = [...source, ...destination, 0, PROTOCOL_TCP, ...word16(bytes.length)];
  bytes.set(word16(tcp.checksum ?? checksum(pseudo, bytes)), 16);
  return ipFrame(peer, ip, bytes, ethernet);
}

export interface ArpFields {
  operation?: number;
  senderMac?: number[];
  sender?: number[];
  targetMac?: number[];
  target?: number[];
  hardware?: number;
  protocol?: number;
  hardwareBytes?: number;
  protocolBytes?: number;
}

export function arpFrame(peer: number, fields: ArpFields = {}, ethernet: EthernetFields = {}) {
  const { operation = 1, senderMac = peerMac(peer), sender = peerAddress(peer) } = fields;
  const { targetMac = [0, 0, 0, 0, 0, 0], target = OUR_ADDRESS } = fields;
  const { hardware = 1, protocol = ETHERTYPE_IPV4 } = fields;
  const { hardwareBytes = 6, protocolBytes = 4 } = fields;
  const packet = [...word16(hardware), ...word16(protocol), hardwareBytes, protocolBytes];
  packet.push(...word16(operation), ...senderMac, ...sender, ...targetMac, ...target);
  const to = operation === 1 ? BROADCAST_MAC : OUR_MAC;
  return ethernetFrame(peer, { to, type: ETHERTYPE_ARP, ...ethernet }, packet);
}

export interface IcmpFields {
  type: number;
  code?: number;
  /** Second word of the message. */
  rest?: number;
  data?: ArrayLike<number>;
  checksum?: number;
}

export function icmpFrame(
  peer: number,
  icmp: IcmpFields,
  ip: IpFields = {},
  ethernet: EthernetFields = {},
) {
  const { type, code = 0, rest = 0, data = [] } = icmp;
  const bytes = new Uint8Array(8 + data.length);
  bytes.set([type, code, 0, 0, ...word32(rest)]);
  bytes.set(data, 8);
  bytes.set(word16(icmp.checksum ?? checksum(bytes)), 2);
  return ipFrame(peer, { protocol: PROTOCOL_ICMP, ...ip }, bytes, ethernet);
}

export interface UdpFields {
  sourcePort: number;
  destinationPort: number;
  data?: ArrayLike<number>;
  length?: number;
  checksum?: number;
}

/** Header and data of a datagram between two addresses. */
export function udpBytes(udp: UdpFields, source: number[], destination: number[]): Uint8Array {
  const data = udp.data ?? [];
  const bytes = new Uint8Array(8 + data.length);
  const length = word16(udp.length ?? bytes.length);
  bytes.set([...word16(udp.sourcePort), ...word16(udp.destinationPort), ...length]);
  bytes.set(data, 8);
  const pseudo = [...source, ...destination, 0, PROTOCOL_UDP, ...length];
  bytes.set(word16(udp.checksum ?? (checksum(pseudo, bytes) || 0xffff)), 6);
  return bytes;
}

export function udpFrame(
  peer: number,
  udp: UdpFields,
  ip: IpFields = {},
  ethernet: EthernetFields = {},
) {
  const { source = peerAddress(peer), destination = OUR_ADDRESS } = ip;
  const bytes = udpBytes(udp, source, destination);
  return ipFrame(peer, { protocol: PROTOCOL_UDP, ...ip }, bytes, ethernet);
}

export interface Timestamps {
  val: number;
  ecr: number;
}

interface Base {
  frame: Uint8Array;
  toMac: number[];
  fromMac: number[];
}

export interface IpHeader {
  source: number[];
  destination: number[];
  ttl: number;
  tos: number;
  /** Flags and offset. */
  fragment: number;
  identification: number;
}

export interface TcpView extends Base, IpHeader {
  kind: "tcp";
  sourcePort: number;
  destinationPort: number;
  seq: number;
  ack: number;
  flags: string;
  win: number;
  urg: number;
  mss?: number;
  ws?: number;
  ts?: Timestamps;
  sackPermitted?: boolean;
  /** Blocks of a SACK option: first number, and the one behind the last. */
  sacks?: [number, number][];
  /** User timeout as it stands there: the top bit, minutes. */
  userTimeout?: number;
  data: Uint8Array;
}

export interface ArpView extends Base {
  kind: "arp";
  operation: number;
  senderMac: number[];
  sender: number[];
  targetMac: number[];
  target: number[];
}

export interface IcmpView extends Base, IpHeader {
  kind: "icmp";
  type: number;
  code: number;
  rest: number;
  data: Uint8Array;
}

export interface UdpView extends Base, IpHeader {
  kind: "udp";
  sourcePort: number;
  destinationPort: number;
  data: Uint8Array;
}

/** One of several: `data` is the payload of the IP packet. */
export interface FragmentView extends Base, IpHeader {
  kind: "fragment";
  protocol: number;
  /** Bytes before this part. */
  offset: number;
  more: boolean;
  data: Uint8Array;
}

export interface IgmpView extends Base, IpHeader {
  kind: "igmp";
  type: number;
  /** 0 in a version 3 report, whose records follow. */
  group: number[];
  /** Of a version 3 report: type and group of each. */
  records: { type: number; group: number[] }[];
}

export type View = TcpView | ArpView | IcmpView | UdpView | FragmentView | IgmpView;

/** Takes a frame of the stack apart; anything malformed in it fails the test. */
export function decode(frame: Uint8Array): View {
  assert.ok(frame.length >= 34, `the stack sent a frame of ${frame.length} bytes`);
  const base = { frame, toMac: [...frame.subarray(0, 6)], fromMac: [...frame.subarray(6, 12)] };
  const type = ((frame[12] ?? 0) << 8) | (frame[13] ?? 0);
  if (type === ETHERTYPE_ARP) return decodeArp(base);
  assert.equal(type, ETHERTYPE_IPV4, "EtherType of a frame that the stack sent");
  const view = new DataView(frame.buffer, frame.byteOffset + 14, frame.length - 14);
  const headerBytes = (view.getUint8(0) & 15) * 4;
  const protocol = view.getUint8(9);
  // RFC 3376 section 4: router alert is the only option of the only protocol that has one.
  const options = protocol === PROTOCOL_IGMP ? [0x94, 4, 0, 0] : [];
  assert.deepEqual([...frame.subarray(34, 14 + headerBytes)], options, "IPv4 options");
  assert.equal(view.getUint16(2), frame.length - 14, "total length of a sent packet");
  assert.equal(checksum(frame.subarray(14, 14 + headerBytes)), 0, "IPv4 checksum of a sent packet");
  const ip = {
    source: [...frame.subarray(26, 30)],
    destination: [...frame.subarray(30, 34)],
    ttl: view.getUint8(8),
    tos: view.getUint8(1),
    fragment: view.getUint16(6),
    identification: view.getUint16(4),
  };
  const payload = frame.subarray(14 + headerBytes);
  const offset = (ip.fragment & 0x1fff) * 8;
  const more = (ip.fragment & 0x2000) !== 0;
  if (more || offset > 0)
    return { kind: "fragment", ...base, ...ip, protocol, offset, more, data: payload };
  if (protocol === PROTOCOL_TCP) return decodeTcp(base, ip, payload);
  if (protocol === PROTOCOL_UDP) return decodeUdp(base, ip, payload);
  if (protocol === PROTOCOL_IGMP) return decodeIgmp(base, ip, payload);
  assert.equal(protocol, PROTOCOL_ICMP, "protocol of a sent packet");
  assert.equal(checksum(payload), 0, "ICMP checksum of a sent packet");
  const message = new DataView(payload.buffer, payload.byteOffset, payload.length);
  const [icmpType, code] = [message.getUint8(0), message.getUint8(1)];
  const rest = message.getUint32(4);
  return { kind: "icmp", ...base, ...ip, type: icmpType, code, rest, data: payload.subarray(8) };
}

function decodeIgmp(base: Base, ip: IpHeader, payload: Uint8Array): IgmpView {
  assert.equal(checksum(payload), 0, "IGMP checksum of a sent packet");
  const type = payload[0] ?? 0;
  const report = type === 0x22;
  const count = report ? (payload[6]! << 8) | payload[7]! : 0;
  assert.equal(payload.length, 8 + 8 * count, "length of an IGMP message");
  const records = Array.from({ length: count }, (_, i) => {
    const record = [...payload.subarray(8 + 8 * i, 16 + 8 * i)];
    assert.deepEqual(record.slice(1, 4), [0, 0, 0], "a record without sources");
    return { type: record[0]!, group: record.slice(4) };
  });
  const group = report ? [0, 0, 0, 0] : [...payload.subarray(4, 8)];
  return { kind: "igmp", ...base, ...ip, type, group, records };
}

/** An IGMP query of a router: version 2 (or 1: code 0) with 8 bytes, 3 with 12. */
export function igmpBytes(type: number, code: number, group: number[], version3 = false): number[] {
  const message = [type, code, 0, 0, ...group, ...(version3 ? [2, 125, 0, 0] : [])];
  const sum = checksum(Uint8Array.from(message));
  message[2] = sum >> 8;
  message[3] = sum & 255;
  return message;
}

function decodeArp(base: Base): ArpView {
  const packet = base.frame.subarray(14);
  assert.deepEqual([...packet.subarray(0, 6)], [0, 1, 8, 0, 6, 4], "ARP header of the stack");
  return {
    kind: "arp",
    ...base,
    operation: ((packet[6] ?? 0) << 8) | (packet[7] ?? 0),
    senderMac: [...packet.subarray(8, 14)],
    sender: [...packet.subarray(14, 18)],
    targetMac: [...packet.subarray(18, 24)],
    target: [...packet.subarray(24, 28)],
  };
}

function decodeUdp(base: Base, ip: IpHeader, payload: Uint8Array): UdpView {
  const pseudo = [...ip.source, ...ip.destination, 0, PROTOCOL_UDP, ...word16(payload.length)];
  const view = new DataView(payload.buffer, payload.byteOffset, payload.length);
  assert.equal(view.getUint16(4), payload.length, "length of a sent datagram");
  assert.notEqual(view.getUint16(6), 0, "the stack makes checksums");
  assert.equal(checksum(pseudo, payload), 0, "UDP checksum of a sent datagram");
  const [sourcePort, destinationPort] = [view.getUint16(0), view.getUint16(2)];
  return { kind: "udp", ...base, ...ip, sourcePort, destinationPort, data: payload.subarray(8) };
}

function decodeTcp(base: Base, ip: IpHeader, payload: Uint8Array): TcpView {
  const pseudo = [...ip.source, ...ip.destination, 0, PROTOCOL_TCP, ...word16(payload.length)];
  assert.equal(checksum(pseudo, payload), 0, "TCP checksum of a sent segment");
  const view = new DataView(payload.buffer, payload.byteOffset, payload.length);
  const headerBytes = (view.getUint8(12) >> 4) * 4;
  const flags = flagLetters(view.getUint8(13));
  const options = decodeOptions(payload.subarray(20, headerBytes));
  assert.ok(flags.includes("S") || options.mss === undefined, "MSS option without SYN (MUST-65)");
  assert.ok(flags.includes("S") || options.ws === undefined, "window scale option without SYN");
  assert.ok(flags.includes("S") || !options.sackPermitted, "SACK permitted without SYN");
  return {
    kind: "tcp",
    ...base,
    ...ip,
    sourcePort: view.getUint16(0),
    destinationPort: view.getUint16(2),
    seq: view.getUint32(4),
    ack: view.getUint32(8),
    flags,
    win: view.getUint16(14),
    urg: view.getUint16(18),
    ...options,
    data: payload.subarray(headerBytes),
  };
}

type Options = Pick<TcpView, "mss" | "ws" | "ts" | "sackPermitted" | "sacks" | "userTimeout">;

function decodeOptions(bytes: Uint8Array): Options {
  const found: Options = {};
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 0; at < bytes.length;) {
    const kind = view.getUint8(at);
    if (kind === 1) {
      at++;
      continue;
    }
    if (kind === 0) {
      assert.ok(
        bytes.subarray(at).every((byte) => byte === 0),
        "bytes after the end of options are zero (MUST-69)",
      );
      break;
    }
    const length = view.getUint8(at + 1);
    assert.ok(length >= 2 && at + length <= bytes.length, `option ${kind} of length ${length}`);
    if (kind === 2) found.mss = view.getUint16(at + 2);
    else if (kind === 3) found.ws = view.getUint8(at + 2);
    else if (kind === 4) found.sackPermitted = true;
    else if (kind === 5) found.sacks = decodeSacks(view, at + 2, at + length);
    else if (kind === 8) found.ts = { val: view.getUint32(at + 2), ecr: view.getUint32(at + 6) };
    else if (kind === 28) found.userTimeout = view.getUint16(at + 2);
    else assert.fail(`option ${kind} from a stack that does not speak it`);
    at += length;
  }
  return found;
}

function decodeSacks(view: DataView, from: number, to: number): [number, number][] {
  assert.ok(to > from && (to - from) % 8 === 0, `SACK blocks of ${to - from} bytes`);
  const blocks: [number, number][] = [];
  for (let at = from; at < to; at += 8) blocks.push([view.getUint32(at), view.getUint32(at + 4)]);
  return blocks;
}

/** Options for segments to the stack. */
export const NOP = [1];
export const EOL = [0];
export const mssOption = (mss: number) => [2, 4, ...word16(mss)];
export const scaleOption = (shift: number) => [3, 3, shift];
export const sackPermittedOption = [4, 2];
export const sackOption = (blocks: readonly (readonly [number, number])[]) => [
  5,
  2 + 8 * blocks.length,
  ...blocks.flatMap(([start, end]) => [...word32(start), ...word32(end)]),
];
/** RFC 5482 section 3.3; the top bit of value: minutes. */
export const userTimeoutOption = (value: number) => [28, 4, ...word16(value)];
export const timestampOption = ({ val, ecr }: Timestamps) => [
  8,
  10,
  ...word32(val),
  ...word32(ecr),
];
