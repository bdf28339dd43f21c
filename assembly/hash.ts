// Keyed hashes. SipHash-2-4 (Aumasson, Bernstein 2012) for what an attacker must not predict:
// initial sequence numbers, ports, timestamp offsets. A cheap keyed mix for demultiplexing.

import { Globals, globals } from "./globals";

/** SipHash-2-4 of len bytes at p: a multiple of 8, less than 256. */
export function sipHash(k0: u64, k1: u64, p: usize, len: u32): u64 {
  let v0 = k0 ^ 0x736f6d6570736575;
  let v1 = k1 ^ 0x646f72616e646f6d;
  let v2 = k0 ^ 0x6c7967656e657261;
  let v3 = k1 ^ 0x7465646279746573;
  // Two rounds for each word, two for the length, and four, that is two words of zero, to end.
  for (let left = <i32>len; left >= -16; left -= 8) {
    let m: u64 = 0;
    if (left > 0) m = load<u64>(p);
    else if (left == 0) m = (<u64>len) << 56;
    else if (left == -8) v2 ^= 0xff;
    p += 8;
    v3 ^= m;
    let i = 0;
    do {
      v0 += v1;
      v1 = rotl<u64>(v1, 13) ^ v0;
      v0 = rotl<u64>(v0, 32);
      v2 += v3;
      v3 = rotl<u64>(v3, 16) ^ v2;
      v0 += v3;
      v3 = rotl<u64>(v3, 21) ^ v0;
      v2 += v1;
      v1 = rotl<u64>(v1, 17) ^ v2;
      v2 = rotl<u64>(v2, 32);
    } while (++i < 2);
    v0 ^= m;
  }
  return v0 ^ v1 ^ v2 ^ v3;
}

/** One step of a keyed 32-bit mix: start with globals.hashKey, finish with mixEnd. */
export function mix(h: u32, word: u32): u32 {
  return rotl<u32>((h ^ word) * 0x9e3779b1, 15) * 0x85ebca77;
}

export function mixEnd(h: u32): u32 {
  h ^= h >> 16;
  h *= 0xc2b2ae3d;
  return h ^ (h >> 15);
}

/** 32 random bits: SipHash of a counter under a key of its own. */
export function random(): u32 {
  const g = globals;
  g.randomCount += 1;
  return <u32>(
    sipHash(g.random0, g.random1, changetype<usize>(g) + offsetof<Globals>("randomCount"), 8)
  );
}
