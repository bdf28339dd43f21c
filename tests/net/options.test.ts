// What is set on a socket: its timeout, Nagle, keepalive, whether the process waits for it.

import assert from "node:assert/strict";
import { once } from "node:events";
import nodeNet from "node:net";
import { inspect } from "node:util";
import {
  call,
  closed,
  codeOf,
  connected,
  connectTo,
  keep,
  listening,
  record,
  thrownBy,
  turns,
} from "./support/ends.js";
import { netTest, type Net } from "./support/modules.js";

const pauseMs = (ms: number) => new Promise((done) => setTimeout(done, ms));

netTest("setTimeout: returns the socket, and timeout tells it", async (net, t) => {
  const { client } = await connected(net, t);
  assert.equal(client.timeout, undefined);
  assert.equal(client.setTimeout(5_000), client);
  assert.equal(client.timeout, 5_000);
  assert.equal(client.setTimeout(0), client);
  assert.equal(client.timeout, 0);
});

netTest("setTimeout: before connect", async (net, t) => {
  const server = await listening(net, t);
  const socket = keep(t, new net.Socket());
  assert.equal(socket.setTimeout(40), socket);
  const timing = once(socket, "timeout");
  socket.connect((server.address() as { port: number }).port, "127.0.0.1");
  await timing;
  assert.equal(socket.destroyed, false);
});

netTest("setTimeout: a socket that never connects times out, too", async (net, t) => {
  const socket = keep(t, new net.Socket());
  const waker = setTimeout(() => undefined, 5_000);
  socket.setTimeout(10);
  assert.deepEqual(await once(socket, "timeout"), []);
  clearTimeout(waker);
});

netTest("setTimeout: the callback is a handler of 'timeout' that comes once", async (net, t) => {
  const { client } = await connected(net, t);
  let calls = 0;
  client.setTimeout(10, function (this: unknown) {
    assert.equal(this, client);
    calls++;
  });
  assert.equal(client.listenerCount("timeout"), 1);
  await once(client, "timeout");
  assert.equal(client.listenerCount("timeout"), 0);
  client.setTimeout(10);
  await once(client, "timeout");
  assert.equal(calls, 1);
});

netTest("setTimeout: 0 takes the callback away, and no timeout comes", async (net, t) => {
  const { client } = await connected(net, t);
  const callback = (): void => assert.fail("timed out");
  client.setTimeout(20, callback);
  client.setTimeout(0, callback);
  assert.equal(client.listenerCount("timeout"), 0);
  await pauseMs(50);
  assert.equal(client.timeout, 0);
});

netTest("setTimeout: set anew, the earlier one does not come", async (net, t) => {
  const { client } = await connected(net, t);
  const seen = record(client, ["timeout"]);
  client.setTimeout(10);
  client.setTimeout(60_000);
  await pauseMs(40);
  assert.deepEqual(seen, []);
});

netTest("setTimeout: does not close the connection", async (net, t) => {
  const { client, served } = await connected(net, t);
  client.setTimeout(10);
  await once(client, "timeout");
  client.write("still here");
  const [chunk] = (await once(served, "data")) as [Buffer];
  assert.equal(chunk.toString(), "still here");
});

netTest("setTimeout: writing and reading put it off", async (net, t) => {
  const { client, served } = await connected(net, t);
  const seen = record(client, ["timeout"]);
  served.pipe(served);
  client.resume();
  client.setTimeout(150);
  for (let i = 0; i < 10; i++) {
    client.write("x");
    await pauseMs(25);
  }
  assert.deepEqual(seen, []);
  await once(client, "timeout");
});

netTest("setTimeout: what the peer sends puts it off", async (net, t) => {
  const { client, served } = await connected(net, t);
  const limitMs = 150;
  const earlyMs: number[] = [];
  let lastMs = performance.now();
  client.on("data", () => (lastMs = performance.now()));
  client.on("timeout", () => earlyMs.push(limitMs - (performance.now() - lastMs)));
  client.setTimeout(limitMs);
  for (let i = 0; i < 10; i++) {
    served.write("x");
    await pauseMs(25);
  }
  // One that nothing puts off comes just after a byte. A busy machine may bring the next one late.
  assert.deepEqual(
    earlyMs.filter((ms) => ms > 2),
    [],
  );
});

netTest("setTimeout: none comes after destroy", async (net, t) => {
  const { client } = await connected(net, t);
  const seen = record(client, ["timeout"]);
  client.setTimeout(15);
  client.destroy();
  await closed(client);
  await pauseMs(40);
  assert.deepEqual(seen, []);
});

netTest("setTimeout: of a server's socket", async (net, t) => {
  const { served } = await connected(net, t);
  served.setTimeout(10);
  await once(served, "timeout");
  assert.equal(served.timeout, 10);
});

netTest("setTimeout: destroy in its handler closes both sides", async (net, t) => {
  const { client, served } = await connected(net, t);
  client.on("error", () => undefined);
  client.resume();
  served.setTimeout(10, () => served.destroy());
  await Promise.all([closed(served), closed(client)]);
  assert.equal(client.destroyed, true);
});

netTest("setTimeout: wrong delays and callbacks, with the words of node:net", (net) => {
  const delays = ["100", true, false, undefined, null, "", {}, () => {}, [], Symbol("s"), 10n];
  for (const delay of delays)
    assert.equal(
      codeOf(() => call(new net.Socket(), "setTimeout", delay, () => {})),
      "ERR_INVALID_ARG_TYPE",
      inspect(delay),
    );
  const ranges = [-0.001, -1, -Infinity, Infinity, Number.NaN];
  for (const delay of ranges)
    assert.equal(
      codeOf(() => new net.Socket().setTimeout(delay, () => {})),
      "ERR_OUT_OF_RANGE",
      inspect(delay),
    );
  const callbacks = [1, "100", true, false, null, {}, [], Symbol("s")];
  for (const callback of callbacks)
    assert.equal(
      codeOf(() => call(new net.Socket(), "setTimeout", 1, callback)),
      "ERR_INVALID_ARG_TYPE",
      inspect(callback),
    );
  const text = (on: Net, ...args: unknown[]) => {
    const error = thrownBy(() => call(new on.Socket(), "setTimeout", ...args));
    return [error.name, error.message];
  };
  for (const delay of [...delays, ...ranges])
    assert.deepEqual(text(net, delay), text(nodeNet, delay), inspect(delay));
  for (const callback of callbacks)
    assert.deepEqual(text(net, 1, callback), text(nodeNet, 1, callback), inspect(callback));
});

netTest("setTimeout: delays that are allowed", (net, t) => {
  const socket = keep(t, new net.Socket());
  for (const delay of [0, 0.001, 1, 1_000, 2 ** 31 - 1])
    assert.equal(socket.setTimeout(delay), socket);
});

netTest("setTimeout: one that is too long is cut, with a warning", async (net, t) => {
  const socket = keep(t, new net.Socket());
  const warning = once(process, "warning");
  socket.setTimeout(2 ** 31);
  const [{ name, message }] = (await warning) as [Error];
  assert.equal(name, "TimeoutOverflowWarning");
  assert.match(message, /^2147483648 does not fit into a 32-bit signed integer/);
});

netTest(
  "setNoDelay: returns the socket, before and after connect, whatever it is given",
  async (net, t) => {
    const socket = keep(t, new net.Socket());
    const { client, served } = await connected(net, t);
    for (const on of [socket, client, served])
      for (const value of [undefined, true, false, 1, 0, null, "yes", {}])
        assert.equal(call(on, "setNoDelay", value), on);
    assert.equal(client.setNoDelay(), client);
  },
);

netTest(
  "setKeepAlive: returns the socket, before and after connect, whatever it is given",
  async (net, t) => {
    const socket = keep(t, new net.Socket());
    const { client, served } = await connected(net, t);
    for (const on of [socket, client, served])
      for (const args of [
        [],
        [true],
        [false],
        [true, 1_000],
        [true, 0],
        [true, 1.5],
        [1],
        ["x", "y"],
        [undefined, 5_000],
        [false, 10],
      ])
        assert.equal(call(on, "setKeepAlive", ...args), on);
  },
);

netTest("noDelay and keepAlive as options of connect", async (net, t) => {
  const connect = { noDelay: true, keepAlive: true, keepAliveInitialDelay: 1_500 };
  const { client, served } = await connected(net, t, { connect });
  served.end("works");
  const [chunk] = (await once(client, "data")) as [Buffer];
  assert.equal(chunk.toString(), "works");
});

netTest(
  "ref and unref: return the socket, before connect, while it connects, after",
  async (net, t) => {
    const server = await listening(net, t);
    const socket = keep(t, new net.Socket());
    assert.equal(socket.unref(), socket);
    assert.equal(socket.ref(), socket);
    const client = connectTo(net, t, server);
    assert.equal(client.unref(), client);
    assert.equal(client.ref(), client);
    await once(client, "connect");
    assert.equal(client.unref(), client);
    assert.equal(client.ref(), client);
  },
);

netTest("unref before connect: the connection comes all the same", async (net, t) => {
  const server = await listening(net, t);
  const socket = keep(t, new net.Socket());
  socket.unref();
  socket.connect((server.address() as { port: number }).port, "127.0.0.1");
  await once(socket, "connect");
  assert.equal(socket.readyState, "open");
});

netTest(
  "bufferSize: what waits to be written; undefined before connect and after close",
  async (net, t) => {
    const sizeOf = (socket: object) => (socket as { bufferSize?: number }).bufferSize;
    assert.equal(sizeOf(new net.Socket()), undefined);
    const { client, served } = await connected(net, t);
    served.resume();
    client.cork();
    client.write("12345");
    client.write("678");
    assert.equal(sizeOf(client), 8);
    client.uncork();
    client.end();
    await closed(client);
    assert.equal(sizeOf(client), undefined);
  },
);

netTest("a socket without a timeout leaves no handler of 'timeout'", async (net, t) => {
  const { client } = await connected(net, t);
  await turns(2);
  assert.equal(client.listenerCount("timeout"), 0);
});
