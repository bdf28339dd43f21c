// Counters: one u32 for each reason in constants.Counter, wrapping.

import { COUNTERS } from "./memory";

export function count(id: i32): void {
  const p = COUNTERS + ((<usize>id) << 2);
  store<u32>(p, load<u32>(p) + 1);
}

export function add(id: i32, n: u32): void {
  const p = COUNTERS + ((<usize>id) << 2);
  store<u32>(p, load<u32>(p) + n);
}

/** Counts a frame that ends here under its reason, and answers nothing. */
export function drop(reason: u32): u32 {
  count(reason);
  return 0;
}
