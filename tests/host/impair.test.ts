// impair(): every fault does what its name says, and the same seed gives the same faults.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createVirtualClock } from "../../host/link/clock.js";
import { impair, type Impairments } from "../../host/link/impair.js";
import { MemoryLink } from "../../host/link/memory.js";

const FRAMES = 2000;

/** Sends numbered frames, one each ms, through an impaired writer; numbers and times of arrival. */
function run(impairments: Impairments, frames = FRAMES, gapMs = 1) {
  const clock = createVirtualClock();
  const [a, b] = MemoryLink.pair({ capacity: 4 * FRAMES });
  const link = impair(a, { clock, ...impairments });
  const arrived: { number: number; atMs: number }[] = [];
  const into = Buffer.alloc(1514);
  b.onReadable = () => {
    while (b.read(into) > 0) arrived.push({ number: into.readUInt32BE(20), atMs: clock.now() });
  };
  const bytes = Buffer.alloc(125);
  for (let number = 0; number < frames; number++) {
    bytes.writeUInt32BE(number, 20);
    link.write(bytes);
    clock.advance(gapMs);
  }
  clock.advance(60_000);
  return { arrived, numbers: arrived.map(({ number }) => number), link };
}

test("without impairments a link is as it was", () => {
  const { numbers } = run({});
  assert.deepEqual(
    numbers,
    Array.from({ length: FRAMES }, (_, i) => i),
  );
});

test("the same seed gives the same faults, another gives others", () => {
  const faults = { loss: 0.1, delay: 3, duplicate: 0.1, reorder: 0.1, seed: 42 };
  assert.deepEqual(run(faults).arrived, run(faults).arrived);
  assert.notDeepEqual(run(faults).numbers, run({ ...faults, seed: 43 }).numbers);
});

test("loss takes about the share it was told", () => {
  const { numbers, link } = run({ loss: 0.1 });
  assert.equal(numbers.length + link.framesLost, FRAMES);
  assert.ok(link.framesLost > 140 && link.framesLost < 260, `lost ${link.framesLost}`);
  assert.equal(run({ loss: 1 }).numbers.length, 0);
});

test("a duplicate arrives twice", () => {
  const { numbers, link } = run({ duplicate: 0.1 });
  assert.equal(numbers.length, FRAMES + link.framesDuplicated);
  assert.ok(link.framesDuplicated > 140 && link.framesDuplicated < 260);
  assert.equal(new Set(numbers).size, FRAMES);
});

test("reordering holds frames back and loses none", () => {
  const { numbers, link } = run({ reorder: 0.05 });
  const overtaken = numbers.filter((number, at) => at > 0 && number < numbers[at - 1]!).length;
  assert.ok(link.framesReordered > 60 && link.framesReordered < 140);
  assert.ok(overtaken > link.framesReordered / 2, `${overtaken} overtaken`);
  assert.deepEqual(
    [...numbers].sort((x, y) => x - y),
    Array.from({ length: FRAMES }, (_, i) => i),
  );
});

test("delay shifts every frame", () => {
  const { arrived } = run({ delay: 25 }, 100);
  for (const { number, atMs } of arrived) assert.equal(atMs, number + 25);
});

test("a rate spaces frames: 125 bytes at 1 Mbit/s take 1 ms", () => {
  const { arrived } = run({ rate: 1_000_000 }, 50, 0);
  assert.equal(arrived.length, 50);
  arrived.forEach(({ atMs }, at) => assert.ok(Math.abs(atMs - (at + 1)) < 1e-6, `${at}: ${atMs}`));
});

test("the queue of held frames is bounded", () => {
  const { numbers, link } = run({ delay: 10_000, limit: 100 }, 500);
  assert.equal(numbers.length, 100);
  assert.equal(link.framesLost, 400);
});

test("both directions are impaired, the reading side through onReadable", () => {
  const clock = createVirtualClock();
  const [a, b] = MemoryLink.pair();
  const link = impair(b, { clock, delay: 7 });
  let readable = 0;
  link.onReadable = () => readable++;
  a.write(Buffer.alloc(60, 1));
  const into = Buffer.alloc(1514);
  assert.equal(link.read(into), 0);
  clock.advance(6.9);
  assert.equal(readable, 0);
  clock.advance(0.1);
  assert.equal(readable, 1);
  assert.equal(link.read(into), 60);
  assert.equal(link.read(into), 0);
});

test("a refused frame waits for the inner link and is not lost", () => {
  const clock = createVirtualClock();
  const [a, b] = MemoryLink.pair({ capacity: 2 });
  const link = impair(a, { clock, delay: 1 });
  for (let i = 0; i < 6; i++) link.write(Buffer.alloc(60, i));
  clock.advance(1);
  const into = Buffer.alloc(1514);
  const got = [];
  while (b.read(into) > 0) got.push(into[0]);
  assert.deepEqual(got, [0, 1, 2, 3, 4, 5]);
});

test("a closed link forgets what it held", () => {
  const clock = createVirtualClock();
  const [a, b] = MemoryLink.pair();
  const link = impair(a, { clock, delay: 5 });
  link.write(Buffer.alloc(60));
  link.close();
  clock.advance(10);
  assert.equal(b.read(Buffer.alloc(60)), 0);
  assert.equal(clock.nextDue(), Infinity);
});
