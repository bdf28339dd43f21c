// Out-of-order ranges against a map with one entry for each byte, across the wrap.

import { listReset } from "../../assembly/buffer/list";
import { RANGE_COUNT, REASSEMBLY_COUNT } from "../../assembly/config";
import { Pool } from "../../assembly/constants";
import { LINK_COUNT, RX_FRAME } from "../../assembly/memory";
import { poolReset, poolUsed } from "../../assembly/pool";
import {
  hasHoles,
  joinRanges,
  keepFin,
  keepRange,
  NO_BLOCK,
  releaseBlock,
} from "../../assembly/tcp/reassembly";
import { parseSegment, segHas } from "../../assembly/tcp/segment";
import { select, tcb } from "../../assembly/tcp/tcb";
import { FIN } from "../../assembly/wire/tcp";
import { below, reseed } from "./random";

const SPACE: u32 = 200;
const RANGES: u32 = RANGE_COUNT;
const BLOCKS: i32 = REASSEMBLY_COUNT;
const here = new StaticArray<bool>(SPACE);

function fresh(): void {
  for (let i: u32 = 0; i < LINK_COUNT; i++) listReset(i);
  poolReset();
  select(0);
  tcb.reassembly = <u16>NO_BLOCK;
}

/** The current segment has no flags. */
function clearFlags(): void {
  memory.fill(RX_FRAME, 0, 40);
  store<u8>(RX_FRAME, 5 << 4, 12);
  parseSegment(0, 0, 0, RX_FRAME, 20, 20);
}

/** Ranges of bytes that are there, from RCV.NXT on. */
function countRanges(from: u32): u32 {
  let ranges: u32 = 0;
  for (let i = from; i < SPACE; i++) {
    if (here[i] && (i == from || !here[i - 1])) ranges++;
  }
  return ranges;
}

describe("reassembly", () => {
  it("joins what touches, in any order", () => {
    fresh();
    expect(keepRange(10, 20)).toBeTruthy();
    expect(keepRange(30, 40)).toBeTruthy();
    expect(keepRange(20, 30)).toBeTruthy();
    expect<u32>(joinRanges(9)).toBe(9, "a hole is left");
    expect<u32>(joinRanges(10)).toBe(40);
    expect(hasHoles()).toBeFalsy();
  });

  it("agrees with a map of bytes over random segments, across the wrap", () => {
    reseed(815);
    for (let round: u32 = 0; round < 400; round++) {
      const base: u32 = 0xffffff9c + (round & 1) * 0x1000; // the odd rounds do not wrap
      fresh();
      const used = poolUsed(Pool.REASSEMBLY);
      let next: u32 = 0;
      for (let i: u32 = 0; i < SPACE; i++) here[i] = false;
      for (let step = 0; step < 40; step++) {
        const start = next + 1 + below(60);
        const end = min<u32>(SPACE, start + 1 + below(40));
        if (start >= end) continue;
        if (keepRange(base + start, base + end)) {
          for (let i = start; i < end; i++) here[i] = true;
          const ranges = countRanges(next);
          if (ranges > RANGES) expect<u32>(ranges).toBeLessThanOrEqual(RANGES);
        } else if (countRanges(next) != RANGES) {
          expect<u32>(countRanges(next)).toBe(RANGES, "refused though there is room");
        }
        if (below(4) == 0 && hasHoles()) {
          // The segment that is next arrives.
          next += 1 + below(30);
          if (next > SPACE) next = SPACE;
          let wanted = next;
          while (wanted < SPACE && here[wanted]) wanted++;
          next = joinRanges(base + next) - base;
          if (next != wanted) expect<u32>(next).toBe(wanted, `round ${round}, step ${step}`);
          if (hasHoles() != countRanges(next) > 0) {
            expect(hasHoles()).toBe(countRanges(next) > 0);
          }
        }
      }
      if (hasHoles()) releaseBlock();
      expect<u32>(poolUsed(Pool.REASSEMBLY)).toBe(used);
    }
  });

  it("refuses a range too many, and keeps those it has", () => {
    fresh();
    for (let i: u32 = 0; i < RANGES; i++) {
      expect(keepRange(100 + i * 20, 110 + i * 20)).toBeTruthy();
    }
    expect(keepRange(1000, 1010)).toBeFalsy();
    expect(keepRange(105, 125)).toBeTruthy("what touches needs no new range");
    expect<u32>(joinRanges(100)).toBe(130);
    releaseBlock();
  });

  it("says so when no block is free", () => {
    fresh();
    const others = new StaticArray<u16>(BLOCKS);
    for (let i = 0; i < BLOCKS; i++) {
      tcb.reassembly = <u16>NO_BLOCK;
      expect(keepRange(5, 6)).toBeTruthy();
      others[i] = tcb.reassembly;
    }
    tcb.reassembly = <u16>NO_BLOCK;
    expect(keepRange(5, 6)).toBeFalsy();
    expect(hasHoles()).toBeFalsy();
    for (let i = 0; i < BLOCKS; i++) {
      tcb.reassembly = others[i];
      releaseBlock();
    }
  });

  it("ends with an early FIN once that is next", () => {
    fresh();
    clearFlags();
    expect(keepRange(0xfffffffe, 3)).toBeTruthy();
    keepFin(2);
    expect(keepRange(10, 20)).toBeTruthy("beyond a FIN, from a peer that makes no sense");
    expect<u32>(joinRanges(0xfffffffd)).toBe(0xfffffffd, "a hole is left");
    expect(segHas(FIN)).toBeFalsy();
    expect<u32>(joinRanges(0xfffffffe)).toBe(3);
    expect(segHas(FIN)).toBeTruthy();
    expect(hasHoles()).toBeFalsy();
  });

  it("takes a FIN alone, and no number beyond it", () => {
    fresh();
    clearFlags();
    keepRange(5, 6);
    keepFin(5);
    keepRange(6, 9);
    expect<u32>(joinRanges(5)).toBe(6);
    expect(segHas(FIN)).toBeTruthy();
    expect(hasHoles()).toBeFalsy();
  });
});
