// Many connections at once, storms of them, and what is left afterwards.

import assert from "node:assert/strict";
import { once } from "node:events";
import type { Server, Socket } from "node:net";
import { allOf, closed, connectTo, listening, turns, until } from "./support/ends.js";
import { netTest } from "./support/modules.js";

const countOf = (server: Server) =>
  new Promise<number>((done) => server.getConnections((_error, count) => done(count)));

netTest("500 connections at once, each with an answer of its own", async (net, t) => {
  const server = await listening(net, t, { onConnection: (socket) => void socket.pipe(socket) });
  const answers = await Promise.all(
    Array.from({ length: 500 }, async (_, i) => {
      const client = connectTo(net, t, server);
      client.end(`number ${i}`);
      return (await allOf(client)).toString();
    }),
  );
  assert.deepEqual(
    answers,
    Array.from({ length: 500 }, (_, i) => `number ${i}`),
  );
});

netTest(
  "300 connections that are open together are counted, and gone when they are closed",
  async (net, t) => {
    const server = await listening(net, t, { onConnection: (socket) => void socket.resume() });
    const clients = Array.from({ length: 300 }, () => connectTo(net, t, server).resume());
    await Promise.all(clients.map((client) => once(client, "connect")));
    while ((await countOf(server)) < 300) await turns(1);
    assert.equal(await countOf(server), 300);
    for (const client of clients) client.end();
    await Promise.all(clients.map((client) => closed(client)));
    while ((await countOf(server)) > 0) await turns(1);
    assert.equal(await countOf(server), 0);
  },
);

netTest(
  "a storm of connections that are destroyed at once leaves the server well",
  async (net, t) => {
    const server = await listening(net, t, {
      onConnection: (socket) => void socket.on("error", () => undefined).resume(),
    });
    for (let i = 0; i < 200; i++) {
      const client = connectTo(net, t, server);
      client.on("error", () => undefined);
      if (i % 2 === 0) client.destroy();
      else client.once("connect", () => client.destroy());
      if (i % 20 === 0) await turns(2);
    }
    const last = connectTo(net, t, server);
    await once(last, "connect");
    last.end();
    last.resume();
    await closed(last);
    while ((await countOf(server)) > 0) await turns(1);
    assert.equal(await countOf(server), 0);
  },
);

netTest("a storm of resets", async (net, t) => {
  let errors = 0;
  const server = await listening(net, t, {
    onConnection: (socket) => void socket.resume().on("error", () => errors++),
  });
  for (let i = 0; i < 100; i++) {
    const client = connectTo(net, t, server);
    await once(client, "connect");
    client.resetAndDestroy();
    await closed(client);
  }
  await until(() => errors === 100, t);
  assert.equal(await countOf(server), 0);
});

netTest("servers that listen and close in turn, on a port each", async (net) => {
  for (let i = 0; i < 50; i++) {
    const server = net.createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    server.close();
    await once(server, "close");
    assert.equal(server.listening, false);
  }
});

netTest("100 servers at once have ports of their own", async (net, t) => {
  const servers = await Promise.all(Array.from({ length: 100 }, () => listening(net, t)));
  const ports = new Set(servers.map((server) => (server.address() as { port: number }).port));
  assert.equal(ports.size, 100);
});

netTest("20 connections that each carry 500 KB both ways", async (net, t) => {
  const server = await listening(net, t, { onConnection: (socket) => void socket.pipe(socket) });
  const sent = Buffer.alloc(500_000, "0123456789abcdef!");
  const received = await Promise.all(
    Array.from({ length: 20 }, async () => {
      const client = connectTo(net, t, server);
      client.end(sent);
      return allOf(client);
    }),
  );
  assert.ok(received.every((bytes) => bytes.equals(sent)));
});

netTest("1,000 round trips of one byte on one connection", async (net, t) => {
  const server = await listening(net, t, { onConnection: (socket) => void socket.pipe(socket) });
  const client: Socket = connectTo(net, t, server);
  await once(client, "connect");
  let count = 0;
  await new Promise<void>((done) => {
    client.on("data", (chunk: Buffer) => {
      assert.equal(chunk.length, 1);
      if (++count === 1_000) done();
      else client.write("x");
    });
    client.write("x");
  });
  assert.equal(client.bytesRead, 1_000);
});

netTest("10,000 small writes in one turn", async (net, t) => {
  const server = await listening(net, t, { onConnection: (socket) => void socket.pipe(socket) });
  const client = connectTo(net, t, server);
  let callbacks = 0;
  for (let i = 0; i < 10_000; i++) client.write(`${i};`, () => callbacks++);
  client.end();
  const text = (await allOf(client)).toString();
  assert.equal(text, Array.from({ length: 10_000 }, (_, i) => `${i};`).join(""));
  assert.equal(callbacks, 10_000);
});
