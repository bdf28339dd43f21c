// A server and its connections: what it hands over, counts and drops, and how it closes.

import assert from "node:assert/strict";
import { once } from "node:events";
import type { DropArgument, Server, Socket } from "node:net";
import {
  allOf,
  closed,
  connected,
  connectTo,
  errorOf,
  keep,
  keepServer,
  listening,
  LOCAL,
  portOf,
  record,
  turns,
  until,
} from "./support/ends.js";
import { isNode, netTest } from "./support/modules.js";

const countOf = (server: Server) =>
  new Promise<number>((done, fail) =>
    server.getConnections((error, count) => (error ? fail(error) : done(count))),
  );

netTest("'connection': one argument, a socket that is open", async (net, t) => {
  const server = await listening(net, t);
  const accepting = once(server, "connection");
  connectTo(net, t, server);
  const args = await accepting;
  assert.equal(args.length, 1);
  const [socket] = args as [Socket];
  assert.ok(socket instanceof net.Socket);
  assert.equal(socket.readyState, "open");
  assert.equal(socket.connecting, false);
  assert.equal(socket.pending, false);
});

netTest("'connection': `this` is the server", async (net, t) => {
  const server = await listening(net, t);
  const self = new Promise((done) =>
    server.once("connection", function (this: Server) {
      done(this);
    }),
  );
  connectTo(net, t, server);
  assert.equal(await self, server);
});

netTest("'connection': addresses of both ends mirror the client's", async (net, t) => {
  const { server, client, served } = await connected(net, t);
  assert.equal(served.remoteAddress, LOCAL);
  assert.equal(served.remotePort, client.localPort);
  assert.equal(served.remoteFamily, "IPv4");
  assert.equal(served.localAddress, LOCAL);
  assert.equal(served.localPort, portOf(server));
  assert.equal(served.localFamily, "IPv4");
  assert.equal(client.remotePort, portOf(server));
  assert.deepEqual(served.address(), { address: LOCAL, family: "IPv4", port: portOf(server) });
  assert.deepEqual(client.address(), { address: LOCAL, family: "IPv4", port: client.localPort });
});

netTest(
  "socket.server: the server of an accepted socket, null of one that connected",
  async (net, t) => {
    const { server, client, served } = await connected(net, t);
    const serverOf = (socket: Socket) => (socket as unknown as { server: unknown }).server;
    assert.equal(serverOf(served), server);
    assert.equal(serverOf(client), null);
  },
);

netTest("'connection': accepted sockets come in the order of the connections", async (net, t) => {
  const server = await listening(net, t);
  const ports: (number | undefined)[] = [];
  server.on("connection", (socket) => ports.push(socket.remotePort));
  const clients: Socket[] = [];
  for (let i = 0; i < 5; i++) {
    const client = connectTo(net, t, server);
    clients.push(client);
    await once(client, "connect");
  }
  await until(() => ports.length === 5, t);
  assert.deepEqual(
    ports,
    clients.map((client) => client.localPort),
  );
});

netTest("getConnections: the callback comes later, with null and the count", async (net, t) => {
  const { server } = await connected(net, t);
  let isCalled = false;
  const counted = new Promise<unknown[]>((done) => {
    const returned = server.getConnections((...args) => {
      isCalled = true;
      done(args);
    });
    assert.equal(returned, server);
  });
  assert.equal(isCalled, false);
  assert.deepEqual(await counted, [null, 1]);
});

netTest("getConnections: 0 before listen, and again when all have gone", async (net, t) => {
  assert.equal(await countOf(net.createServer()), 0);
  const { server, client, served } = await connected(net, t);
  assert.equal(await countOf(server), 1);
  client.destroy();
  served.resume();
  await closed(served);
  assert.equal(await countOf(server), 0);
});

netTest("maxConnections: more are dropped, and 'drop' tells of both ends", async (net, t) => {
  const server = await listening(net, t);
  server.maxConnections = 1;
  const first = connectTo(net, t, server);
  await once(server, "connection");
  const dropping = once(server, "drop");
  const second = connectTo(net, t, server);
  second.on("error", () => undefined);
  const localPort = once(second, "connect").then(() => second.localPort);
  const [data] = (await dropping) as [DropArgument];
  assert.deepEqual(
    { ...data },
    {
      localAddress: LOCAL,
      localPort: portOf(server),
      localFamily: "IPv4",
      remoteAddress: LOCAL,
      remotePort: await localPort,
      remoteFamily: "IPv4",
    },
  );
  await closed(second);
  assert.equal(first.readyState, "open");
  assert.equal(await countOf(server), 1);
});

const ZERO_DROPS = isNode(21);

netTest(
  `maxConnections: 0 ${ZERO_DROPS ? "drops each connection" : "is no limit"}`,
  async (net, t) => {
    const server = await listening(net, t);
    server.maxConnections = 0;
    const seen = record(server, ["connection", "drop"]);
    const client = connectTo(net, t, server);
    client.on("error", () => undefined);
    await until(() => seen.length === 1, t);
    assert.deepEqual(seen, [ZERO_DROPS ? "drop" : "connection"]);
  },
);

netTest("maxConnections: when one has gone there is room for another", async (net, t) => {
  const server = await listening(net, t, { onConnection: (socket) => socket.resume() });
  server.maxConnections = 1;
  const first = connectTo(net, t, server);
  const [served] = (await once(server, "connection")) as [Socket];
  first.end();
  first.resume();
  await Promise.all([closed(first), closed(served)]);
  const accepting = once(server, "connection");
  connectTo(net, t, server);
  await accepting;
  assert.equal(await countOf(server), 1);
});

netTest(
  "close: its callback comes with 'close', without an error, and after it returned",
  async (net, t) => {
    const server = await listening(net, t);
    const order: string[] = [];
    const done = new Promise<unknown[]>((settle) => {
      server.close((...args: unknown[]) => {
        order.push("callback");
        settle(args);
      });
    });
    server.on("close", () => order.push("close"));
    order.push("returned");
    assert.deepEqual(await done, []);
    await turns(1);
    assert.deepEqual(order, ["returned", "callback", "close"]);
  },
);

netTest(
  "close: of a server that does not listen gives the callback ERR_SERVER_NOT_RUNNING",
  async (net) => {
    const server = net.createServer();
    const error = await new Promise<NodeJS.ErrnoException | undefined>((done) =>
      server.close(done),
    );
    assert.ok(error instanceof Error);
    assert.equal(error.code, "ERR_SERVER_NOT_RUNNING");
    assert.equal(error.message, "Server is not running.");
  },
);

netTest("close: twice gives the second callback ERR_SERVER_NOT_RUNNING", async (net, t) => {
  const server = await listening(net, t);
  const closing = (): Promise<NodeJS.ErrnoException | undefined> =>
    new Promise((done) => server.close(done));
  const [first, second] = await Promise.all([closing(), closing()]);
  assert.equal(first, undefined);
  assert.equal(second?.code, "ERR_SERVER_NOT_RUNNING");
});

netTest(
  "close: in the same turn as listen, 'close' comes and nobody can connect",
  async (net, t) => {
    const server = keepServer(t, net.createServer());
    server.listen(0, LOCAL);
    server.close();
    await closed(server);
    assert.equal(server.listening, false);
    await turns();
    assert.equal(server.address(), null);
  },
);

netTest("close: in the handler of 'listening'", async (net, t) => {
  const server = keepServer(t, net.createServer());
  server.listen(0, LOCAL, () => server.close());
  await closed(server);
  assert.equal(server.address(), null);
});

netTest("close: waits for the connections there are", async (net, t) => {
  const { server, client, served } = await connected(net, t);
  const seen = record(server, ["close"]);
  const closing = closed(server);
  server.close();
  await turns();
  assert.deepEqual(seen, []);
  assert.equal(server.listening, false);
  client.end("bye");
  assert.equal((await allOf(served)).toString(), "bye");
  await closing;
  assert.deepEqual(seen, ["close"]);
});

netTest("close: 'close' of the server comes with that of its last socket", async (net, t) => {
  const { server, client, served } = await connected(net, t);
  const seen = [...record(served, ["close"]), ...record(server, ["close"])];
  const closing = Promise.all([closed(server), closed(served)]);
  server.close();
  await turns(2);
  assert.deepEqual(seen, []);
  client.resume().on("error", () => undefined);
  served.destroy();
  assert.deepEqual((await closing)[1], [false]);
});

netTest("close: new connections are refused while it waits", async (net, t) => {
  const { server } = await connected(net, t);
  const port = portOf(server);
  server.close();
  await turns(2);
  const late = keep(t, net.connect(port, LOCAL));
  assert.equal((await errorOf(late)).code, "ECONNREFUSED");
});

netTest("close: from the handler of 'connection'", async (net, t) => {
  const server = await listening(net, t);
  const closing = closed(server);
  server.on("connection", (socket) => {
    socket.end("only one");
    server.close();
  });
  const client = connectTo(net, t, server);
  assert.equal((await allOf(client)).toString(), "only one");
  await closing;
});

netTest("pauseOnConnect: nothing is read until resume, and nothing is lost", async (net, t) => {
  const server = await listening(net, t, { options: { pauseOnConnect: true } });
  const accepting = once(server, "connection");
  const client = connectTo(net, t, server);
  client.write("waits");
  const [served] = (await accepting) as [Socket];
  assert.equal(served.isPaused(), true);
  assert.equal(served.readableFlowing, false);
  let read = "";
  served.setEncoding("utf8").on("data", (chunk: string) => (read += chunk));
  await turns(5);
  assert.equal(read, "");
  assert.equal(served.bytesRead, 0);
  served.resume();
  await until(() => read === "waits", t);
  assert.equal(read, "waits");
});

netTest("allowHalfOpen: without it an accepted socket ends by itself", async (net, t) => {
  const { client, served } = await connected(net, t);
  assert.equal(served.allowHalfOpen, false);
  served.resume();
  client.end();
  await closed(served);
  assert.equal(served.writableFinished, true);
});

netTest(
  "allowHalfOpen: with it an accepted socket writes on after the peer's end",
  async (net, t) => {
    const { client, served } = await connected(net, t, { options: { allowHalfOpen: true } });
    assert.equal(served.allowHalfOpen, true);
    const all = allOf(client);
    served.resume();
    client.end("request");
    await once(served, "end");
    assert.equal(served.writable, true);
    assert.equal(served.readyState, "writeOnly");
    served.write("ans");
    served.end("wer");
    assert.equal((await all).toString(), "answer");
  },
);

netTest("highWaterMark: accepted sockets have the server's", async (net, t) => {
  const { served } = await connected(net, t, { options: { highWaterMark: 1_234 } });
  assert.equal(served.readableHighWaterMark, 1_234);
  assert.equal(served.writableHighWaterMark, 1_234);
});

netTest("noDelay and keepAlive: accepted sockets work with the server's", async (net, t) => {
  const options = { noDelay: true, keepAlive: true, keepAliveInitialDelay: 1_000 };
  const { client, served } = await connected(net, t, { options });
  served.end("fine");
  assert.equal((await allOf(client)).toString(), "fine");
});

netTest("ref and unref: return the server, before and after listen", async (net, t) => {
  const server = keepServer(t, net.createServer());
  assert.equal(server.unref(), server);
  assert.equal(server.ref(), server);
  server.listen(0, LOCAL);
  await once(server, "listening");
  assert.equal(server.unref(), server);
  assert.equal(server.ref(), server);
});

netTest("Symbol.asyncDispose: closes, and waits for it", async (net, t) => {
  const server = await listening(net, t);
  const dispose = (Symbol as unknown as { asyncDispose: symbol }).asyncDispose;
  const method = (server as unknown as Record<symbol, () => Promise<void>>)[dispose]!;
  const seen = record(server, ["close"]);
  await method.call(server);
  assert.equal(server.listening, false);
  assert.deepEqual(seen, ["close"]);
});

netTest("Symbol.asyncDispose: of a server that does not listen does nothing", async (net) => {
  const server = net.createServer();
  const dispose = (Symbol as unknown as { asyncDispose: symbol }).asyncDispose;
  await (server as unknown as Record<symbol, () => Promise<void>>)[dispose]!.call(server);
  assert.equal(server.listening, false);
});

netTest(
  "connections that are there before the handler are handed over all the same",
  async (net, t) => {
    const server = await listening(net, t);
    const client = connectTo(net, t, server);
    const got = new Promise<Socket>((done) => server.on("connection", done));
    const served = await got;
    await until(() => client.readyState === "open", t);
    assert.equal(served.remotePort, client.localPort);
  },
);

netTest("a socket that is destroyed in 'connection' ends the client", async (net, t) => {
  const server = await listening(net, t, { onConnection: (socket) => void socket.destroy() });
  const client = connectTo(net, t, server);
  client.on("error", () => undefined);
  client.resume();
  await closed(client);
  assert.equal(client.destroyed, true);
});

netTest("two servers share nothing: each has its own connections", async (net, t) => {
  const [one, two] = [await listening(net, t), await listening(net, t)];
  const clients = [connectTo(net, t, one), connectTo(net, t, one), connectTo(net, t, two)];
  await Promise.all(clients.map((client) => once(client, "connect")));
  while ((await countOf(one)) < 2 || (await countOf(two)) < 1) await turns(1);
  assert.deepEqual([await countOf(one), await countOf(two)], [2, 1]);
});

netTest("emit('connection'): a socket may be handed to a server by hand", async (net, t) => {
  const other = net.createServer();
  const handed = once(other, "connection");
  const { served } = await connected(net, t);
  other.emit("connection", served);
  assert.equal((await handed)[0], served);
});
