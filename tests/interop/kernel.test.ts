// The same transfers with the kernel set up in other ways: without its TCP options, with other
// segment and window sizes, with the device away for a while, with windows that close, and over a
// link that loses, doubles and reorders frames.

import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { test, type TestContext } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { tune } from "../host/support/tune.js";
import { atBest } from "../static/support/atBest.js";
import { waitUntil } from "./support/far.js";
import { skip } from "./support/namespace.js";
import { output, run } from "./support/programs.js";
import { STACK, startStation, type Station } from "./support/stationProcess.js";
import { rate, transfer } from "./support/transfer.js";

const NO_TUNING = "/proc/sys/net cannot be written here";
/** Nobody reads for so long. */
const PAUSE_MS = 1500;
const options = { skip, timeout: 60_000 };
const MEGABYTE = 1_000_000;

/** Sets variables of the kernel until the test is over; false where that is not possible. */
function withTuning(t: TestContext, tuning: Readonly<Record<string, string>>): boolean {
  return Object.entries(tuning).every(([name, value]) => {
    const before = readFileSync(`/proc/sys/net/${name}`, "utf8").trim();
    t.after(() => tune(name, before));
    return tune(name, value);
  });
}

const ip = (words: string) => output(["ip", ...words.split(" ")]);

interface Variant {
  readonly name: string;
  readonly tuning?: Readonly<Record<string, string>>;
  /** Words of `ip`, run once the device is up. */
  readonly commands?: readonly string[];
  /** Of both sides. */
  readonly mtu?: number;
}

const NO_OPTIONS = {
  "ipv4/tcp_timestamps": "0",
  "ipv4/tcp_window_scaling": "0",
  "ipv4/tcp_sack": "0",
};
const ROUTE = "route replace 198.18.0.0/30 dev mote0 src 198.18.0.1";

const VARIANTS: readonly Variant[] = [
  { name: "no timestamps", tuning: { "ipv4/tcp_timestamps": "0" } },
  { name: "no window scaling", tuning: { "ipv4/tcp_window_scaling": "0" } },
  { name: "no SACK", tuning: { "ipv4/tcp_sack": "0" } },
  { name: "no option but the segment size", tuning: NO_OPTIONS },
  { name: "asks for ECN", tuning: { "ipv4/tcp_ecn": "1" } },
  { name: "Reno", tuning: { "ipv4/tcp_congestion_control": "reno" } },
  { name: "MTU 576 here and there", mtu: 576 },
  { name: "MTU 9000 here and there", mtu: 9000 },
  { name: "MTU 576, ours 1500", commands: ["link set mote0 mtu 576"] },
  { name: "MTU 9000, ours 1500", commands: ["link set mote0 mtu 9000"] },
  { name: "advertises segments of 256 bytes", commands: [`${ROUTE} advmss 256`] },
  { name: "small receive buffers", tuning: { "ipv4/tcp_rmem": "4096 4096 4096" } },
  { name: "small send buffers", tuning: { "ipv4/tcp_wmem": "4096 4096 4096" } },
];

for (const { name, tuning = {}, commands = [], mtu } of VARIANTS) {
  test(`kernel: ${name}`, options, async (t) => {
    if (!withTuning(t, tuning)) return t.skip(NO_TUNING);
    const station = await startStation(t, mtu === undefined ? {} : { mtu });
    for (const command of commands) await ip(command);
    const both = { toStack: 3 * MEGABYTE, toKernel: 3 * MEGABYTE };
    t.diagnostic(`kernel: ${name}: ${rate(both, await transfer(station, both))}`);
  });
}

for (const profile of ["desktop", "esp32", "tiny"] as const) {
  test(`${profile}: windows that close open again`, options, async (t) => {
    // Small enough to fill up although a kernel whose program does not read delays each ACK.
    const tuning = { "ipv4/tcp_rmem": "4096 16384 16384" };
    if (!withTuning(t, tuning)) return t.skip(NO_TUNING);
    const station = await startStation(t, { profile });
    const bytes = 300_000;
    const ways = [
      { toStack: bytes, toKernel: 0, pauseMs: PAUSE_MS },
      { toStack: 0, toKernel: bytes, pauseMs: PAUSE_MS },
      { toStack: bytes, toKernel: bytes, pauseMs: PAUSE_MS },
    ];
    // Whoever had to wait for the next probe, 1.6 s after the last, would be late.
    await atBest(PAUSE_MS + 1200, async () => {
      const times = await Promise.all(ways.map((way) => transfer(station, way)));
      const probes = (await station.levels()).counters["tcp_probes"]!;
      assert.ok(probes > 0, "the kernel's window was closed");
      return Math.max(...times);
    });
  });
}

/** Runs `disturb` in the middle of a transfer: fails when the transfer was over before its end. */
async function disturbed(station: Station, disturb: () => Promise<void>): Promise<void> {
  let over = false;
  const bytes = { toStack: 100 * MEGABYTE, toKernel: 100 * MEGABYTE };
  const running = transfer(station, bytes).finally(() => (over = true));
  await delay(50);
  await disturb();
  assert.equal(over, false);
  await running;
}

test("the device goes down in the middle of a transfer and comes back", options, async (t) => {
  const station = await startStation(t);
  await disturbed(station, async () => {
    await ip("link set mote0 down");
    await delay(300);
    await ip("link set mote0 up");
  });
});

test("the kernel forgets our link address in the middle of a transfer", options, async (t) => {
  const station = await startStation(t);
  await disturbed(station, async () => {
    // It says that it could not, when traffic brings the entry back before it has looked again.
    await run(["ip", "neighbour", "flush", "dev", "mote0"]);
    await run(["ip", "neighbour", "flush", "dev", "mote0"]);
  });
  const { counters } = await station.levels();
  assert.ok(counters["arp_replies"]! >= 2, "the kernel asked again");
});

test("keepalive probes of the kernel are answered", options, async (t) => {
  const station = await startStation(t);
  await station.listen(6000, { send: 4, fin: "afterPeer" });
  const socket = connect(6000, STACK);
  await once(socket, "data");
  socket.setKeepAlive(true, 1000);
  const segments = async () => (await station.levels()).counters["tcp_segments_out"]!;
  const before = await segments();
  await waitUntil("two probes were answered", async () => (await segments()) >= before + 2);
  socket.end();
  await once(socket, "close");
  assert.equal(await station.notIdle(), "");
});

const BAD_LINKS = [
  { loss: 0.01, reorder: 0.05, duplicate: 0.01, seed: 1 },
  { loss: 0.05, delay: 2, seed: 2 },
];

for (const impairments of BAD_LINKS) {
  test(`a bad link: ${JSON.stringify(impairments)}`, options, async (t) => {
    const station: Station = await startStation(t, { impairments });
    const both = { toStack: 2 * MEGABYTE, toKernel: 2 * MEGABYTE };
    t.diagnostic(`${JSON.stringify(impairments)}: ${rate(both, await transfer(station, both))}`);
  });
}
