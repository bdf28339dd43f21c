// Timers and clocks: order, cancellation, and a virtual clock that moves only when told.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createTimers } from "../../host/core/timers.js";
import { createVirtualClock, realClock } from "../../host/link/clock.js";
import { seededRandom } from "../../host/link/random.js";

test("timers ring in order of time, then of making", () => {
  const timers = createTimers();
  const random = seededRandom(7);
  const rung: number[] = [];
  const moments = Array.from({ length: 500 }, () => Math.floor(random() * 50));
  moments.forEach((atMs, index) => timers.add(atMs, () => rung.push(index)));
  const expected = moments.map((_, i) => i).sort((a, b) => moments[a]! - moments[b]! || a - b);
  for (let nowMs = 0; nowMs < 50; nowMs += 3) timers.run(nowMs);
  timers.run(50);
  assert.deepEqual(rung, expected);
  assert.equal(timers.earliest(), Infinity);
});

test("a cancelled timer does not ring and does not count", () => {
  const timers = createTimers();
  let rung = 0;
  const cancel = timers.add(5, () => rung++);
  timers.add(9, () => rung++);
  assert.equal(timers.earliest(), 5);
  cancel();
  assert.equal(timers.earliest(), 9);
  timers.run(8);
  assert.equal(rung, 0);
  timers.run(9);
  assert.equal(rung, 1);
});

test("a timer added while timers ring waits for the next run", () => {
  const timers = createTimers();
  let rung = 0;
  const again = () => {
    rung++;
    timers.add(0, again);
  };
  timers.add(0, again);
  timers.run(0);
  assert.equal(rung, 1);
  timers.run(0);
  assert.equal(rung, 2);
});

test("cancelled timers do not pile up, whatever the order", () => {
  const timers = createTimers();
  const random = seededRandom(11);
  const rung: number[] = [];
  const kept: number[] = [];
  for (let i = 0; i < 10_000; i++) {
    const cancel = timers.add(Math.floor(random() * 60_000), () => rung.push(i));
    if (i % 100 === 0) kept.push(i);
    else cancel();
    if (i % 300 === 0) cancel();
    if (i % 300 === 0) kept.pop();
    assert.ok(timers.size() <= 2 * kept.length + 130, `${timers.size()} for ${kept.length}`);
  }
  timers.run(60_000);
  assert.deepEqual(
    rung.sort((a, b) => a - b),
    kept,
  );
});

test("a virtual clock stands still until it is moved", () => {
  const clock = createVirtualClock(100);
  const rung: [string, number][] = [];
  clock.after(10, () => rung.push(["late", clock.now()]));
  clock.after(5, () => {
    rung.push(["early", clock.now()]);
    clock.after(1, () => rung.push(["nested", clock.now()]));
  });
  const cancel = clock.after(7, () => rung.push(["never", clock.now()]));
  cancel();
  assert.equal(clock.nextDue(), 105);
  clock.advance(20);
  assert.deepEqual(rung, [
    ["early", 105],
    ["nested", 106],
    ["late", 110],
  ]);
  assert.equal(clock.now(), 120);
  assert.equal(clock.nextDue(), Infinity);
});

test("the real clock moves by itself and rings not before time", async () => {
  const startMs = realClock.now();
  await new Promise<void>((resolve) => realClock.after(20, resolve, true));
  const tookMs = realClock.now() - startMs;
  // libuv counts whole milliseconds from the start of its turn: one may be missing.
  assert.ok(tookMs >= 19, `${tookMs} ms`);
});
