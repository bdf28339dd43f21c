// Interface inspect: pools, counters, and the memory of the core as it lies there.

import { Constant, Counter, Pool } from "../../assembly/constants";
import * as core from "./generated/core";
import { allocate, answer, field, list } from "./canonical";
import { copyOut, read32 } from "./coreMemory";

/** Bytes of a pool-level. */
const LEVEL_BYTES: u32 = 16;

export function pools(): usize {
  const levels = allocate(Pool.COUNT * LEVEL_BYTES);
  const area = core.constant(Constant.POOL_AREA);
  for (let pool: u32 = 0; pool < <u32>Pool.COUNT; pool++) {
    const level = levels + pool * LEVEL_BYTES;
    store<u8>(level, pool);
    store<u32>(level, read32(area + 8 * pool), 4);
    store<u32>(level, read32(area + 8 * pool + 4), 8);
    store<u32>(level, core.constant(Constant.TCBS + pool), 12);
  }
  list(field(0), levels, Pool.COUNT);
  return answer();
}

export function counters(): usize {
  const values = allocate(4 * Counter.COUNT);
  copyOut(core.constant(Constant.COUNTER_AREA), values, 4 * Counter.COUNT);
  list(field(0), values, Counter.COUNT);
  return answer();
}

export function constant(id: u32): u32 {
  return core.constant(id);
}

export function readMemory(at: u32, length: u32): usize {
  const end = core.constant(Constant.MEMORY_BYTES);
  const there = min(length, end - min(at, end));
  const bytes = allocate(there);
  copyOut(at, bytes, there);
  list(field(0), bytes, there);
  return answer();
}
