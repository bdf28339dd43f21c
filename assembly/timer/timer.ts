// Timers: a number each (memory.ts), armed for a time or not. A wheel or a look at all of them, as
// config.TIMER_WHEEL says. Arming cannot fail.

import { TIMER_WHEEL } from "../config";
import { globals } from "../globals";
import { scanArm, scanDeadline, scanDisarm, scanHas, scanNext } from "./scan";
import { wheelArm, wheelDeadline, wheelDisarm, wheelHas, wheelNext } from "./wheel";

/** Arms a node for a time so many ms from now, at most 2^30; below zero counts as now. Arming again moves
 * it. */
export function armAfter(node: u32, ms: u32): void {
  const deadlineMs = globals.nowMs + ms;
  if (TIMER_WHEEL) wheelArm(node, deadlineMs);
  else scanArm(node, deadlineMs);
}

export function disarm(node: u32): void {
  if (TIMER_WHEEL) wheelDisarm(node);
  else scanDisarm(node);
}

export function isArmed(node: u32): bool {
  return TIMER_WHEEL ? wheelHas(node) : scanHas(node);
}

/** ms from nowMs to the next event: never late; NEVER when nothing is armed. */
export function timerDeadline(): u32 {
  return TIMER_WHEEL ? wheelDeadline() : scanDeadline();
}

/** The next node whose deadline has come, disarmed; -1 when none is left. */
export function timerNext(): i32 {
  return TIMER_WHEEL ? wheelNext() : scanNext();
}
