// Runs a stack's turns on the application's event loop. A turn follows whenever a frame or a call
// brings work, and at the stack's next deadline. Idle, it does not wake up at all.
// What a turn asks for, of its own stack or of another one in this thread, follows in the same task, as between
// events of the system that are there together: promises and process.nextTick come in between. A task has a
// bounded number of turns; then the rest of the program gets its share.

import type { Clock } from "../link/clock.js";
import { afterTicks, clearSoon, keepAlive as keepTimer, setSoon, type Task } from "./immediate.js";
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
  /** The same, in a task to come: whoever asks may have more to do before anything comes of it. */
  wakeLater(): void;
  /** false: the loop alone does not keep the process alive. */
  ref(keep: boolean): void;
  stop(): void;
}

/** Turns of all stacks of the thread in one task, at most. */
export const TURNS_PER_TASK = 64;

/** Of these, turns that are asked for between two, by what handlers have put off: a program that goes on in promises must not keep the task. */
const LATE_TURNS_PER_TASK = 3;

/** The task that runs now: its turns, those asked for late, and the most there were in any. */
const task = {
  isOpen: false,
  isRunning: false,
  /** Turns that are on their way. */
  queued: 0,
  isClosing: false,
  hasRun: false,
  turns: 0,
  lateTurns: 0,
  most: 0,
};

/** What the handlers of a turn have put off by process.nextTick or a promise belongs to its task as well. */
function closeLater(): void {
  // The next turn closes it.
  if (task.queued > 0) return;
  task.hasRun = true;
  if (task.isClosing) return;
  task.isClosing = true;
  afterTicks(closeTask);
}

/** Whether another turn fits into the task. */
function mayGoOn(): boolean {
  if (!task.isOpen || task.turns >= TURNS_PER_TASK) return false;
  return task.isRunning || task.lateTurns++ < LATE_TURNS_PER_TASK;
}

function closeTask(): void {
  if (task.hasRun) {
    // Since the last look; and its handlers, too, may have put something off.
    task.hasRun = false;
    afterTicks(closeTask);
  } else task.isClosing = task.isOpen = false;
}

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

  function wake(): void {
    if (stopped || isNext || immediate !== null) return;
    if (mayGoOn()) {
      isNext = true;
      task.queued++;
      afterTicks(goOn);
      return;
    }
    wakeLater();
  }

  function wakeLater(): void {
    if (stopped || isNext || immediate !== null) return;
    if (keepAlive || isHeld()) immediate = setSoon(begin);
    else soon ??= keepTimer(setTimeout(begin, 0), false);
  }

  /** The first turn of a task. */
  function begin(): void {
    immediate = null;
    clearTimeout(soon ?? undefined);
    soon = null;
    task.turns = task.lateTurns = 0;
    run();
  }

  function goOn(): void {
    isNext = false;
    task.queued--;
    try {
      run();
    } catch (error) {
      // As it would have left a task of its own: uncaught.
      queueMicrotask(() => {
        throw error;
      });
    }
  }

  function run(): void {
    if (stopped) return closeLater();
    task.most = Math.max(task.most, ++task.turns);
    task.isOpen = task.isRunning = true;
    // A handler of the application that throws ends this turn only: the rest is done in the next.
    let more = true;
    try {
      more = target.turn();
      if (!more) arm();
    } finally {
      task.isRunning = false;
      closeLater();
      if (more) wakeLater();
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
    wakeLater,
    ref(keep) {
      keepAlive = keep;
      if (cancelTimer === null) return;
      disarm();
      arm();
    },
    stop() {
      stopped = true;
      if (immediate) clearSoon(immediate);
      clearTimeout(soon ?? undefined);
      disarm();
    },
  };
}
