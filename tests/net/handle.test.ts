// `_handle`: not documented, and looked at by programs and tests all the same. When there is one, and what is called on it.

import assert from "node:assert/strict";
import { once } from "node:events";
import type { Server, Socket } from "node:net";
import {
  closed,
  connected,
  connectTo,
  keep,
  keepServer,
  listening,
  LOCAL,
  portOf,
} from "./support/ends.js";
import { netTest } from "./support/modules.js";

interface Handle {
  ref(): void;
  unref(): void;
  hasRef(): boolean;
  getAsyncId(): number;
  setNoDelay(enable: boolean): number;
  setKeepAlive(enable: boolean, seconds: number): number;
  onconnection(error: unknown, client: Handle): void;
  readStop(): number;
  readonly reading: boolean;
  readonly bytesRead: number;
  readonly bytesWritten: number;
}

const handleOf = (of: Socket | Server) => (of as unknown as { _handle: Handle | null })._handle;

netTest(
  "_handle of a socket: null, then there from connect() on, and null after destroy",
  async (net, t) => {
    const server = await listening(net, t);
    const socket = keep(t, new net.Socket());
    assert.equal(handleOf(socket), null);
    socket.connect(portOf(server), LOCAL);
    const handle = handleOf(socket);
    assert.equal(typeof handle, "object");
    await once(socket, "connect");
    assert.ok(handleOf(socket) === handle);
    socket.destroy();
    assert.equal(handleOf(socket), null);
  },
);

netTest("_handle of a socket: null once both sides have ended", async (net, t) => {
  const { client, served } = await connected(net, t);
  served.resume();
  client.resume().end();
  await closed(client);
  assert.equal(handleOf(client), null);
});

netTest("_handle of a server: null, there while it listens, null after close", async (net, t) => {
  const server = keepServer(t, net.createServer());
  assert.equal(handleOf(server), null);
  server.listen(0);
  assert.ok(handleOf(server));
  server.close();
  assert.equal(handleOf(server), null);
});

netTest("_handle: hasRef is true until unref, and again after ref", async (net, t) => {
  const { client, served, server } = await connected(net, t);
  for (const of of [client, served, server]) {
    assert.equal(handleOf(of)!.hasRef(), true);
    of.unref();
    assert.equal(handleOf(of)!.hasRef(), false);
    of.ref();
    assert.equal(handleOf(of)!.hasRef(), true);
  }
});

netTest("_handle: unref before connect is remembered", async (net, t) => {
  const server = await listening(net, t);
  const socket = keep(t, new net.Socket()).unref();
  socket.connect(portOf(server), LOCAL);
  await once(socket, "connect");
  assert.equal(handleOf(socket)!.hasRef(), false);
});

netTest("_handle: unref before listen is remembered", async (net, t) => {
  const server = keepServer(t, net.createServer().unref());
  server.listen(0, LOCAL);
  await once(server, "listening");
  assert.equal(handleOf(server)!.hasRef(), false);
});

netTest("_handle: an async id, and counts of bytes", async (net, t) => {
  const { client, served } = await connected(net, t);
  client.write("12345");
  await once(served, "data");
  assert.ok(handleOf(client)!.getAsyncId() > 0);
  assert.equal(handleOf(client)!.bytesWritten, 5);
  assert.equal(handleOf(served)!.bytesRead, 5);
});

netTest(
  "_handle.reading: while the socket reads, not when it was paused on connect",
  async (net, t) => {
    const { client } = await connected(net, t);
    assert.equal(handleOf(client)!.reading, true);
    const { served } = await connected(net, t, { options: { pauseOnConnect: true } });
    assert.equal(Boolean(handleOf(served)!.reading), false);
  },
);

/** Watches a method of a handle: what it is called with. */
function watch(handle: Handle, name: "setNoDelay" | "setKeepAlive"): unknown[][] {
  const calls: unknown[][] = [];
  handle[name] = (...args: unknown[]) => {
    calls.push(args);
    return 0;
  };
  return calls;
}

netTest(
  "noDelay of connect: setNoDelay(true) of the handle for what is true, nothing else",
  async (net, t) => {
    const server = await listening(net, t);
    for (const value of [true, 1, "true", {}, []]) {
      const client = connectTo(net, t, server, { noDelay: value } as never);
      const calls = watch(handleOf(client)!, "setNoDelay");
      await once(client, "connect");
      assert.deepEqual(calls, [[true]]);
    }
    for (const value of [false, 0, "", null, undefined]) {
      const client = connectTo(net, t, server, { noDelay: value } as never);
      const calls = watch(handleOf(client)!, "setNoDelay");
      await once(client, "connect");
      assert.deepEqual(calls, []);
    }
  },
);

netTest(
  "keepAlive of connect: setKeepAlive(true, seconds) of the handle, in whole seconds",
  async (net, t) => {
    const server = await listening(net, t);
    for (const [delayMs, seconds] of [
      [undefined, 0],
      [123_000, 123],
      [456_123, 456],
      [-789_000, 0],
      [0, 0],
      [999, 0],
    ] as const) {
      const options = {
        keepAlive: true,
        ...(delayMs === undefined ? {} : { keepAliveInitialDelay: delayMs }),
      };
      const client = connectTo(net, t, server, options);
      const calls = watch(handleOf(client)!, "setKeepAlive");
      await once(client, "connect");
      assert.deepEqual(calls, [[true, seconds]]);
    }
    const client = connectTo(net, t, server, { keepAlive: false });
    const calls = watch(handleOf(client)!, "setKeepAlive");
    await once(client, "connect");
    assert.deepEqual(calls, []);
  },
);

netTest("setNoDelay: the handle is called only when something changes", async (net, t) => {
  const { client } = await connected(net, t);
  const calls = watch(handleOf(client)!, "setNoDelay");
  client.setNoDelay(false);
  client.setNoDelay();
  client.setNoDelay(true);
  client.setNoDelay(false);
  client.setNoDelay(false);
  assert.deepEqual(calls, [[true], [false]]);
});

netTest("setNoDelay: before connect the handle is called at 'connect'", async (net, t) => {
  const server = await listening(net, t);
  const socket = keep(t, new net.Socket());
  socket.setNoDelay(true);
  socket.connect(portOf(server), LOCAL);
  const calls = watch(handleOf(socket)!, "setNoDelay");
  await once(socket, "connect");
  assert.deepEqual(calls, [[true]]);
});

netTest(
  "setKeepAlive: the handle is called when something changes, in whole seconds",
  async (net, t) => {
    const { client } = await connected(net, t);
    const calls = watch(handleOf(client)!, "setKeepAlive");
    client.setKeepAlive(false);
    client.setKeepAlive(true);
    client.setKeepAlive(true, 5_999);
    client.setKeepAlive(true, 5_000);
    client.setKeepAlive(false, 5_000);
    assert.deepEqual(calls, [
      [true, 0],
      [true, 5],
      [false, 5],
    ]);
  },
);

netTest(
  "a server's noDelay and keepAlive: set on the handle of each connection",
  async (net, t) => {
    const options = { noDelay: true, keepAlive: true, keepAliveInitialDelay: 7_800 };
    const server = await listening(net, t, { options });
    const handle = handleOf(server)!;
    const original = handle.onconnection;
    const calls: unknown[][] = [];
    handle.onconnection = function (this: unknown, error, client) {
      client.setNoDelay = (...args: unknown[]) => calls.push(["noDelay", ...args]);
      client.setKeepAlive = (...args: unknown[]) => calls.push(["keepAlive", ...args]);
      original.call(handle, error, client);
    };
    const accepting = once(server, "connection");
    connectTo(net, t, server);
    const [served] = (await accepting) as [Socket];
    assert.deepEqual(calls, [
      ["noDelay", true],
      ["keepAlive", true, 7],
    ]);
    served.setNoDelay(true);
    served.setKeepAlive(true, 7_000);
    assert.equal(calls.length, 2);
  },
);
