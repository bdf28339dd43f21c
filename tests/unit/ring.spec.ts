// Rings: bytes addressed by sequence number, across the ring's end and across 2^32.

import {
  claimReceiveRing,
  claimSendRing,
  NO_RING,
  receiveRingAt,
  receiveRingFree,
  releaseReceiveRing,
  releaseSendRing,
  ringPointer,
  ringRead,
  ringSpan,
  ringWrite,
  sendRingAt,
} from "../../assembly/buffer/ring";
import { freeReset } from "../../assembly/buffer/free";
import { RING_BYTES, RING_COUNT } from "../../assembly/config";
import { Pool } from "../../assembly/constants";
import { RECEIVE_RING_FREE, SEND_RING_FREE } from "../../assembly/memory";
import { poolUsed } from "../../assembly/pool";
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
    const base = sendRingAt(0);
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
    const base = receiveRingAt(0);
    const number: u32 = 0xfffffffe;
    store<u32>(SOURCE, 0x44332211);
    ringWrite(base, number, SOURCE, 4);
    expect<u32>(load<u8>(ringPointer(base, number))).toBe(0x11);
    expect<u32>(load<u8>(ringPointer(base, 0))).toBe(0x33);
    expect<usize>(ringPointer(base, 0)).toBe(base);
    expect<usize>(ringPointer(base, SIZE + 5)).toBe(base + 5);
  });

  it("never write beside the ring", () => {
    const base = sendRingAt(1);
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
      expect<usize>(sendRingAt(i + 1) - sendRingAt(i)).toBe(SIZE);
      expect<usize>(receiveRingAt(i + 1) - receiveRingAt(i)).toBe(SIZE);
    }
    expect<usize>(receiveRingAt(0) - sendRingAt(RING_COUNT - 1)).toBe(SIZE);
  });
});

describe("ring pools", () => {
  it("hand out each send ring once", () => {
    freeReset(SEND_RING_FREE, RING_COUNT);
    const used = poolUsed(Pool.SEND_RING);
    for (let i: u32 = 0; i < RINGS; i++) expect<u32>(claimSendRing()).toBe(i);
    expect<u32>(claimSendRing()).toBe(NO_RING);
    expect<u32>(poolUsed(Pool.SEND_RING)).toBe(used + RINGS);
    for (let i: u32 = 0; i < RINGS; i++) releaseSendRing(i);
    expect<u32>(poolUsed(Pool.SEND_RING)).toBe(used);
  });

  it("hand out each receive ring once, and say when none is left", () => {
    freeReset(RECEIVE_RING_FREE, RING_COUNT);
    const used = poolUsed(Pool.RECEIVE_RING);
    expect(receiveRingFree()).toBeTruthy();
    for (let i: u32 = 0; i < RINGS; i++) expect<u32>(claimReceiveRing()).toBe(i);
    expect(receiveRingFree()).toBeFalsy();
    expect<u32>(claimReceiveRing()).toBe(NO_RING);
    releaseReceiveRing(2);
    expect<u32>(claimReceiveRing()).toBe(2);
    for (let i: u32 = 0; i < RINGS; i++) releaseReceiveRing(i);
    expect<u32>(poolUsed(Pool.RECEIVE_RING)).toBe(used);
  });
});
