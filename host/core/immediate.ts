// Tasks and timers under one name everywhere: a task that follows as soon as the ones that wait are done, and
// timers that need not keep a process alive. Node has both; a page has neither, and needs no second.

/** setTimeout takes no more. */
export const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

/** Answers of setTimeout and its like: an object on Node, a number in a page. */
export interface Task {
  readonly isTask: true;
}

interface Immediates {
  setImmediate?(callback: () => void): unknown;
  clearImmediate?(task: unknown): void;
}

const { setImmediate: nodeSet, clearImmediate: nodeClear } = globalThis as Immediates;

/** Callbacks in order; a cancelled one is skipped. */
const waiting = new Map<number, () => void>();
let last = 0;

/** A message to ourselves comes with the next task, while the timers of a page come 4 ms later. */
function createPost(): () => void {
  if (typeof MessageChannel === "undefined") return () => void setTimeout(runFirst, 0);
  const { port1, port2 } = new MessageChannel();
  (port1 as { onmessage?: unknown }).onmessage = runFirst;
  return () => port2.postMessage(null);
}

let post: (() => void) | null = null;

function runFirst(): void {
  const [first] = waiting;
  if (first === undefined) return;
  waiting.delete(first[0]);
  first[1]();
}

function setByMessage(callback: () => void): unknown {
  waiting.set(++last, callback);
  post ??= createPost();
  post();
  return last;
}

/** Calls back in a task of its own, as soon as may be. */
export const setSoon = (nodeSet ?? setByMessage) as (callback: () => void) => Task;

export const clearSoon = (nodeClear ?? ((task: unknown) => waiting.delete(task as number))) as (
  task: Task,
) => void;

interface Ticks {
  process?: { nextTick?<Value>(callback: (value: Value) => void, value: Value): void };
}

const nextTick = (globalThis as Ticks).process?.nextTick;

const settled = Promise.resolve();

/** Cheaper than queueMicrotask(), which makes a resource for each. */
const afterPromises = (task: () => void): void => void settled.then(task);

/**
 * Calls back in this task, behind what was put off before, by ticks (Node) and by promises. Node runs all that is
 * there of one kind before the other: a microtask alone would come before ticks, a tick before promises. What is called must not
 * throw: nobody would hear of it.
 */
export const afterTicks: (callback: () => void) => void = nextTick
  ? (callback) => nextTick(afterPromises, callback)
  : afterPromises;

/** Says whether a timer keeps the process alive, where there is one. */
export function keepAlive<Timer>(timer: Timer, keep: boolean): Timer {
  const { ref, unref } = timer as { ref?: () => void; unref?: () => void };
  if (keep) ref?.call(timer);
  else unref?.call(timer);
  return timer;
}
