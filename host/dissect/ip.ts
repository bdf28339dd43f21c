// IPv4 (RFC 791): the header, and where in the frame the payload lies. Of IPv6 only what one line says.

import { get16, get32, sumOf } from "./bytes.js";

export const ICMP = 1;
export const IGMP = 2;
export const TCP = 6;
export const UDP = 17;
export const ICMPV6 = 58;

export const PROTOCOL_NAMES: ReadonlyMap<number, string> = new Map([
  [ICMP, "ICMP"],
  [IGMP, "IGMP"],
  [4, "IPIP"],
  [TCP, "TCP"],
  [UDP, "UDP"],
  [41, "IPv6"],
  [47, "GRE"],
  [50, "ESP"],
  [51, "AH"],
  [ICMPV6, "ICMP6"],
  [89, "OSPF"],
  [132, "SCTP"],
]);

export const protocolName = (protocol: number): string =>
  PROTOCOL_NAMES.get(protocol) ?? `protocol ${protocol}`;

const LEAST_BYTES = 20;
const DONT_FRAGMENT = 0x4000;
const MORE_FRAGMENTS = 0x2000;
const OFFSET_MASK = 0x1fff;
const OFFSET_UNIT = 8;

export interface Ipv4 {
  readonly source: number;
  readonly destination: number;
  readonly protocol: number;
  readonly ttl: number;
  readonly tos: number;
  readonly identification: number;
  readonly dontFragment: boolean;
  readonly moreFragments: boolean;
  /** Bytes of the datagram before this part. */
  readonly fragmentOffset: number;
  readonly checksum: number;
  /** Where the header begins in the frame. */
  readonly at: number;
  readonly headerBytes: number;
  /** Header and payload. */
  readonly totalBytes: number;
  /** Where the payload begins. */
  readonly payloadAt: number;
  readonly payloadBytes: number;
}

/** null: cut off, or no IPv4. `length`: bytes of the frame on the wire. */
export function readIpv4(bytes: Uint8Array, at: number, length: number): Ipv4 | null {
  if (bytes.length < at + LEAST_BYTES || bytes[at]! >> 4 !== 4) return null;
  const headerBytes = (bytes[at]! & 15) * 4;
  // A driver that cuts segments itself gets packets without a length: it is the frame's.
  const totalBytes = get16(bytes, at + 2) || length - at;
  if (headerBytes < LEAST_BYTES || totalBytes < headerBytes) return null;
  const fragment = get16(bytes, at + 6);
  return {
    source: get32(bytes, at + 12),
    destination: get32(bytes, at + 16),
    protocol: bytes[at + 9]!,
    ttl: bytes[at + 8]!,
    tos: bytes[at + 1]!,
    identification: get16(bytes, at + 4),
    dontFragment: (fragment & DONT_FRAGMENT) !== 0,
    moreFragments: (fragment & MORE_FRAGMENTS) !== 0,
    fragmentOffset: (fragment & OFFSET_MASK) * OFFSET_UNIT,
    checksum: get16(bytes, at + 10),
    at,
    headerBytes,
    totalBytes,
    payloadAt: at + headerBytes,
    payloadBytes: totalBytes - headerBytes,
  };
}

export const isFragment = (ip: Ipv4): boolean => ip.moreFragments || ip.fragmentOffset > 0;

/** undefined: the header was not captured whole. */
export function headerSumIsRight(bytes: Uint8Array, { at, payloadAt }: Ipv4): boolean | undefined {
  return payloadAt > bytes.length ? undefined : sumOf(bytes, at, payloadAt) === 0xffff;
}

/** Of TCP and UDP, with the pseudo-header (RFC 9293 section 3.1). undefined: not captured whole. */
export function payloadSumIsRight(bytes: Uint8Array, ip: Ipv4): boolean | undefined {
  const end = ip.payloadAt + ip.payloadBytes;
  if (end > bytes.length) return undefined;
  const pseudo = sumOf(bytes, ip.at + 12, ip.at + 20) + ip.protocol + ip.payloadBytes;
  return sumOf(bytes, ip.payloadAt, end, pseudo) === 0xffff;
}

/** Of ICMP, which has no pseudo-header. undefined: not captured whole. */
export function messageSumIsRight(bytes: Uint8Array, ip: Ipv4): boolean | undefined {
  const end = ip.payloadAt + ip.payloadBytes;
  return end > bytes.length ? undefined : sumOf(bytes, ip.payloadAt, end) === 0xffff;
}

export interface Ipv6 {
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
  readonly nextHeader: number;
  readonly hopLimit: number;
  readonly payloadBytes: number;
}

const IPV6_BYTES = 40;

/** null: cut off, or no IPv6. */
export function readIpv6(bytes: Uint8Array, at: number): Ipv6 | null {
  if (bytes.length < at + IPV6_BYTES || bytes[at]! >> 4 !== 6) return null;
  return {
    source: bytes.subarray(at + 8, at + 24),
    destination: bytes.subarray(at + 24, at + 40),
    nextHeader: bytes[at + 6]!,
    hopLimit: bytes[at + 7]!,
    payloadBytes: get16(bytes, at + 4),
  };
}
