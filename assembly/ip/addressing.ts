// What an address is, as records store it: 4 bytes, or 16 in a dual-stack build (IPv4 mapped).
// Leaves: copying, comparing, and the classes of IPv4 addresses.

import { IPV6 } from "../config";
import { Errno } from "../constants";
import { ADDRESS_BUFFER, ADDRESS_BYTES } from "../memory";
import { both, either } from "../order";

const V4_AT: usize = ADDRESS_BYTES - 4;

export function addressEqual(a: usize, b: usize): bool {
  if (IPV6) return load<u64>(a) == load<u64>(b) && load<u64>(a, 8) == load<u64>(b, 8);
  return load<u32>(a) == load<u32>(b);
}

export function addressCopy(to: usize, from: usize): void {
  memory.copy(to, from, ADDRESS_BYTES);
}

/** Stores an IPv4 address, given as it lies in a packet. */
export function putV4(to: usize, v4: u32): void {
  if (IPV6) {
    store<u64>(to, 0);
    store<u32>(to, 0xffff0000, 8);
  }
  store<u32>(to, v4, V4_AT);
}

/** The IPv4 address, as it lies in a packet. */
export function getV4(from: usize): u32 {
  return load<u32>(from, V4_AT);
}

/** The IPv4 address in ADDRESS_BUFFER. */
export function givenV4(): u32 {
  return load<u32>(ADDRESS_BUFFER);
}

export function prefixMask(prefixLength: u32): u32 {
  return bswap<u32>(<u32>(0xffffffff00000000 >> prefixLength));
}

/** 127.0.0.1, as it lies in a packet. */
export const LOOPBACK_V4: u32 = 0x0100007f;

// Classes go by the first octet: the lowest byte of an address as it lies in a packet.

export function isLoopback(v4: u32): bool {
  return (v4 & 0xff) == 127;
}

export function isMulticast(v4: u32): bool {
  return (v4 & 0xf0) == 0xe0;
}

/** 169.254.0.0/16 (RFC 3927). */
export function isLinkLocal(v4: u32): bool {
  return (v4 & 0xffff) == 0xfea9;
}

/** 240.0.0.0/4, and with it 255.255.255.255; or 0.0.0.0/8 (RFC 1122 section 3.2.1.3). */
export function isReserved(v4: u32): bool {
  return (v4 & 0xf0) == 0xf0 || (v4 & 0xff) == 0;
}

/** True for what no host can have for an address: 0/8, 127/8, and all from 224 on. */
export function isNoHost(v4: u32): bool {
  return (v4 & 0xff) - 1 >= 223 || isLoopback(v4);
}

/** Takes the server in ADDRESS_BUFFER; length 0: none, which is stored as 0. Returns 0 or -Errno. */
export function givenServer(to: usize, length: u32): i32 {
  if (length == 16) return -Errno.EAFNOSUPPORT;
  const v4 = length == 0 ? 0 : givenV4();
  if (both(length != 0, either(length != 4, isNoHost(v4)))) return -Errno.EINVAL;
  store<u32>(to, v4);
  return 0;
}
