// Drives stacks under virtual time: runs their turns until nothing is left to do at this moment,
// then moves the clock to the earliest deadline of any stack or link, and again, until a condition
// holds. A run of minutes takes milliseconds, and repeats exactly.

import type { VirtualClock } from "../link/clock.js";
import type { Stack } from "./stack.js";

/** Stacks, and the clock that they go by. */
export interface VirtualRun {
  /** Moves only in here. */
  clock: VirtualClock;
  /** Stacks made with loop: false on that clock. */
  stacks: readonly Stack[];
  /** Virtual time the run may take, ms. Default one hour. */
  limitMs?: number;
}

/** Turns in which nothing moves on: a stack that always says "more" is a bug, not a long run. */
const TURNS_AT_ONE_MOMENT = 1_000_000;

/** Runs everything that is due now, without moving the clock. */
export function settle({ stacks }: Pick<VirtualRun, "stacks">): void {
  let work = true;
  const onWork = () => (work = true);
  const before = stacks.map((stack) => stack.onWork);
  for (const stack of stacks) stack.onWork = onWork;
  try {
    for (let turns = 0; work; turns++) {
      if (turns > TURNS_AT_ONE_MOMENT) throw new Error("the stacks do not come to rest");
      work = false;
      for (const stack of stacks) if (stack.turn()) work = true;
    }
  } finally {
    stacks.forEach((stack, index) => (stack.onWork = before[index] ?? null));
  }
}

/** Runs until `until` holds; ms of virtual time it took. Throws when it never will, or too late. */
export function runVirtual(run: VirtualRun, until: () => boolean): number {
  const { clock, stacks, limitMs = 3_600_000 } = run;
  const startMs = clock.now();
  for (;;) {
    settle(run);
    if (until()) return clock.now() - startMs;
    const deadlines = stacks.map((stack) => stack.nextDeadline());
    const delayMs = Math.min(...deadlines, Math.max(0, clock.nextDue() - clock.now()));
    if (delayMs === Infinity) throw new Error("nothing is due any more, and the condition fails");
    if (clock.now() + delayMs - startMs > limitMs) {
      throw new Error(`the condition fails after ${limitMs} ms of virtual time`);
    }
    clock.advance(delayMs);
  }
}

/** Runs everything that happens within `delayMs` and ends at exactly that moment. */
export function runFor(run: VirtualRun, delayMs: number): void {
  let over = false;
  run.clock.after(delayMs, () => (over = true));
  runVirtual({ ...run, limitMs: Infinity }, () => over);
}
