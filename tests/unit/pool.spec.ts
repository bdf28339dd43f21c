// Levels of the pools, and the counters.

import { Counter, Pool } from "../../assembly/constants";
import { add, count, counter } from "../../assembly/counter";
import { claimed, poolCapacity, poolHighWater, poolUsed, released } from "../../assembly/pool";

describe("pool levels", () => {
  it("follow claims and releases, and keep the highest", () => {
    const used = poolUsed(Pool.TCB);
    claimed(Pool.TCB);
    claimed(Pool.TCB);
    expect<u32>(poolUsed(Pool.TCB)).toBe(used + 2);
    const high = poolHighWater(Pool.TCB);
    expect<u32>(high).toBeGreaterThanOrEqual(used + 2);
    released(Pool.TCB);
    expect<u32>(poolUsed(Pool.TCB)).toBe(used + 1);
    expect<u32>(poolHighWater(Pool.TCB)).toBe(high);
    released(Pool.TCB);
    expect<u32>(poolUsed(Pool.TCB)).toBe(used);
  });

  it("keep the pools apart", () => {
    const before = poolUsed(Pool.LISTENER);
    claimed(Pool.NEIGHBOUR);
    expect<u32>(poolUsed(Pool.LISTENER)).toBe(before);
    released(Pool.NEIGHBOUR);
  });

  it("have a capacity for every pool and none for others", () => {
    for (let id: u32 = 0; id < <u32>Pool.COUNT; id++) {
      expect<u32>(poolCapacity(id)).toBeGreaterThan(0);
    }
    const others: u32[] = [Pool.COUNT, 0x7fffffff, 0x80000000, 0xffffffff];
    for (let i = 0; i < others.length; i++) {
      expect<u32>(poolCapacity(others[i])).toBe(0);
      expect<u32>(poolUsed(others[i])).toBe(0);
      expect<u32>(poolHighWater(others[i])).toBe(0);
    }
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

  it("are 0 for a number that is none", () => {
    expect<u32>(counter(Counter.COUNT)).toBe(0);
    expect<u32>(counter(0x40000000)).toBe(0);
    expect<u32>(counter(0xffffffff)).toBe(0);
  });
});
