// Runs a stack's turns on the application's event loop. A turn follows whenever a frame or a call
// brings work, again at once while more is due (through setImmediate, so that the application gets
// its share), and at the stack's next deadline. Idle, it does not wake up at all.

import type { Clock } from "../link/clock.js";

/** What is driven: a stack, or anything of its shape. */
export interface LoopTarget {
  readonly clock: Clock;
  turn(): boolean;
  /** Ms from now until turn() has work; Infinity: none. */
  nextDeadline(): number;
}

export interface EventLoop {
  /** Asks for a turn soon. Cheap when one is already asked for. */
  wake(): void;
  /** false: the timer alone does not keep the process alive. */
  ref(keep: boolean): void;
  /** Turns run so far. */
  readonly turns: number;
  stop(): void;
}

export function createEventLoop(target: LoopTarget): EventLoop {
  let immediate: NodeJS.Immediate | null = null;
  let cancelTimer: (() => void) | null = null;
  let keepAlive = true;
  let stopped = false;
  let turns = 0;

  function wake(): void {
    if (!stopped) immediate ??= setImmediate(run);
  }

  function run(): void {
    immediate = null;
    if (stopped) return;
    turns++;
    // A handler of the application that throws ends this turn only: the rest is done in the next.
    let more = true;
    try {
      more = target.turn();
    } finally {
      if (more) wake();
      else arm();
    }
  }

  function arm(): void {
    cancelTimer?.();
    cancelTimer = null;
    if (stopped) return;
    const delayMs = target.nextDeadline();
    if (delayMs === Infinity) return;
    cancelTimer = target.clock.after(
      delayMs,
      () => {
        cancelTimer = null;
        wake();
      },
      keepAlive,
    );
  }

  return {
    wake,
    ref(keep) {
      keepAlive = keep;
      if (cancelTimer) arm();
    },
    get turns() {
      return turns;
    },
    stop() {
      stopped = true;
      if (immediate) clearImmediate(immediate);
      cancelTimer?.();
      cancelTimer = null;
    },
  };
}
