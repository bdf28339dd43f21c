// MemoryLink: frames are copied, queues are bounded, and both sides hear what they wait for.

import assert from "node:assert/strict";
import { test } from "node:test";
import { MemoryLink } from "../../host/link/memory.js";

const frame = (length: number, fill: number) => Buffer.alloc(length, fill);

test("a frame crosses in both directions", () => {
  const [a, b] = MemoryLink.pair();
  const into = Buffer.alloc(1514);
  assert.equal(a.write(frame(60, 1)), true);
  assert.equal(b.write(frame(1514, 2)), true);
  assert.equal(b.read(into), 60);
  assert.deepEqual(into.subarray(0, 60), frame(60, 1));
  assert.equal(a.read(into), 1514);
  assert.deepEqual(into, frame(1514, 2));
  assert.equal(a.read(into), 0);
  assert.equal(b.read(into), 0);
});

test("the frame is copied: the writer may use its buffer again", () => {
  const [a, b] = MemoryLink.pair();
  const bytes = frame(60, 7);
  a.write(bytes);
  bytes.fill(0);
  const into = Buffer.alloc(60);
  b.read(into);
  assert.deepEqual(into, frame(60, 7));
});

test("a full queue refuses, and says when there is room", () => {
  const [a, b] = MemoryLink.pair({ capacity: 4 });
  let writable = 0;
  a.onWritable = () => writable++;
  for (let i = 0; i < 4; i++) assert.equal(a.write(frame(60, i)), true);
  assert.equal(a.write(frame(60, 9)), false);
  const into = Buffer.alloc(60);
  b.read(into);
  assert.equal(writable, 0, "not before half of the queue is free");
  b.read(into);
  assert.equal(writable, 1);
  assert.equal(a.write(frame(60, 4)), true);
  const order = [];
  while (b.read(into) > 0) order.push(into[0]);
  assert.deepEqual(order, [2, 3, 4], "in order, without the refused frame");
  assert.equal(writable, 1);
});

test("the ring wraps many times without losing order", () => {
  const [a, b] = MemoryLink.pair({ capacity: 3 });
  const into = Buffer.alloc(64);
  for (let i = 0; i < 100; i++) {
    assert.equal(a.write(frame(14 + (i % 50), i)), true);
    assert.equal(a.write(frame(14, i)), true);
    assert.equal(b.read(into), 14 + (i % 50));
    assert.equal(into[0], i);
    assert.equal(b.read(into), 14);
  }
});

test("onReadable is called when the queue stops being empty", () => {
  const [a, b] = MemoryLink.pair();
  let readable = 0;
  b.onReadable = () => readable++;
  a.write(frame(60, 1));
  a.write(frame(60, 2));
  assert.equal(readable, 1);
  const into = Buffer.alloc(60);
  while (b.read(into) > 0);
  a.write(frame(60, 3));
  assert.equal(readable, 2);
});

test("a frame beyond the MTU and a frame for a closed end are lost", () => {
  const [a, b] = MemoryLink.pair({ mtu: 576 });
  assert.equal(a.write(frame(591, 1)), true);
  assert.equal(b.read(Buffer.alloc(2000)), 0);
  b.close();
  assert.equal(a.write(frame(60, 1)), true);
  assert.equal(b.read(Buffer.alloc(60)), 0);
});

test("a writer that was refused is released when the other end closes", () => {
  const [a, b] = MemoryLink.pair({ capacity: 1 });
  let writable = 0;
  a.onWritable = () => writable++;
  a.write(frame(60, 1));
  assert.equal(a.write(frame(60, 2)), false);
  b.close();
  assert.equal(writable, 1);
  assert.equal(a.write(frame(60, 2)), true);
});
