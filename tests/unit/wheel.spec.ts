// Timers (the wheel, or the scan of small profiles) against a plain list of deadlines: no timer is
// late, none is lost, none fires before its time, and none wakes the host more often than the
// levels of the wheel explain.

import { WHEEL_LEVELS } from "../../assembly/config";
import { globals } from "../../assembly/globals";
import { listReset } from "../../assembly/buffer/list";
import { LINK_COUNT, TIMER_COUNT, TIMER_DEADLINES } from "../../assembly/memory";
import { NEVER } from "../../assembly/timer/deadline";
import { armAfter, disarm, isArmed, timerDeadline, timerNext } from "../../assembly/timer/timer";
import { below, random, reseed } from "./random";

const NODES: u32 = TIMER_COUNT < 10 ? TIMER_COUNT : 10;
const LONGEST_MS: u32 = 1 << 30;

const deadlines = new StaticArray<u32>(NODES);
const armed = new StaticArray<bool>(NODES);

function start(nowMs: u32): void {
  globals.nowMs = nowMs;
  globals.wheelMs = nowMs;
  globals.timersArmed = 0;
  memory.fill(TIMER_DEADLINES, 0, TIMER_COUNT * 4);
  for (let i: u32 = 0; i < LINK_COUNT; i++) listReset(i);
  for (let i: u32 = 0; i < NODES; i++) armed[i] = false;
}

/** Arms a node for a time. */
function arm(node: u32, deadlineMs: u32): void {
  armAfter(node, deadlineMs - globals.nowMs);
}

function armBoth(node: u32, inMs: u32): void {
  armAfter(node, inMs);
  deadlines[node] = globals.nowMs + inMs;
  armed[node] = true;
}

/** ms until the first deadline of the plain list, or NEVER. */
function earliest(): u32 {
  let first = NEVER;
  for (let i: u32 = 0; i < NODES; i++) {
    if (!armed[i]) continue;
    const left = deadlines[i] - globals.nowMs;
    first = min<u32>(first, <i32>left < 0 ? 0 : left);
  }
  return first;
}

/** Expires all that is due in both; false when they differ. */
function expireBoth(): bool {
  let node = timerNext();
  while (node >= 0) {
    if (!armed[node] || <i32>(globals.nowMs - deadlines[node]) < 0) return false;
    armed[node] = false;
    node = timerNext();
  }
  return earliest() > 0;
}

function randomDelay(): u32 {
  return below(1 << below(30)) + (below(50) == 0 ? LONGEST_MS >> 1 : 0);
}

describe("timer wheel", () => {
  it("is empty after a reset", () => {
    start(12345);
    expect<u32>(timerDeadline()).toBe(NEVER);
    expect(timerNext()).toBe(-1);
  });

  it("fires at once what is armed for the past or for now", () => {
    start(1000);
    arm(3, 1000);
    arm(4, 900);
    expect<u32>(timerDeadline()).toBe(0);
    const first = timerNext();
    const second = timerNext();
    expect(first + second).toBe(7);
    expect(timerNext()).toBe(-1);
    expect<u32>(globals.timersArmed).toBe(0);
  });

  it("fires each node exactly at its time when woken by its own deadline", () => {
    reseed(2026);
    const starts: u32[] = [0, 1, 0x7fffff00, 0xfffff000, 0xffffffff, 0xc0000000];
    for (let round = 0; round < 600; round++) {
      start(round < 6 ? starts[round] : random());
      const delay = round % 50 == 0 ? LONGEST_MS : below(1 << below(31));
      const due = globals.nowMs + delay;
      arm(1, due);
      let wakes = 0;
      while (timerNext() < 0) {
        const ahead = timerDeadline();
        if (ahead > due - globals.nowMs) expect<u32>(ahead).toBe(due - globals.nowMs, "late");
        globals.nowMs += ahead;
        wakes++;
        if (wakes > 100) break;
      }
      expect<u32>(globals.nowMs).toBe(due, `armed for ${delay} ms`);
      expect(wakes).toBeLessThanOrEqual(WHEEL_LEVELS + 4, `woken too often for ${delay} ms`);
    }
  });

  it("agrees with a plain list over random use, across the wrap of the clock", () => {
    reseed(31337);
    for (let round: u32 = 0; round < 20; round++) {
      start(round * 0x11111111 - 0x100000);
      for (let step = 0; step < 1000; step++) {
        const node = below(NODES);
        const what = below(4);
        if (what < 2) armBoth(node, randomDelay());
        else if (what == 2) {
          disarm(node);
          armed[node] = false;
        } else {
          globals.nowMs += below(3) == 0 ? min<u32>(timerDeadline(), LONGEST_MS) : randomDelay();
          if (!expireBoth()) expect(false).toBeTruthy(`round ${round}, step ${step}: wrong timers`);
        }
        if (timerDeadline() > earliest()) {
          expect<u32>(timerDeadline()).toBe(earliest(), `round ${round}, step ${step}: late`);
        }
        if (isArmed(node) != armed[node]) expect(isArmed(node)).toBe(armed[node]);
      }
    }
    expect(true).toBeTruthy();
  });

  it("moves a node that is armed again, and forgets one that is disarmed", () => {
    start(5000);
    arm(2, 5010);
    arm(2, 90000);
    globals.nowMs = 6000;
    expect(timerNext()).toBe(-1);
    expect(isArmed(2)).toBeTruthy();
    arm(2, 6001);
    globals.nowMs = 6001;
    expect(timerNext()).toBe(2);
    expect(isArmed(2)).toBeFalsy();
    arm(2, 7000);
    disarm(2);
    disarm(2);
    globals.nowMs = 8000;
    expect(timerNext()).toBe(-1);
    expect<u32>(timerDeadline()).toBe(NEVER);
  });
});
