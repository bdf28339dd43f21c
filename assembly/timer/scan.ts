// Few timers: a deadline for each, 0 while it is not armed, and a look at all of them to find the
// first. Never early; late only by the 1 ms that a deadline of 0 is moved. A wheel would take more
// code than the looks cost. Input: nowMs; output: the number of an expired node.

import { globals } from "../globals";
import { TIMER_COUNT } from "../memory";
import { atLeastZero, either } from "../order";
import { deadlineOf, NEVER } from "./deadline";

let firstTimer: u32 = 0;

export function scanHas(node: u32): bool {
  return load<u32>(deadlineOf(node)) != 0;
}

export function scanArm(node: u32, deadlineMs: u32): void {
  store<u32>(deadlineOf(node), deadlineMs + u32(deadlineMs == 0));
}

export function scanDisarm(node: u32): void {
  store<u32>(deadlineOf(node), 0);
}

/** ms from nowMs to the first deadline, 0 when it has passed, NEVER when none is; sets firstTimer. */
export function scanDeadline(): u32 {
  let left = NEVER;
  let i: u32 = 0;
  do {
    const wait = atLeastZero(load<u32>(deadlineOf(i)) - globals.nowMs);
    if (either(wait >= left, !scanHas(i))) continue;
    left = wait;
    firstTimer = i;
  } while (++i < TIMER_COUNT);
  return left;
}

/** The next node whose deadline has come, disarmed; -1 when none is left. */
export function scanNext(): i32 {
  if (scanDeadline() != 0) return -1;
  scanDisarm(firstTimer);
  return <i32>firstTimer;
}
