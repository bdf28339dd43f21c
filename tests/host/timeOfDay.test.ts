// The time of day from a small time server over a socket of a stack (RFC 4330).

import assert from "node:assert/strict";
import { test } from "node:test";
import type { TimeInfo } from "../../host/core/timeOfDay.js";
import type { Stack } from "../../host/core/stack.js";
import { createSegment } from "./support/segment.js";

const SERVER = "198.18.0.123";
/** From 1900 to 1970, s. */
const EPOCH_SECONDS = 2_208_988_800;
/** 2026-11-26 12:00:00 UTC. */
const NOON_MS = 1_795_694_400_000;

/** Answers with a time that is NOON_MS at the clock's 0; how often it was asked. */
function serveTime(stack: Stack): () => number {
  let asked = 0;
  const socket = stack.bind({ port: 123 });
  socket.onReadable = () => {
    for (let next; (next = socket.receive()) !== null;) {
      asked++;
      const answer = Buffer.alloc(48);
      answer.set([0x24, 2]);
      answer.set(next.data.subarray(40, 48), 24);
      const nowMs = NOON_MS + stack.clock.now();
      for (const at of [32, 40]) {
        answer.writeUInt32BE(Math.floor(nowMs / 1000) + EPOCH_SECONDS, at);
        answer.writeUInt32BE(Math.floor(((nowMs % 1000) / 1000) * 2 ** 32), at + 4);
      }
      socket.send(answer, next.port, next.address);
    }
  };
  return () => asked;
}

for (const profile of ["desktop", "esp32"] as const) {
  test(`the time of day: told with each answer, and carried on between: ${profile}`, async () => {
    // The clock's milliseconds are about to wrap.
    const segment = createSegment(2 ** 32 - 30_000);
    const stack = await segment.add(1, { addresses: ["198.18.0.1/24"] }, { profile });
    const asked = serveTime(await segment.add(2, { addresses: [`${SERVER}/24`] }));
    assert.equal(stack.wallClock(), null);
    const times: TimeInfo[] = [];
    stack.timeServer(SERVER, (time) => times.push(time));
    segment.run(() => times.length === 1);
    const [{ date, ...time }] = times as [TimeInfo];
    assert.deepEqual(time, { server: SERVER, stratum: 2, roundTripMs: 0 });
    const truth = () => NOON_MS + segment.clock.now();
    assert.ok(Math.abs(date.getTime() - truth()) <= 1);
    segment.for(40_000);
    assert.ok(Math.abs(stack.wallClock()!.getTime() - truth()) <= 1, "after the wrap");
    segment.run(() => times.length === 3);
    assert.ok(Math.abs(stack.wallClock()!.getTime() - truth()) <= 1);
    assert.ok(asked() >= 3);
    segment.close();
  });
}

test("a clock that is stopped asks no more, and goes on by itself", async () => {
  const segment = createSegment();
  const stack = await segment.add(1, { addresses: ["198.18.0.1/24"] });
  const asked = serveTime(await segment.add(2, { addresses: [`${SERVER}/24`] }));
  let told = 0;
  const stop = stack.timeServer(SERVER, () => told++);
  segment.run(() => told === 1);
  stop();
  stop();
  segment.for(48 * 3_600_000);
  assert.deepEqual([told, asked()], [1, 1]);
  assert.ok(Math.abs(stack.wallClock()!.getTime() - NOON_MS - segment.clock.now()) <= 1);
  assert.throws(() => stack.timeServer("time.example.test"), { code: "EINVAL" });
  segment.close();
});

test("a server that does not answer: no time", async () => {
  const segment = createSegment();
  const stack = await segment.add(1, { addresses: ["198.18.0.1/24"] });
  stack.timeServer("198.18.0.200", () => assert.fail("there is no answer"));
  segment.for(60_000);
  assert.equal(stack.wallClock(), null);
  segment.close();
});
