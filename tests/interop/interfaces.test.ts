// A stack with two interfaces, each to a host of its own: one of them fails in the middle of
// transfers on both, in several ways; and which of them a connection takes.

import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import type { Stack } from "../../host/index.js";
import { waitUntil } from "./support/far.js";
import type { FlowResult } from "./support/flow.js";
import { skip } from "./support/namespace.js";
import { patternDigest } from "./support/pattern.js";
import { usedOf, waitForIdle } from "./support/stationProcess.js";
import { playTo, type Side, startTwoHosts, type TwoHosts } from "./support/twoHosts.js";

const options = { skip, timeout: 60_000 };
const LENGTH = { desktop: 20_000_000, esp32: 3_000_000 } as const;
/** Until connections of the dead side end. */
const R2_SECONDS = 3;
const MARGIN_MS = 2_000;

interface Transfer {
  readonly begun: Promise<void>;
  /** Of both sides. */
  readonly results: Promise<[FlowResult, FlowResult]>;
}

/** Both send so many bytes on a connection that the stack opens. */
async function transferWith(stack: Stack, side: Side, bytes: number): Promise<Transfer> {
  const flow = side.far.listen(side.address, { send: bytes });
  const port = await flow.port;
  const own = playTo(stack, side.address, port, { send: bytes });
  return { begun: flow.begun, results: Promise.all([flow.result, own]) };
}

function checkWhole([theirs, ours]: [FlowResult, FlowResult], bytes: number): void {
  const whole = { received: bytes, digest: patternDigest(bytes), error: "" };
  for (const { received, digest, error } of [theirs, ours]) {
    assert.deepEqual({ received, digest, error }, whole);
  }
}

const notIdle = (stack: Stack) =>
  waitForIdle(
    () => Promise.resolve(usedOf({ pools: stack.pools(), connections: stack.connections() })),
    0,
  );

/** Ways to fail, and to come back. */
const FAILURES: readonly {
  readonly name: string;
  fail(hosts: TwoHosts): Promise<unknown> | void;
  recover(hosts: TwoHosts): Promise<unknown> | void;
}[] = [
  {
    name: "the device of its host goes down",
    fail: ({ sides: [, { far, device }] }) => far.ip(`link set ${device} down`),
    recover: ({ sides: [, { far, device }] }) => far.ip(`link set ${device} up`),
  },
  {
    name: "our link goes down",
    fail: ({ stack, sides: [, { index }] }) => stack.setLink(index, false),
    recover: ({ stack, sides: [, { index }] }) => stack.setLink(index, true),
  },
  {
    name: "its host hears and answers nothing",
    fail: ({ sides: [, { far, device, address }] }) =>
      far.ip(`address delete ${address}/24 dev ${device}`),
    recover: ({ sides: [, { far, device, address }] }) =>
      far.ip(`address add ${address}/24 dev ${device}`),
  },
];

for (const profile of ["desktop", "esp32"] as const) {
  const bytes = LENGTH[profile];
  for (const { name, fail, recover } of FAILURES) {
    test(`${profile}: ${name}, and it comes back: all arrives`, options, async (t) => {
      const hosts = await startTwoHosts(t, profile);
      const { stack, sides } = hosts;
      const sound = await transferWith(stack, sides[0], bytes);
      const failing = await transferWith(stack, sides[1], bytes);
      await Promise.all([sound.begun, failing.begun]);
      await fail(hosts);
      checkWhole(await sound.results, bytes);
      const over = await Promise.race([failing.results, delay(300, "not yet")]);
      assert.equal(over, "not yet");
      await recover(hosts);
      checkWhole(await failing.results, bytes);
      assert.equal(await notIdle(stack), "");
    });

    test(`${profile}: ${name}, and stays so: its connections end`, options, async (t) => {
      const hosts = await startTwoHosts(t, profile);
      const { stack, sides } = hosts;
      stack.setOption("R2_SECONDS", R2_SECONDS);
      const failing = await transferWith(stack, sides[1], bytes);
      await failing.begun;
      const sound = await transferWith(stack, sides[0], bytes);
      await fail(hosts);
      const failedMs = performance.now();
      const ours = stack.connections().filter(({ localAddress }) => {
        return localAddress === sides[1].stackAddress;
      });
      assert.equal(ours.length, 1);
      checkWhole(await sound.results, bytes);
      await waitUntil("its connection has ended", () => {
        const open = stack.connections().map(({ localAddress }) => localAddress);
        return !open.includes(sides[1].stackAddress);
      });
      const tookMs = performance.now() - failedMs;
      assert.ok(tookMs > R2_SECONDS * 1000 - MARGIN_MS, `${tookMs} ms`);
      // The other side is as it was, and a new connection to the one that failed will do.
      checkWhole(await (await transferWith(stack, sides[0], 1000)).results, 1000);
      await recover(hosts);
      checkWhole(await (await transferWith(stack, sides[1], 1000)).results, 1000);
      assert.equal(await notIdle(stack), "");
    });
  }

  test(`${profile}: a device is removed: the other goes on`, options, async (t) => {
    const { stack, sides } = await startTwoHosts(t, profile);
    stack.setOption("R2_SECONDS", R2_SECONDS);
    const sound = await transferWith(stack, sides[0], bytes);
    const failing = await transferWith(stack, sides[1], bytes);
    await Promise.all([sound.begun, failing.begun]);
    await sides[1].far.stop();
    checkWhole(await sound.results, bytes);
    assert.equal(await notIdle(stack), "");
  });

  test(`${profile}: what lies on no network goes to the router`, options, async (t) => {
    const { stack, sides } = await startTwoHosts(t, profile, 1);
    const host = "198.19.0.1";
    for (const { far } of sides) await far.ip(`address add ${host}/32 dev lo`);
    const flow = sides[1].far.listen(host, { send: 1000 });
    const ours = playTo(stack, host, await flow.port, { send: 1000 });
    checkWhole([await flow.result, await ours], 1000);
  });
}

test("desktop: the longest prefix says where it goes", options, async (t) => {
  const { stack, sides } = await startTwoHosts(t, "desktop", 0);
  const [first, second] = sides;
  const host = "198.19.7.7";
  for (const { far } of sides) await far.ip(`address add ${host}/32 dev lo`);

  /** The host of this side answers, and the other's port is one that it refuses. */
  async function reaches(side: Side): Promise<void> {
    const flow = side.far.listen(host, { send: 1000 });
    const ours = playTo(stack, host, await flow.port, { send: 1000 });
    checkWhole([await flow.result, await ours], 1000);
  }

  await reaches(first); // by the router
  const wide = { network: "198.19.0.0", prefixLength: 16, interface: second.index };
  const narrow = { network: "198.19.7.0", prefixLength: 24, interface: first.index };
  const single = { network: host, prefixLength: 32, interface: second.index };
  stack.addRoute({ ...wide, router: second.address });
  await reaches(second);
  stack.addRoute({ ...narrow, router: first.address });
  await reaches(first);
  stack.addRoute({ ...single, router: second.address });
  await reaches(second);
  stack.removeRoute(narrow);
  await reaches(second);
  stack.removeRoute(single);
  stack.removeRoute(wide);
  await reaches(first);
});
