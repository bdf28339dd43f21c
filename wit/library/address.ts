// Addresses: as arguments they come in nine words, the family and what an address of either family has; in results they
// are a byte for the family and 16 behind it. The core takes them in ADDRESS_BUFFER, in network order.

import { Constant, Errno } from "../../assembly/constants";
import { constant } from "./generated/core";
import { read32, writeFew } from "./coreMemory";

/** The case of ip-address. */
export const IPV4: u32 = 0;
/** Bytes of an endpoint in a record, and where its port stands. */
export const ENDPOINT_BYTES: usize = 20;
const ENDPOINT_PORT: usize = 18;
/** Where a variant's value begins that holds 16-bit numbers. */
const VALUE: usize = 2;
const V4_BYTES: u32 = 4;

/** Four octets as a word in the order in which they lie in memory. */
export function octets(a: u32, b: u32, c: u32, d: u32): u32 {
  return (a & 0xff) | ((b & 0xff) << 8) | ((c & 0xff) << 16) | (d << 24);
}

/** Puts an address into the buffer; the length to tell the core, or -Errno. */
export function putAddress(family: u32, a: u32, b: u32, c: u32, d: u32): i32 {
  if (family != IPV4) return -Errno.EAFNOSUPPORT;
  writeFew(constant(Constant.ADDRESS_BUFFER), octets(a, b, c, d), V4_BYTES);
  return V4_BYTES;
}

/** Lays out an endpoint whose IPv4 address is a word as it lies in memory. */
export function putEndpoint(at: usize, address: u32, port: u32): void {
  memory.fill(at, 0, ENDPOINT_BYTES);
  store<u32>(at + VALUE, address);
  store<u16>(at + ENDPOINT_PORT, port);
}

/** The IPv4 address at the end of an address of ADDRESS_BYTES that begins there. */
export function addressIn(at: u32): u32 {
  return read32(at + constant(Constant.ADDRESS_BYTES) - V4_BYTES);
}
