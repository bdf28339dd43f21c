// The end of sending: what was queued still goes, and only then is the end told, so that both sides count the same.

import type { Stack } from "../core/stack.js";
import type { Measurement } from "./measure.js";

const LOOK_MS = 2;
/** A peer that has stopped reading is not waited for any longer. */
const MOST_MS = 1_000;
/** What has arrived is read by then. */
const TAIL_MS = 20;
/** A server has heard the end while bytes are on their way: it waits until so long none has come. */
const QUIET_MS = 50;

/** Calls back when all that was sent has left, over TCP has arrived. */
export function drain(stack: Stack, measurement: Measurement, done: () => void): void {
  measurement.hush();
  if (measurement.sends === 0) {
    done();
    return;
  }
  const begunMs = stack.clock.now();
  const look = (): void => {
    const isLate = stack.clock.now() - begunMs >= MOST_MS;
    if (isLate || measurement.isDrained()) stack.after(TAIL_MS, done);
    else stack.after(LOOK_MS, look);
  };
  look();
}

/** Calls back when nothing has come for some time. */
export function quieten(stack: Stack, measurement: Measurement, done: () => void): void {
  const begunMs = stack.clock.now();
  const look = (): void => {
    const nowMs = stack.clock.now();
    const quietMs = nowMs - Math.max(begunMs, measurement.movedMs);
    if (quietMs >= QUIET_MS || nowMs - begunMs >= MOST_MS) done();
    else stack.after(Math.max(1, QUIET_MS - quietMs), look);
  };
  look();
}
