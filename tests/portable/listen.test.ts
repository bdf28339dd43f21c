// Listening without a handler: connections are taken in a loop, and wait in the core until then.

import assert from "node:assert/strict";
import { test } from "node:test";
import { accept, B, createPair, readAll, text, writeAll } from "./support/pair.js";

test("a connection that came before the loop began is not lost, nor what it brought", async () => {
  const pair = await createPair();
  const listener = pair.b.listen({ port: 7 });
  const clients = [1, 2, 3].map(() => pair.a.connect({ hostname: B, port: 7 }));
  for (const client of clients) {
    await client.opened;
    await writeAll(client.writable, text("early"));
  }
  let count = 0;
  for await (const socket of listener) {
    assert.equal(String(await readAll(socket.readable)), "early");
    await socket.close();
    if (++count === clients.length) break;
  }
  await Promise.all(clients.map((client) => client.closed));
  pair.close();
});

test("a port in use is EADDRINUSE, and free again after close()", async () => {
  const pair = await createPair();
  const listener = pair.b.listen({ port: 7 });
  const expected = { code: "EADDRINUSE", syscall: "listen", port: 7 };
  assert.throws(() => pair.b.listen({ port: 7 }), expected);
  assert.throws(() => pair.b.listen({ port: 7 }, () => undefined), expected);
  listener.close();
  listener.close();
  pair.b.listen({ port: 7 }).close();
  assert.throws(() => pair.b.listen({ port: 70_000 }), { code: "EINVAL" });
  assert.throws(() => pair.b.listen({ port: 7, address: "10.0.0.1" }), { code: "EADDRNOTAVAIL" });
  pair.close();
});

test("leaving the loop closes the listener: what waits is reset, what was taken lives on", async () => {
  const pair = await createPair();
  const listener = pair.b.listen({ port: 7 });
  const [first, second] = [1, 2].map(() => pair.a.connect({ hostname: B, port: 7 }));
  await Promise.all([first!.opened, second!.opened]);
  let taken = null;
  for await (const socket of listener) {
    taken = socket;
    break;
  }
  await assert.rejects(second!.closed, { code: "ECONNRESET" });
  await assert.rejects(pair.a.connect({ hostname: B, port: 7 }).opened, { code: "ECONNREFUSED" });
  await writeAll(taken!.writable, text("alive"));
  assert.equal(String(await readAll(first!.readable)), "alive");
  assert.deepEqual(await listener.next(), { done: true, value: undefined });
  pair.close();
});

test("close() and a signal end a loop that waits", async () => {
  const pair = await createPair();
  const controller = new AbortController();
  for (const end of [null, controller]) {
    const listener = pair.b.listen({ port: 7, signal: controller.signal });
    const loop = (async () => {
      let count = 0;
      for await (const socket of listener) {
        count++;
        await socket.close();
      }
      return count;
    })();
    const client = pair.a.connect({ hostname: B, port: 7 });
    await readAll(client.readable);
    if (end === null) listener.close();
    else end.abort();
    assert.equal(await loop, 1);
  }
  pair.close();
});

test("several next() at a time are answered in their order", async () => {
  const pair = await createPair();
  const listener = pair.b.listen({ port: 7 });
  const taken = [accept(listener), accept(listener)];
  for (const port of [5001, 5002]) {
    await pair.a.connect({ hostname: B, port: 7, localPort: port }).opened;
  }
  const ports = (await Promise.all(taken)).map(async ({ opened }) => (await opened).remotePort);
  assert.deepEqual(await Promise.all(ports), [5001, 5002]);
  pair.close();
});

test("a loop that lags leaves connections in the backlog, and takes none into its own memory", async () => {
  const pair = await createPair();
  const listener = pair.b.listen({ port: 7, backlog: 4 });
  const clients = Array.from({ length: 12 }, () => pair.a.connect({ hostname: B, port: 7 }));
  await new Promise((resolve) => setTimeout(resolve, 300));
  const there = pair.b.connections();
  assert.equal(there.find(({ state }) => state === "LISTEN")?.sendQueue, 4, "the backlog is full");
  assert.equal(there.filter(({ state }) => state === "ESTABLISHED").length, 4);
  // The others are asked again by the core until there is room.
  for (let count = 0; count < clients.length; count++) await (await accept(listener)).opened;
  await Promise.all(clients.map((client) => client.opened));
  pair.close();
});

test("one that was reset while it waited is told so to whoever takes it", async () => {
  const pair = await createPair();
  const listener = pair.b.listen({ port: 7 });
  const client = pair.a.connect({ hostname: B, port: 7 });
  await client.opened;
  client.abort();
  const next = pair.a.connect({ hostname: B, port: 7 });
  await next.opened;
  let socket = await accept(listener);
  // The core may have dropped the first one already.
  if ((await socket.opened).remotePort !== (await next.opened).localPort) {
    await assert.rejects(socket.closed, { code: /ECONNRESET|ECONNABORTED/ });
    socket = await accept(listener);
  }
  assert.equal((await socket.opened).remotePort, (await next.opened).localPort);
  pair.close();
});

test("options of a listener are those of its sockets", async () => {
  const pair = await createPair();
  const listener = pair.b.listen({ port: 7, noDelay: true, keepAlive: { idleSeconds: 1 } });
  pair.a.connect({ hostname: B, port: 7 });
  const socket = await accept(listener);
  assert.equal((await socket.opened).localPort, 7);
  const bad = pair.b.listen({ port: 8, keepAlive: { probes: 1000 } });
  const client = pair.a.connect({ hostname: B, port: 8 });
  const refused = await accept(bad);
  await assert.rejects(refused.closed, { code: "EINVAL" });
  await assert.rejects(client.closed, { code: "ECONNRESET" });
  pair.close();
});
