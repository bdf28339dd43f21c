// TCP (RFC 9293 section 3.1): the header and its options, without any memory of what came before.

import { get16, get32 } from "./bytes.js";
import type { Ipv4 } from "./ip.js";
import { readTcpOptions, type TcpOption } from "./tcpOptions.js";

export const FIN = 0x01;
export const SYN = 0x02;
export const RST = 0x04;
export const PSH = 0x08;
export const ACK = 0x10;
export const URG = 0x20;
export const ECE = 0x40;
export const CWR = 0x80;

const LEAST_BYTES = 20;
const FLAG_BITS = 0xfff;

export interface Tcp {
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly sequence: number;
  /** Whatever stands there, also without ACK. */
  readonly acknowledgment: number;
  /** Twelve bits; the upper ones are reserved. */
  readonly flags: number;
  /** As it stands there. */
  readonly window: number;
  readonly urgent: number;
  readonly checksum: number;
  readonly headerBytes: number;
  readonly options: readonly TcpOption[];
  readonly dataAt: number;
  /** By the length of the packet: what was captured may be less. */
  readonly dataBytes: number;
}

/** null: cut off, or a length that cannot be. */
export function readTcp(bytes: Uint8Array, { payloadAt: at, payloadBytes }: Ipv4): Tcp | null {
  if (payloadBytes < LEAST_BYTES || bytes.length < at + LEAST_BYTES) return null;
  const headerBytes = (bytes[at + 12]! >> 4) * 4;
  if (headerBytes < LEAST_BYTES || headerBytes > payloadBytes) return null;
  return {
    sourcePort: get16(bytes, at),
    destinationPort: get16(bytes, at + 2),
    sequence: get32(bytes, at + 4),
    acknowledgment: get32(bytes, at + 8),
    flags: get16(bytes, at + 12) & FLAG_BITS,
    window: get16(bytes, at + 14),
    urgent: get16(bytes, at + 18),
    checksum: get16(bytes, at + 16),
    headerBytes,
    options: readTcpOptions(bytes.subarray(at + LEAST_BYTES, at + headerBytes)),
    dataAt: at + headerBytes,
    dataBytes: payloadBytes - headerBytes,
  };
}

/** In tcpdump's order and letters; the dot is ACK. */
const LETTERS: readonly (readonly [number, string])[] = [
  [FIN, "F"],
  [SYN, "S"],
  [RST, "R"],
  [PSH, "P"],
  [ACK, "."],
  [URG, "U"],
  [ECE, "E"],
  [CWR, "W"],
  [0x100, "e"],
];

/** "S.", "F.", "none". */
export function flagLetters(flags: number): string {
  const letters = LETTERS.filter(([bit]) => (flags & bit) !== 0).map(([, letter]) => letter);
  return letters.join("") || "none";
}

/** What a segment takes of the sequence space: its data, SYN and FIN. */
export function sequenceBytes({ flags, dataBytes }: Tcp): number {
  return dataBytes + (flags & SYN ? 1 : 0) + (flags & FIN ? 1 : 0);
}
