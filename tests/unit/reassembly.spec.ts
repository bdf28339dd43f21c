// Out-of-order ranges against a map with one entry for each byte, across the wrap.

import { listReset } from "../../assembly/buffer/list";
import { RANGE_COUNT, REASSEMBLY_COUNT } from "../../assembly/config";
import { Pool } from "../../assembly/constants";
import { LINK_COUNT } from "../../assembly/memory";
import { poolReset, poolUsed } from "../../assembly/pool";
import {
  finIsNext,
  hasHoles,
  joinRanges,
  keepFin,
  keepRange,
  NO_BLOCK,
  releaseBlock,
  releaseIfWhole,
} from "../../assembly/tcp/reassembly";
import { select, tcb } from "../../assembly/tcp/tcb";
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
    tcb.rcvNxt = 40;
    releaseIfWhole();
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
          tcb.rcvNxt = base + next;
          releaseIfWhole();
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

  it("remembers an early FIN until it is next", () => {
    fresh();
    keepRange(0xfffffffe, 2);
    keepFin(2);
    expect(finIsNext(0xfffffffd)).toBeFalsy();
    const next = joinRanges(0xfffffffe);
    expect<u32>(next).toBe(2);
    expect(finIsNext(next)).toBeTruthy();
    tcb.rcvNxt = 2;
    releaseIfWhole();
    expect(hasHoles()).toBeTruthy("the FIN is still to be taken");
    tcb.rcvNxt = 3;
    releaseIfWhole();
    expect(hasHoles()).toBeFalsy();
  });
});
