// The Internet checksum (RFC 1071): ones' complement sum of 16-bit words. Sums are kept in memory
// order; the sum does not care, as long as it is stored as it was loaded.

import { UNROLLED_CHECKSUM } from "./config";

/** Adds len bytes at p to a sum that is not folded yet. Unrolled: this loop is the hot one. */
export function sum(p: usize, len: u32, start: u64): u64 {
  let a = start;
  const end16 = UNROLLED_CHECKSUM ? p + <usize>(len & ~15) : p;
  while (UNROLLED_CHECKSUM && p < end16) {
    a += <u64>load<u32>(p) + <u64>load<u32>(p, 4) + <u64>load<u32>(p, 8) + <u64>load<u32>(p, 12);
    p += 16;
  }
  const end2 = p + <usize>(len & (UNROLLED_CHECKSUM ? 14 : ~1));
  while (p < end2) {
    a += <u64>load<u16>(p);
    p += 2;
  }
  if (len & 1) a += <u64>load<u8>(p);
  return a;
}

/** Folds a sum to 16 bits. */
export function fold(s: u64): u32 {
  while (s > 0xffff) s = (s & 0xffff) + (s >> 16);
  return <u32>s;
}

/** The checksum of len bytes at p, to be stored as it is; 0 when a stored checksum is right. */
export function checksum(p: usize, len: u32, start: u64): u32 {
  return ~fold(sum(p, len, start)) & 0xffff;
}
