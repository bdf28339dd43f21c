// Time as the stack sees it. The real clock is monotonic; the virtual one moves only when told,
// so that tests and replays run as fast as they can and always the same way.

import { keepAlive as keepTimer } from "../core/immediate.js";

export interface Clock {
  /** Milliseconds since some fixed moment; never runs backwards. May have a fraction. */
  now(): number;
  /**
   * Calls back once, at or after `now() + delayMs`. The result cancels. keepAlive: on the real
   * clock the process stays until then (default: it does not).
   */
  after(delayMs: number, callback: () => void, keepAlive?: boolean): () => void;
}

export interface VirtualClock extends Clock {
  /** Moves time forward and runs, in order, what falls due on the way. */
  advance(delayMs: number): void;
  /** Moment of the earliest callback, or Infinity. */
  nextDue(): number;
}

/** setTimeout takes no more; a longer delay rings early, and its owner looks again. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

/** The machine's monotonic clock. */
export const realClock: Clock = {
  now: () => performance.now(),
  after(delayMs, callback, keepAlive = false) {
    const wholeMs = Math.min(Math.ceil(Math.max(0, delayMs)), LONGEST_TIMEOUT_MS);
    const timer = setTimeout(callback, wholeMs);
    keepTimer(timer, keepAlive);
    return () => clearTimeout(timer);
  },
};

interface Due {
  atMs: number;
  order: number;
  callback: () => void;
}

/** A clock that starts at `startMs` and moves only by advance(). */
export function createVirtualClock(startMs = 0): VirtualClock {
  let nowMs = startMs;
  let order = 0;
  const waiting = new Set<Due>();

  function earliest(): Due | null {
    let first: Due | null = null;
    for (const due of waiting) {
      if (!first || due.atMs < first.atMs || (due.atMs === first.atMs && due.order < first.order))
        first = due;
    }
    return first;
  }

  return {
    now: () => nowMs,
    after(delayMs, callback) {
      const due = { atMs: nowMs + Math.max(0, delayMs), order: order++, callback };
      waiting.add(due);
      return () => waiting.delete(due);
    },
    advance(delayMs) {
      const endMs = nowMs + Math.max(0, delayMs);
      for (let due = earliest(); due && due.atMs <= endMs; due = earliest()) {
        waiting.delete(due);
        nowMs = Math.max(nowMs, due.atMs);
        due.callback();
      }
      nowMs = endMs;
    },
    nextDue: () => earliest()?.atMs ?? Infinity,
  };
}
