// The Internet checksum against a naive one that adds big-endian words.

import { checksum, fold, sum } from "../../assembly/checksum";
import { below, random, reseed } from "./random";

const BUFFER: usize = memory.data(4096, 8);

/** RFC 1071 to the letter: words in network order, carries added at the end. */
function naive(p: usize, len: u32): u32 {
  let total: u64 = 0;
  for (let i: u32 = 0; i < len; i++) {
    const byte = <u64>load<u8>(p + i);
    total += i & 1 ? byte : byte << 8;
  }
  while (total >> 16) total = (total & 0xffff) + (total >> 16);
  return (<u32>~total) & 0xffff;
}

/** A checksum in memory order, as the core keeps it, in network order. */
function swapped(value: u32): u32 {
  return <u32>bswap<u16>(<u16>value);
}

describe("checksum", () => {
  it("agrees with the numerical example of RFC 1071 section 3", () => {
    store<u64>(BUFFER, bswap<u64>(0x0001f203f4f5f6f7));
    expect<u32>(swapped(fold(sum(BUFFER, 8, 0)))).toBe(0xddf2);
  });

  it("agrees with a naive one for every length and alignment", () => {
    reseed(1071);
    for (let i = 0; i < 4096; i++) store<u8>(BUFFER + i, random());
    for (let len: u32 = 0; len < 200; len++) {
      const p = BUFFER + below(8);
      expect<u32>(swapped(checksum(p, len, 0))).toBe(naive(p, len), `${len} bytes`);
    }
    for (let i = 0; i < 200; i++) {
      const p = BUFFER + below(64);
      const len = below(4000);
      expect<u32>(swapped(checksum(p, len, 0))).toBe(naive(p, len), `${len} bytes`);
    }
  });

  it("carries out of the largest words", () => {
    memory.fill(BUFFER, 0xff, 4096);
    expect<u32>(checksum(BUFFER, 4096, 0)).toBe(0);
    expect<u32>(swapped(checksum(BUFFER, 4095, 0))).toBe(naive(BUFFER, 4095));
  });

  it("goes on where an earlier sum ended", () => {
    reseed(5);
    for (let i = 0; i < 128; i++) store<u8>(BUFFER + i, random());
    for (let cut: u32 = 0; cut <= 128; cut += 2) {
      const first = sum(BUFFER, cut, 0);
      expect<u32>(checksum(BUFFER + cut, 128 - cut, first)).toBe(checksum(BUFFER, 128, 0));
    }
  });

  it("is 0 over data that hold their own checksum", () => {
    reseed(7);
    for (let i = 0; i < 60; i++) store<u8>(BUFFER + i, random());
    store<u16>(BUFFER, 0, 10);
    store<u16>(BUFFER, checksum(BUFFER, 60, 0), 10);
    expect<u32>(checksum(BUFFER, 60, 0)).toBe(0);
    store<u8>(BUFFER, load<u8>(BUFFER, 3) ^ 0x40, 3);
    expect<u32>(checksum(BUFFER, 60, 0)).not.toBe(0);
  });

  it("sees every flipped bit", () => {
    for (let i = 0; i < 20; i++) store<u8>(BUFFER + i, i * 37);
    const right = checksum(BUFFER, 20, 0);
    for (let bit = 0; bit < 160; bit++) {
      const p = BUFFER + (bit >> 3);
      const mask = <u8>((<u32>1) << (bit & 7));
      store<u8>(p, load<u8>(p) ^ mask);
      expect<u32>(checksum(BUFFER, 20, 0)).not.toBe(right, `bit ${bit}`);
      store<u8>(p, load<u8>(p) ^ mask);
    }
  });
});
