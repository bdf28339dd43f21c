// A link that plays a capture: at the recorded times of any clock, without what the stack itself once sent.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { createStack } from "../../host/node/createStack.js";
import { runFor, runVirtual } from "../../host/core/virtual.js";
import { readCapture } from "../../host/link/captureReader.js";
import { createVirtualClock } from "../../host/link/clock.js";
import type { Link } from "../../host/link/link.js";
import { MemoryLink } from "../../host/link/memory.js";
import { openPcapLink } from "../../host/link/pcapFile.js";
import { createPcapngWriter } from "../../host/link/pcapng.js";
import { createPcapLink } from "../../host/link/replay.js";
import { tee } from "../../host/link/tee.js";
import { frameOf, pcapngOf, pcapOf } from "./support/captures.js";
import { entropy } from "./support/pair.js";

const START_US = 1_700_000_000_000_000;
const PEER = "02:00:00:00:00:01";
const OWN = "02:00:00:00:00:02";

/** Three frames, 0, 10 and 1010 ms after the first. */
const three = pcapOf(
  [0, 10_000, 1_010_000].map((us, i) => ({ timeUs: START_US + us, bytes: frameOf(60, PEER, i) })),
);

/** Reads whatever is due; when each frame came. */
function watch(link: Link, nowMs: () => number): [atMs: number, last: number][] {
  const seen: [number, number][] = [];
  const into = new Uint8Array(2000);
  const take = () => {
    for (let length; (length = link.read(into)) > 0;) seen.push([nowMs(), into[length - 1]!]);
  };
  link.onReadable = take;
  take();
  return seen;
}

const lastByte = (seed: number) => (59 + seed) & 255;

test("frames come at their recorded times, from when somebody listens", () => {
  const clock = createVirtualClock(500);
  let ended = 0;
  const link = createPcapLink(three, { clock, onEnd: () => ended++ });
  clock.advance(7777);
  const seen = watch(link, () => clock.now());
  clock.advance(2000);
  assert.deepEqual(seen, [
    [8277, lastByte(0)],
    [8287, lastByte(1)],
    [9287, lastByte(2)],
  ]);
  assert.equal(clock.nextDue(), Infinity);
  assert.deepEqual([link.frames, link.framesReplayed, ended], [3, 3, 1]);
});

test("twice as fast, and as fast as they are read", () => {
  const clock = createVirtualClock(0);
  const fast = watch(createPcapLink(three, { clock, speed: 2 }), () => clock.now());
  const instant = watch(createPcapLink(three, { clock, speed: Infinity }), () => clock.now());
  clock.advance(2000);
  assert.deepEqual(
    fast.map(([atMs]) => atMs),
    [0, 5, 505],
  );
  assert.deepEqual(
    instant.map(([atMs]) => atMs),
    [0, 0, 0],
  );
});

test("a pass begins where the one before it has ended", () => {
  const clock = createVirtualClock(0);
  const link = createPcapLink(three, { clock, loop: 3 });
  const seen = watch(link, () => clock.now());
  clock.advance(10_000);
  assert.deepEqual(
    seen.map(([atMs]) => atMs),
    [0, 10, 1010, 1010, 1020, 2020, 2020, 2030, 3030],
  );
  assert.equal(link.framesReplayed, 9);
});

test("without end, until it is closed", () => {
  const clock = createVirtualClock(0);
  const link = createPcapLink(three, { clock, loop: Infinity });
  const seen = watch(link, () => clock.now());
  clock.advance(1_010_000);
  assert.equal(seen.length, 3 * 1000 + 1);
  link.close();
  clock.advance(10_000);
  assert.equal(seen.length, 3001);
  assert.equal(clock.nextDue(), Infinity);
});

test("times that run backwards are not waited for", () => {
  const clock = createVirtualClock(0);
  const file = pcapOf(
    [5, 1, 6].map((ms, i) => ({ timeUs: START_US + ms * 1000, bytes: frameOf(60, PEER, i) })),
  );
  const seen = watch(createPcapLink(file, { clock }), () => clock.now());
  clock.advance(100);
  assert.deepEqual(
    seen.map(([atMs]) => atMs),
    [0, 0, 1],
  );
});

test("frames of the own MAC are left out, and those that do not fit are skipped", () => {
  const clock = createVirtualClock(0);
  const file = pcapngOf([
    { timeUs: START_US, bytes: frameOf(60, OWN) },
    { timeUs: START_US + 100_000, bytes: frameOf(60, PEER, 1) },
    { timeUs: START_US + 110_000, bytes: frameOf(60, PEER), length: 1514 },
    { timeUs: START_US + 120_000, bytes: frameOf(9000, PEER) },
    { timeUs: START_US + 130_000, bytes: frameOf(60, PEER, 2) },
    { timeUs: START_US + 140_000, bytes: frameOf(60, OWN) },
  ]);
  const link = createPcapLink(file, { clock, ownMac: OWN });
  const seen = watch(link, () => clock.now());
  clock.advance(1000);
  assert.deepEqual(seen, [
    [0, lastByte(1)],
    [30, lastByte(2)],
  ]);
  assert.deepEqual([link.frames, link.framesOwn, link.framesSkipped], [2, 2, 2]);
});

test("a replay without end must take time", () => {
  const code = "EINVAL";
  assert.throws(() => createPcapLink(three, { loop: Infinity, speed: Infinity }), { code });
  const one = pcapOf([{ timeUs: START_US, bytes: frameOf(60) }]);
  assert.throws(() => createPcapLink(one, { loop: Infinity }), { code });
  for (const speed of [0, -1, NaN]) assert.throws(() => createPcapLink(three, { speed }), { code });
  for (const loop of [0, 1.5, -1]) assert.throws(() => createPcapLink(three, { loop }), { code });
  assert.throws(() => createPcapLink(three, { ownMac: Uint8Array.of(1, 2) }), { code });
});

test("pings that were recorded are answered again, and the answers are captured", async () => {
  // The recording: one stack pings another, seen from the side of the other.
  const clock = createVirtualClock(1000);
  const [near, far] = MemoryLink.pair();
  const parts: Buffer[] = [];
  const keep = (bytes: Uint8Array) => void parts.push(Buffer.from(bytes));
  const asker = await createStack({ clock, loop: false, entropy: entropy(1) });
  const asked = await createStack({ clock, loop: false, entropy: entropy(2) });
  asker.attach(near, { mac: PEER, addresses: ["198.18.0.1/30"] });
  const seen = tee(far, createPcapngWriter(keep), { clock });
  asked.attach(seen, { mac: OWN, addresses: ["198.18.0.2/30"] });
  const socket = asker.bind({ protocol: "echo" });
  let answers = 0;
  socket.onReadable = () => {
    while (socket.receive() !== null) answers++;
  };
  const run = { clock, stacks: [asker, asked] };
  for (let sequence = 1; sequence <= 3; sequence++) {
    socket.send(new Uint8Array(100), sequence, "198.18.0.2");
    runFor(run, 1000);
  }
  assert.equal(answers, 3);
  asked.close();
  asker.close();
  const recording = Buffer.concat(parts);

  // The replay, into a stack that takes the place of the one that was asked.
  const later = createVirtualClock(77);
  const sent: Buffer[] = [];
  const capture = createPcapngWriter((bytes) => sent.push(Buffer.from(bytes)));
  const link = createPcapLink(recording, { clock: later, ownMac: OWN, capture });
  const stack = await createStack({ clock: later, loop: false, entropy: entropy(3) });
  stack.attach(link, { mac: OWN, addresses: ["198.18.0.2/30"] });
  runVirtual({ clock: later, stacks: [stack] }, () => link.framesReplayed === link.frames);
  runFor({ clock: later, stacks: [stack] }, 1);
  assert.equal(later.now(), 77 + 2000 + 1);
  stack.close();
  // ARP's answer, its own announcement and three echo replies; as many of the one before were left out.
  assert.deepEqual([link.framesSent, link.framesOwn], [5, 5]);
  const replies = [...readCapture(Buffer.concat(sent))].map(({ bytes, timeUs }) => ({
    type: bytes[12]! * 256 + bytes[13]!,
    ms: Math.round(timeUs / 1000),
  }));
  assert.deepEqual(replies, [
    { type: 0x0806, ms: 1000 },
    { type: 0x0800, ms: 1000 },
    { type: 0x0806, ms: 1000 },
    { type: 0x0800, ms: 2000 },
    { type: 0x0800, ms: 3000 },
  ]);
});

test("openPcapLink: from a file, and what is wrong with one, by its name", async (context) => {
  const folder = mkdtempSync(join(tmpdir(), "mote-replay-"));
  context.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "three.pcap");
  writeFileSync(path, three);
  const link = await openPcapLink(path, { speed: Infinity });
  assert.equal(watch(link, () => 0).length, 3);
  link.close();
  assert.equal((await openPcapLink(three)).frames, 3);

  writeFileSync(path, three.subarray(0, 99));
  await assert.rejects(openPcapLink(path), (error: NodeJS.ErrnoException & { offset: number }) => {
    assert.equal(error.code, "ETRUNCATED");
    assert.equal(error.offset, 40);
    assert.ok(error.message.startsWith(`${path}: capture, offset 40: `), error.message);
    return true;
  });
  await assert.rejects(openPcapLink(join(folder, "none")), { code: "ENOENT" });
});
