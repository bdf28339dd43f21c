// Timers of the application on a stack's clock: a binary heap by moment, where the cancelled stay
// until they come up or are the greater part. They ring from the stack's turn, so they work alike on the event loop, in the dedicated worker and
// under virtual time.

interface Timer {
  atMs: number;
  order: number;
  callback: (() => void) | null;
}

export interface Timers {
  /** The result cancels. */
  add(atMs: number, callback: () => void): () => void;
  /** Moment of the earliest, or Infinity. */
  earliest(): number;
  /** Rings what is due; timers added meanwhile wait for the next call. */
  run(nowMs: number): void;
  /** Timers held, cancelled ones that were not dropped yet included. */
  size(): number;
  clear(): void;
}

const before = (a: Timer, b: Timer) => a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);

/** Below this many the cancelled are not worth looking for. */
const FEW = 64;

export function createTimers(): Timers {
  let heap: Timer[] = [];
  let order = 0;
  let cancelled = 0;

  function push(timer: Timer): void {
    let at = heap.push(timer) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!before(timer, heap[parent]!)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = timer;
  }

  function pop(): void {
    const last = heap.pop()!;
    if (heap.length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child++;
      if (!before(heap[child]!, last)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
  }

  /** The first that is not cancelled. */
  function first(): Timer | undefined {
    while (heap.length > 0 && heap[0]!.callback === null) {
      pop();
      cancelled--;
    }
    return heap[0];
  }

  function cancel(timer: Timer): void {
    if (timer.callback === null) return;
    timer.callback = null;
    if (++cancelled <= FEW || cancelled <= heap.length / 2) return;
    // A sorted array is a heap.
    heap = heap.filter(({ callback }) => callback !== null);
    heap.sort((a, b) => (before(a, b) ? -1 : 1));
    cancelled = 0;
  }

  return {
    add(atMs, callback) {
      const timer: Timer = { atMs, order: order++, callback };
      push(timer);
      return () => cancel(timer);
    },
    earliest: () => first()?.atMs ?? Infinity,
    run(nowMs) {
      const newest = order;
      for (let timer = first(); timer && timer.atMs <= nowMs; timer = first()) {
        if (timer.order >= newest) return;
        const { callback } = timer;
        pop();
        timer.callback = null; // rung: nothing to cancel any more
        callback?.();
      }
    },
    size: () => heap.length,
    clear() {
      heap = [];
      cancelled = 0;
    },
  };
}
