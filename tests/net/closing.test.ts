// How connections end: both halves, destroySoon, resets, errors, and what comes after.

import assert from "node:assert/strict";
import { once } from "node:events";
import type { Socket } from "node:net";
import {
  allOf,
  call,
  closed,
  closedPort,
  connected,
  connectTo,
  errorOf,
  keep,
  listening,
  LOCAL,
  record,
  turns,
  until,
} from "./support/ends.js";
import { netTest } from "./support/modules.js";

const EVENTS = ["error", "end", "finish", "close"] as const;

netTest(
  "end: the peer's 'end' comes after its data, 'close' with false on both sides",
  async (net, t) => {
    const { client, served } = await connected(net, t);
    const seen = record(served, ["data", ...EVENTS]);
    const closing = Promise.all([closed(client), closed(served)]);
    client.resume();
    client.end("bye");
    assert.deepEqual(await closing, [[false], [false]]);
    assert.deepEqual(seen, ["data", "end", "finish", "close"]);
  },
);

netTest("end: the one who ends gets 'finish' before 'end' and 'close'", async (net, t) => {
  const { client, served } = await connected(net, t);
  served.resume();
  client.resume();
  const seen = record(client, EVENTS);
  client.end();
  await closed(client);
  assert.deepEqual(seen, ["finish", "end", "close"]);
});

netTest("end: what the peer sends afterwards is still read", async (net, t) => {
  const { client, served } = await connected(net, t, { options: { allowHalfOpen: true } });
  const all = allOf(client);
  client.end();
  served.resume();
  await once(served, "end");
  served.write("still ");
  served.end("here");
  assert.equal((await all).toString(), "still here");
});

netTest("allowHalfOpen of a client: it writes on after the peer's end", async (net, t) => {
  const { client, served } = await connected(net, t, { connect: { allowHalfOpen: true } });
  const all = allOf(served);
  const closing = closed(client);
  served.end();
  client.resume();
  await once(client, "end");
  assert.equal(client.writable, true);
  client.end("after your end");
  assert.equal((await all).toString(), "after your end");
  await closing;
});

netTest("allowHalfOpen: without an end of its own the socket stays open", async (net, t) => {
  const { client, served } = await connected(net, t, { connect: { allowHalfOpen: true } });
  const seen = record(client, ["end", "close"]);
  client.resume();
  served.end();
  served.resume();
  await once(client, "end");
  await turns(20);
  assert.deepEqual(seen, ["end"]);
  assert.equal(client.destroyed, false);
  client.end();
  await closed(client);
});

netTest("readable and writable: through an orderly end", async (net, t) => {
  const { client, served } = await connected(net, t, { options: { allowHalfOpen: true } });
  assert.deepEqual([client.readable, client.writable], [true, true]);
  served.resume();
  client.end();
  assert.deepEqual([client.readable, client.writable], [true, false]);
  await once(served, "end");
  assert.deepEqual([served.readable, served.writable], [false, true]);
  served.end();
  client.resume();
  await closed(client);
  assert.deepEqual([client.readable, client.writable], [false, false]);
});

netTest(
  "'end' does not come for a socket that nobody reads, with data that waits",
  async (net, t) => {
    const { client, served } = await connected(net, t);
    const seen = record(served, EVENTS);
    client.end("unread");
    await once(client, "finish");
    await turns(20);
    assert.deepEqual(seen, []);
  },
);

netTest("'end' of a peer that sent nothing comes once somebody reads", async (net, t) => {
  const { client, served } = await connected(net, t);
  client.end();
  client.resume();
  served.resume();
  await closed(served);
  assert.equal(served.readableEnded, true);
});

netTest("destroy: the peer that reads gets 'end' or a reset, and closes", async (net, t) => {
  const { client, served } = await connected(net, t);
  served.on("error", () => undefined);
  served.resume();
  client.destroy();
  await closed(served);
  assert.equal(served.destroyed, true);
});

netTest("destroy: 'close' with false, and neither 'end' nor 'finish'", async (net, t) => {
  const { client } = await connected(net, t);
  const seen = record(client, EVENTS);
  client.destroy();
  assert.deepEqual(await closed(client), [false]);
  assert.deepEqual(seen, ["close"]);
});

netTest("destroy: returns the socket; destroyed at once; 'close' later", async (net, t) => {
  const { client } = await connected(net, t);
  const seen = record(client, ["close"]);
  assert.equal(client.destroy(), client);
  assert.equal(client.destroyed, true);
  assert.equal(client.readyState, "closed");
  assert.deepEqual(seen, []);
  await closed(client);
});

netTest("destroy: what was written before arrives", async (net, t) => {
  const { client, served } = await connected(net, t);
  let text = "";
  served.on("data", (chunk: Buffer) => (text += chunk));
  served.on("error", () => undefined);
  await new Promise<void>((done) => client.write("written", () => done()));
  client.destroy();
  await closed(served);
  assert.equal(text, "written");
});

netTest("destroy: callbacks of writes that wait are called, once each", async (net, t) => {
  const { client, served } = await connected(net, t);
  served.pause();
  served.on("error", () => undefined);
  const calls = Array.from({ length: 100 }, () => 0);
  for (let i = 0; i < 100; i++) client.write(Buffer.alloc(100_000), () => calls[i]!++);
  await turns(5);
  client.destroy();
  await closed(client);
  await until(() => !calls.includes(0), t);
  assert.ok(calls.every((count) => count === 1));
});

netTest("destroy in the handler of 'data': no more data", async (net, t) => {
  const { client, served } = await connected(net, t);
  client.on("error", () => undefined);
  let count = 0;
  served.on("data", () => {
    count++;
    served.destroy();
  });
  client.write(Buffer.alloc(500_000));
  await closed(served);
  await turns(10);
  assert.equal(count, 1);
});

netTest("destroy in the handler of 'end'", async (net, t) => {
  const { client, served } = await connected(net, t);
  served.resume().on("end", () => served.destroy());
  client.on("error", () => undefined);
  client.resume().end("x");
  assert.deepEqual(await closed(served), [false]);
  await closed(client);
});

netTest("destroySoon: writes what there is, then closes", async (net, t) => {
  const { client, served } = await connected(net, t);
  const all = allOf(served);
  client.write("all ");
  client.write("of it");
  client.destroySoon();
  assert.equal(client.writableEnded, true);
  assert.equal((await all).toString(), "all of it");
  await until(() => client.destroyed, t);
  assert.equal(client.writableFinished, true);
});

netTest("destroySoon: after 'finish' it destroys at once", async (net, t) => {
  const { client, served } = await connected(net, t, { options: { allowHalfOpen: true } });
  served.resume();
  client.end();
  await once(client, "finish");
  client.destroySoon();
  assert.equal(client.destroyed, true);
});

netTest("destroySoon: much data arrives in full", async (net, t) => {
  const { client, served } = await connected(net, t);
  const all = allOf(served);
  client.write(Buffer.alloc(2_000_000, "z"));
  client.destroySoon();
  assert.equal((await all).length, 2_000_000);
});

netTest("resetAndDestroy: the peer gets ECONNRESET of read", async (net, t) => {
  const { client, served } = await connected(net, t);
  served.resume();
  const failing = errorOf(served);
  const closing = closed(served);
  assert.equal(client.resetAndDestroy(), client);
  const error = await failing;
  assert.deepEqual({ ...error }, { errno: -104, code: "ECONNRESET", syscall: "read" });
  assert.equal(error.message, "read ECONNRESET");
  assert.deepEqual(await closing, [true]);
});

netTest("resetAndDestroy: one's own side closes without an error", async (net, t) => {
  const { client, served } = await connected(net, t);
  served.on("error", () => undefined);
  const seen = record(client, EVENTS);
  client.resetAndDestroy();
  assert.equal(client.destroyed, true);
  assert.deepEqual(await closed(client), [false]);
  await turns();
  assert.deepEqual(seen, ["close"]);
});

netTest("resetAndDestroy: by the server", async (net, t) => {
  const server = await listening(net, t, {
    onConnection: (socket) => void socket.resetAndDestroy(),
  });
  const client = connectTo(net, t, server).resume();
  assert.equal((await errorOf(client)).code, "ECONNRESET");
});

netTest("resetAndDestroy: while it connects, after the connection", async (net, t) => {
  const server = await listening(net, t);
  const accepting = once(server, "connection");
  const client = connectTo(net, t, server);
  client.resetAndDestroy();
  const [served] = (await accepting) as [Socket];
  served.resume();
  const failing = errorOf(served);
  await closed(client);
  assert.equal((await failing).code, "ECONNRESET");
});

netTest(
  "resetAndDestroy: of a socket that never connected is ERR_SOCKET_CLOSED",
  async (net, t) => {
    const socket = keep(t, new net.Socket());
    socket.resetAndDestroy();
    const error = await errorOf(socket);
    assert.equal(error.code, "ERR_SOCKET_CLOSED");
    assert.equal(error.message, "Socket is closed");
  },
);

netTest("resetAndDestroy: of one that is closed emits nothing more", async (net, t) => {
  const { client } = await connected(net, t);
  client.destroy();
  await closed(client);
  const seen = record(client, EVENTS);
  assert.equal(client.resetAndDestroy(), client);
  await turns(5);
  assert.deepEqual(seen, []);
});

netTest(
  "a write after the peer's reset fails, with one 'error' and one 'close'",
  async (net, t) => {
    const { client, served } = await connected(net, t);
    const seen = record(served, ["error", "close"]);
    client.resetAndDestroy();
    await closed(client);
    const closing = closed(served);
    served.write("into the void");
    served.on("error", () => undefined);
    assert.deepEqual(await closing, [true]);
    await turns();
    assert.deepEqual(seen, ["error", "close"]);
  },
);

netTest("writes to a peer that destroyed its end fail with EPIPE or ECONNRESET", async (net, t) => {
  const { client, served } = await connected(net, t, { options: { allowHalfOpen: true } });
  client.destroy();
  await closed(client);
  const failing = errorOf(served);
  const timer = setInterval(() => served.write("more"), 2);
  const error = await failing;
  clearInterval(timer);
  assert.match(String(error.code), /^(EPIPE|ECONNRESET)$/);
  assert.match(String(error.syscall), /^(write|read)$/);
});

netTest("an error is told once, and 'close' once", async (net, t) => {
  const { client, served } = await connected(net, t);
  served.resume();
  const seen = record(served, EVENTS);
  const closing = closed(served);
  served.on("error", () => undefined);
  client.resetAndDestroy();
  await closing;
  await turns(20);
  assert.deepEqual(seen, ["error", "close"]);
});

netTest("_hadError and errored: what went wrong", async (net, t) => {
  const client = keep(t, net.connect(await closedPort(net), LOCAL));
  const error = await errorOf(client);
  assert.equal(client.errored, error);
  assert.equal(client.destroyed, true);
});

netTest("after close: calls do nothing and do not throw", async (net, t) => {
  const { client } = await connected(net, t);
  client.destroy();
  await closed(client);
  const seen = record(client, EVENTS);
  assert.equal(client.end(), client);
  assert.equal(client.pause(), client);
  assert.equal(client.resume(), client);
  assert.equal(client.setNoDelay(true), client);
  assert.equal(client.setKeepAlive(true), client);
  assert.equal(client.setTimeout(5), client);
  assert.equal(client.ref(), client);
  assert.equal(client.unref(), client);
  assert.equal(client.destroy(new Error("late")), client);
  client.destroySoon();
  assert.equal(client.read(), null);
  await turns(20);
  assert.deepEqual(seen, []);
});

netTest("after close: readyState, pending, addresses, counts", async (net, t) => {
  const { client, served } = await connected(net, t);
  served.end("12345");
  client.end("123");
  await allOf(client);
  await closed(client);
  assert.deepEqual(
    {
      readyState: client.readyState,
      pending: client.pending,
      connecting: client.connecting,
      destroyed: client.destroyed,
      closed: client.closed,
      bytesRead: client.bytesRead,
      bytesWritten: client.bytesWritten,
      localPort: client.localPort,
      address: client.address(),
    },
    {
      readyState: "closed",
      pending: true,
      connecting: false,
      destroyed: true,
      closed: true,
      bytesRead: 5,
      bytesWritten: 3,
      localPort: undefined,
      address: {},
    },
  );
});

netTest(
  "a connection that the server destroys before the client writes ends the client",
  async (net, t) => {
    const server = await listening(net, t, { onConnection: (socket) => void socket.destroy() });
    const client = connectTo(net, t, server);
    client.on("error", () => undefined);
    client.resume();
    client.write("hello?");
    await closed(client);
    assert.equal(client.readyState, "closed");
  },
);

netTest(
  "captureRejections and errorMonitor: an error is seen before its handlers",
  async (net, t) => {
    const { errorMonitor } = await import("node:events");
    const client = keep(t, net.connect(await closedPort(net), LOCAL));
    const order: string[] = [];
    client.on("error", () => order.push("error"));
    client.on(errorMonitor as unknown as "error", () => order.push("monitor"));
    await closed(client);
    assert.deepEqual(order, ["monitor", "error"]);
  },
);

netTest("Symbol.asyncDispose of a socket: destroyed", async (net, t) => {
  const { client } = await connected(net, t);
  const dispose = (Symbol as unknown as { asyncDispose: symbol }).asyncDispose;
  const method = (client as unknown as Record<symbol, (() => Promise<void>) | undefined>)[dispose];
  assert.equal(typeof method, "function");
  await method!.call(client).catch(() => undefined);
  assert.equal(client.destroyed, true);
});

netTest(
  "_final, _destroy and _read are the stream's own: a second end is harmless",
  async (net, t) => {
    const { client, served } = await connected(net, t);
    served.resume();
    client.resume();
    client.end();
    client.end();
    assert.deepEqual(await closed(client), [false]);
  },
);

netTest("end on both sides at once", async (net, t) => {
  const { client, served } = await connected(net, t);
  client.resume();
  served.resume();
  const closing = Promise.all([closed(client), closed(served)]);
  client.end("a");
  served.end("b");
  assert.deepEqual(await closing, [[false], [false]]);
});

netTest("call: `this` of handlers is the socket", async (net, t) => {
  const { client, served } = await connected(net, t);
  const selves: unknown[] = [];
  for (const name of ["end", "finish", "close"])
    client.on(name, function (this: unknown) {
      selves.push(this);
    });
  client.resume();
  served.end();
  served.resume();
  await closed(client);
  assert.ok(selves.length === 3 && selves.every((self) => self === client));
  assert.equal(call(client, "listenerCount", "error"), 0);
});
