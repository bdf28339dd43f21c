// node:http on a stack: servers and agents that know nothing of what carries their bytes.

import assert from "node:assert/strict";
import { once } from "node:events";
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerOptions,
  type ServerResponse,
} from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { waitUntil } from "../interop/support/far.js";
import { bytesOf, MIB, sha256, sha256Of, streamOf, textOf } from "./support/bytes.js";
import { agentFor, ask, open, raw, responseTo, untilClosed } from "./support/http.js";
import { betweenStacks, everywhere, type World } from "./support/world.js";

interface Serving {
  readonly server: Server;
  readonly port: number;
  /** The connections that it got, in their order. */
  readonly sockets: Socket[];
}

async function serve(
  world: World,
  handler: RequestListener,
  options: ServerOptions = {},
): Promise<Serving> {
  const server = createServer(options, handler);
  const sockets: Socket[] = [];
  server.on("connection", (socket) => sockets.push(socket));
  const port = await world.server.listen(server);
  world.defer(async () => {
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  });
  return { server, port, sockets };
}

function endsOf({ localAddress, localPort, remoteAddress, remotePort, remoteFamily }: Socket) {
  return { localAddress, localPort, remoteAddress, remotePort, remoteFamily };
}

everywhere("large bodies go both ways at a time, unharmed", async (world) => {
  const { port } = await serve(world, (req, res) => void req.pipe(res));
  const body = bytesOf(8 * MIB);
  const req = open(world, { port, method: "PUT", agent: agentFor(world) });
  streamOf(body).pipe(req);
  assert.equal(await sha256Of(await responseTo(req)), sha256(body));
});

everywhere("each side sees the addresses of both", async (world) => {
  const { port } = await serve(
    world,
    ({ socket }, res) => void res.end(JSON.stringify(endsOf(socket))),
  );
  const req = open(world, { port, agent: agentFor(world) }).end();
  const [socket] = (await once(req, "socket")) as [Socket];
  await once(socket, "connect");
  const near = endsOf(socket);
  const { localAddress: client, remoteAddress: server } = near;
  assert.deepEqual([client, server], [world.client.address, world.server.address]);
  assert.equal(near.remotePort, port);
  assert.deepEqual(JSON.parse(await textOf(await responseTo(req))), {
    localAddress: server,
    localPort: port,
    remoteAddress: client,
    remotePort: near.localPort,
    remoteFamily: "IPv4",
  });
});

everywhere("keep-alive: one connection carries request after request", async (world) => {
  const { port, sockets } = await serve(world, (req, res) => void res.end(req.url));
  const agent = agentFor(world, { keepAlive: true, maxSockets: 1 });
  for (let i = 0; i < 20; i++) {
    assert.equal((await ask(world, { port, agent, path: `/${i}` })).text, `/${i}`);
  }
  assert.equal(sockets.length, 1);
});

everywhere("a hundred requests at a time get each its own answer", async (world) => {
  const { port } = await serve(world, (req, res) => void res.end(`${req.url} `.repeat(1_000)));
  const agent = agentFor(world);
  const paths = Array.from({ length: 100 }, (_, i) => `/${i}`);
  const answers = await Promise.all(paths.map((path) => ask(world, { port, agent, path })));
  for (const [i, { text }] of answers.entries()) assert.equal(text, `/${i} `.repeat(1_000));
});

everywhere("a request that the client gives up ends at the server, too", async (world) => {
  const { server, port } = await serve(world, (req) => void req.resume());
  const arrived = once(server, "request");
  const req = open(world, { port, method: "POST", agent: agentFor(world) });
  req.on("error", () => undefined).write("a beginning");
  const [incoming] = (await arrived) as [IncomingMessage];
  req.destroy();
  const [error] = (await once(incoming, "error")) as [NodeJS.ErrnoException];
  assert.equal(error.code, "ECONNRESET");
});

everywhere("a response that breaks off is an error at the client", async (world) => {
  const { port, sockets } = await serve(world, (_req, res) => {
    res.writeHead(200, { "content-length": 1_000 });
    res.write("half of it");
  });
  const req = open(world, { port, agent: agentFor(world) }).end();
  const response = await responseTo(req);
  // The request hears of it, too.
  req.on("error", () => undefined);
  sockets[0]!.resetAndDestroy();
  await assert.rejects(textOf(response), { code: "ECONNRESET" });
});

everywhere("a server with nobody who reads holds its bytes back", async (world) => {
  const body = bytesOf(24 * MIB);
  const { port, sockets } = await serve(world, (_req, res) => void streamOf(body).pipe(res));
  const response = await responseTo(open(world, { port, agent: agentFor(world) }).end());
  await waitUntil("a stream that waits", () => sockets[0]!.writableNeedDrain);
  // Linux's own buffers grow to 6 MB; those of a stack are 64 KiB.
  const most =
    world.server.stack === null ? 16 * MIB : world.client.stack === null ? 12 * MIB : MIB;
  assert.ok(sockets[0]!.bytesWritten < most, `${sockets[0]!.bytesWritten} bytes went out`);
  assert.equal(await sha256Of(response), sha256(body));
});

const IMPATIENT = { connectionsCheckingInterval: 20, keepAliveTimeout: 5_000 };

everywhere("headersTimeout ends a request whose headers do not come", async (world) => {
  const limits = { ...IMPATIENT, headersTimeout: 100, requestTimeout: 0 };
  const { port } = await serve(world, (_req, res) => void res.end(), limits);
  const socket = await raw(world, port);
  socket.write("GET / HTTP/1.1\r\nHost: it\r\nX-Slow");
  assert.match(await untilClosed(socket), /^HTTP\/1.1 408 Request Timeout\r\n/);
});

everywhere("requestTimeout ends a request whose body does not come", async (world) => {
  const limits = { ...IMPATIENT, headersTimeout: 100, requestTimeout: 200 };
  const { port } = await serve(world, (req) => void req.resume(), limits);
  const socket = await raw(world, port);
  socket.write("POST / HTTP/1.1\r\nHost: it\r\nContent-Length: 10\r\n\r\n12345");
  assert.match(await untilClosed(socket), /^HTTP\/1.1 408 Request Timeout\r\n/);
});

everywhere(
  "keepAliveTimeout ends a connection without requests",
  async (world) => {
    const limits = { keepAliveTimeout: 50 };
    const { port } = await serve(world, (_req, res) => void res.end("once"), limits);
    const socket = await raw(world, port);
    socket.write("GET / HTTP/1.1\r\nHost: it\r\n\r\n");
    assert.match(await untilClosed(socket), /^HTTP\/1.1 200 OK\r\n[^]*\r\nonce/);
  },
  // Node takes a second more.
  [betweenStacks],
);

everywhere("server.setTimeout ends a connection on which nothing happens", async (world) => {
  const { server, port } = await serve(world, () => undefined);
  server.setTimeout(100);
  const socket = await raw(world, port);
  socket.write("GET / HTTP/1.1\r\nHost: it\r\n\r\n");
  assert.equal(await untilClosed(socket), "");
});

everywhere("a client's timeout tells, and lets go", async (world) => {
  const { port, sockets } = await serve(world, () => undefined);
  const req = open(world, { port, agent: agentFor(world), timeout: 100 }).end();
  await once(req, "timeout");
  const failed = once(req, "error");
  req.destroy(new Error("too slow"));
  await failed;
  await waitUntil("the server's end", () => sockets[0]!.destroyed);
});

everywhere("closeIdleConnections spares the busy, closeAllConnections none", async (world) => {
  const { server, port, sockets } = await serve(world, (req, res) => {
    if (req.url === "/quick") res.end("done");
  });
  const idle = await raw(world, port);
  idle.write("GET /quick HTTP/1.1\r\nHost: it\r\n\r\n");
  const idleText = untilClosed(idle);
  const busy = await raw(world, port);
  busy.write("GET /slow HTTP/1.1\r\nHost: it\r\n\r\n");
  const busyText = untilClosed(busy);
  await once(server, "request");
  await waitUntil("both requests", () => idle.bytesRead > 0 && sockets.length === 2);
  server.closeIdleConnections();
  assert.match(await idleText, /\r\ndone/);
  assert.equal(busy.destroyed, false);
  server.closeAllConnections();
  assert.equal(await busyText, "");
});

everywhere("close waits for the answer that is under way, and takes nobody new", async (world) => {
  const { server, port } = await serve(world, (_req, res) => {
    res.write("first ");
    server.close();
    setImmediate(() => res.end("last"));
  });
  const agent = agentFor(world);
  assert.equal((await ask(world, { port, agent })).text, "first last");
  await assert.rejects(ask(world, { port, agent }), { code: "ECONNREFUSED" });
});

everywhere("Expect: 100-continue holds the body back until the server wants it", async (world) => {
  const { server, port } = await serve(world, () => assert.fail("checkContinue has it"));
  server.on("checkContinue", (req: IncomingMessage, res: ServerResponse) => {
    if (req.headers["content-length"] === "3") {
      res.writeContinue();
      req.pipe(res);
    } else res.writeHead(413).end();
  });
  const agent = agentFor(world);
  const headers = { expect: "100-continue", "content-length": 3 };
  const req = open(world, { port, agent, method: "POST", headers });
  req.flushHeaders();
  await once(req, "continue");
  req.end("abc");
  assert.equal(await textOf(await responseTo(req)), "abc");
  const refused = open(world, {
    port,
    agent,
    method: "POST",
    headers: { ...headers, "content-length": 9 },
  });
  refused.flushHeaders();
  const response = await responseTo(refused);
  assert.equal(response.statusCode, 413);
  refused.on("error", () => undefined).destroy();
});

everywhere(
  "Upgrade hands over the connection, with what came behind the headers",
  async (world) => {
    const { server, port } = await serve(world, () => assert.fail("it is upgraded"));
    server.on("upgrade", (_req, socket: Socket, head: Buffer) => {
      socket.write(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\nConnection: Upgrade\r\n\r\n",
      );
      socket.write(head);
      socket.pipe(socket);
    });
    const headers = { connection: "Upgrade", upgrade: "echo" };
    const req = open(world, { port, agent: agentFor(world), headers }).end();
    const [, socket, head] = (await once(req, "upgrade")) as [IncomingMessage, Socket, Buffer];
    assert.equal(head.length, 0);
    const body = bytesOf(MIB);
    const echoed = sha256Of(socket);
    streamOf(body).pipe(socket);
    assert.equal(await echoed, sha256(body));
  },
);

everywhere("CONNECT makes a tunnel", async (world) => {
  const { server, port } = await serve(world, () => assert.fail("it is a tunnel"));
  server.on("connect", (req: IncomingMessage, socket: Socket) => {
    socket.write("HTTP/1.1 200 Connection Established\r\n\r\n");
    socket.end(`to ${req.url}`);
  });
  const path = "elsewhere.test:443";
  const req = open(world, { port, agent: agentFor(world), method: "CONNECT", path }).end();
  const [response, socket, head] = (await once(req, "connect")) as [
    IncomingMessage,
    Socket,
    Buffer,
  ];
  assert.equal(response.statusCode, 200);
  assert.equal(`${String(head)}${await textOf(socket)}`, `to ${path}`);
});

everywhere("pipelined requests are answered in their order", async (world) => {
  const { port } = await serve(world, (req, res) => {
    // The first is the slowest.
    const number = Number(req.url!.slice(1));
    setTimeout(() => res.end(`<${number}>`), 10 - number);
  });
  const socket = await raw(world, port);
  const text = untilClosed(socket);
  const request = (i: number) =>
    `GET /${i} HTTP/1.1\r\nHost: it\r\n${i === 9 ? "Connection: close\r\n" : ""}\r\n`;
  socket.write(Array.from({ length: 10 }, (_, i) => request(i)).join(""));
  const numbers = [...(await text).matchAll(/<(\d)>/g)].map((match) => match[1]);
  assert.equal(numbers.join(""), "0123456789");
});

everywhere("what is no HTTP gets an error, and the server goes on", async (world) => {
  const { port } = await serve(world, (_req, res) => void res.end("still there"));
  const socket = await raw(world, port);
  socket.write("nonsense\r\n\r\n");
  assert.match(await untilClosed(socket), /^HTTP\/1.1 400 Bad Request\r\n/);
  assert.equal((await ask(world, { port, agent: agentFor(world) })).text, "still there");
});

everywhere(
  "a port on which nobody listens refuses, with the address in the error",
  async (world) => {
    const req = open(world, { port: 9, agent: agentFor(world) }).end();
    const [error] = (await once(req, "error")) as [NodeJS.ErrnoException];
    const { code, syscall, message } = error;
    assert.deepEqual({ code, syscall }, { code: "ECONNREFUSED", syscall: "connect" });
    assert.match(message, new RegExp(`connect ECONNREFUSED ${world.server.address}:9`));
  },
);

everywhere(
  "a server knows that it listens, how many came, and when they are too many",
  async (world) => {
    const { server, port } = await serve(world, (_req, res) => void res.end("let in"));
    const count = () =>
      new Promise((resolve, reject) => {
        server.getConnections((error, number) => (error ? reject(error) : resolve(number)));
      });
    assert.equal(server.listening, true);
    assert.equal((server.address() as AddressInfo).port, port);
    server.maxConnections = 1;
    const first = await raw(world, port);
    await waitUntil("a connection", async () => (await count()) === 1);
    const dropped = once(server, "drop");
    await untilClosed(await raw(world, port));
    assert.equal(
      ((await dropped) as [{ remoteAddress: string }])[0].remoteAddress,
      world.client.address,
    );
    first.destroy();
    await waitUntil("no connection", async () => (await count()) === 0);
    assert.equal((await ask(world, { port, agent: agentFor(world) })).text, "let in");
  },
);
