// Levels of the pools, their free records, and the counters.

import { CACHES, DNS, FRAGMENTS, GROUPS, DNS_SD, ROUTES, SACK, UDP } from "../../assembly/config";
import { Constant, Counter, Pool } from "../../assembly/constants";
import { add, count } from "../../assembly/counter";
import { LINK_COUNT, POOLS, SEND_RING_NODE, constant } from "../../assembly/memory";
import {
  claim,
  claimed,
  hasFree,
  poolReset,
  poolUsed,
  release,
  released,
  releaseWarm,
} from "../../assembly/pool";
import { listReset } from "../../assembly/buffer/list";
import { RING_COUNT } from "../../assembly/config";
import { counter } from "./counter";
import { below, reseed } from "./random";

const POOL: u32 = Pool.SEND_RING;
const FIRST: u32 = SEND_RING_NODE;
const COUNT: u32 = RING_COUNT;

/** Where hosts find the most records of a pool ever in use. */
function highWater(id: u32): u32 {
  return load<u32>(POOLS + ((<usize>id) << 3), 4);
}

/** All records free, whatever a test before took. */
function fresh(): void {
  for (let i: u32 = 0; i < LINK_COUNT; i++) listReset(i);
  while (poolUsed(POOL) > 0) released(POOL);
  poolReset();
}

describe("pool levels", () => {
  it("follow claims and releases, and keep the highest", () => {
    const used = poolUsed(Pool.TCB);
    claimed(Pool.TCB);
    claimed(Pool.TCB);
    expect<u32>(poolUsed(Pool.TCB)).toBe(used + 2);
    const high = highWater(Pool.TCB);
    expect<u32>(high).toBeGreaterThanOrEqual(used + 2);
    released(Pool.TCB);
    expect<u32>(poolUsed(Pool.TCB)).toBe(used + 1);
    expect<u32>(highWater(Pool.TCB)).toBe(high);
    released(Pool.TCB);
    expect<u32>(poolUsed(Pool.TCB)).toBe(used);
  });

  it("keep the pools apart", () => {
    const before = poolUsed(Pool.LISTENER);
    claimed(Pool.NEIGHBOUR);
    expect<u32>(poolUsed(Pool.LISTENER)).toBe(before);
    released(Pool.NEIGHBOUR);
  });

  it("have a capacity for every pool", () => {
    for (let id: u32 = 0; id < <u32>Pool.COUNT; id++) {
      if (!CACHES && (id == Pool.SYN_CACHE || id == Pool.TIME_WAIT)) continue;
      if (!SACK && id == Pool.RECOVERY) continue;
      if (!UDP && id == Pool.SOCKET) continue;
      if (!FRAGMENTS && id == Pool.ASSEMBLY) continue;
      if (!GROUPS && id == Pool.GROUP) continue;
      if (!ROUTES && id == Pool.ROUTE) continue;
      if (!DNS && id == Pool.LOOKUP) continue;
      if (!DNS_SD && id == Pool.SERVICE) continue;
      expect<u32>(constant(Constant.TCBS + id)).toBeGreaterThan(0);
    }
    expect<u32>(constant(Constant.TCBS + POOL)).toBe(COUNT);
  });
});

/** Rings and reassembly blocks come back warm, the other records in turn. */
describe("free records", () => {
  it("come out once each, then none is left", () => {
    fresh();
    for (let i: u32 = 0; i < COUNT; i++) {
      expect(hasFree(POOL)).toBeTruthy();
      expect<u32>(claim(POOL)).toBe(FIRST + i);
    }
    expect(hasFree(POOL)).toBeFalsy();
    expect(claim(POOL)).toBe(-1);
    expect<u32>(poolUsed(POOL)).toBe(COUNT);
  });

  it("come back first freed first", () => {
    fresh();
    for (let i: u32 = 0; i < COUNT; i++) claim(POOL);
    release(POOL, FIRST + 2);
    release(POOL, FIRST + 0);
    expect<u32>(claim(POOL)).toBe(FIRST + 2);
    release(POOL, FIRST + 3);
    expect<u32>(claim(POOL)).toBe(FIRST + 0);
    expect<u32>(claim(POOL)).toBe(FIRST + 3);
    expect(hasFree(POOL)).toBeFalsy();
  });

  it("come back last freed first where they are given back warm, from empty too", () => {
    fresh();
    for (let i: u32 = 0; i < COUNT; i++) claim(POOL);
    releaseWarm(POOL, FIRST + 2);
    releaseWarm(POOL, FIRST + 0);
    releaseWarm(POOL, FIRST + 3);
    expect<u32>(claim(POOL)).toBe(FIRST + 3);
    releaseWarm(POOL, FIRST + 1);
    expect<u32>(claim(POOL)).toBe(FIRST + 1);
    expect<u32>(claim(POOL)).toBe(FIRST + 0);
    expect<u32>(claim(POOL)).toBe(FIRST + 2);
    expect(hasFree(POOL)).toBeFalsy();
  });

  it("never used stay so while a used one is free", () => {
    fresh();
    const first = claim(POOL);
    for (let i = 0; i < 100; i++) {
      releaseWarm(POOL, first);
      expect(claim(POOL)).toBe(first);
    }
  });

  it("agree with an array over random use", () => {
    fresh();
    reseed(13);
    const free: u32[] = [];
    for (let i: u32 = 0; i < COUNT; i++) free.push(FIRST + i);
    const taken: u32[] = [];
    for (let step = 0; step < 5000; step++) {
      if (below(2) == 0 && free.length > 0) {
        const node = <u32>claim(POOL);
        if (node != free[0]) expect<u32>(node).toBe(free[0]);
        taken.push(free.shift());
      } else if (taken.length > 0) {
        const node = taken.splice(below(taken.length), 1)[0];
        if (below(2) == 0) {
          releaseWarm(POOL, node);
          free.unshift(node);
        } else {
          release(POOL, node);
          free.push(node);
        }
      }
      if (hasFree(POOL) != free.length > 0) expect(hasFree(POOL)).toBe(free.length > 0);
    }
    expect(free.length + taken.length).toBe(COUNT);
    expect<u32>(poolUsed(POOL)).toBe(taken.length);
  });
});

describe("counters", () => {
  it("count, add and wrap at 2^32", () => {
    const before = counter(Counter.RX_FRAMES);
    count(Counter.RX_FRAMES);
    expect<u32>(counter(Counter.RX_FRAMES)).toBe(before + 1);
    add(Counter.RX_FRAMES, 0xffffffff);
    expect<u32>(counter(Counter.RX_FRAMES)).toBe(before);
  });
});
