// Where the deadline of each timer lies, armed or not.

import { TIMER_DEADLINES } from "../memory";

/** Nothing armed. */
export const NEVER: u32 = 0xffffffff;

export function deadlineOf(node: u32): usize {
  return TIMER_DEADLINES + ((<usize>node) << 2);
}
