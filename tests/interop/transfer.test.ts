// Bulk transfers between the stack and the kernel, both ways and both at once, compared by SHA-256;
// with every profile, because small rings are where windows close.

import assert from "node:assert/strict";
import { test } from "node:test";
import { connectFlow } from "./support/flow.js";
import { skip } from "./support/namespace.js";
import { patternDigest } from "./support/pattern.js";
import { STACK, startStation, type Station } from "./support/stationProcess.js";

const MEGABYTE = 1_000_000;
const PORT = 5000;

/** Bytes for each profile: as many as its rings carry in a few seconds. */
const PROFILES = [
  { profile: "desktop", bytes: 100 * MEGABYTE },
  { profile: "esp32", bytes: 5 * MEGABYTE },
  { profile: "tiny", bytes: 2 * MEGABYTE },
] as const;

interface Directions {
  readonly toStack: number;
  readonly toKernel: number;
}

/** One connection that carries so many bytes each way; Mbit/s over all of it. */
async function transfer(station: Station, port: number, bytes: Directions): Promise<number> {
  const { toStack, toKernel } = bytes;
  const next = await station.listen(port, { send: toKernel });
  const startMs = performance.now();
  const kernel = await connectFlow(STACK, port, { send: toStack });
  const stack = await next();
  assert.equal(kernel.error, "");
  assert.equal(stack.error, "");
  assert.equal(stack.received, toStack);
  assert.equal(kernel.received, toKernel);
  assert.equal(stack.digest, patternDigest(toStack), "what the stack received");
  assert.equal(kernel.digest, patternDigest(toKernel), "what the kernel received");
  assert.equal(await station.notIdle(), "");
  return ((toStack + toKernel) * 8) / (performance.now() - startMs) / 1000;
}

for (const { profile, bytes } of PROFILES) {
  const options = { skip, timeout: 100_000 };
  test(`${profile}: ${bytes / MEGABYTE} MB each way by SHA-256`, options, async (t) => {
    const station = await startStation(t, profile);
    const ways: [string, Directions][] = [
      ["kernel to stack", { toStack: bytes, toKernel: 0 }],
      ["stack to kernel", { toStack: 0, toKernel: bytes }],
      ["both at once", { toStack: bytes, toKernel: bytes }],
    ];
    let port = PORT;
    for (const [name, directions] of ways) {
      await t.test(name, async (way) => {
        const rate = await transfer(station, port++, directions);
        way.diagnostic(`${profile}, ${name}: ${rate.toFixed(0)} Mbit/s`);
      });
    }
    const { counters } = await station.levels();
    assert.equal(counters["drop_tcp_checksum"], 0);
    assert.equal(counters["drop_tcp_malformed"], 0);
    assert.equal(counters["drop_ip_checksum"], 0);
  });
}
