// How connections begin and end between the stack and the kernel: both kinds of open, both orders
// of close, refusals and resets.

import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { test, type TestContext } from "node:test";
import { atBest, BEFORE_RETRANSMISSION_MS } from "../static/support/atBest.js";
import { connectFlow, listenFlow } from "./support/flow.js";
import { skip } from "./support/namespace.js";
import { patternDigest } from "./support/pattern.js";
import { KERNEL, STACK, startStation, type Station } from "./support/stationProcess.js";

const LENGTH = 300_000;
const options = { skip, timeout: 30_000 };

/** Connections of the stack in TIME-WAIT. */
async function timeWaits(station: Station): Promise<number> {
  const { connections } = await station.levels();
  return connections.filter(({ state }) => state === "TIME-WAIT").length;
}

/** A test with a stack of its own, whose pools must be empty in the end. */
function withStation(name: string, body: (station: Station, t: TestContext) => Promise<void>) {
  test(name, options, async (t) => {
    const station = await startStation(t);
    await body(station, t);
    assert.equal(await station.notIdle(), "");
  });
}

withStation("the kernel half-closes first, and the stack goes on sending", async (station) => {
  const next = await station.listen(5001, { send: LENGTH, sendAfter: "peerClosed" });
  const kernel = await connectFlow(STACK, 5001, { send: LENGTH });
  const stack = await next();
  assert.deepEqual([kernel.error, stack.error], ["", ""]);
  assert.equal(stack.digest, patternDigest(LENGTH));
  assert.equal(kernel.digest, patternDigest(LENGTH));
  assert.equal(await station.notIdle(), "");
  assert.equal(await timeWaits(station), 0, "the kernel closed first");
});

withStation("the stack half-closes first, and the kernel goes on sending", async (station) => {
  const next = await station.listen(5002, { send: LENGTH });
  const kernel = await connectFlow(STACK, 5002, { send: LENGTH, sendAfter: "peerClosed" });
  const stack = await next();
  assert.deepEqual([kernel.error, stack.error], ["", ""]);
  assert.equal(stack.digest, patternDigest(LENGTH));
  assert.equal(kernel.digest, patternDigest(LENGTH));
  assert.equal(await station.notIdle(), "");
  assert.equal(await timeWaits(station), 1, "the stack closed first");
});

withStation("active open: the stack connects to a listener of the kernel", async (station) => {
  const listener = await listenFlow(KERNEL, { send: LENGTH });
  const stack = await station.connect(listener.port, { send: LENGTH });
  const kernel = await listener.result;
  assert.deepEqual([kernel.error, stack.error], ["", ""]);
  assert.equal(stack.digest, patternDigest(LENGTH));
  assert.equal(kernel.digest, patternDigest(LENGTH));
  const { counters } = await station.levels();
  assert.equal(counters["tcp_active_opens"], 1);
});

withStation(
  "active open of 32 connections at once, each from a port of its own",
  async (station) => {
    const listeners = await Promise.all(
      Array.from({ length: 32 }, () => listenFlow(KERNEL, { send: 1000 })),
    );
    const results = await Promise.all(
      listeners.map(({ port }) => station.connect(port, { send: 20_000 })),
    );
    for (const { received, error } of results) {
      assert.deepEqual({ received, error }, { received: 1000, error: "" });
    }
    for (const { result } of listeners) assert.equal((await result).digest, patternDigest(20_000));
  },
);

withStation("active open of a refused port: ECONNREFUSED", async (station) => {
  let tries = 0;
  await atBest(BEFORE_RETRANSMISSION_MS, async () => {
    const { error, tookMs } = await station.connect(1, { send: 1 });
    assert.equal(error, "ECONNREFUSED");
    assert.equal((await station.levels()).counters["tcp_resets_received"], ++tries);
    return tookMs;
  });
});

withStation("a refused port of the stack: ECONNREFUSED", async (station) => {
  let tries = 0;
  await atBest(BEFORE_RETRANSMISSION_MS, async () => {
    const { error, tookMs } = await connectFlow(STACK, 4444, { send: 1 });
    assert.equal(error, "ECONNREFUSED");
    assert.equal((await station.levels()).counters["tcp_resets_sent"], ++tries);
    return tookMs;
  });
});

for (const onBytes of ["close", "abort"] as const) {
  const what = onBytes === "close" ? "a close with unread data" : "an abort";
  withStation(`${what}: ECONNRESET at the client`, async (station) => {
    await station.listen(5003, { send: 0, onBytes, sendAfter: "peerClosed" });
    const { error, received } = await connectFlow(STACK, 5003, { send: LENGTH });
    assert.match(error, /^(ECONNRESET|EPIPE)$/);
    assert.equal(received, 0);
    const { counters } = await station.levels();
    assert.ok(counters["tcp_resets_sent"]! >= 1);
    assert.equal(await timeWaits(station), 0);
  });
}

withStation("the kernel resets: ECONNRESET at the stack", async (station) => {
  const next = await station.listen(5004, { send: 10, fin: "afterPeer" });
  const socket = connect(5004, STACK);
  // Once bytes have come the stack has accepted it.
  await once(socket, "data");
  socket.resetAndDestroy();
  const { error, received } = await next();
  assert.deepEqual({ error, received }, { error: "ECONNRESET", received: 0 });
  assert.equal((await station.levels()).counters["tcp_resets_received"], 1);
  assert.equal(await timeWaits(station), 0);
});

withStation("the kernel resets at once, 200 times: nothing stays behind", async (station) => {
  const next = await station.listen(5007, { send: 10 });
  for (let round = 0; round < 200; round++) {
    const socket = connect(5007, STACK);
    await once(socket, "connect");
    socket.resetAndDestroy();
    await once(socket, "close");
  }
  assert.equal(await station.notIdle(), "");
  const kernel = await connectFlow(STACK, 5007, { send: 10 });
  assert.deepEqual([kernel.error, kernel.received], ["", 10]);
  // Those that were reset before they were accepted have no result.
  let last = await next();
  for (let round = 0; round < 200 && last.error !== ""; round++) last = await next();
  assert.deepEqual([last.error, last.received], ["", 10]);
});

withStation("both close at the same moment, again and again", async (station) => {
  const next = await station.listen(5005, { send: 10 });
  for (let round = 0; round < 50; round++) {
    const kernel = await connectFlow(STACK, 5005, { send: 10 });
    const stack = await next();
    assert.deepEqual([kernel.error, stack.error], ["", ""]);
    assert.deepEqual([kernel.received, stack.received], [10, 10]);
  }
});

withStation("a port in TIME-WAIT serves the same client's next connection", async (station) => {
  const next = await station.listen(5006, { send: 10 });
  // Below those that the kernel gives out by itself.
  const localPort = 20_000;
  for (let round = 0; round < 3; round++) {
    const socket = connect({ port: 5006, host: STACK, localPort, allowHalfOpen: true });
    let text = 0;
    socket.on("data", (chunk) => (text += chunk.length));
    // The stack closes first, so that the TIME-WAIT is the stack's, and the port free for us.
    await new Promise<void>((resolve, reject) => {
      socket.on("error", reject);
      socket.once("end", resolve);
    });
    socket.end();
    await new Promise((resolve) => socket.once("close", resolve));
    assert.equal(text, 10);
    assert.equal((await next()).error, "");
    assert.equal(await station.notIdle(), "");
    assert.equal(await timeWaits(station), 1);
  }
});
