// ICMP (RFC 792): type 1 | code 1 | checksum 2 | rest of header 4 | data.

import { get8, put32 } from "../bytes";

export const ICMP_BYTES: u32 = 8;
export const ICMP_ECHO_REPLY: u32 = 0;
export const ICMP_UNREACHABLE: u32 = 3;
export const ICMP_ECHO: u32 = 8;
export const ICMP_TIME_EXCEEDED: u32 = 11;
export const ICMP_PARAMETER_PROBLEM: u32 = 12;
export const CODE_PROTOCOL: u32 = 2;
export const CODE_PORT: u32 = 3;
export const CODE_FRAGMENTATION_NEEDED: u32 = 4;

/** Type and code in one: the type, as long as the code is 0. */
export function icmpKind(p: usize): u32 {
  return <u32>load<u16>(p);
}

export function icmpType(p: usize): u32 {
  return get8(p);
}

/** Types that a host tells its connections. Source quench and redirect are not among them
 * (RFC 6633; a host with one router a network needs no redirect). */
export function icmpIsError(type: u32): bool {
  return type == ICMP_UNREACHABLE || type == ICMP_TIME_EXCEEDED || type == ICMP_PARAMETER_PROBLEM;
}

/** An echo request's header, with a checksum of 0. */
export function echoEmit(p: usize, identifier: u32, sequence: u32): void {
  store<u32>(p, ICMP_ECHO);
  put32(p + 4, (identifier << 16) | sequence);
}
