// SipHash-2-4 against the vectors of its authors, and the mixes built on keys.

import { globals } from "../../assembly/globals";
import { mix, mixEnd, random, sipHash } from "../../assembly/hash";

const MESSAGE: usize = memory.data(64, 8);

/** The authors' key is the bytes 00 to 0f; message n is the bytes 00 to n - 1. */
const KEY0: u64 = 0x0706050403020100;
const KEY1: u64 = 0x0f0e0d0c0b0a0908;

function vector(len: u32): u64 {
  for (let i: u32 = 0; i < len; i++) store<u8>(MESSAGE + i, i);
  return sipHash(KEY0, KEY1, MESSAGE, len);
}

describe("SipHash-2-4", () => {
  it("agrees with the reference vectors of 0, 8 and 16 bytes", () => {
    expect<u64>(vector(0)).toBe(0x726fdb47dd0e0e31);
    expect<u64>(vector(8)).toBe(0x93f5f5799a932462);
    expect<u64>(vector(16)).toBe(0x3f2acc7f57c29bdb);
  });

  it("changes with either key", () => {
    const value = vector(16);
    expect<u64>(sipHash(KEY0 ^ 1, KEY1, MESSAGE, 16)).not.toBe(value);
    expect<u64>(sipHash(KEY0, KEY1 ^ 1, MESSAGE, 16)).not.toBe(value);
  });
});

describe("keyed mix", () => {
  it("spreads neighbouring words over all buckets", () => {
    const counts = new StaticArray<i32>(64);
    for (let word: u32 = 0; word < 6400; word++) counts[mixEnd(mix(0x1234567, word)) & 63] += 1;
    for (let i = 0; i < 64; i++) expect(counts[i] > 50 && counts[i] < 200).toBeTruthy();
  });

  it("depends on its key", () => {
    let same = 0;
    for (let word: u32 = 0; word < 1000; word++) {
      if ((mixEnd(mix(1, word)) & 255) == (mixEnd(mix(2, word)) & 255)) same++;
    }
    expect(same).toBeLessThan(40);
  });
});

describe("random sequence", () => {
  it("repeats with the same state and never from one call to the next", () => {
    globals.random0 = KEY0;
    globals.random1 = KEY1;
    globals.randomCount = 41;
    const first = random();
    const second = random();
    expect<u32>(second).not.toBe(first);
    globals.randomCount = 41;
    expect<u32>(random()).toBe(first);
    expect<u64>(globals.randomCount).toBe(42);
  });
});
