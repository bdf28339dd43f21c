// undici on a stack: its connections come from stack.connector(); pools, pipelining, fetch, limits and HTTP/2 are
// undici's own. The server is node:http's.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import { createSecureServer } from "node:http2";
import { createServer as createTlsServer } from "node:https";
import type { Socket } from "node:net";
import { Agent, type buildConnector, Client, errors, fetch, Pool } from "undici";
import { waitUntil } from "../interop/support/far.js";
import { bytesOf, MIB, sha256, sha256Of, streamOf } from "./support/bytes.js";
import { certificateFor } from "../command/support/certificate.js";
import { listenUntilEnd } from "./support/http.js";
import { everywhere, type World } from "./support/world.js";

type Options = Client.Options;

async function serve(world: World, handler: RequestListener) {
  const server = createServer(handler);
  const sockets: Socket[] = [];
  server.on("connection", (socket) => sockets.push(socket));
  const port = await listenUntilEnd(world, server);
  return { server, port, sockets };
}

type ConnectorOptions = NonNullable<Parameters<World["client"]["connector"]>[0]>;

const connectOf = (world: World, options?: ConnectorOptions) =>
  world.client.connector(options) as buildConnector.connector;

function clientTo(world: World, port: number, options: Options = {}): Client {
  const client = new Client(`http://${world.server.address}:${port}`, {
    ...options,
    connect: connectOf(world),
  });
  world.defer(() => client.destroy());
  return client;
}

function agentFor(world: World, options: Agent.Options = {}, tls?: ConnectorOptions): Agent {
  const agent = new Agent({ ...options, connect: connectOf(world, tls) });
  world.defer(() => agent.destroy());
  return agent;
}

everywhere("fetch: a large body there, and back again", async (world) => {
  const { port } = await serve(world, (req, res) => void req.pipe(res));
  const body = bytesOf(4 * MIB);
  const response = await fetch(`http://${world.server.address}:${port}/`, {
    method: "PUT",
    body: streamOf(body),
    duplex: "half",
    dispatcher: agentFor(world),
  });
  assert.equal(response.status, 200);
  assert.equal(sha256(new Uint8Array(await response.arrayBuffer())), sha256(body));
});

everywhere("a client pipelines ten requests on one connection", async (world) => {
  let most = 0;
  let open = 0;
  const { port, sockets } = await serve(world, (req, res) => {
    most = Math.max(most, ++open);
    setTimeout(() => {
      open--;
      res.end(req.url);
    }, 10);
  });
  const client = clientTo(world, port, { pipelining: 10 });
  const paths = Array.from({ length: 10 }, (_, i) => `/${i}`);
  const ask = async (path: string) => {
    const { body } = await client.request({ path, method: "GET", blocking: false });
    return body.text();
  };
  assert.deepEqual(await Promise.all(paths.map(ask)), paths);
  assert.equal(sockets.length, 1);
  assert.ok(most > 1, "they were sent together");
});

everywhere("a pool has as many connections as it may, and keeps them", async (world) => {
  const { port, sockets } = await serve(world, (req, res) => void res.end(req.url));
  const pool = new Pool(`http://${world.server.address}:${port}`, {
    connections: 4,
    connect: connectOf(world),
  });
  world.defer(() => pool.destroy());
  for (let round = 0; round < 5; round++) {
    const paths = Array.from({ length: 20 }, (_, i) => `/${round}/${i}`);
    const texts = await Promise.all(
      paths.map(async (path) => (await pool.request({ path, method: "GET" })).body.text()),
    );
    assert.deepEqual(texts, paths);
  }
  assert.equal(sockets.length, 4);
  assert.equal(sockets[0]!.remoteAddress, world.client.address);
});

everywhere("an aborted request lets go of its connection", async (world) => {
  const { port, sockets } = await serve(world, (_req, res) => void res.write("a beginning"));
  const abort = new AbortController();
  const client = clientTo(world, port);
  const { body } = await client.request({ path: "/", method: "GET", signal: abort.signal });
  const reading = body.text();
  abort.abort();
  await assert.rejects(reading, { name: "AbortError" });
  await waitUntil("the server's end", () => sockets[0]!.destroyed);
});

everywhere("headersTimeout and bodyTimeout are kept", async (world) => {
  const { port } = await serve(world, (req, res) => {
    if (req.url === "/body") res.write("a beginning");
  });
  const client = clientTo(world, port);
  const request = (path: string, limits: { headersTimeout?: number; bodyTimeout?: number }) =>
    client.request({ path, method: "GET", ...limits });
  await assert.rejects(request("/headers", { headersTimeout: 200 }), errors.HeadersTimeoutError);
  const { body } = await request("/body", { bodyTimeout: 200 });
  await assert.rejects(body.text(), errors.BodyTimeoutError);
});

everywhere("a port on which nobody listens is an error at once", async (world) => {
  const client = clientTo(world, 9);
  const error = await client
    .request({ path: "/", method: "GET" })
    .catch((reason: unknown) => reason);
  assert.equal((error as NodeJS.ErrnoException).code, "ECONNREFUSED");
});

everywhere(
  "a server that hangs up is an error, and the next request has a new connection",
  async (world) => {
    const { port, sockets } = await serve(world, (req, res) => {
      if (req.url === "/cut") req.socket.destroy();
      else res.end("there");
    });
    const client = clientTo(world, port);
    await assert.rejects(client.request({ path: "/cut", method: "GET" }), errors.SocketError);
    const { body } = await client.request({ path: "/", method: "GET" });
    assert.equal(await body.text(), "there");
    assert.equal(sockets.length, 2);
  },
);

everywhere("upgrade hands over the connection", async (world) => {
  const { server, port } = await serve(world, () => assert.fail("it is upgraded"));
  server.on("upgrade", (_req, socket: Socket) => {
    socket.write(
      "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n",
    );
    socket.pipe(socket);
  });
  const client = clientTo(world, port);
  const { socket } = await client.upgrade({ path: "/", protocol: "echo" });
  const body = bytesOf(MIB);
  const echoed = sha256Of(socket);
  streamOf(body).pipe(socket);
  assert.equal(await echoed, sha256(body));
});

everywhere("https, with the certificate looked at", async (world, t) => {
  const certificate = certificateFor(t);
  if (certificate === null) return;
  const server = createTlsServer(certificate, (req, res) => void res.end(req.socket.remoteAddress));
  const port = await listenUntilEnd(world, server);
  const url = `https://${world.server.address}:${port}/`;
  const trusting = agentFor(world, {}, { ca: certificate.ca });
  const response = await fetch(url, { dispatcher: trusting });
  assert.equal(await response.text(), world.client.address);
  const failure = await fetch(url, { dispatcher: agentFor(world) }).catch(
    (reason: Error) => reason,
  );
  assert.ok(failure instanceof Error);
  assert.equal((failure.cause as NodeJS.ErrnoException).code, "DEPTH_ZERO_SELF_SIGNED_CERT");
});

everywhere("HTTP/2, where the server offers it", async (world, t) => {
  const certificate = certificateFor(t);
  if (certificate === null) return;
  const server = createSecureServer(certificate, (req, res) => void res.end(req.httpVersion));
  const sessions = new Set<{ destroy(): void }>();
  server.on("session", (session) => sessions.add(session));
  const port = await world.server.listen(server);
  world.defer(async () => {
    const closed = once(server, "close");
    server.close();
    for (const session of sessions) session.destroy();
    await closed;
  });
  const protocols = world.client.stack === null ? {} : { ALPNProtocols: ["h2", "http/1.1"] };
  const agent = agentFor(
    world,
    { allowH2: true, connections: 1 },
    { ca: certificate.ca, ...protocols },
  );
  const ask = async () => {
    const response = await fetch(`https://${world.server.address}:${port}/`, { dispatcher: agent });
    return response.text();
  };
  assert.deepEqual(await Promise.all([ask(), ask(), ask()]), ["2.0", "2.0", "2.0"]);
  assert.equal(sessions.size, 1);
});
