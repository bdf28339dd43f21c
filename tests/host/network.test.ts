// What interfaces have beside frames: addresses as the records tell them, links, groups, routes.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Stack } from "../../host/core/stack.js";
import { createStack } from "../../host/node/createStack.js";
import { MemoryLink } from "../../host/link/memory.js";
import { createSegment } from "./support/segment.js";
import { entropy } from "./support/pair.js";

const GROUP = "239.1.2.3";

/** A socket that hears the port 5000, and the texts that it got. */
function hear(stack: Stack): string[] {
  const texts: string[] = [];
  const socket = stack.bind({ port: 5000 });
  socket.onReadable = () => {
    for (let next; (next = socket.receive()) !== null;)
      texts.push(Buffer.from(next.data).toString());
  };
  return texts;
}

test("an interface without addresses: attached, and nothing can be bound to one", async () => {
  const segment = createSegment();
  const stack = await segment.add(1, {});
  assert.deepEqual(stack.interfaces()[0]!.addresses, []);
  assert.equal(stack.lease(0), null);
  assert.throws(() => stack.bind({ address: "198.18.0.1" }), { code: "EADDRNOTAVAIL" });
  assert.throws(() => stack.listen({ port: 1, address: "192.0.2.2" }, () => {}), {
    code: "EADDRNOTAVAIL",
  });
  // All of 127/8 is its own, and leads nowhere else.
  assert.equal(stack.listen({ port: 1, address: "127.0.0.2" }, () => {}).address, "127.0.0.2");
  assert.throws(() => stack.connect({ host: "198.18.0.2", port: 7 }), { code: "ENETUNREACH" });
  segment.close();
});

test("addresses stand in the records, with their interface and prefix", async () => {
  const segment = createSegment();
  const stack = await segment.add(1, { addresses: ["198.18.0.1/24", "10.1.2.3/8"] });
  stack.attach(MemoryLink.pair()[0], { addresses: ["192.0.2.1/32"] });
  const [first, second] = stack.interfaces();
  assert.deepEqual(first!.addresses, ["198.18.0.1/24", "10.1.2.3/8"]);
  assert.deepEqual(second!.addresses, ["192.0.2.1/32"]);
  assert.equal(stack.addressState("10.1.2.3"), "VALID");
  assert.throws(() => stack.addressState("10.1.2.4"), { code: "EADDRNOTAVAIL" });
  segment.close();
});

test("a link that goes down and up again is told, and frames pass only while it is up", async () => {
  const segment = createSegment();
  const a = await segment.add(1, { addresses: ["198.18.0.1/24"] });
  const b = await segment.add(2, { addresses: ["198.18.0.2/24"] });
  segment.settle();
  const texts = hear(b);
  const told: [number, boolean][] = [];
  b.onLink = (index, up) => told.push([index, up]);
  const socket = a.bind();
  b.setLink(0, false);
  segment.settle();
  assert.equal(b.interfaces()[0]!.up, false);
  socket.send(Buffer.from("lost"), 5000, "198.18.0.2");
  segment.for(5_000);
  b.setLink(0, true);
  segment.settle();
  socket.send(Buffer.from("heard"), 5000, "198.18.0.2");
  segment.for(5_000);
  assert.deepEqual(told, [
    [0, false],
    [0, true],
  ]);
  assert.deepEqual(texts, ["heard"]);
  assert.throws(() => b.setLink(1, true), { code: "ENETDOWN" });
  segment.close();
});

test("a group is heard from join to leave, and by nobody else", async () => {
  const segment = createSegment();
  const a = await segment.add(1, { addresses: ["198.18.0.1/24"] });
  const b = await segment.add(2, { addresses: ["198.18.0.2/24"] });
  const c = await segment.add(3, { addresses: ["198.18.0.3/24"] });
  const [atB, atC] = [hear(b), hear(c)];
  const socket = a.bind();
  const say = (text: string) => {
    socket.send(Buffer.from(text), 5000, GROUP);
    segment.for(100);
  };
  say("before");
  b.join(GROUP);
  b.join(GROUP);
  say("joined");
  b.leave(GROUP);
  say("joined once more than left");
  b.leave(GROUP);
  say("after");
  assert.deepEqual(atB, ["joined", "joined once more than left"]);
  assert.deepEqual(atC, []);
  assert.ok(b.counters().igmp_reports >= 1);
  assert.throws(() => b.leave(GROUP), { code: "EADDRNOTAVAIL" });
  assert.throws(() => b.join("198.18.0.1"), { code: "EINVAL" });
  assert.throws(() => b.join(GROUP, 5), { code: "EINVAL" });
  segment.close();
});

test("routes: the longest prefix wins, and what was added is told", async () => {
  const segment = createSegment();
  const a = await segment.add(1, { addresses: ["198.18.0.1/24"] });
  // Two hosts that have an address of another network, too: what comes to it, they take.
  const near = await segment.add(2, { addresses: ["198.18.0.2/24", "10.1.0.9/32"] });
  const far = await segment.add(3, { addresses: ["198.18.0.3/24", "10.1.2.9/32"] });
  const [atNear, atFar] = [hear(near), hear(far)];
  const socket = a.bind();
  assert.throws(() => socket.send(Buffer.from("x"), 5000, "10.1.0.9"), { code: "ENETUNREACH" });
  const wide = { network: "10.1.0.0", prefixLength: 16, router: "198.18.0.2", interface: 0 };
  const narrow = { network: "10.1.2.0", prefixLength: 24, router: "198.18.0.3", interface: 0 };
  a.addRoute(wide);
  a.addRoute({ network: "10.1.2.0", prefixLength: 24, router: "198.18.0.3" });
  const byNetwork = (x: { network: string }, y: { network: string }) =>
    x.network < y.network ? -1 : 1;
  assert.deepEqual(a.routes().sort(byNetwork), [wide, narrow]);
  socket.send(Buffer.from("wide"), 5000, "10.1.0.9");
  socket.send(Buffer.from("narrow"), 5000, "10.1.2.9");
  segment.for(1_000);
  assert.deepEqual([atNear, atFar], [["wide"], ["narrow"]]);
  a.removeRoute({ network: "10.1.0.0", prefixLength: 16 });
  assert.deepEqual(a.routes(), [narrow]);
  assert.throws(() => a.removeRoute({ network: "10.1.0.0", prefixLength: 16 }), {
    code: "ENETUNREACH",
  });
  assert.throws(() => a.addRoute({ ...wide, network: "10.1.0.1" }), { code: "EINVAL" });
  segment.close();
});

test("tiny has none of this, and says so", async () => {
  const stack = await createStack({ profile: "tiny", loop: false, entropy: entropy(9) });
  const link = MemoryLink.pair()[0];
  assert.throws(() => stack.attach(link, { auto: { dhcp: true } }), { code: "EAFNOSUPPORT" });
  stack.attach(link, { addresses: ["198.18.0.2/30"] });
  const refused: (() => unknown)[] = [
    () => stack.join(GROUP),
    () => stack.leave(GROUP),
    () => stack.addRoute({ network: "10.0.0.0", prefixLength: 8, router: "198.18.0.1" }),
    () => stack.setAuto(0, { linkLocal: true }),
    () => (stack.hostName = "mote"),
    () => stack.publish("_http._tcp", 80),
    () => stack.setNameServers([]),
    () => stack.timeServer(null),
  ];
  for (const call of refused) {
    assert.throws(call, { code: "EAFNOSUPPORT", message: /a call that this profile does without/ });
  }
  await assert.rejects(stack.lookup("example.test"), { code: "EAFNOSUPPORT" });
  assert.deepEqual(await stack.lookup("192.0.2.7"), ["192.0.2.7"]);
  assert.deepEqual([stack.routes(), stack.lease(0), stack.hostName], [[], null, ""]);
  assert.equal(stack.wallClock(), null);
  stack.setLink(0, false);
  assert.equal(stack.interfaces()[0]!.up, false);
  stack.close();
  const named = createStack({ profile: "tiny", loop: false, hostName: "mote" });
  await assert.rejects(named, { code: "EAFNOSUPPORT" });
});

test("a closed stack changes nothing of all this: EBADF", async () => {
  const segment = createSegment();
  const stack = await segment.add(1, { addresses: ["198.18.0.1/24"] });
  segment.close();
  const refused: (() => unknown)[] = [
    () => stack.setLink(0, true),
    () => stack.setAuto(0, null),
    () => stack.join(GROUP),
    () => stack.addRoute({ network: "10.0.0.0", prefixLength: 8, router: "198.18.0.2" }),
    () => stack.setNameServers([]),
    () => (stack.hostName = "mote"),
    () => stack.withdraw(() => {}),
  ];
  for (const call of refused) assert.throws(call, { code: "EBADF" });
  await assert.rejects(stack.lookup("192.0.2.7"), { code: "EBADF" });
  assert.deepEqual(stack.routes(), []);
});

test("connect() to a name: told what to use", async () => {
  const segment = createSegment();
  const stack = await segment.add(1, { addresses: ["198.18.0.1/24"] });
  assert.throws(() => stack.connect({ host: "example.test", port: 80 }), {
    code: "EINVAL",
    message: /"example\.test" is not an IPv4 address; lookup\(\) finds those of a name/,
  });
  segment.close();
});
