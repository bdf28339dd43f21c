// Connecting: forms of connect, what a socket tells of itself on the way, its events and their order.

import assert from "node:assert/strict";
import { once } from "node:events";
import nodeNet, { type Socket } from "node:net";
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
  portOf,
  record,
  turns,
} from "./support/ends.js";
import { netTest, type Net } from "./support/modules.js";

const hang = (socket: Socket): void => void socket.resume();

for (const form of ["net.connect", "net.createConnection", "new Socket().connect"] as const) {
  const start = (net: Net, ...args: unknown[]): Socket => {
    if (form === "net.connect") return call(net, "connect", ...args) as Socket;
    if (form === "net.createConnection") return call(net, "createConnection", ...args) as Socket;
    return call(new net.Socket(), "connect", ...args) as Socket;
  };

  netTest(
    `${form}: (port), (port, host), (options), each with and without callback`,
    async (net, t) => {
      const server = await listening(net, t, { onConnection: hang, listen: { host: "0.0.0.0" } });
      const port = portOf(server);
      const forms = [
        [port, LOCAL],
        [String(port), LOCAL],
        [port],
        [{ port }],
        [{ port, host: LOCAL }],
        [{ port: String(port), host: LOCAL }],
        [{ port, host: "localhost", family: 4 }],
      ];
      for (const args of forms) {
        const plain = keep(t, start(net, ...args));
        await once(plain, "connect");
        assert.equal(plain.remotePort, port);
        plain.destroy();
        const given: unknown[][] = [];
        const withCallback = keep(
          t,
          start(net, ...args, function (this: unknown, ...rest: unknown[]) {
            given.push([this, ...rest]);
          }),
        );
        await once(withCallback, "connect");
        assert.equal(given.length, 1);
        assert.equal(given[0]!.length, 1);
        assert.equal(given[0]![0], withCallback);
        withCallback.destroy();
      }
    },
  );
}

netTest("connect: returns the socket itself", async (net, t) => {
  const server = await listening(net, t);
  const socket = keep(t, new net.Socket());
  assert.equal(socket.connect(portOf(server), LOCAL), socket);
  await once(socket, "connect");
});

netTest("connect: to a name, localhost", async (net, t) => {
  const server = await listening(net, t, { listen: { host: "localhost" } });
  const client = connectTo(net, t, server, { host: "localhost" });
  const [error, address, family, host] = (await once(client, "lookup")) as unknown[];
  assert.equal(error, null);
  assert.match(String(address), /^(127\.0\.0\.1|::1)$/);
  assert.match(String(family), /^[46]$/);
  assert.equal(host, "localhost");
  await once(client, "connect");
});

netTest("connect: the empty host and 0.0.0.0 are this machine", async (net, t) => {
  const server = await listening(net, t, { listen: { host: "0.0.0.0" } });
  for (const host of ["0.0.0.0", "127.0.0.1"]) {
    const client = connectTo(net, t, server, { host });
    await once(client, "connect");
    assert.equal(client.remotePort, portOf(server));
  }
});

netTest("connect: to any address of 127/8", async (net, t) => {
  const server = await listening(net, t, { listen: { host: "0.0.0.0" } });
  const client = connectTo(net, t, server, { host: "127.5.6.7" });
  const accepting = once(server, "connection");
  await once(client, "connect");
  const [served] = (await accepting) as [Socket];
  assert.equal(client.remoteAddress, "127.5.6.7");
  assert.equal(served.localAddress, "127.5.6.7");
});

netTest("a fresh socket: what it tells of itself", (net) => {
  const fresh = (on: Net) => {
    const socket = new on.Socket();
    return {
      connecting: socket.connecting,
      pending: socket.pending,
      readyState: socket.readyState,
      destroyed: socket.destroyed,
      address: socket.address(),
      localAddress: socket.localAddress,
      localPort: socket.localPort,
      localFamily: socket.localFamily,
      remoteAddress: socket.remoteAddress,
      remotePort: socket.remotePort,
      remoteFamily: socket.remoteFamily,
      bytesRead: socket.bytesRead,
      bytesWritten: socket.bytesWritten,
      bufferSize: socket.bufferSize,
      timeout: socket.timeout,
      allowHalfOpen: socket.allowHalfOpen,
      readable: socket.readable,
      writable: socket.writable,
      server: (socket as unknown as { server: unknown }).server,
      handle: (socket as unknown as { _handle: unknown })._handle,
    };
  };
  assert.deepEqual(fresh(net), fresh(nodeNet));
  assert.equal(fresh(net).readyState, "open");
  assert.equal(fresh(net).pending, true);
});

netTest("while it connects: connecting, pending, readyState 'opening'", async (net, t) => {
  const server = await listening(net, t);
  const client = connectTo(net, t, server);
  assert.deepEqual([client.connecting, client.pending, client.readyState], [true, true, "opening"]);
  assert.equal(client.remoteAddress, undefined);
  await once(client, "connect");
  assert.deepEqual([client.connecting, client.pending, client.readyState], [false, false, "open"]);
});

netTest("readyState: open, then readOnly after end, then closed", async (net, t) => {
  const { client, served } = await connected(net, t, { options: { allowHalfOpen: true } });
  served.resume();
  assert.equal(client.readyState, "open");
  client.end();
  assert.equal(client.readyState, "readOnly");
  await once(served, "end");
  assert.equal(served.readyState, "writeOnly");
  served.end();
  client.resume();
  await closed(client);
  assert.equal(client.readyState, "closed");
  assert.equal(client.pending, true);
});

netTest("in the handler of 'connect' the socket is connected", async (net, t) => {
  const server = await listening(net, t);
  const client = connectTo(net, t, server);
  const state = await new Promise<unknown[]>((done) =>
    client.once("connect", () =>
      done([
        client.connecting,
        client.pending,
        client.readyState,
        client.remotePort,
        client.remoteAddress,
      ]),
    ),
  );
  assert.deepEqual(state, [false, false, "open", portOf(server), LOCAL]);
});

const STEPS = ["lookup", "connectionAttempt", "connect", "ready", "end", "close"] as const;

netTest("events of an address: connectionAttempt, connect, ready, end, close", async (net, t) => {
  const server = await listening(net, t, { onConnection: (socket) => void socket.end() });
  const client = connectTo(net, t, server).resume();
  const seen = record(client, STEPS);
  await closed(client);
  assert.deepEqual(seen, ["connectionAttempt", "connect", "ready", "end", "close"]);
});

netTest("events of a name: lookup comes first", async (net, t) => {
  const server = await listening(net, t, { onConnection: (socket) => void socket.end() });
  const client = connectTo(net, t, server, { host: "localhost", family: 4 }).resume();
  const seen = record(client, STEPS);
  await closed(client);
  assert.deepEqual(seen, ["lookup", "connectionAttempt", "connect", "ready", "end", "close"]);
});

netTest("'connectionAttempt': address, port and family", async (net, t) => {
  const server = await listening(net, t);
  const client = connectTo(net, t, server);
  assert.deepEqual(await once(client, "connectionAttempt"), [LOCAL, portOf(server), 4]);
});

netTest("'connect' and 'ready': no arguments", async (net, t) => {
  const server = await listening(net, t);
  const client = connectTo(net, t, server);
  const ready = once(client, "ready");
  assert.deepEqual(await once(client, "connect"), []);
  assert.deepEqual(await ready, []);
});

netTest("no event comes in the turn of connect itself", async (net, t) => {
  const server = await listening(net, t);
  const seen: string[] = [];
  const client = connectTo(net, t, server);
  for (const name of ["connect", "error", "close", "ready"]) client.on(name, () => seen.push(name));
  assert.deepEqual(seen, []);
  await once(client, "ready");
  assert.deepEqual(seen, ["connect", "ready"]);
});

netTest("ECONNREFUSED: code, errno, syscall, address, port and words", async (net, t) => {
  const port = await closedPort(net);
  const client = keep(t, net.connect(port, LOCAL));
  const error = await errorOf(client);
  assert.deepEqual(
    { ...error },
    { errno: -111, code: "ECONNREFUSED", syscall: "connect", address: LOCAL, port },
  );
  assert.equal(error.message, `connect ECONNREFUSED ${LOCAL}:${port}`);
  assert.ok(error instanceof Error);
  assert.equal(error.name, "Error");
});

netTest(
  "ECONNREFUSED: connectionAttempt, connectionAttemptFailed, error, and close with true",
  async (net, t) => {
    const port = await closedPort(net);
    const client = keep(t, net.connect(port, LOCAL));
    const seen = record(client, [...STEPS, "error", "connectionAttemptFailed"]);
    client.on("error", () => undefined);
    assert.deepEqual(await closed(client), [true]);
    await turns();
    assert.deepEqual(
      seen.filter((name) => name !== "connectionAttemptFailed"),
      ["connectionAttempt", "error", "close"],
    );
    assert.deepEqual(
      [client.destroyed, client.connecting, client.readyState, client.pending],
      [true, false, "closed", true],
    );
  },
);

netTest("ECONNREFUSED: the callback of connect is not called", async (net, t) => {
  let calls = 0;
  const client = keep(
    t,
    net.connect(await closedPort(net), LOCAL, () => calls++),
  );
  await errorOf(client);
  await turns();
  assert.equal(calls, 0);
});

netTest("port 0: refused, too", async (net, t) => {
  const client = keep(t, net.connect(0, LOCAL));
  const error = await errorOf(client);
  assert.match(String(error.code), /^(ECONNREFUSED|EADDRNOTAVAIL)$/);
  assert.equal(error.syscall, "connect");
});

netTest("an error without a handler of 'error' is uncaught", async (net, t) => {
  const client = keep(t, net.connect(await closedPort(net), LOCAL));
  assert.equal(client.listenerCount("error"), 0);
  assert.equal((await errorOf(client)).code, "ECONNREFUSED");
});

netTest(
  "connect in the handler of 'error' or 'close': the socket connects after all",
  async (net, t) => {
    const server = await listening(net, t, { onConnection: (socket) => void socket.end("here") });
    const client = keep(t, net.connect(await closedPort(net), LOCAL));
    client.on("error", () => undefined);
    await closed(client);
    client.connect(portOf(server), LOCAL);
    assert.equal((await allOf(client)).toString(), "here");
  },
);

netTest("a socket connects again after it closed", async (net, t) => {
  const server = await listening(net, t, { onConnection: (socket) => void socket.end("again") });
  const client = keep(t, new net.Socket());
  for (let i = 0; i < 3; i++) {
    client.connect(portOf(server), LOCAL);
    let text = "";
    const onData = (chunk: Buffer): void => void (text += chunk);
    client.on("data", onData);
    assert.deepEqual(await closed(client), [false]);
    client.off("data", onData);
    assert.equal(text, "again");
    assert.equal(client.destroyed, true);
  }
});

netTest("a socket connects again from its handler of 'close'", async (net, t) => {
  let connections = 0;
  const server = await listening(net, t, {
    onConnection(socket) {
      connections++;
      socket.resume().end();
    },
  });
  const client = connectTo(net, t, server).resume();
  await new Promise<void>((done) => {
    client.on("close", () => {
      if (connections === 3) done();
      else client.connect(portOf(server), LOCAL);
    });
  });
  assert.equal(connections, 3);
});

netTest("after a reconnect bytes are counted anew", async (net, t) => {
  const server = await listening(net, t, { onConnection: (socket) => void socket.pipe(socket) });
  const client = keep(t, new net.Socket());
  for (let i = 0; i < 2; i++) {
    client.connect(portOf(server), LOCAL);
    client.end("12345");
    client.resume();
    await closed(client);
    assert.equal(client.bytesRead, 5);
    assert.equal(client.bytesWritten, 5);
  }
});

netTest("destroy before connect: 'close' comes, without an error", async (net, t) => {
  const socket = keep(t, new net.Socket());
  const seen = record(socket, ["error", "close", "end"]);
  socket.destroy();
  assert.deepEqual(await closed(socket), []);
  await turns(2);
  assert.deepEqual(seen, ["close"]);
});

netTest("destroy while it connects: 'close', and neither 'connect' nor 'error'", async (net, t) => {
  const server = await listening(net, t);
  const client = connectTo(net, t, server);
  const seen = record(client, ["connect", "ready", "error", "close"]);
  client.destroy();
  assert.equal(client.connecting, false);
  assert.equal(client.destroyed, true);
  await closed(client);
  await turns(10);
  assert.deepEqual(seen, ["close"]);
});

netTest("destroy while a name is looked up: 'close', and no attempt", async (net, t) => {
  const server = await listening(net, t);
  let finish: () => void = () => undefined;
  const client = connectTo(net, t, server, {
    host: "some.name",
    lookup: (_host, options, done) => {
      finish = () =>
        options.all ? done(null, [{ address: LOCAL, family: 4 }]) : done(null, LOCAL, 4);
    },
  });
  const seen = record(client, ["connectionAttempt", "connect", "error", "close"]);
  client.destroy();
  await closed(client);
  finish();
  await turns(10);
  assert.deepEqual(seen, ["close"]);
});

netTest("destroy in the handler of 'lookup'", async (net, t) => {
  const server = await listening(net, t);
  const client = connectTo(net, t, server, { host: "localhost" });
  const seen = record(client, ["connectionAttempt", "connect", "error", "close"]);
  client.on("lookup", () => client.destroy());
  await closed(client);
  await turns();
  assert.deepEqual(seen, ["close"]);
});

netTest(
  "destroy in the handler of 'connect': no 'ready' is needed, 'close' comes",
  async (net, t) => {
    const server = await listening(net, t);
    const client = connectTo(net, t, server);
    client.on("connect", () => client.destroy());
    assert.deepEqual(await closed(client), [false]);
    assert.equal(client.readyState, "closed");
  },
);

netTest("destroy with an error: 'error' with it, then 'close' with true", async (net, t) => {
  const { client } = await connected(net, t);
  const seen = record(client, ["error", "close"]);
  const reason = new Error("enough");
  const error = errorOf(client);
  client.destroy(reason);
  assert.equal(await error, reason);
  assert.deepEqual(await closed(client), [true]);
  assert.deepEqual(seen, ["error", "close"]);
});

netTest("destroy twice: one 'close', and the first error only", async (net, t) => {
  const { client } = await connected(net, t);
  const seen = record(client, ["error", "close"]);
  const first = new Error("first");
  const error = errorOf(client);
  assert.equal(client.destroy(first), client);
  assert.equal(client.destroy(new Error("second")), client);
  assert.equal(await error, first);
  await turns(10);
  assert.deepEqual(seen, ["error", "close"]);
});

netTest("timeout option: 'timeout' when nothing happens that long", async (net, t) => {
  const { client } = await connected(net, t, { connect: { timeout: 30 } });
  assert.equal(client.timeout, 30);
  await once(client, "timeout");
  assert.equal(client.destroyed, false);
});

netTest("signal: aborted before, 'error' is an AbortError", async (net, t) => {
  const server = await listening(net, t);
  const client = connectTo(net, t, server, { signal: AbortSignal.abort() });
  const error = await errorOf(client);
  assert.equal(error.name, "AbortError");
  assert.equal(error.code, "ABORT_ERR");
});

netTest("signal: aborted while it connects", async (net, t) => {
  const server = await listening(net, t);
  const abort = new AbortController();
  const client = connectTo(net, t, server, { signal: abort.signal });
  const seen = record(client, ["connect", "error", "close"]);
  const closing = closed(client);
  abort.abort();
  assert.equal((await errorOf(client)).name, "AbortError");
  await closing;
  await turns();
  assert.deepEqual(seen, ["error", "close"]);
});

netTest("signal: aborted after connect", async (net, t) => {
  const abort = new AbortController();
  const { client } = await connected(net, t, { connect: { signal: abort.signal } });
  const reason = errorOf(client);
  abort.abort();
  assert.equal((await reason).name, "AbortError");
  assert.equal(client.destroyed, true);
});

netTest("localPort and localAddress: the own end", async (net, t) => {
  const server = await listening(net, t);
  const localPort = await closedPort(net);
  const client = connectTo(net, t, server, { localPort, localAddress: LOCAL });
  const accepting = once(server, "connection");
  await once(client, "connect");
  const [served] = (await accepting) as [Socket];
  assert.equal(client.localPort, localPort);
  assert.equal(served.remotePort, localPort);
  assert.equal(client.localAddress, LOCAL);
});

netTest("localAddress: another one of 127/8", async (net, t) => {
  const server = await listening(net, t);
  const client = connectTo(net, t, server, { localAddress: "127.0.0.2" });
  const accepting = once(server, "connection");
  await once(client, "connect");
  const [served] = (await accepting) as [Socket];
  assert.equal(served.remoteAddress, "127.0.0.2");
  assert.equal(client.localAddress, "127.0.0.2");
});

netTest("localAddress: one that is not ours is EADDRNOTAVAIL of bind", async (net, t) => {
  const server = await listening(net, t);
  const client = connectTo(net, t, server, { localAddress: "192.0.2.1" });
  const error = await errorOf(client);
  assert.equal(error.code, "EADDRNOTAVAIL");
  assert.equal(error.syscall, "bind");
  assert.equal(error.address, "192.0.2.1");
});

netTest("localPort: of a connection to the same peer that is open, is in use", async (net, t) => {
  const { client, server } = await connected(net, t);
  const other = connectTo(net, t, server, { localPort: client.localPort!, localAddress: LOCAL });
  const error = await errorOf(other);
  assert.match(String(error.code), /^(EADDRINUSE|EADDRNOTAVAIL)$/);
});

netTest("ECONNREFUSED with an own end: the error names it", async (net, t) => {
  const port = await closedPort(net);
  const localPort = await closedPort(net);
  const client = keep(t, net.connect({ port, host: LOCAL, localAddress: LOCAL, localPort }));
  const error = await errorOf(client);
  assert.equal(
    error.message,
    `connect ECONNREFUSED ${LOCAL}:${port} - Local (${LOCAL}:${localPort})`,
  );
  assert.deepEqual([error.localAddress, error.localPort], [LOCAL, localPort]);
});

netTest("addresses after close: own and remote are no longer told", async (net, t) => {
  const { client, served } = await connected(net, t);
  served.end();
  client.resume();
  served.resume();
  await closed(client);
  assert.equal(client.localAddress, undefined);
  assert.equal(client.localPort, undefined);
  assert.deepEqual(client.address(), {});
});

netTest("addresses that were asked for before stay after the end", async (net, t) => {
  const { client, served, server } = await connected(net, t);
  const port = portOf(server);
  assert.equal(client.remotePort, port);
  served.destroy();
  client.resume();
  await once(client, "end");
  assert.equal(client.remotePort, port);
  assert.equal(client.remoteAddress, LOCAL);
});

netTest(
  "a client that connects to itself's server many times leaves nothing open",
  async (net, t) => {
    const server = await listening(net, t, { onConnection: (socket) => void socket.end() });
    for (let i = 0; i < 20; i++) {
      const client = connectTo(net, t, server).resume();
      await closed(client);
    }
    const count = await new Promise((done) => server.getConnections((_error, open) => done(open)));
    assert.ok((count as number) <= 1);
  },
);
