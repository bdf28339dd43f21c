// Making stacks: at once or later, with the first interface and the names that belong to it.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import type { StackOptions } from "../../host/core/stack.js";
import { createStack, createStackSync } from "../../host/node/createStack.js";
import { settle } from "../../host/core/virtual.js";
import { createVirtualClock } from "../../host/link/clock.js";
import { MemoryLink } from "../../host/link/memory.js";
import { fromRoot } from "../static/support/module.js";

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

const ESP32 = join(fromRoot("build"), "esp32.wasm");

test("wasm: a path, an address of a file, bytes or a module; the profile is that of the module", async () => {
  const bytes = readFileSync(ESP32);
  for (const wasm of [ESP32, pathToFileURL(ESP32), bytes, new WebAssembly.Module(bytes)]) {
    const at = createStackSync({ ...quiet(), wasm });
    const later = await createStack({ ...quiet(), wasm: Promise.resolve(wasm) });
    assert.deepEqual([at.profile, later.profile], ["esp32", "esp32"]);
    at.close();
    later.close();
  }
  const data = `data:application/wasm;base64,${bytes.toString("base64")}`;
  const stack = await createStack({ ...quiet(), wasm: data });
  assert.equal(stack.profile, "esp32");
  stack.close();
});

test("wasm: what is not there, or is none, says so", async () => {
  const bad: [StackOptions["wasm"], string, RegExp][] = [
    ["/nowhere/core.wasm", "ENOENT", /\/nowhere\/core\.wasm cannot be read/],
    [Buffer.from("<html>"), "ENOEXEC", /a page of HTML/],
    [fromRoot("package.json"), "ENOEXEC", /package\.json is no WebAssembly/],
    [readFileSync(ESP32).subarray(0, 100), "ENOEXEC", /the core cannot be loaded/],
    [7 as unknown as string, "EINVAL", /not 7$/],
  ];
  for (const [wasm, code, message] of bad) {
    await assert.rejects(createStack({ ...quiet(), wasm }), { code, message });
    assert.throws(() => createStackSync({ ...quiet(), wasm }), { code, message });
  }
  const later = { code: "EINVAL", message: /what must be waited for is for createStack/ };
  assert.throws(() => createStackSync({ wasm: "https://example.test/core.wasm" }), later);
  assert.throws(() => createStackSync({ wasm: Promise.resolve(ESP32) }), later);
});
