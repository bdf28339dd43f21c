// Names that are answered without asking anybody: addresses, localhost, our own.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createSegment } from "./support/segment.js";

async function createAlone() {
  const segment = createSegment();
  const stack = await segment.add(1, { addresses: ["198.18.0.1/24"] });
  return { ...segment, stack };
}

test("lookup: addresses and localhost need no core, no server and no turn", async () => {
  const alone = await createAlone();
  const { stack } = alone;
  assert.deepEqual(await stack.lookup("192.0.2.7"), ["192.0.2.7"]);
  assert.deepEqual(await stack.lookup("localhost"), ["127.0.0.1"]);
  assert.deepEqual(await stack.lookup("WWW.LocalHost."), ["127.0.0.1"]);
  let found: string[] = [];
  stack.resolve("localhost", (_error, addresses) => (found = addresses));
  assert.deepEqual(found, [], "never before resolve() has returned");
  alone.settle();
  assert.deepEqual(found, ["127.0.0.1"]);
  assert.equal(stack.counters().dns_queries, 0);
  alone.close();
});

test("lookup: our own name is answered here, with the addresses in use", async () => {
  const alone = await createAlone();
  const { stack } = alone;
  stack.hostName = "mote";
  assert.equal(stack.hostName, "mote");
  assert.deepEqual(await stack.lookup("Mote.local"), ["198.18.0.1"]);
  stack.hostName = "other-1";
  assert.deepEqual(await stack.lookup("other-1.local."), ["198.18.0.1"]);
  alone.close();
});

test("host names: letters, digits and hyphens, 63 at most", async () => {
  const { stack, close } = await createAlone();
  stack.hostName = "mote";
  for (const name of ["", "mote.local", "my mote", "möte", "x".repeat(64), "x".repeat(300)]) {
    assert.throws(() => (stack.hostName = name), { code: "EINVAL" }, name);
  }
  assert.equal(stack.hostName, "mote");
  stack.hostName = "x".repeat(63);
  close();
});
