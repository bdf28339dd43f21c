// Bulk transfers between the stack and the kernel, both ways and both at once, compared by SHA-256;
// with every profile, because small rings are where windows close.

import assert from "node:assert/strict";
import { test } from "node:test";
import { skip } from "./support/namespace.js";
import { startStation } from "./support/stationProcess.js";
import { rate, transfer, type Directions } from "./support/transfer.js";

const MEGABYTE = 1_000_000;

/** Bytes for each profile: as many as its rings carry in a few seconds. */
const PROFILES = [
  { profile: "desktop", bytes: 100 * MEGABYTE },
  { profile: "esp32", bytes: 20 * MEGABYTE },
  { profile: "tiny", bytes: 10 * MEGABYTE },
] as const;

for (const { profile, bytes } of PROFILES) {
  const options = { skip, timeout: 100_000 };
  test(`${profile}: ${bytes / MEGABYTE} MB each way by SHA-256`, options, async (t) => {
    const station = await startStation(t, { profile });
    const ways: [string, Directions][] = [
      ["kernel to stack", { toStack: bytes, toKernel: 0 }],
      ["stack to kernel", { toStack: 0, toKernel: bytes }],
      ["both at once", { toStack: bytes, toKernel: bytes }],
    ];
    for (const [name, directions] of ways) {
      await t.test(name, async (way) => {
        const tookMs = await transfer(station, directions);
        way.diagnostic(`${profile}, ${name}: ${rate(directions, tookMs)}`);
      });
    }
    const { counters } = await station.levels();
    assert.equal(counters["drop_tcp_checksum"], 0);
    assert.equal(counters["drop_tcp_malformed"], 0);
    assert.equal(counters["drop_ip_checksum"], 0);
  });
}
