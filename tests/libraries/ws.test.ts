// ws on a stack: the server beside an http server that is attached, the client with an agent.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { Socket } from "node:net";
import { createServer as createTlsServer } from "node:https";
import { createWebSocketStream, type ServerOptions, WebSocket, WebSocketServer } from "ws";
import { waitUntil } from "../interop/support/far.js";
import { bytesOf, MIB, sha256, sha256Of, streamOf } from "./support/bytes.js";
import { certificateFor } from "../command/support/certificate.js";
import { everywhere, type World } from "./support/world.js";

interface Serving {
  readonly sockets: WebSocketServer;
  readonly port: number;
}

async function serve(world: World, options: ServerOptions = {}): Promise<Serving> {
  const server = createServer();
  const sockets = new WebSocketServer({ ...options, server });
  const port = await world.server.listen(server);
  world.defer(async () => {
    for (const client of sockets.clients) client.terminate();
    sockets.close();
    await new Promise((resolve) => server.close(resolve));
  });
  return { sockets, port };
}

/** An open client, and the server's side of it. */
async function open(world: World, { sockets, port }: Serving): Promise<[WebSocket, WebSocket]> {
  const agent = world.client.agent();
  world.defer(() => agent.destroy());
  const near = new WebSocket(`ws://${world.server.address}:${port}/`, { agent });
  world.defer(() => near.terminate());
  const [[far]] = (await Promise.all([once(sockets, "connection"), once(near, "open")])) as [
    [WebSocket],
    unknown,
  ];
  return [near, far];
}

const echo = (socket: WebSocket) =>
  socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary }));

everywhere("binary messages of 1 MB go both ways", async (world) => {
  const [near, far] = await open(world, await serve(world));
  echo(far);
  for (let i = 1; i <= 4; i++) {
    const message = bytesOf(MIB, i);
    near.send(message);
    const [back, isBinary] = (await once(near, "message")) as [Buffer, boolean];
    assert.equal(isBinary, true);
    assert.equal(sha256(back), sha256(message));
  }
});

everywhere("a thousand small texts keep their order", async (world) => {
  const [near, far] = await open(world, await serve(world));
  echo(far);
  const texts = Array.from({ length: 1_000 }, (_, i) => `message ${i}`);
  const back: string[] = [];
  near.on("message", (data) => back.push(String(data)));
  for (const text of texts) near.send(text);
  await waitUntil("all of them", () => back.length === texts.length);
  assert.deepEqual(back, texts);
});

everywhere("ping and pong, from either side", async (world) => {
  const [near, far] = await open(world, await serve(world));
  for (const [one, other] of [
    [near, far],
    [far, near],
  ] as const) {
    const pinged = once(other, "ping");
    const ponged = once(one, "pong");
    one.ping("are you there");
    assert.equal(String(((await pinged) as [Buffer])[0]), "are you there");
    assert.equal(String(((await ponged) as [Buffer])[0]), "are you there");
  }
});

everywhere("codes and reasons of the end arrive", async (world) => {
  const serving = await serve(world);
  const [near, far] = await open(world, serving);
  const closed = Promise.all([once(near, "close"), once(far, "close")]);
  near.close(4321, "enough");
  for (const [code, reason] of (await closed) as unknown as [number, Buffer][]) {
    assert.deepEqual([code, String(reason)], [4321, "enough"]);
  }
  const [second, farther] = await open(world, serving);
  const cut = once(second, "close");
  farther.terminate();
  assert.equal(((await cut) as [number])[0], 1006);
});

everywhere("a message that is too long ends the connection with 1009", async (world) => {
  const [near, far] = await open(world, await serve(world, { maxPayload: 1_000 }));
  far.on("error", () => undefined);
  const closed = once(near, "close");
  near.send(bytesOf(2_000));
  assert.equal(((await closed) as [number])[0], 1009);
});

everywhere("permessage-deflate: fewer bytes than characters", async (world) => {
  const [near, far] = await open(world, await serve(world, { perMessageDeflate: true }));
  assert.equal(near.extensions, "permessage-deflate");
  echo(far);
  const text = "the same again and again ".repeat(40_000);
  near.send(text);
  const [back] = (await once(near, "message")) as [Buffer];
  assert.equal(String(back), text);
  const { bytesRead } = (near as unknown as { _socket: Socket })._socket;
  assert.ok(bytesRead < text.length / 20, `${bytesRead} bytes for ${text.length} characters`);
});

everywhere(
  "a stream through a WebSocket, with back-pressure, in either direction",
  async (world) => {
    const serving = await serve(world);
    const body = bytesOf(4 * MIB);
    for (const upwards of [true, false]) {
      const [near, far] = await open(world, serving);
      const [from, to] = upwards ? [near, far] : [far, near];
      const arrived = sha256Of(createWebSocketStream(to));
      streamOf(body).pipe(createWebSocketStream(from));
      assert.equal(await arrived, sha256(body));
    }
  },
);

everywhere("thirty clients get what is told to all", async (world) => {
  const serving = await serve(world);
  const clients = await Promise.all(
    Array.from({ length: 30 }, async () => {
      const agent = world.client.agent();
      const client = new WebSocket(`ws://${world.server.address}:${serving.port}/`, { agent });
      world.defer(() => client.terminate());
      await once(client, "open");
      return client;
    }),
  );
  const heard = clients.map((client) => once(client, "message"));
  for (const client of serving.sockets.clients) client.send("to all");
  for (const [data] of (await Promise.all(heard)) as unknown as [Buffer][])
    assert.equal(String(data), "to all");
});

everywhere("under TLS, with the address of the client", async (world, t) => {
  const certificate = certificateFor(t);
  if (certificate === null) return;
  const server = createTlsServer(certificate);
  const sockets = new WebSocketServer({ server });
  sockets.on("connection", (socket, req) => socket.send(String(req.socket.remoteAddress)));
  const port = await world.server.listen(server);
  world.defer(async () => {
    for (const client of sockets.clients) client.terminate();
    await new Promise((resolve) => server.close(resolve));
  });
  const agent = world.client.secureAgent({ ca: certificate.ca });
  const near = new WebSocket(`wss://${world.server.address}:${port}/`, { agent });
  world.defer(() => near.terminate());
  const [data] = (await once(near, "message")) as [Buffer];
  assert.equal(String(data), world.client.address);
});
