// Counters: one u32 for each reason in constants.Counter, wrapping.

import { COUNTERS } from "./memory";

export function add(id: i32, n: u32): void {
  const at = (<usize>id) << 2;
  store<u32>(at, load<u32>(at, COUNTERS) + n, COUNTERS);
}

/** Not add(id, 1): inlined, that would lay a 1 beside each of many calls. */
export function count(id: i32): void {
  const at = (<usize>id) << 2;
  store<u32>(at, load<u32>(at, COUNTERS) + 1, COUNTERS);
}

/** The result of input for a frame that ends here: its reason, below zero (see taken). */
// @ts-ignore: decorator
@inline
export function drop(reason: u32): u32 {
  return ~reason;
}

/** Counts a frame that input dropped. Returns what there is to send: nothing then. */
export function taken(result: u32): u32 {
  if (<i32>result >= 0) return result;
  count(~result);
  return 0;
}
