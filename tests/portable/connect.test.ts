// Opening: what connect() with a hostname answers, and when it cannot.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createStack } from "../../host/node/createStack.js";
import { A, accept, B, createPair, createVirtualPair, openBoth } from "./support/pair.js";

test("connect: both ends know addresses and ports", async () => {
  const pair = await createPair();
  const listener = pair.b.listen({ port: 0 });
  assert.equal(listener.localAddress, "0.0.0.0");
  assert.deepEqual(await listener.opened, {
    localAddress: "0.0.0.0",
    localPort: listener.localPort,
  });
  const client = pair.a.connect({ hostname: B, port: listener.localPort, localPort: 5000 });
  const server = await accept(listener);
  const [{ readable, writable, ...ends }, there] = [await client.opened, await server.opened];
  assert.equal(readable, client.readable);
  assert.equal(writable, client.writable);
  assert.deepEqual(ends, {
    remoteAddress: B,
    remotePort: listener.localPort,
    localAddress: A,
    localPort: 5000,
  });
  assert.deepEqual([there.remoteAddress, there.remotePort], [A, 5000]);
  assert.deepEqual([there.localAddress, there.localPort], [B, listener.localPort]);
  assert.equal(client.info()?.state, "ESTABLISHED");
  pair.close();
});

test("connect: a closed port rejects with ECONNREFUSED", async () => {
  const pair = await createPair();
  const client = pair.a.connect({ hostname: B, port: 81 });
  const expected = { code: "ECONNREFUSED", syscall: "connect", address: B, port: 81 };
  await assert.rejects(client.opened, expected);
  await assert.rejects(client.closed, expected);
  await assert.rejects(client.readable.getReader().read(), expected);
  await assert.rejects(client.writable.getWriter().write(new Uint8Array(1)), expected);
  assert.equal(client.info(), null);
  pair.close();
});

test("connect: an absent host rejects with EHOSTUNREACH, no route with ENETUNREACH", async () => {
  const pair = await createVirtualPair();
  const elsewhere = pair.a.connect({ hostname: "203.0.113.1", port: 80 });
  await assert.rejects(elsewhere.opened, { code: "ENETUNREACH", address: "203.0.113.1" });
  const startMs = pair.now();
  const absent = pair.a.connect({ hostname: "198.18.0.99", port: 80 });
  const expected = { code: "EHOSTUNREACH", syscall: "connect", address: "198.18.0.99", port: 80 };
  await assert.rejects(pair.wait(absent.opened), expected);
  const seconds = (pair.now() - startMs) / 1000;
  assert.ok(seconds < 150, `${seconds} s`);
  pair.close();
});

test("connect: a peer that does not answer rejects with ETIMEDOUT", async () => {
  const pair = await createVirtualPair();
  pair.silence();
  const client = pair.a.connect({ hostname: B, port: 9 });
  const expected = { code: "ETIMEDOUT", syscall: "connect", address: B, port: 9 };
  await assert.rejects(pair.wait(client.opened), expected);
  pair.close();
});

test("connect: names by hosts and localhost, and ENOTFOUND or its like for others", async () => {
  const pair = await createPair();
  const stack = await createStack({ hosts: { self: "127.0.0.1" } });
  for (const hostname of ["self", "localhost"]) {
    const listener = stack.listen({ port: 7 });
    const client = stack.connect({ hostname, port: 7 });
    assert.equal((await client.opened).remoteAddress, "127.0.0.1");
    listener.close();
    await client.close();
  }
  const nobody = stack.connect({ hostname: "nobody.test", port: 7 });
  await assert.rejects(nobody.opened, { code: "ENETUNREACH", hostname: "nobody.test" });
  stack.close();
  pair.close();
});

test("connect: the addresses of a name are tried in their order", async () => {
  const stack = await createStack({
    hosts: { many: ["203.0.113.1", "127.0.0.2", "127.0.0.1"], none: ["203.0.113.1", "127.0.0.1"] },
  });
  const listener = stack.listen({ port: 7 });
  const client = stack.connect({ hostname: "many", port: 7 });
  await client.opened;
  await accept(listener);
  listener.close();
  const refused = stack.connect({ hostname: "none", port: 8 });
  await assert.rejects(refused.opened, { code: "ECONNREFUSED", address: "127.0.0.1" });
  stack.close();
});

test("connect: what makes no sense rejects, too", async () => {
  const pair = await createPair();
  const bad: [object, string][] = [
    [{ hostname: B, port: 0 }, "EINVAL"],
    [{ hostname: B, port: 65_536 }, "EINVAL"],
    [{ hostname: B, port: "80" }, "EINVAL"],
    [{ hostname: "", port: 80 }, "EINVAL"],
    [{ hostname: "::1", port: 80 }, "EAFNOSUPPORT"],
    [{ hostname: B, port: 80, localAddress: "10.0.0.1" }, "EADDRNOTAVAIL"],
    [{ hostname: B, port: 80, keepAlive: { probes: 0 } }, "EINVAL"],
    [{ hostname: "255.255.255.255", port: 80 }, "EACCES"],
  ];
  for (const [options, code] of bad) {
    const client = pair.a.connect(options as { hostname: string; port: number });
    await assert.rejects(client.opened, { code }, JSON.stringify(options));
  }
  assert.equal(pair.a.connections().length, 0);
  pair.close();
  const late = pair.a.connect({ hostname: B, port: 80 });
  await assert.rejects(late.opened, { code: "EBADF" });
});

test("connect: a signal gives it up, before it is open and after", async () => {
  const pair = await createPair();
  const aborted = pair.a.connect({ hostname: B, port: 7, signal: AbortSignal.abort() });
  await assert.rejects(aborted.opened, { name: "AbortError" });
  const early = new AbortController();
  const client = pair.a.connect({ hostname: B, port: 7, signal: early.signal });
  early.abort(new Error("enough"));
  await assert.rejects(client.opened, { message: "enough" });
  assert.equal(pair.a.connections().length, 0);
  const late = new AbortController();
  const [open, server] = await openBoth(pair, { signal: late.signal });
  const read = open.readable.getReader().read();
  late.abort();
  await assert.rejects(read, { name: "AbortError" });
  await assert.rejects(open.closed, { name: "AbortError" });
  await assert.rejects(server.closed, { code: "ECONNRESET" });
  pair.close();
});

test("connect: closed before it is open", async () => {
  const pair = await createPair();
  const client = pair.a.connect({ hostname: B, port: 7 });
  await client.close();
  await assert.rejects(client.opened, { code: "ECONNABORTED" });
  assert.equal(pair.a.connections().length, 0);
  pair.close();
});

for (const count of [64, 500]) {
  test(`connect: ${count} at a time all settle, and all can be used`, async () => {
    const pair = await createPair();
    const listener = pair.b.listen({ port: 7 });
    const echoes: Promise<void>[] = [];
    const served = (async () => {
      for await (const socket of listener) echoes.push(socket.readable.pipeTo(socket.writable));
    })();
    const clients = Array.from({ length: count }, () => pair.a.connect({ hostname: B, port: 7 }));
    const opened = await Promise.allSettled(clients.map((client) => client.opened));
    assert.equal(opened.filter(({ status }) => status === "fulfilled").length, count);
    const answers = await Promise.all(
      clients.map(async ({ readable, writable, closed }, index) => {
        const writer = writable.getWriter();
        await writer.write(Uint8Array.of(index, index >> 8));
        await writer.close();
        const { value = new Uint8Array() } = await readable.getReader().read();
        await closed;
        return value[0]! | (value[1]! << 8);
      }),
    );
    assert.deepEqual(
      answers,
      clients.map((_, index) => index),
    );
    await Promise.all(echoes);
    listener.close();
    await served;
    pair.close();
  });
}

test("connect: a keepalive finds a peer that is gone", async () => {
  const pair = await createVirtualPair();
  const [client] = await openBoth(pair, {
    keepAlive: { idleSeconds: 10, intervalSeconds: 1, probes: 3 },
  });
  pair.silence();
  const startMs = pair.now();
  await assert.rejects(pair.wait(client.closed), { code: "ETIMEDOUT" });
  const seconds = (pair.now() - startMs) / 1000;
  assert.ok(seconds > 11 && seconds < 15, `${seconds} s`);
  pair.close();
});
