// Many connections from the kernel: one after the other, at the same time, and what is left of them.

import assert from "node:assert/strict";
import { test } from "node:test";
import { connectFlow } from "./support/flow.js";
import { skip } from "./support/namespace.js";
import { patternDigest } from "./support/pattern.js";
import { output } from "./support/programs.js";
import { startServe, type Served } from "./support/serve.js";

/** Sends so many bytes of the pattern to echo and compares what comes back. */
async function echo({ address, port }: Served, length: number): Promise<void> {
  const { received, digest, error } = await connectFlow(address, port("echo"), { send: length });
  assert.equal(error, "");
  assert.equal(received, length);
  assert.equal(digest, patternDigest(length));
}

async function helloTimeWaits(served: Served): Promise<number> {
  assert.equal(await served.notIdle(), "");
  const { connections } = await served.status();
  return connections.filter(({ service, state }) => {
    return service === "hello" && state === "TIME-WAIT";
  }).length;
}

function times<Result>(count: number, make: (index: number) => Result): Result[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

test("connections over TAP", { skip, timeout: 90_000 }, async (t) => {
  const served = await startServe(t, ["hello,echo,http"]);

  await t.test("200 one after the other", async (way) => {
    const startMs = performance.now();
    for (let index = 0; index < 200; index++) await echo(served, 100 + index);
    const seconds = (performance.now() - startMs) / 1000;
    way.diagnostic(`${(200 / seconds).toFixed(0)} connections a second`);
    assert.equal(await served.notIdle(), "");
  });

  await t.test("64 at the same time, 64 KiB through each", async () => {
    await Promise.all(times(64, () => echo(served, 65_536)));
    assert.equal(await served.notIdle(), "");
    const { pools } = await served.status();
    const highWater = pools.find(({ name }) => name === "tcb")!.highWater;
    assert.ok(highWater >= 64, `${highWater} connections at the same time`);
  });

  await t.test("64 at the same time, of very different lengths", async () => {
    await Promise.all(times(64, (index) => echo(served, 1 + index ** 3)));
    assert.equal(await served.notIdle(), "");
  });

  await t.test("the side that closes first has the TIME-WAIT", async () => {
    const hello = served.port("hello");
    for (let index = 0; index < 5; index++) {
      const { received, error } = await connectFlow(served.address, hello, { send: 4 });
      assert.deepEqual({ received, error }, { received: 12, error: "" });
    }
    assert.equal(await helloTimeWaits(served), 0, "the kernel closed first");
    for (let index = 0; index < 5; index++) {
      // This nc does not half-close: hello ends after its pause.
      const nc = ["nc", served.address, String(hello)];
      assert.equal(await output(nc, { input: ["mote"] }), "hello ->mote");
    }
    assert.equal(await helloTimeWaits(served), 5, "hello closed first");
  });

  assert.equal(await served.notIdle(), "");
  assert.equal(await served.stop(), 0);
});

for (const { profile, clients } of [
  { profile: "esp32", clients: 64 },
  { profile: "tiny", clients: 16 },
]) {
  test(`${profile}: connections`, { skip, timeout: 60_000 }, async (t) => {
    const served = await startServe(t, ["echo,http", "--profile", profile]);
    await t.test("200 one after the other", async () => {
      for (let index = 0; index < 200; index++) await echo(served, 100 + index * 20);
      assert.equal(await served.notIdle(), "");
    });
    await t.test(`${clients} at once, more than there are records: the others wait`, async () => {
      await Promise.all(times(clients, () => echo(served, 5_000)));
      assert.equal(await served.notIdle(), "");
      const { counters } = await served.status();
      assert.ok(counters["tcp_admission_drops"]! > 0);
      assert.equal(counters["tcp_resets_sent"], 0);
    });
    assert.equal(await served.stop(), 0);
  });
}
