// Addresses that come by themselves, as callers of a stack see them: DHCP with a small server, link-local
// without one.

import assert from "node:assert/strict";
import { test } from "node:test";
import { runVirtual } from "../../host/core/virtual.js";
import { serveDhcp, SERVER } from "./support/dhcpServer.js";
import { createSegment } from "./support/segment.js";

const GIVEN = "198.18.0.77";

for (const profile of ["desktop", "esp32"] as const) {
  test(`dhcp: an address, and all that the server says: ${profile}`, async () => {
    const segment = createSegment();
    const server = serveDhcp(segment.port(), { give: GIVEN, mtu: 1400 });
    const options = { profile, hostName: "mote" };
    const stack = await segment.add(1, { auto: { dhcp: true } }, options);
    const leases: (string | null)[] = [];
    stack.onLease = (index) => leases.push(stack.lease(index)!.address);
    assert.equal(stack.lease(0)!.address, null);
    assert.equal(stack.lease(0)!.server, null);
    segment.run(() => stack.lease(0)!.address !== null);
    segment.settle();
    const { ageSeconds, ...lease } = stack.lease(0)!;
    assert.deepEqual(lease, {
      state: "BOUND",
      address: GIVEN,
      prefixLength: 24,
      linkLocal: false,
      server: SERVER,
      router: SERVER,
      nameServers: [SERVER],
      timeServers: [SERVER],
      leaseSeconds: 3600,
      renewSeconds: 1800,
      rebindSeconds: 3150,
      mtu: 1400,
    });
    assert.ok(ageSeconds < 20, `${ageSeconds} s`);
    assert.deepEqual(leases, [GIVEN]);
    assert.deepEqual(stack.interfaces()[0]!.addresses, [`${GIVEN}/24`]);
    assert.equal(stack.interfaces()[0]!.mtu, 1400);
    assert.equal(server.heard[0]!.hostName, "mote");
    segment.for(60_000);
    assert.equal(stack.lease(0)!.ageSeconds - ageSeconds, 60);
    segment.close();
  });
}

test("dhcp: what is bound to the leased address finds it, and goes with it", async () => {
  const segment = createSegment();
  serveDhcp(segment.port(), { give: GIVEN });
  const stack = await segment.add(1, { auto: { dhcp: true, probe: false } });
  const peer = await segment.add(2, { addresses: ["198.18.0.2/24"] });
  segment.run(() => stack.lease(0)!.address !== null);
  let error = "";
  stack.listen({ port: 7, address: GIVEN }, (connection) => {
    connection.onError = ({ code }) => (error = code!);
  });
  const client = peer.connect({ host: GIVEN, port: 7 });
  segment.run(() => client.state === "ESTABLISHED");
  stack.setAuto(0, null);
  segment.for(5_000);
  assert.equal(error, "ECONNABORTED");
  assert.equal(stack.lease(0), null);
  assert.deepEqual(stack.interfaces()[0]!.addresses, []);
  segment.close();
});

test("dhcp: without probes the address is there at once", async () => {
  const segment = createSegment();
  serveDhcp(segment.port(), { give: GIVEN });
  const stack = await segment.add(1, { auto: { dhcp: true, probe: false } });
  const tookMs = segment.run(() => stack.lease(0)!.address !== null);
  assert.ok(tookMs < 1_000, `${tookMs} ms`);
  segment.close();
});

test("dhcp: another address later is told, and the one of before is gone", async () => {
  const segment = createSegment();
  const server = serveDhcp(segment.port(), { give: GIVEN, leaseSeconds: 600 });
  const stack = await segment.add(1, { auto: { dhcp: true } });
  segment.run(() => stack.lease(0)!.address === GIVEN);
  server.give = "198.18.0.78";
  segment.run(() => stack.lease(0)!.address === "198.18.0.78");
  assert.deepEqual(stack.interfaces()[0]!.addresses, ["198.18.0.78/24"]);
  segment.close();
});

test("dhcp: no server answers: told, then a link-local address, and the server's when it comes", async () => {
  const segment = createSegment();
  const server = serveDhcp(segment.port(), { give: GIVEN });
  server.silent = true;
  const stack = await segment.add(1, { auto: { dhcp: true } });
  const told: (string | null)[] = [];
  stack.onLease = (index) => told.push(stack.lease(index)!.address);
  segment.run(() => told.length > 0);
  assert.deepEqual(told, [null], "nobody has answered");
  segment.run(() => stack.lease(0)!.address !== null);
  const lease = stack.lease(0)!;
  assert.match(lease.address!, /^169\.254\.\d+\.\d+$/);
  assert.deepEqual([lease.linkLocal, lease.prefixLength, lease.server], [true, 16, null]);
  server.silent = false;
  segment.run(() => stack.lease(0)!.address === GIVEN);
  assert.equal(stack.lease(0)!.linkLocal, false);
  segment.close();
});

test("link-local alone: two stacks have two addresses and reach each other", async () => {
  const segment = createSegment();
  const a = await segment.add(1, { auto: { linkLocal: true } });
  const b = await segment.add(2, { auto: { linkLocal: true } });
  segment.run(() => a.lease(0)!.address !== null && b.lease(0)!.address !== null);
  assert.equal(a.lease(0)!.state, "OFF");
  b.listen({ port: 7 }, () => {});
  const client = a.connect({ host: b.lease(0)!.address!, port: 7 });
  segment.run(() => client.state === "ESTABLISHED");
  segment.close();
});

test("withdraw() gives the lease back, and calls back once that has left", async () => {
  const segment = createSegment();
  const server = serveDhcp(segment.port(), { give: GIVEN });
  const stack = await segment.add(1, { auto: { dhcp: true } });
  segment.run(() => stack.lease(0)!.address !== null);
  let done = 0;
  stack.withdraw(() => done++);
  const tookMs = segment.run(() => done > 0);
  assert.ok(tookMs < 1_000, `${tookMs} ms`);
  assert.deepEqual(server.heard.at(-1), { type: "RELEASE", hostName: "", ciaddr: GIVEN });
  assert.equal(stack.lease(0), null);
  segment.for(5_000);
  assert.equal(done, 1);
  segment.close();
});

test("withdraw() does not wait for a server that has gone", async () => {
  const segment = createSegment();
  const port = segment.port();
  serveDhcp(port, { give: GIVEN });
  const stack = await segment.add(1, { auto: { dhcp: true } });
  segment.run(() => stack.lease(0)!.address !== null);
  port.close();
  // The neighbour is forgotten meanwhile.
  segment.for(600_000);
  let done = 0;
  stack.withdraw(() => done++, 500);
  const tookMs = segment.run(() => done > 0);
  assert.ok(tookMs <= 550, `${tookMs} ms`);
  segment.close();
});

test("close() says goodbye where nobody has to be asked for", async () => {
  const segment = createSegment();
  const server = serveDhcp(segment.port(), { give: GIVEN });
  const stack = await segment.add(1, { auto: { dhcp: true } });
  segment.run(() => stack.lease(0)!.address !== null);
  const neighbour = stack.bind();
  neighbour.send(Buffer.from("x"), 9, SERVER);
  segment.for(100);
  stack.close();
  assert.equal(server.heard.at(-1)!.type, "RELEASE");
  segment.close();
});

test("dhcp: the lease goes on for as long as the server likes", async () => {
  const segment = createSegment();
  serveDhcp(segment.port(), { give: GIVEN, leaseSeconds: 600 });
  const stack = await segment.add(1, { auto: { dhcp: true } });
  segment.run(() => stack.lease(0)!.address !== null);
  const told = new Set<string | null>();
  stack.onLease = (index) => told.add(stack.lease(index)!.address);
  const { clock } = segment;
  const untilMs = clock.now() + 7_200_000;
  runVirtual({ ...segment, limitMs: Infinity }, () => clock.now() >= untilMs);
  segment.settle();
  assert.equal(stack.lease(0)!.address, GIVEN);
  assert.ok(stack.lease(0)!.ageSeconds <= 600);
  assert.deepEqual([...told], [GIVEN], "it is told that it goes on");
  segment.close();
});
