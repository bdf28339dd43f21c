// What keeps the process alive: a stack in the same process has no handle of the event loop, so a timer
// that never rings stands for all that is open and was not unref'd. One for each thread.

import { keepAlive } from "./immediate.js";

const LONGEST_MS = 2 ** 31 - 1;
const ignore = (): void => undefined;

let held = 0;
let timer: ReturnType<typeof setInterval> | null = null;

/** One more reason to stay. */
export function hold(): void {
  if (held++ > 0) return;
  timer ??= setInterval(ignore, LONGEST_MS);
  keepAlive(timer, true);
}

/** One less. */
export function release(): void {
  if (--held === 0 && timer !== null) keepAlive(timer, false);
}

/** Something is held. */
export const isHeld = (): boolean => held > 0;
