// UDP header (RFC 768): source port 2 | destination port 2 | length 2 | checksum 2.

import { get16, put32 } from "../bytes";
import { PROTOCOL_TCP, PROTOCOL_UDP } from "./ipv4";
import { pseudoSum } from "./tcp";

export const UDP_BYTES: u32 = 8;

export const DNS_PORT: u32 = 53;
export const DHCP_SERVER_PORT: u32 = 67;
export const DHCP_CLIENT_PORT: u32 = 68;
export const NTP_PORT: u32 = 123;
export const MDNS_PORT: u32 = 5353;
/** 224.0.0.251, as it lies in a packet, and the time to live to it (RFC 6762 section 3, 11). */
export const MDNS_GROUP: u32 = 0xfb0000e0;
export const MDNS_HOPS: u32 = 255;

export function udpSourcePort(p: usize): u32 {
  return get16(p);
}

export function udpDestinationPort(p: usize): u32 {
  return get16(p + 2);
}

/** Bytes of header and data, as the header has it. */
export function udpLength(p: usize): u32 {
  return get16(p + 4);
}

/** As it lies in memory; 0: the sender made none. */
export function udpChecksum(p: usize): u32 {
  return <u32>load<u16>(p, 6);
}

/** Writes a header with a checksum of 0. */
export function udpEmit(p: usize, sourcePort: u32, destinationPort: u32, bytes: u32): void {
  put32(p, (sourcePort << 16) | destinationPort);
  put32(p + 4, bytes << 16);
}

export function setUdpChecksum(p: usize, checksum: u32): void {
  // 0 would say that there is none; all ones are the same sum (RFC 768).
  store<u16>(p, checksum == 0 ? 0xffff : checksum, 6);
}

/** As TCP's, but for the protocol. */
export function udpPseudoSum(source: u32, destination: u32, bytes: u32): u64 {
  return pseudoSum(source, destination, bytes) + ((PROTOCOL_UDP - PROTOCOL_TCP) << 8);
}
