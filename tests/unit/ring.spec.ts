// Rings: bytes addressed by sequence number, across the ring's end and across 2^32.

import { listReset } from "../../assembly/buffer/list";
import {
  NO_RING,
  ringAt,
  ringPointer,
  ringRead,
  ringSpan,
  ringWrite,
} from "../../assembly/buffer/ring";
import { RING_BYTES, RING_COUNT } from "../../assembly/config";
import { Pool } from "../../assembly/constants";
import { LINK_COUNT, RECEIVE_RING_NODE, SEND_RING_NODE } from "../../assembly/memory";
import { claim, poolReset } from "../../assembly/pool";
import { below, random, reseed } from "./random";

const SOURCE: usize = memory.data(1024, 8);
const TARGET: usize = memory.data(1024, 8);
const SIZE: u32 = RING_BYTES;
const RINGS: u32 = RING_COUNT;

function fillSource(): void {
  for (let i = 0; i < 1024; i++) store<u8>(SOURCE + i, random());
}

describe("rings", () => {
  it("give back what was written, wherever the number lies", () => {
    reseed(99);
    const base = ringAt(SEND_RING_NODE);
    for (let round = 0; round < 300; round++) {
      fillSource();
      const number = round < 100 ? 0 - below(2 * SIZE) : random();
      const len = 1 + below(min<u32>(SIZE, 1024));
      ringWrite(base, number, SOURCE, len);
      memory.fill(TARGET, 0, 1024);
      ringRead(base, number, TARGET, len);
      expect(memory.compare(SOURCE, TARGET, len)).toBe(0, `${len} bytes at ${number}`);
    }
  });

  it("put each byte at its number modulo the size", () => {
    const base = ringAt(RECEIVE_RING_NODE);
    const number: u32 = 0xfffffffe;
    store<u32>(SOURCE, 0x44332211);
    ringWrite(base, number, SOURCE, 4);
    expect<u32>(load<u8>(ringPointer(base, number))).toBe(0x11);
    expect<u32>(load<u8>(ringPointer(base, 0))).toBe(0x33);
    expect<usize>(ringPointer(base, 0)).toBe(base);
    expect<usize>(ringPointer(base, SIZE + 5)).toBe(base + 5);
  });

  it("never write beside the ring", () => {
    const base = ringAt(SEND_RING_NODE + 1);
    const before = load<u8>(base - 1);
    const behind = load<u8>(base + SIZE);
    memory.fill(SOURCE, ~before, 1024);
    for (let number: u32 = 0; number < SIZE; number += 7) {
      ringWrite(base, number, SOURCE, min<u32>(SIZE, 512));
    }
    expect<u32>(load<u8>(base - 1)).toBe(before);
    expect<u32>(load<u8>(base + SIZE)).toBe(behind);
  });

  it("know how much lies in one piece", () => {
    expect<u32>(ringSpan(0, SIZE)).toBe(SIZE);
    expect<u32>(ringSpan(SIZE - 1, 10)).toBe(1);
    expect<u32>(ringSpan(SIZE - 10, 10)).toBe(10);
    expect<u32>(ringSpan(0xffffffff, 2)).toBe(1);
    expect<u32>(ringSpan(5, 0)).toBe(0);
  });

  it("do not overlap", () => {
    for (let i: u32 = 0; i + 1 < RINGS; i++) {
      expect<usize>(ringAt(SEND_RING_NODE + i + 1) - ringAt(SEND_RING_NODE + i)).toBe(SIZE);
      expect<usize>(ringAt(RECEIVE_RING_NODE + i + 1) - ringAt(RECEIVE_RING_NODE + i)).toBe(SIZE);
    }
    expect<usize>(ringAt(SEND_RING_NODE) - ringAt(RECEIVE_RING_NODE + RING_COUNT - 1)).toBe(SIZE);
  });
});

describe("ring pools", () => {
  it("hand out rings that do not overlap, each once", () => {
    for (let i: u32 = 0; i < LINK_COUNT; i++) listReset(i);
    poolReset();
    const area = ringAt(RECEIVE_RING_NODE);
    for (let i: u32 = 0; i < RINGS; i++) {
      expect<usize>(ringAt(claim(Pool.RECEIVE_RING)) - area).toBe(i * SIZE);
      expect<usize>(ringAt(claim(Pool.SEND_RING)) - area).toBe((RINGS + i) * SIZE);
    }
    expect(claim(Pool.SEND_RING)).toBe(-1);
    expect(claim(Pool.RECEIVE_RING)).toBe(-1);
    expect<u32>(NO_RING).toBeLessThan(SEND_RING_NODE, "no ring has this node");
  });
});
