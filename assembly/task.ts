// Tasks: what the stack does by itself, beside connections and sockets. Each has a number (memory.ts), a
// timer, and a place in the ready list of an interface; those that users know have a handle.
// Input: timers that are due, frames that may leave; output: the layer whose task it is.

import { listAppend, listUnlink } from "./buffer/list";
import { nodeOf } from "./event";
import { globals } from "./globals";
import { READY_HEAD, TASK_NODE, TASK_READY, TASK_TIMER } from "./memory";
import { deadlineOf } from "./timer/deadline";
import { armAfter, disarm, isArmed } from "./timer/timer";

/** The task has a frame to send on an interface: transmit asks for it. */
export function readyTask(task: u32, iface: u32): void {
  listAppend(READY_HEAD + iface, TASK_READY + task);
}

/** The task is to be woken in so many ms, at most 2^30. */
export function armTask(task: u32, ms: u32): void {
  armAfter(TASK_TIMER + task, ms);
}

/** The same, but never later than it was armed for before. */
export function wakeTask(task: u32, ms: u32): void {
  const timer = TASK_TIMER + task;
  if (!isArmed(timer) || <i32>(load<u32>(deadlineOf(timer)) - globals.nowMs - ms) > 0)
    armTask(task, ms);
}

/** The task sends nothing more, and is not woken any more. */
export function stopTask(task: u32): void {
  listUnlink(TASK_READY + task);
  disarm(TASK_TIMER + task);
}

/** The number of the task behind a handle, if it is one of `count` tasks from `first` on; or -1. */
export function taskOf(handle: u32, first: u32, count: u32): i32 {
  const node = nodeOf(handle, TASK_NODE + first, count);
  return node < 0 ? -1 : node - <i32>TASK_NODE;
}
