// Runs a stack's turns on the application's event loop. A turn follows whenever a frame or a call
// brings work, and at the stack's next deadline. Idle, it does not wake up at all.
// What a turn asks for, of its own stack or of another one in this thread, follows in the same task, as between
// events of the system that are there together: promises and process.nextTick come in between. A task has a
// bounded number of turns; then the rest of the program gets its share.

import type { Clock } from "../link/clock.js";
import { clearSoon, keepAlive as keepTimer, setSoon, type Task } from "./immediate.js";
import { isHeld } from "./keepAlive.js";

/** What is driven: a stack, or anything of its shape. */
export interface LoopTarget {
  readonly clock: Clock;
  turn(): boolean;
  /** The moment on the clock at which turn() has work; Infinity: none. */
  deadline(): number;
}

export interface EventLoop {
  /** Asks for a turn soon. Cheap when one is already asked for. */
  wake(): void;
  /** false: the loop alone does not keep the process alive. */
  ref(keep: boolean): void;
  /** Turns run so far. */
  readonly turns: number;
  stop(): void;
}

/** Turns of all stacks of the thread in one task, at most. */
export const TURNS_PER_TASK = 64;

/** The task that runs now: its turns, and the most there were in any. */
const task = { isOpen: false, turns: 0, most: 0 };

/** The most turns that one task had in this thread. */
export const mostTurnsPerTask = (): number => task.most;

export function createEventLoop(target: LoopTarget): EventLoop {
  let immediate: Task | null = null;
  /** In place of it where nobody waits: an unref'd immediate would not even run beside others that are waited for. */
  let soon: ReturnType<typeof setTimeout> | null = null;
  let isNext = false;
  let cancelTimer: (() => void) | null = null;
  let timerAtMs = Infinity;
  let keepAlive = true;
  let stopped = false;
  let turns = 0;

  function wake(): void {
    if (stopped || isNext || immediate !== null) return;
    if (task.isOpen && task.turns < TURNS_PER_TASK) {
      isNext = true;
      queueMicrotask(goOn);
      return;
    }
    if (keepAlive || isHeld()) immediate = setSoon(begin);
    else soon ??= keepTimer(setTimeout(begin, 0), false);
  }

  /** The first turn of a task. */
  function begin(): void {
    immediate = null;
    clearTimeout(soon ?? undefined);
    soon = null;
    task.turns = 0;
    run();
  }

  function goOn(): void {
    isNext = false;
    run();
  }

  function run(): void {
    if (stopped) return;
    turns++;
    task.most = Math.max(task.most, ++task.turns);
    task.isOpen = true;
    // A handler of the application that throws ends this turn only: the rest is done in the next.
    let more = true;
    try {
      more = target.turn();
      if (!more) arm();
    } finally {
      task.isOpen = false;
      if (more) wake();
    }
  }

  /** A timer that rings too early costs one empty turn; one that is moved with each turn costs more. */
  function arm(): void {
    const atMs = target.deadline();
    if (cancelTimer !== null && timerAtMs <= atMs && atMs !== Infinity) return;
    disarm();
    if (atMs === Infinity) return;
    timerAtMs = atMs;
    cancelTimer = target.clock.after(Math.max(0, atMs - target.clock.now()), ring, keepAlive);
  }

  function ring(): void {
    cancelTimer = null;
    timerAtMs = Infinity;
    wake();
  }

  function disarm(): void {
    cancelTimer?.();
    cancelTimer = null;
    timerAtMs = Infinity;
  }

  return {
    wake,
    ref(keep) {
      keepAlive = keep;
      if (cancelTimer === null) return;
      disarm();
      arm();
    },
    get turns() {
      return turns;
    },
    stop() {
      stopped = true;
      if (immediate) clearSoon(immediate);
      clearTimeout(soon ?? undefined);
      disarm();
    },
  };
}
