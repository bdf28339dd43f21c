// Counters that do not wrap: those of the core have 32 bits, and what they went on by since they were looked at last
// is added here. Right as long as none counts 2^32 between two looks: at 5 Gbit/s the bytes take 7 s for that.

import type { CounterName } from "../core/observe.js";
import type { Stack } from "../core/stack.js";

type Counters = Record<CounterName, number>;

interface Seen {
  last: Counters;
  readonly totals: Counters;
}

const seen = new WeakMap<Stack, Seen>();

/** The object is one and the same for a stack. */
export function totalsOf(stack: Stack): Readonly<Counters> {
  const now = stack.counters();
  const before = seen.get(stack);
  if (before === undefined) {
    const totals = { ...now };
    seen.set(stack, { last: now, totals });
    return totals;
  }
  const { last, totals } = before;
  for (const name of Object.keys(now) as CounterName[]) {
    totals[name] += (now[name] - last[name]) >>> 0;
  }
  before.last = now;
  return totals;
}
