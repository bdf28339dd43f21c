// Packets as they are on the wire, taken apart and put together: Ethernet, IPv4, TCP, ICMP. What the
// stack sends is checked on the way (lengths, checksums, options): a malformed packet is a failure
// of its own.

import { failure } from "./errors.js";
import { optionBytes } from "./parseTcpOptions.js";
import type { TcpOption } from "./script.js";

export interface IpHeader {
  source: string;
  destination: string;
  tos: number;
  ttl: number;
  dontFragment: boolean;
}

export interface LiveTcp extends IpHeader {
  kind: "tcp";
  sourcePort: number;
  destinationPort: number;
  seq: number;
  ack: number;
  /** Bits of script.ts. */
  flags: number;
  window: number;
  urgent: number;
  options: readonly TcpOption[];
  payload: Uint8Array;
}

export interface LiveIcmp extends IpHeader {
  kind: "icmp";
  type: number;
  code: number;
  /** Second word of the message: MTU, or identifier and number. */
  rest: number;
  payload: Uint8Array;
}

export type LivePacket = LiveTcp | LiveIcmp;

export interface ArpRequest {
  kind: "arp";
  senderMac: Uint8Array;
  sender: Uint8Array;
  target: Uint8Array;
  isRequest: boolean;
}

const ETHERTYPE_IPV4 = 0x0800;
const ETHERTYPE_ARP = 0x0806;
const PROTOCOL_ICMP = 1;
const PROTOCOL_TCP = 6;
const ETHERNET_BYTES = 14;
/** Ethernet pads to this. */
const SHORTEST_FRAME = 60;

/** The Internet checksum (RFC 1071) over several parts of even length but the last. */
export function checksum(...parts: ArrayLike<number>[]): number {
  let sum = 0;
  for (const part of parts) {
    for (let i = 0; i < part.length; i += 2) sum += (part[i]! << 8) | (part[i + 1] ?? 0);
  }
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return sum ^ 0xffff;
}

const octets = (address: string) => address.split(".").map(Number);
const dotted = (bytes: Uint8Array) => bytes.join(".");
const word16 = (value: number) => [(value >>> 8) & 255, value & 255];
const word32 = (value: number) => [...word16(value >>> 16), ...word16(value)];

export function frameOf(packet: LivePacket, toMac: Uint8Array, fromMac: Uint8Array): Uint8Array {
  const body = packet.kind === "tcp" ? tcpBytes(packet) : icmpBytes(packet);
  const bytes = ipBytes(packet, packet.kind === "tcp" ? PROTOCOL_TCP : PROTOCOL_ICMP, body);
  return ethernet(toMac, fromMac, ETHERTYPE_IPV4, bytes);
}

function ethernet(to: Uint8Array, from: Uint8Array, type: number, payload: Uint8Array): Uint8Array {
  const frame = new Uint8Array(Math.max(ETHERNET_BYTES + payload.length, SHORTEST_FRAME));
  frame.set(to);
  frame.set(from, 6);
  frame.set(word16(type), 12);
  frame.set(payload, ETHERNET_BYTES);
  return frame;
}

export function ipBytes(ip: IpHeader, protocol: number, body: Uint8Array): Uint8Array {
  const length = 20 + body.length;
  const fragment = ip.dontFragment ? 0x4000 : 0;
  const header = [0x45, ip.tos, ...word16(length), 0, 0, ...word16(fragment), ip.ttl, protocol];
  header.push(0, 0, ...octets(ip.source), ...octets(ip.destination));
  header.splice(10, 2, ...word16(checksum(header)));
  const bytes = new Uint8Array(length);
  bytes.set(header);
  bytes.set(body, 20);
  return bytes;
}

function pseudoHeader(ip: IpHeader, length: number): number[] {
  return [...octets(ip.source), ...octets(ip.destination), 0, PROTOCOL_TCP, ...word16(length)];
}

function tcpBytes(tcp: LiveTcp): Uint8Array {
  const optionLength = tcp.options.reduce((sum, option) => sum + optionBytes(option), 0);
  const headerBytes = 20 + ((optionLength + 3) & ~3);
  const bytes = new Uint8Array(headerBytes + tcp.payload.length);
  bytes.set([...word16(tcp.sourcePort), ...word16(tcp.destinationPort)]);
  bytes.set([...word32(tcp.seq), ...word32(tcp.ack)], 4);
  bytes.set([(headerBytes << 2) | (tcp.flags >>> 8), tcp.flags & 255], 12);
  bytes.set([...word16(tcp.window), 0, 0, ...word16(tcp.urgent)], 14);
  bytes.set(tcp.options.flatMap(encodeOption), 20);
  bytes.set(tcp.payload, headerBytes);
  bytes.set(word16(checksum(pseudoHeader(tcp, bytes.length), bytes)), 16);
  return bytes;
}

function encodeOption(option: TcpOption): number[] {
  switch (option.kind) {
    case "eol":
      return [0];
    case "nop":
      return [1];
    case "mss":
      return [2, 4, ...word16(option.value)];
    case "wscale":
      return [3, 3, option.value];
    case "sackOK":
      return [4, 2];
    case "sack":
      return [
        5,
        optionBytes(option),
        ...option.blocks.flatMap(({ left, right }) => [...word32(left), ...word32(right)]),
      ];
    case "TS":
      return [8, 10, ...word32(option.val ?? 0), ...word32(option.ecr)];
    case "bytes":
      return [option.number, optionBytes(option), ...option.bytes];
  }
}

function icmpBytes(icmp: LiveIcmp): Uint8Array {
  const bytes = new Uint8Array(8 + icmp.payload.length);
  bytes.set([icmp.type, icmp.code, 0, 0, ...word32(icmp.rest)]);
  bytes.set(icmp.payload, 8);
  bytes.set(word16(checksum(bytes)), 2);
  return bytes;
}

/** The answer to an ARP request: the asked address is at `mac`. */
export function arpReply(request: ArpRequest, mac: Uint8Array): Uint8Array {
  const packet = Uint8Array.of(
    ...[0, 1, 8, 0, 6, 4, 0, 2],
    ...mac,
    ...request.target,
    ...request.senderMac,
    ...request.sender,
  );
  return ethernet(request.senderMac, mac, ETHERTYPE_ARP, packet);
}

/** A station asks all others for the MAC of an address. */
export function arpRequest(sender: Uint8Array, target: Uint8Array, mac: Uint8Array): Uint8Array {
  const everybody = new Uint8Array(6).fill(0xff);
  const packet = Uint8Array.of(
    ...[0, 1, 8, 0, 6, 4, 0, 1],
    ...mac,
    ...sender,
    ...new Uint8Array(6),
    ...target,
  );
  return ethernet(everybody, mac, ETHERTYPE_ARP, packet);
}

function malformed(what: string): never {
  throw failure(`the stack sent a malformed frame: ${what}`);
}

/** Takes a frame of the stack apart; it is copied. */
export function decodeFrame(view: Uint8Array): LivePacket | ArpRequest {
  const frame = view.slice();
  if (frame.length < 34) malformed(`${frame.length} bytes`);
  const type = (frame[12]! << 8) | frame[13]!;
  if (type === ETHERTYPE_ARP) return decodeArp(frame.subarray(ETHERNET_BYTES));
  if (type !== ETHERTYPE_IPV4) malformed(`EtherType 0x${type.toString(16)}`);
  return decodeIp(frame.subarray(ETHERNET_BYTES));
}

function decodeArp(packet: Uint8Array): ArpRequest {
  return {
    kind: "arp",
    isRequest: packet[7] === 1,
    senderMac: packet.subarray(8, 14),
    sender: packet.subarray(14, 18),
    target: packet.subarray(24, 28),
  };
}

function decodeIp(packet: Uint8Array): LivePacket {
  const view = new DataView(packet.buffer, packet.byteOffset, packet.length);
  if (packet[0] !== 0x45) malformed(`IPv4 header beginning with 0x${packet[0]!.toString(16)}`);
  if (view.getUint16(2) !== packet.length) malformed(`total length ${view.getUint16(2)}`);
  if (checksum(packet.subarray(0, 20)) !== 0) malformed("IPv4 checksum");
  const fragment = view.getUint16(6);
  if ((fragment & 0xbfff) !== 0) malformed("a fragment");
  const ip: IpHeader = {
    source: dotted(packet.subarray(12, 16)),
    destination: dotted(packet.subarray(16, 20)),
    tos: packet[1]!,
    ttl: packet[8]!,
    dontFragment: fragment === 0x4000,
  };
  const body = packet.subarray(20);
  if (packet[9] === PROTOCOL_TCP) return decodeTcp(ip, body);
  if (packet[9] !== PROTOCOL_ICMP || body.length < 8) malformed(`protocol ${packet[9]}`);
  if (checksum(body) !== 0) malformed("ICMP checksum");
  const rest = view.getUint32(24);
  return { kind: "icmp", ...ip, type: body[0]!, code: body[1]!, rest, payload: body.subarray(8) };
}

function decodeTcp(ip: IpHeader, body: Uint8Array): LiveTcp {
  if (body.length < 20) malformed(`TCP header of ${body.length} bytes`);
  if (checksum(pseudoHeader(ip, body.length), body) !== 0) malformed("TCP checksum");
  const view = new DataView(body.buffer, body.byteOffset, body.length);
  const headerBytes = (body[12]! >>> 4) * 4;
  if (headerBytes < 20 || headerBytes > body.length) malformed(`data offset ${headerBytes}`);
  return {
    kind: "tcp",
    ...ip,
    sourcePort: view.getUint16(0),
    destinationPort: view.getUint16(2),
    seq: view.getUint32(4),
    ack: view.getUint32(8),
    flags: view.getUint16(12) & 0x1ff,
    window: view.getUint16(14),
    urgent: view.getUint16(18),
    options: decodeOptions(body.subarray(20, headerBytes)),
    payload: body.subarray(headerBytes),
  };
}

/** Padding behind an end of options is no option. */
function decodeOptions(bytes: Uint8Array): TcpOption[] {
  const options: TcpOption[] = [];
  for (let at = 0; at < bytes.length;) {
    const number = bytes[at]!;
    if (number === 0) {
      if (bytes.subarray(at).some((byte) => byte !== 0)) malformed("bytes behind the last option");
      while (at++ < bytes.length) options.push({ kind: "eol" });
      break;
    }
    const length = number === 1 ? 1 : (bytes[at + 1] ?? 0);
    if (number !== 1 && (length < 2 || at + length > bytes.length)) {
      malformed(`TCP option ${number} of length ${length}`);
    }
    options.push(decodeOption(number, bytes.subarray(at + 2, at + length)));
    at += length;
  }
  return options;
}

/** Lengths, without kind and length, of the options that are known by name. */
const VALUE_BYTES: Readonly<Record<number, number>> = { 2: 2, 3: 1, 4: 0, 8: 8 };

function decodeOption(number: number, value: Uint8Array): TcpOption {
  if (number === 1) return { kind: "nop" };
  const view = new DataView(value.buffer, value.byteOffset, value.length);
  const isUsual = VALUE_BYTES[number] === value.length;
  if (number === 5 && value.length > 0 && value.length % 8 === 0) {
    const blocks = Array.from({ length: value.length / 8 }, (_, i) => ({
      left: view.getUint32(8 * i),
      right: view.getUint32(8 * i + 4),
    }));
    return { kind: "sack", blocks };
  }
  if (isUsual && number === 2) return { kind: "mss", value: view.getUint16(0) };
  if (isUsual && number === 3) return { kind: "wscale", value: view.getUint8(0) };
  if (isUsual && number === 4) return { kind: "sackOK" };
  if (isUsual && number === 8) {
    return { kind: "TS", val: view.getUint32(0), ecr: view.getUint32(4) };
  }
  return { kind: "bytes", number, bytes: value.slice() };
}
