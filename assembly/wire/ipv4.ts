// IPv4 header (RFC 791):
// version 4b, IHL 4b | TOS 1 | total length 2 | id 2 | flags 3b, offset 13b | TTL 1 | protocol 1 |
// checksum 2 | source 4 | destination 4 | options. Addresses are used as they lie in memory.

import { get16, get8, put16, put32, put8 } from "../bytes";
import { checksum } from "../checksum";

export const IPV4_BYTES: u32 = 20;
export const PROTOCOL_ICMP: u32 = 1;
export const PROTOCOL_IGMP: u32 = 2;
export const PROTOCOL_TCP: u32 = 6;
export const PROTOCOL_UDP: u32 = 17;

/** Version 4, and a header of 20 bytes at least. */
export function ipIsSane(p: usize): bool {
  return get8(p) - 0x45 <= 10;
}

export function ipHeaderBytes(p: usize): u32 {
  return (get8(p) & 15) << 2;
}

export function ipTotalBytes(p: usize): u32 {
  return get16(p + 2);
}

/** Flags and offset. */
export function ipFragment(p: usize): u32 {
  return get16(p + 6);
}

/** What fragments of a datagram share beside the addresses: identification and protocol; never 0. */
export function ipKey(p: usize): u32 {
  return (get16(p + 4) << 16) | 0x100 | ipProtocol(p);
}

/** The header of a datagram that was put together: without options, no fragment. */
export function setWhole(p: usize, totalBytes: u32): void {
  put8(p, 0x45);
  put16(p + 2, totalBytes);
  store<u16>(p, 0, 6);
}

/** True for every fragment: more fragments, or an offset. */
export function ipIsFragment(p: usize): bool {
  return (get16(p + 6) & 0x3fff) != 0;
}

export function ipProtocol(p: usize): u32 {
  return get8(p + 9);
}

export function ipSource(p: usize): u32 {
  return load<u32>(p, 12);
}

export function ipDestination(p: usize): u32 {
  return load<u32>(p, 16);
}

/** Source and destination in one. */
export function ipAddresses(p: usize): u64 {
  return load<u64>(p, 12);
}

/** A network-order value as it lies in memory: ipv4(0xe0000000) is 224.0.0.0. */
export function ipv4(value: u32): u32 {
  return bswap<u32>(value);
}

/** Time to live. */
export function ipHops(p: usize): u32 {
  return get8(p + 8);
}

/** What stands in the header's second word: identification 16 | DF, more fragments, offset in 8 bytes. */
export const DONT_FRAGMENT: u32 = 0x4000;
export const FRAGMENT_MORE: u32 = 0x2000;

export const ROUTER_ALERT_BYTES: u32 = 4;
/** Router alert (RFC 2113), as it lies in memory. */
const ROUTER_ALERT: u32 = 0x0494;

/** Makes the first 4 bytes behind a header from ipEmit its only option, router alert. */
export function setRouterAlert(p: usize): void {
  put8(p, 0x46);
  store<u32>(p, ROUTER_ALERT, 20);
  store<u16>(p, 0, 10);
  store<u16>(p, checksum(p, IPV4_BYTES + ROUTER_ALERT_BYTES, 0), 10);
}

/** Writes a header without options. With DF there is no need of an identification (RFC 6864 section 4.1). */
export function ipEmit(
  p: usize,
  totalBytes: u32,
  protocol: u32,
  source: u32,
  destination: u32,
  hops: u32,
  fragment: u32,
): void {
  put32(p, 0x45000000 | ((hops & 0xff0000) << 2) | totalBytes);
  put32(p + 4, fragment);
  store<u32>(p, (hops & 0xff) | (protocol << 8), 8); // and a checksum of 0
  store<u32>(p, source, 12);
  store<u32>(p, destination, 16);
  store<u16>(p, checksum(p, IPV4_BYTES, 0), 10);
}
