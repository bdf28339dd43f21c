// The loop on the application's event loop: turns when there is work, none when there is not.

import assert from "node:assert/strict";
import { setImmediate as immediately, setTimeout as delay } from "node:timers/promises";
import { test } from "node:test";
import { createEventLoop, mostTurnsPerTask, TURNS_PER_TASK } from "../../host/core/eventLoop.js";
import { realClock } from "../../host/link/clock.js";
import { until } from "./support/until.js";

/** Something to drive: `script` says what each turn answers. */
function target(script: boolean[], deadlines: number[] = []) {
  return {
    clock: realClock,
    turns: 0,
    turn() {
      this.turns++;
      return script.shift() ?? false;
    },
    deadline: () => realClock.now() + (deadlines.shift() ?? Infinity),
  };
}

test("idle: no turn without a wake-up, one turn for many", async () => {
  const idle = target([]);
  const loop = createEventLoop(idle);
  await delay(60);
  assert.equal(idle.turns, 0);
  for (let i = 0; i < 100; i++) loop.wake();
  await delay(60);
  assert.equal(idle.turns, 1);
  loop.stop();
});

test("more work: turn follows turn, and the application gets its share between them", async () => {
  const busy = target([true, true, true, false]);
  const loop = createEventLoop(busy);
  loop.wake();
  const seen = [];
  for (let i = 0; i < 6; i++) {
    await immediately();
    seen.push(busy.turns);
  }
  assert.ok(new Set(seen).size >= 4, `turns seen between: ${seen}`);
  assert.equal(busy.turns, 4);
  loop.stop();
});

test("a deadline brings exactly one turn, not early", async () => {
  const timed = target([], [30]);
  const loop = createEventLoop(timed);
  loop.wake();
  const startMs = performance.now();
  await until(() => timed.turns === 2, "the second turn");
  assert.ok(performance.now() - startMs > 28, "not early");
  await delay(60);
  assert.equal(timed.turns, 2);
  loop.stop();
});

test("stopped: nothing turns any more", async () => {
  const stopped = target([], [5]);
  const loop = createEventLoop(stopped);
  loop.wake();
  await delay(2);
  loop.stop();
  loop.wake();
  await delay(30);
  assert.ok(stopped.turns <= 1);
});

test("two that wake each other for ever: a task has a bounded number of their turns", async () => {
  let turns = 0;
  const waker = (other: () => { wake(): void }) => ({
    clock: realClock,
    deadline: () => Infinity,
    turn() {
      turns++;
      other().wake();
      return false;
    },
  });
  const one: { wake(): void; stop(): void } = createEventLoop(waker(() => two));
  const two = createEventLoop(waker(() => one));
  one.wake();
  for (let task = 0; task < 20; task++) await immediately();
  one.stop();
  two.stop();
  assert.ok(turns > 10 * TURNS_PER_TASK, `${turns} turns in 20 tasks`);
  assert.equal(mostTurnsPerTask(), TURNS_PER_TASK);
});
