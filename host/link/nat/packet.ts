// IPv4 packets in Ethernet frames, as far as a NAT reads and changes them: addresses, ports and the checksums
// that cover them, changed by what has changed (RFC 1624), and the answers that turn a sender away.

import { ETHERNET_HEADER_BYTES } from "../link.js";

export const ICMP = 1;
export const TCP = 6;
export const UDP = 17;

export const FIN = 0x01;
export const SYN = 0x02;
export const RST = 0x04;
export const ACK = 0x10;

/** ICMP destination unreachable, and why (RFC 792, RFC 1812 section 5.2.7.1). */
const UNREACHABLE = 3;
export const PORT_UNREACHABLE = 3;
export const PROHIBITED = 13;
const ECHO_REQUEST = 8;

const IP = ETHERNET_HEADER_BYTES;
const IP_BYTES = 20;
const PORT_BYTES = 8;
const TCP_BYTES = 20;
const TTL = 64;
const ETHERTYPE_IPV4 = 0x0800;

/** Where things are in a frame; all of it has been checked against the frame's length. */
export interface Packet {
  protocol: number;
  source: number;
  destination: number;
  identification: number;
  /** It is a part of a datagram; `first`: the one with the ports. */
  isFragment: boolean;
  first: boolean;
  /** Where the payload begins and ends in the frame. */
  at: number;
  end: number;
  /** Of TCP and UDP, in the first fragment; else 0. */
  sourcePort: number;
  destinationPort: number;
}

export const get16 = (bytes: Uint8Array, at: number): number => (bytes[at]! << 8) | bytes[at + 1]!;

export const get32 = (bytes: Uint8Array, at: number): number =>
  ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;

function put16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 8;
  bytes[at + 1] = value;
}

function put32(bytes: Uint8Array, at: number, value: number): void {
  put16(bytes, at, value >>> 16);
  put16(bytes, at + 2, value & 0xffff);
}

/** Fills `packet` in. false: no IPv4 packet, or one that is malformed. */
export function readPacket(frame: Uint8Array, length: number, packet: Packet): boolean {
  if (length < IP + IP_BYTES || get16(frame, 12) !== ETHERTYPE_IPV4) return false;
  const headerBytes = (frame[IP]! & 15) * 4;
  const total = get16(frame, IP + 2);
  if (frame[IP]! >> 4 !== 4 || headerBytes < IP_BYTES || total < headerBytes) return false;
  if (IP + total > length) return false;
  const fragment = get16(frame, IP + 6) & 0x3fff;
  packet.protocol = frame[IP + 9]!;
  packet.source = get32(frame, IP + 12);
  packet.destination = get32(frame, IP + 16);
  packet.identification = get16(frame, IP + 4);
  packet.isFragment = fragment !== 0;
  packet.first = (fragment & 0x1fff) === 0;
  packet.at = IP + headerBytes;
  packet.end = IP + total;
  packet.sourcePort = packet.destinationPort = 0;
  const hasPorts = packet.protocol === TCP || packet.protocol === UDP;
  if (!hasPorts || !packet.first) return true;
  if (packet.end - packet.at < (packet.protocol === TCP ? TCP_BYTES : PORT_BYTES)) return false;
  packet.sourcePort = get16(frame, packet.at);
  packet.destinationPort = get16(frame, packet.at + 2);
  return true;
}

export function emptyPacket(): Packet {
  return {
    protocol: 0,
    source: 0,
    destination: 0,
    identification: 0,
    isFragment: false,
    first: false,
    at: 0,
    end: 0,
    sourcePort: 0,
    destinationPort: 0,
  };
}

export const tcpFlags = (frame: Uint8Array, { at }: Packet): number => frame[at + 13]!;

export const isEchoRequest = (frame: Uint8Array, { protocol, first, at, end }: Packet): boolean =>
  protocol === ICMP && first && end > at && frame[at] === ECHO_REQUEST;

/** What a NAT puts into a packet. */
export interface Change {
  source: number;
  destination: number;
  sourcePort: number;
  destinationPort: number;
}

/** Changes addresses, and the ports where they are in this fragment, and the checksums that cover them. */
export function rewrite(frame: Uint8Array, packet: Packet, change: Change): void {
  const { at, protocol } = packet;
  const ip = createAdjustment(get16(frame, IP + 10));
  const addresses = (adjustment: Adjustment): void => {
    adjustment.change32(packet.source, change.source);
    adjustment.change32(packet.destination, change.destination);
  };
  addresses(ip);
  put16(frame, IP + 10, ip.result());
  put32(frame, IP + 12, change.source);
  put32(frame, IP + 16, change.destination);
  if (!packet.first) return;
  const checksumAt = at + (protocol === TCP ? 16 : 6);
  const before = get16(frame, checksumAt);
  // RFC 768: a datagram may come without a checksum.
  if (protocol === TCP || before !== 0) {
    const sum = createAdjustment(before);
    addresses(sum);
    sum.change16(packet.sourcePort, change.sourcePort);
    sum.change16(packet.destinationPort, change.destinationPort);
    const after = sum.result();
    put16(frame, checksumAt, protocol === UDP && after === 0 ? 0xffff : after);
  }
  put16(frame, at, change.sourcePort);
  put16(frame, at + 2, change.destinationPort);
}

interface Adjustment {
  change16(before: number, after: number): void;
  change32(before: number, after: number): void;
  result(): number;
}

/** RFC 1624 equation 3: HC' = ~(~HC + ~m + m'). */
function createAdjustment(checksum: number): Adjustment {
  let sum = ~checksum & 0xffff;
  const change16 = (before: number, after: number): void => {
    sum += (~before & 0xffff) + after;
  };
  return {
    change16,
    change32(before, after) {
      change16(before >>> 16, after >>> 16);
      change16(before & 0xffff, after & 0xffff);
    },
    result: () => ~fold(sum) & 0xffff,
  };
}

function fold(sum: number): number {
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return sum;
}

function checksum(bytes: Uint8Array, from: number, to: number, start = 0): number {
  let sum = start;
  for (let at = from; at < to; at += 2)
    sum += (bytes[at]! << 8) | (at + 1 < to ? bytes[at + 1]! : 0);
  return ~fold(sum) & 0xffff;
}

/** A frame back to who sent `frame`, with an IPv4 header; the payload is the caller's. */
function answerTo(
  frame: Uint8Array,
  source: number,
  destination: number,
  protocol: number,
  payloadBytes: number,
) {
  const answer = new Uint8Array(IP + IP_BYTES + payloadBytes);
  answer.set(frame.subarray(6, 12), 0);
  answer.set(frame.subarray(0, 6), 6);
  put16(answer, 12, ETHERTYPE_IPV4);
  putHeader(answer, IP, source, destination, protocol, payloadBytes);
  return answer;
}

function putHeader(
  bytes: Uint8Array,
  at: number,
  source: number,
  destination: number,
  protocol: number,
  payloadBytes: number,
): void {
  bytes[at] = 0x45;
  put16(bytes, at + 2, IP_BYTES + payloadBytes);
  bytes[at + 8] = TTL;
  bytes[at + 9] = protocol;
  put32(bytes, at + 12, source);
  put32(bytes, at + 16, destination);
  put16(bytes, at + 10, checksum(bytes, at, at + IP_BYTES));
}

/** The RST that answers a segment (RFC 9293 section 3.5.2), from where the segment went. */
export function resetFor(frame: Uint8Array, packet: Packet): Uint8Array {
  const { at, end, source, destination } = packet;
  const answer = answerTo(frame, destination, source, TCP, TCP_BYTES);
  const tcp = IP + IP_BYTES;
  const flags = tcpFlags(frame, packet);
  put16(answer, tcp, packet.destinationPort);
  put16(answer, tcp + 2, packet.sourcePort);
  answer[tcp + 12] = (TCP_BYTES / 4) << 4;
  if (flags & ACK) {
    put32(answer, tcp + 4, get32(frame, at + 8));
    answer[tcp + 13] = RST;
  } else {
    const header = (frame[at + 12]! >> 4) * 4;
    const bytes = Math.max(0, end - at - header);
    const length = bytes + (flags & SYN ? 1 : 0) + (flags & FIN ? 1 : 0);
    put32(answer, tcp + 8, (get32(frame, at + 4) + length) >>> 0);
    answer[tcp + 13] = RST | ACK;
  }
  const pseudo =
    (source >>> 16) + (source & 0xffff) + (destination >>> 16) + (destination & 0xffff);
  put16(answer, tcp + 16, checksum(answer, tcp, answer.length, pseudo + TCP + TCP_BYTES));
  return answer;
}

/** Destination unreachable about a packet, with its header and the first eight bytes behind it (RFC 792). */
export function unreachableFor(
  frame: Uint8Array,
  packet: Packet,
  from: number,
  code: number,
): Uint8Array {
  const quoted = frame.subarray(IP, Math.min(packet.at + PORT_BYTES, packet.end));
  const answer = answerTo(frame, from, packet.source, ICMP, PORT_BYTES + quoted.length);
  putUnreachable(answer, code, quoted);
  return answer;
}

/** The two stations of a virtual Ethernet. */
export interface Stations {
  readonly from: Uint8Array;
  readonly to: Uint8Array;
}

/** Port unreachable about a datagram that has left long ago: of its kind, if not the very same. */
export function refusalOf(stations: Stations, datagram: Change): Uint8Array {
  const quoted = new Uint8Array(IP_BYTES + PORT_BYTES);
  const { source, destination } = datagram;
  putHeader(quoted, 0, source, destination, UDP, PORT_BYTES);
  put16(quoted, IP_BYTES, datagram.sourcePort);
  put16(quoted, IP_BYTES + 2, datagram.destinationPort);
  put16(quoted, IP_BYTES + 4, PORT_BYTES);
  const ethernet = new Uint8Array(ETHERNET_HEADER_BYTES);
  ethernet.set(stations.from, 0);
  ethernet.set(stations.to, 6);
  const answer = answerTo(ethernet, destination, source, ICMP, PORT_BYTES + quoted.length);
  putUnreachable(answer, PORT_UNREACHABLE, quoted);
  return answer;
}

function putUnreachable(answer: Uint8Array, code: number, quoted: Uint8Array): void {
  const icmp = IP + IP_BYTES;
  answer[icmp] = UNREACHABLE;
  answer[icmp + 1] = code;
  answer.set(quoted, icmp + PORT_BYTES);
  put16(answer, icmp + 2, checksum(answer, icmp, answer.length));
}
