// Out-of-order ranges against a map with one entry for each byte, across the wrap.

import { listReset } from "../../assembly/buffer/list";
import { RANGE_COUNT, REASSEMBLY_COUNT } from "../../assembly/config";
import { Pool } from "../../assembly/constants";
import { LINK_COUNT, TCBS } from "../../assembly/memory";
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
import { Tcb } from "../../assembly/tcp/tcb";
import { below, reseed } from "./random";

const SPACE: u32 = 200;
const RANGES: u32 = RANGE_COUNT;
const BLOCKS: i32 = REASSEMBLY_COUNT;
const here = new StaticArray<bool>(SPACE);

function fresh(): Tcb {
  for (let i: u32 = 0; i < LINK_COUNT; i++) listReset(i);
  poolReset();
  const t = changetype<Tcb>(TCBS);
  t.reassembly = <u16>NO_BLOCK;
  return t;
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
    const t = fresh();
    expect(keepRange(t, 10, 20)).toBeTruthy();
    expect(keepRange(t, 30, 40)).toBeTruthy();
    expect(keepRange(t, 20, 30)).toBeTruthy();
    expect<u32>(joinRanges(t, 9)).toBe(9, "a hole is left");
    expect<u32>(joinRanges(t, 10)).toBe(40);
    t.rcvNxt = 40;
    releaseIfWhole(t);
    expect(hasHoles(t)).toBeFalsy();
  });

  it("agrees with a map of bytes over random segments, across the wrap", () => {
    reseed(815);
    for (let round: u32 = 0; round < 400; round++) {
      const base: u32 = 0xffffff9c + (round & 1) * 0x1000; // the odd rounds do not wrap
      const t = fresh();
      const used = poolUsed(Pool.REASSEMBLY);
      let next: u32 = 0;
      for (let i: u32 = 0; i < SPACE; i++) here[i] = false;
      for (let step = 0; step < 40; step++) {
        const start = next + 1 + below(60);
        const end = min<u32>(SPACE, start + 1 + below(40));
        if (start >= end) continue;
        if (keepRange(t, base + start, base + end)) {
          for (let i = start; i < end; i++) here[i] = true;
          const ranges = countRanges(next);
          if (ranges > RANGES) expect<u32>(ranges).toBeLessThanOrEqual(RANGES);
        } else if (countRanges(next) != RANGES) {
          expect<u32>(countRanges(next)).toBe(RANGES, "refused though there is room");
        }
        if (below(4) == 0 && hasHoles(t)) {
          // The segment that is next arrives.
          next += 1 + below(30);
          if (next > SPACE) next = SPACE;
          let wanted = next;
          while (wanted < SPACE && here[wanted]) wanted++;
          next = joinRanges(t, base + next) - base;
          if (next != wanted) expect<u32>(next).toBe(wanted, `round ${round}, step ${step}`);
          t.rcvNxt = base + next;
          releaseIfWhole(t);
          if (hasHoles(t) != countRanges(next) > 0) {
            expect(hasHoles(t)).toBe(countRanges(next) > 0);
          }
        }
      }
      if (hasHoles(t)) releaseBlock(t);
      expect<u32>(poolUsed(Pool.REASSEMBLY)).toBe(used);
    }
  });

  it("refuses a range too many, and keeps those it has", () => {
    const t = fresh();
    for (let i: u32 = 0; i < RANGES; i++) {
      expect(keepRange(t, 100 + i * 20, 110 + i * 20)).toBeTruthy();
    }
    expect(keepRange(t, 1000, 1010)).toBeFalsy();
    expect(keepRange(t, 105, 125)).toBeTruthy("what touches needs no new range");
    expect<u32>(joinRanges(t, 100)).toBe(130);
    releaseBlock(t);
  });

  it("says so when no block is free", () => {
    const t = fresh();
    const others = new StaticArray<u16>(BLOCKS);
    for (let i = 0; i < BLOCKS; i++) {
      t.reassembly = <u16>NO_BLOCK;
      expect(keepRange(t, 5, 6)).toBeTruthy();
      others[i] = t.reassembly;
    }
    t.reassembly = <u16>NO_BLOCK;
    expect(keepRange(t, 5, 6)).toBeFalsy();
    expect(hasHoles(t)).toBeFalsy();
    for (let i = 0; i < BLOCKS; i++) {
      t.reassembly = others[i];
      releaseBlock(t);
    }
  });

  it("remembers an early FIN until it is next", () => {
    const t = fresh();
    keepRange(t, 0xfffffffe, 2);
    keepFin(t, 2);
    expect(finIsNext(t, 0xfffffffd)).toBeFalsy();
    const next = joinRanges(t, 0xfffffffe);
    expect<u32>(next).toBe(2);
    expect(finIsNext(t, next)).toBeTruthy();
    t.rcvNxt = 2;
    releaseIfWhole(t);
    expect(hasHoles(t)).toBeTruthy("the FIN is still to be taken");
    t.rcvNxt = 3;
    releaseIfWhole(t);
    expect(hasHoles(t)).toBeFalsy();
  });
});
