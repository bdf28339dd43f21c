// Ethernet (IEEE 802.3) with its tags (802.1Q, 802.1ad), and ARP (RFC 826).

import { ETHERNET_HEADER_BYTES } from "../link/link.js";
import { get16, get32 } from "./bytes.js";

export const TYPE_IPV4 = 0x0800;
export const TYPE_ARP = 0x0806;
export const TYPE_IPV6 = 0x86dd;
/** Smaller numbers in the place of the type are a length. */
export const LEAST_TYPE = 0x0600;

const TAG_TYPES = new Set([0x8100, 0x88a8]);
const TAG_BYTES = 4;
const MOST_TAGS = 2;

export interface Ethernet {
  readonly destination: Uint8Array;
  readonly source: Uint8Array;
  /** Behind the tags; below LEAST_TYPE: the length of an 802.3 frame. */
  readonly type: number;
  /** Numbers of virtual networks, the outer one first. */
  readonly vlans: readonly number[];
  /** Where what it carries begins. */
  readonly payloadAt: number;
}

/** null: too short for a header. */
export function readEthernet(bytes: Uint8Array): Ethernet | null {
  if (bytes.length < ETHERNET_HEADER_BYTES) return null;
  const vlans: number[] = [];
  let at = 12;
  while (vlans.length < MOST_TAGS && TAG_TYPES.has(get16(bytes, at))) {
    if (bytes.length < at + TAG_BYTES + 2) return null;
    vlans.push(get16(bytes, at + 2) & 0xfff);
    at += TAG_BYTES;
  }
  return {
    destination: bytes.subarray(0, 6),
    source: bytes.subarray(6, 12),
    type: get16(bytes, at),
    vlans,
    payloadAt: at + 2,
  };
}

export interface Arp {
  /** 1 asks, 2 answers. */
  readonly operation: number;
  readonly senderMac: Uint8Array;
  readonly sender: number;
  readonly targetMac: Uint8Array;
  readonly target: number;
}

const ARP_BYTES = 28;
const ARP_HEAD = 0x0001_0800;
const ARP_SIZES = 0x0604;

/** Of Ethernet and IPv4; null: of something else, or cut off. */
export function readArp(bytes: Uint8Array, at: number): Arp | null {
  if (bytes.length < at + ARP_BYTES) return null;
  if (get32(bytes, at) !== ARP_HEAD || get16(bytes, at + 4) !== ARP_SIZES) return null;
  return {
    operation: get16(bytes, at + 6),
    senderMac: bytes.subarray(at + 8, at + 14),
    sender: get32(bytes, at + 14),
    targetMac: bytes.subarray(at + 18, at + 24),
    target: get32(bytes, at + 24),
  };
}
