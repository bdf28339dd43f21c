// Making stacks: at once or later, with the first interface and the names that belong to it.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { StackOptions } from "../../host/core/stack.js";
import { createStack, createStackSync } from "../../host/node/createStack.js";
import { settle } from "../../host/core/virtual.js";
import { createVirtualClock } from "../../host/link/clock.js";
import { MemoryLink } from "../../host/link/memory.js";

const quiet = () => ({ loop: false, clock: createVirtualClock() }) as const;

test("createStackSync: a stack at once, of the same kind", async () => {
  const [endA, endB] = MemoryLink.pair();
  const shared = quiet();
  const a = createStackSync({ ...shared, link: endA, addresses: ["198.18.0.1/30"] });
  const b = await createStack({ ...shared, link: endB, addresses: ["198.18.0.2/30"] });
  let accepted = 0;
  b.listen({ port: 7 }, () => accepted++);
  a.connect({ host: "198.18.0.2", port: 7 });
  settle({ stacks: [a, b] });
  assert.equal(accepted, 1);
  a.close();
  b.close();
});

test("createStackSync: no such profile is EINVAL, as for createStack", async () => {
  const options = { profile: "huge" } as unknown as StackOptions;
  const expected = {
    name: "RangeError",
    code: "EINVAL",
    message: /there are tiny, esp32, desktop/,
  };
  assert.throws(() => createStackSync(options), expected);
  await assert.rejects(createStack(options), expected);
});

test("createStack: the first interface comes with it", async () => {
  const [link] = MemoryLink.pair();
  const stack = await createStack({
    ...quiet(),
    link,
    mac: "02:00:00:00:00:07",
    mtu: 1400,
    addresses: ["198.18.0.1/30"],
    router: "198.18.0.2",
  });
  const [{ mac, mtu, addresses, up } = assert.fail("no interface")] = stack.interfaces();
  assert.deepEqual([mac, mtu, up], ["02:00:00:00:00:07", 1400, true]);
  assert.deepEqual(addresses, ["198.18.0.1/30"]);
  // Through the router.
  assert.doesNotThrow(() => stack.connect({ host: "203.0.113.9", port: 80 }));
  stack.close();
});

test("createStack: options of an interface without a link are EINVAL", async () => {
  await assert.rejects(createStack({ ...quiet(), router: "198.18.0.1" }), {
    code: "EINVAL",
    message: /the option router is of an interface, and there is no link/,
  });
});

test("hosts: answered before localhost and servers, in capitals or not", async () => {
  const hosts = {
    Db: "198.18.0.2",
    "both.test": ["198.18.0.3", "198.18.0.4"],
    localhost: "198.18.0.5",
  };
  const stack = await createStack({ ...quiet(), hosts });
  assert.deepEqual(await stack.lookup("db"), ["198.18.0.2"]);
  assert.deepEqual(await stack.lookup("BOTH.test."), ["198.18.0.3", "198.18.0.4"]);
  assert.deepEqual(await stack.lookup("localhost"), ["198.18.0.5"]);
  assert.deepEqual(await stack.lookup("inner.localhost"), ["127.0.0.1"]);
  let found: string[] = [];
  stack.resolve("db", (_error, addresses) => (found = addresses));
  settle({ stacks: [stack] });
  assert.deepEqual(found, ["198.18.0.2"]);
  assert.equal(stack.counters().dns_queries, 0);
  stack.close();
});

test("hosts: what is no address says so, with the name", async () => {
  const bad: [Record<string, unknown>, RegExp][] = [
    [{ db: "10.0.0" }, /hosts, name "db": "10.0.0" is not an IPv4 address/],
    [{ db: ["10.0.0.1", "::1"] }, /name "db": "::1" is not an IPv4 address/],
    [{ db: 7 }, /name "db": 7 is not/],
    [{ db: [] }, /name "db": there is no address/],
    [{ "": "10.0.0.1" }, /name "": that is no name/],
    [{ "10.0.0.1": "10.0.0.2" }, /name "10.0.0.1": that is no name/],
  ];
  for (const [hosts, message] of bad) {
    const options = { ...quiet(), hosts } as StackOptions;
    await assert.rejects(createStack(options), { code: "EINVAL", message });
  }
});
