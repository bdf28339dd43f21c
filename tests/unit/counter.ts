// Counters as hosts find them in memory.

import { COUNTERS } from "../../assembly/memory";

export function counter(id: u32): u32 {
  return load<u32>(COUNTERS + ((<usize>id) << 2));
}
