// What goes along with a connection: asynchronous context, and what diagnostics channels tell.

import assert from "node:assert/strict";
import { AsyncLocalStorage, executionAsyncId } from "node:async_hooks";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { once } from "node:events";
import type { Socket } from "node:net";
import {
  closed,
  connected,
  connectTo,
  keep,
  listening,
  LOCAL,
  portOf,
  turns,
  until,
} from "./support/ends.js";
import { netTest } from "./support/modules.js";

const storage = new AsyncLocalStorage<string>();

netTest("context: connect, ready, data, end and close run in that of connect()", async (net, t) => {
  const server = await listening(net, t, { onConnection: (socket) => void socket.end("x") });
  const seen: (string | undefined)[] = [];
  const client = storage.run("client", () => {
    const socket = net.connect(portOf(server), LOCAL, () => seen.push(storage.getStore()));
    for (const name of ["ready", "data", "end", "close"])
      socket.on(name, () => seen.push(storage.getStore()));
    return keep(t, socket);
  });
  await closed(client);
  assert.deepEqual(seen, ["client", "client", "client", "client", "client"]);
});

netTest("context: of a name, too", async (net, t) => {
  const server = await listening(net, t);
  const seen: (string | undefined)[] = [];
  const client = storage.run("named", () => {
    const socket = net.connect({ port: portOf(server), host: "localhost", family: 4 });
    for (const name of ["lookup", "connect"]) socket.on(name, () => seen.push(storage.getStore()));
    return keep(t, socket);
  });
  await once(client, "connect");
  assert.deepEqual(seen, ["named", "named"]);
});

netTest("context: callbacks of write and end run in that of the call", async (net, t) => {
  const { client, served } = await connected(net, t);
  served.resume();
  const seen: (string | undefined)[] = [];
  storage.run("write", () => client.write("x", () => seen.push(storage.getStore())));
  await until(() => seen.length === 1, t);
  assert.deepEqual(seen, ["write"]);
});

netTest(
  "context: a write that waits for room has its callback in that of the call",
  async (net, t) => {
    const { client, served } = await connected(net, t);
    let seen: string | undefined;
    const written = storage.run(
      "large write",
      () =>
        new Promise<void>((done) =>
          client.write(Buffer.alloc(8_000_000), () => {
            seen = storage.getStore();
            done();
          }),
        ),
    );
    await turns(5);
    served.resume();
    await written;
    assert.equal(seen, "large write");
  },
);

netTest("context: 'timeout' runs in that of setTimeout", async (net, t) => {
  const { client } = await connected(net, t);
  let seen: string | undefined;
  storage.run("timer", () => client.setTimeout(10, () => (seen = storage.getStore())));
  await once(client, "timeout");
  assert.equal(seen, "timer");
});

netTest("context: an 'error' of connecting runs in that of connect()", async (net, t) => {
  const server = await listening(net, t);
  const port = portOf(server);
  server.close();
  await once(server, "close");
  let seen: string | undefined;
  const client = storage.run("refused", () => {
    const socket = net.connect(port, LOCAL);
    socket.on("error", () => (seen = storage.getStore()));
    return keep(t, socket);
  });
  await closed(client);
  assert.equal(seen, "refused");
});

netTest("context: listening runs in that of listen(), close in that of close()", async (net, t) => {
  const server = net.createServer();
  t.after(() => server.close());
  const seen: (string | undefined)[] = [];
  storage.run("listen", () => server.listen(0, LOCAL, () => seen.push(storage.getStore())));
  await once(server, "listening");
  storage.run("close", () => server.close(() => seen.push(storage.getStore())));
  await once(server, "close");
  assert.equal(seen[0], "listen");
  assert.equal(seen.length, 2);
});

netTest("context: each accepted connection is in a context of its own", async (net, t) => {
  const server = await listening(net, t);
  const other = new AsyncLocalStorage<number>();
  const seen: [number, number | undefined][] = [];
  let count = 0;
  server.on("connection", (socket) => {
    const number = ++count;
    other.run(number, () => {
      socket.once("data", () => seen.push([number, other.getStore()]));
    });
    other.enterWith(number);
    void Promise.resolve().then(() => assert.equal(other.getStore(), number));
  });
  for (let i = 0; i < 3; i++) connectTo(net, t, server).write("x");
  await until(() => seen.length === 3, t);
  assert.equal(count, 3);
  assert.deepEqual(seen.map(([number]) => number).sort(), [1, 2, 3]);
});

netTest("context: handlers run with an execution id", async (net, t) => {
  const { client, served } = await connected(net, t);
  served.write("x");
  const id = await new Promise<number>((done) =>
    client.once("data", () => done(executionAsyncId())),
  );
  assert.ok(id > 0);
});

netTest("diagnostics: 'net.client.socket' for each connect()", async (net, t) => {
  const server = await listening(net, t);
  const seen: Socket[] = [];
  const onMessage = (message: unknown): void =>
    void seen.push((message as { socket: Socket }).socket);
  subscribe("net.client.socket", onMessage);
  t.after(() => unsubscribe("net.client.socket", onMessage));
  const client = connectTo(net, t, server);
  assert.deepEqual(
    seen.map((socket) => socket === client),
    [true],
  );
  await once(client, "connect");
  assert.equal(seen.length, 1);
});

netTest(
  "diagnostics: 'net.server.socket' for each connection, after the handlers of 'connection'",
  async (net, t) => {
    const server = await listening(net, t);
    const order: string[] = [];
    const seen: Socket[] = [];
    const onMessage = (message: unknown): void => {
      order.push("channel");
      seen.push((message as { socket: Socket }).socket);
    };
    subscribe("net.server.socket", onMessage);
    t.after(() => unsubscribe("net.server.socket", onMessage));
    const accepting = once(server, "connection");
    server.on("connection", () => order.push("connection"));
    connectTo(net, t, server);
    const [served] = (await accepting) as [Socket];
    await until(() => order.length === 2, t);
    assert.equal(seen[0], served);
    assert.deepEqual(order, ["connection", "channel"]);
  },
);
