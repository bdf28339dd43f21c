// Few timers: one bit for each that is armed, in globals.timersArmed, and a look at all of them to
// find the first. Never early and never late; a wheel would take more code than the looks cost.
// Input: nowMs; output: the number of an expired node.

import { TIMER_WHEEL } from "../config";
import { globals } from "../globals";
import { TIMER_COUNT } from "../memory";
import { atLeastZero } from "../order";
import { deadlineOf, NEVER } from "./deadline";

if (!TIMER_WHEEL && TIMER_COUNT > 32) ERROR("more timers than bits");

let firstTimer: u32 = 0;

export function scanHas(node: u32): bool {
  return ((globals.timersArmed >> node) & 1) != 0;
}

export function scanArm(node: u32, deadlineMs: u32): void {
  store<u32>(deadlineOf(node), deadlineMs);
  globals.timersArmed |= 1 << node;
}

export function scanDisarm(node: u32): void {
  globals.timersArmed &= ~(1 << node);
}

/** ms from nowMs to the first deadline, 0 when it has passed, NEVER when none is; sets firstTimer. */
export function scanDeadline(): u32 {
  let left: i32 = 0x7fffffff;
  for (let i: u32 = 0; i < TIMER_COUNT; i++) {
    const wait = <i32>(load<u32>(deadlineOf(i)) - globals.nowMs);
    if (wait >= left || !scanHas(i)) continue;
    left = wait;
    firstTimer = i;
  }
  return globals.timersArmed == 0 ? NEVER : atLeastZero(left);
}

/** The next node whose deadline has come, disarmed; -1 when none is left. */
export function scanNext(): i32 {
  if (scanDeadline() != 0) return -1;
  scanDisarm(firstTimer);
  return <i32>firstTimer;
}
