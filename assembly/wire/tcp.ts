// TCP header (RFC 9293 section 3.1):
// source port 2 | destination port 2 | sequence 4 | acknowledgment 4 | data offset 4b, reserved 4b |
// flags 1 | window 2 | checksum 2 | urgent pointer 2 | options.

import { get16, get32, get8 } from "../bytes";
import { PROTOCOL_TCP } from "./ipv4";

export const TCP_BYTES: u32 = 20;

export const FIN: u32 = 1;
export const SYN: u32 = 2;
export const RST: u32 = 4;
export const PSH: u32 = 8;
export const ACK: u32 = 16;
export const URG: u32 = 32;

export const OPTION_END: u32 = 0;
export const OPTION_NOP: u32 = 1;
export const OPTION_MSS: u32 = 2;
export const OPTION_SCALE: u32 = 3;
export const OPTION_SACK_PERMITTED: u32 = 4;
export const OPTION_SACK: u32 = 5;
export const OPTION_TIMESTAMPS: u32 = 8;
export const OPTION_USER_TIMEOUT: u32 = 28;

/** Bytes that timestamps take in each segment, padding included (RFC 7323 appendix A). */
export const TIMESTAMP_BYTES: u32 = 12;

export function tcpSourcePort(p: usize): u32 {
  return get16(p);
}

export function tcpDestinationPort(p: usize): u32 {
  return get16(p + 2);
}

/** Both: the source in the upper, the destination in the lower half. */
export function tcpPorts(p: usize): u32 {
  return get32(p);
}

export function tcpSequence(p: usize): u32 {
  return get32(p + 4);
}

export function tcpAcknowledgment(p: usize): u32 {
  return get32(p + 8);
}

export function tcpHeaderBytes(p: usize): u32 {
  return (get8(p + 12) >> 4) << 2;
}

export function tcpFlags(p: usize): u32 {
  return get8(p + 13) & 63;
}

export function tcpWindow(p: usize): u32 {
  return get16(p + 14);
}

export function tcpUrgentPointer(p: usize): u32 {
  return get16(p + 18);
}

/** Sum of the pseudo header's words in memory order: addresses, protocol and length in one. */
export function pseudoSum(source: u32, destination: u32, tcpBytes: u32): u64 {
  return <u64>source + <u64>destination + <u64>bswap<u16>(<u16>tcpBytes) + (PROTOCOL_TCP << 8);
}
