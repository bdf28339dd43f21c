// Timers of the application on a stack's clock: a binary heap by moment, cancelled lazily. They
// ring from the stack's turn, so they work alike on the event loop, in the dedicated worker and
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
  clear(): void;
}

const before = (a: Timer, b: Timer) => a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);

export function createTimers(): Timers {
  const heap: Timer[] = [];
  let order = 0;

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
    while (heap.length > 0 && heap[0]!.callback === null) pop();
    return heap[0];
  }

  return {
    add(atMs, callback) {
      const timer: Timer = { atMs, order: order++, callback };
      push(timer);
      return () => (timer.callback = null);
    },
    earliest: () => first()?.atMs ?? Infinity,
    run(nowMs) {
      const newest = order;
      for (let timer = first(); timer && timer.atMs <= nowMs; timer = first()) {
        if (timer.order >= newest) return;
        const { callback } = timer;
        pop();
        callback?.();
      }
    },
    clear() {
      heap.length = 0;
    },
  };
}
