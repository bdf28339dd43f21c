// Paths whose MTU shrinks in the middle of a transfer: the stack on a TAP device, the test's namespace
// as the router, a host in a namespace of its own behind it. The router says so by ICMP (RFC 1191), or
// says nothing (RFC 2923 section 2.1), and longer packets just do not arrive.

import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { tune } from "../host/support/tune.js";
import { type Far, ip, layCable, startFar } from "./support/far.js";
import type { FlowResult } from "./support/flow.js";
import { skip } from "./support/namespace.js";
import { patternDigest } from "./support/pattern.js";
import { STACK, startStation, type Station } from "./support/stationProcess.js";

const options = { skip, timeout: 60_000 };
const FAR = "198.18.4.2";
const NARROW = 600;
const HEADERS = 40;
const TIMESTAMPS = 12;
/** Packets of 576 bytes pass everywhere. */
const PLAIN = 576;
/** Linux tries segments of 1,024 bytes first when nothing arrives. */
const LINUX_BASE = 1100;
/** No word from the router: tries after 0.2, 0.4, 0.8 and 1.6 s. */
const SILENCE_MS = 3_000;

interface Network {
  readonly station: Station;
  readonly far: Far;
}

async function build(t: TestContext, profile: "desktop" | "esp32"): Promise<Network> {
  assert.ok(tune("ipv4/ip_forward", "1"), "/proc/sys/net can be written");
  const far = await startFar(t);
  const station = await startStation(t, { profile });
  const near = { name: "far0", address: "198.18.4.1/30" };
  await layCable(far, near, { name: "far1", address: `${FAR}/30` });
  await far.ip("route add default via 198.18.4.1");
  return { station, far };
}

/** From now on this namespace sends no ICMP. */
async function silence(t: TestContext): Promise<void> {
  const rule = "iif lo ipproto icmp blackhole";
  await ip(`rule add ${rule}`);
  t.after(() => ip(`rule delete ${rule}`));
}

function check(from: FlowResult, to: FlowResult, bytes: number): void {
  assert.deepEqual([from.error, to.error], ["", ""]);
  assert.equal(to.received, bytes);
  assert.equal(to.digest, patternDigest(bytes));
}

/** A machine that is held up may be told too late that the transfer has begun. */
const TRIES = 5;

/** The same until it meets the transfer in its midst; `undo` makes the cable wide again. */
async function inTheMidst<Seen>(
  narrowing: () => Promise<Seen | null>,
  undo: string,
): Promise<Seen> {
  for (let i = 0; i < TRIES; i++) {
    const seen = await narrowing();
    if (seen !== null) return seen;
    await ip(undo);
  }
  assert.fail("each transfer was over before the cable was narrow");
}

/** The stack sends, and the cable behind the router gets narrow; the largest segment afterwards. */
const sendThroughNarrowing = (network: Network, bytes: number) =>
  inTheMidst(() => trySending(network, bytes), "link set far0 mtu 1500");

async function trySending({ station, far }: Network, bytes: number) {
  const flow = far.listen(FAR, { send: 0, fin: "afterPeer" });
  const sending = station.connect(await flow.port, { send: bytes }, FAR);
  const ended = flow.result.then(() => true);
  await flow.begun;
  const wide = (await station.levels()).connections.find(({ state }) => state === "ESTABLISHED");
  const narrowedMs = performance.now();
  await ip(`link set far0 mtu ${NARROW}`);
  const isOver = await Promise.race([ended, delay(0, false)]);
  if (isOver || wide === undefined) {
    check(await sending, await flow.result, bytes);
    assert.equal(await station.notIdle(), "");
    return null;
  }
  let narrow = wide;
  while (!(await Promise.race([ended, delay(20, false)]))) {
    const { connections } = await station.levels();
    // An entry of TIME-WAIT sends nothing any more, and has no segment size.
    const isSending = ({ localPort, state }: typeof wide) =>
      localPort === wide.localPort && state !== "TIME-WAIT";
    narrow = connections.find(isSending) ?? narrow;
  }
  const tookMs = performance.now() - narrowedMs;
  check(await sending, await flow.result, bytes);
  assert.equal(await station.notIdle(), "");
  return { wide: wide.sndMss, narrow: narrow.sndMss, tookMs };
}

/** The far host sends, and the cable to the stack gets narrow; how long the rest took, ms. */
const receiveThroughNarrowing = (network: Network, bytes: number, mtu = NARROW) =>
  inTheMidst(() => tryReceiving(network, bytes, mtu), "link set mote0 mtu 1500");

async function tryReceiving(
  { station, far }: Network,
  bytes: number,
  mtu: number,
): Promise<number | null> {
  const next = await station.listen(5001, { send: 1000, fin: "afterPeer" });
  const flow = far.connect(STACK, 5001, { send: bytes });
  let over = false;
  void flow.result.then(() => (over = true));
  await flow.begun;
  const narrowedMs = performance.now();
  await ip(`link set mote0 mtu ${mtu}`);
  await delay(0);
  const isOver = over;
  const [theirs, ours] = [await flow.result, await next()];
  check(theirs, ours, bytes);
  check(ours, theirs, 1000);
  assert.equal(await station.notIdle(), "");
  return isOver ? null : performance.now() - narrowedMs;
}

const PROFILES = [
  { profile: "desktop", bytes: 20_000_000, wide: 1460 - TIMESTAMPS, timestamps: TIMESTAMPS },
  { profile: "esp32", bytes: 4_000_000, wide: 1024, timestamps: 0 },
] as const;

for (const { profile, bytes, wide, timestamps } of PROFILES) {
  test(`${profile}: a path gets narrow, and the router says so`, options, async (t) => {
    const network = await build(t, profile);
    const seen = await sendThroughNarrowing(network, bytes);
    t.diagnostic(`${profile}: the rest took ${seen.tookMs.toFixed(0)} ms`);
    assert.equal(seen.wide, wide);
    assert.equal(seen.narrow, NARROW - HEADERS - timestamps);
  });

  test(`${profile}: a path gets narrow, and the router says nothing`, options, async (t) => {
    const network = await build(t, profile);
    await silence(t);
    const seen = await sendThroughNarrowing(network, bytes);
    t.diagnostic(`${profile}: the rest took ${seen.tookMs.toFixed(0)} ms`);
    assert.equal(seen.wide, wide);
    assert.equal(seen.narrow, PLAIN - HEADERS - timestamps);
    assert.ok(seen.tookMs >= SILENCE_MS / 2, "nothing had arrived for a while");
  });

  test(
    `${profile}: the path to the stack gets narrow, and the router says so`,
    options,
    async (t) => {
      const network = await build(t, profile);
      await receiveThroughNarrowing(network, bytes);
      const route = await network.far.ip(`route get ${STACK}`);
      assert.match(route, new RegExp(`mtu ${NARROW}`));
    },
  );
}

test("the path to the stack gets narrow, and the router says nothing", options, async (t) => {
  const network = await build(t, "desktop");
  const probing = "echo 1 > /proc/sys/net/ipv4/tcp_mtu_probing";
  await network.far.output(["sh", "-c", probing]);
  await silence(t);
  const tookMs = await receiveThroughNarrowing(network, 20_000_000, LINUX_BASE);
  t.diagnostic(`the rest took ${tookMs.toFixed(0)} ms`);
  assert.ok(tookMs >= 500, "nothing had arrived for a while");
});
