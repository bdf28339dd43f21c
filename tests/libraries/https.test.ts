// node:https and node:tls on a stack: handshakes, names, client certificates, resumed sessions, and addresses,
// which a TLSSocket over a stream of any other kind would not know.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Server, type ServerOptions } from "node:https";
import type { RequestListener } from "node:http";
import { connect, createServer as createTlsServer, type TLSSocket } from "node:tls";
import type { Socket } from "node:net";
import type { TestContext } from "node:test";
import { keepAddresses } from "../../host/index.js";
import { bytesOf, MIB, sha256, sha256Of, streamOf, textOf } from "./support/bytes.js";
import { type Certificate, certificateFor, HOST_NAME } from "../command/support/certificate.js";
import {
  answerOf,
  openSecure,
  raw,
  responseTo,
  untilClosed,
  listenUntilEnd,
} from "./support/http.js";
import { everywhere, type World } from "./support/world.js";

interface Serving {
  readonly server: Server;
  readonly port: number;
  readonly certificate: Certificate;
}

/** A server, with a certificate; null where none can be made. */
async function serve(
  world: World,
  t: TestContext,
  handler: RequestListener,
  options: ServerOptions = {},
): Promise<Serving | null> {
  const certificate = certificateFor(t);
  if (certificate === null) return null;
  const server = createServer({ ...certificate, ...options }, handler);
  const port = await listenUntilEnd(world, server);
  return { server, port, certificate };
}

function agentFor(world: World, options: Parameters<World["client"]["secureAgent"]>[0] = {}) {
  const agent = world.client.secureAgent(options);
  world.defer(() => agent.destroy());
  return agent;
}

everywhere("large bodies go both ways under TLS, unharmed", async (world, t) => {
  const serving = await serve(world, t, (req, res) => void req.pipe(res));
  if (serving === null) return;
  const { port, certificate } = serving;
  const agent = agentFor(world, { ca: certificate.ca });
  const body = bytesOf(4 * MIB);
  const req = openSecure(world, { port, agent, method: "PUT" });
  streamOf(body).pipe(req);
  assert.equal(await sha256Of(await responseTo(req)), sha256(body));
});

everywhere("both ends of a TLS connection know their addresses", async (world, t) => {
  const serving = await serve(world, t, ({ socket }, res) => {
    const { remoteAddress, remotePort, localAddress, localPort } = socket;
    res.end(JSON.stringify({ remoteAddress, remotePort, localAddress, localPort }));
  });
  if (serving === null) return;
  const { port, certificate } = serving;
  const req = openSecure(world, { port, agent: agentFor(world, { ca: certificate.ca }) }).end();
  const [socket] = (await once(req, "socket")) as [TLSSocket];
  await once(socket, "secureConnect");
  const { remoteAddress, remotePort, localAddress, localPort } = socket;
  assert.deepEqual([remoteAddress, remotePort], [world.server.address, port]);
  assert.equal(localAddress, world.client.address);
  assert.deepEqual(JSON.parse(await textOf(await responseTo(req))), {
    remoteAddress: localAddress,
    remotePort: localPort,
    localAddress: remoteAddress,
    localPort: port,
  });
});

everywhere("keep-alive: one handshake is enough for many requests", async (world, t) => {
  const serving = await serve(world, t, (req, res) => void res.end(req.url));
  if (serving === null) return;
  const { server, port, certificate } = serving;
  let handshakes = 0;
  server.on("secureConnection", () => handshakes++);
  const agent = agentFor(world, { ca: certificate.ca, keepAlive: true, maxSockets: 1 });
  for (let i = 0; i < 10; i++) {
    assert.equal((await answerOf(openSecure(world, { port, agent, path: `/${i}` }))).text, `/${i}`);
  }
  assert.equal(handshakes, 1);
});

everywhere("a later connection resumes the session of an earlier one", async (world, t) => {
  const handler: RequestListener = ({ socket }, res) =>
    void res.end(String((socket as TLSSocket).isSessionReused()));
  const serving = await serve(world, t, handler);
  if (serving === null) return;
  const { port, certificate } = serving;
  const agent = agentFor(world, { ca: certificate.ca });
  const ask = () => answerOf(openSecure(world, { port, agent, servername: HOST_NAME }));
  assert.deepEqual([(await ask()).text, (await ask()).text], ["false", "true"]);
});

everywhere("an agent's timeout rings on its secure connections", async (world, t) => {
  const serving = await serve(world, t, () => undefined);
  if (serving === null) return;
  const { port, certificate } = serving;
  const agent = agentFor(world, { ca: certificate.ca, timeout: 100 });
  const req = openSecure(world, { port, agent }).end();
  await once(req, "timeout");
  const failed = once(req, "error");
  req.destroy();
  assert.equal(((await failed) as [NodeJS.ErrnoException])[0].code, "ECONNRESET");
});

everywhere("a certificate that nobody vouches for is refused", async (world, t) => {
  const serving = await serve(world, t, () => assert.fail("no request comes"));
  if (serving === null) return;
  const { port } = serving;
  const req = openSecure(world, { port, agent: agentFor(world) }).end();
  const [error] = (await once(req, "error")) as [NodeJS.ErrnoException];
  assert.equal(error.code, "DEPTH_ZERO_SELF_SIGNED_CERT");
});

everywhere("a certificate for another name is refused", async (world, t) => {
  const serving = await serve(world, t, () => assert.fail("no request comes"));
  if (serving === null) return;
  const { port, certificate } = serving;
  const agent = agentFor(world, { ca: certificate.ca });
  const req = openSecure(world, { port, agent, servername: "other.test" }).end();
  const [error] = (await once(req, "error")) as [NodeJS.ErrnoException];
  assert.equal(error.code, "ERR_TLS_CERT_ALTNAME_INVALID");
});

everywhere(
  "the name that the client asks for, ALPN and its certificate arrive",
  async (world, t) => {
    const certificate = certificateFor(t);
    if (certificate === null) return;
    const { ca } = certificate;
    const options = { ...certificate, requestCert: true, ALPNProtocols: ["mote/2", "mote/1"] };
    const server = createTlsServer(options, (socket) => {
      const { servername, alpnProtocol, authorized } = socket as TLSSocket & { servername: string };
      socket.end(JSON.stringify({ servername, alpnProtocol, authorized }));
    });
    const port = await world.server.listen(server);
    world.defer(() => new Promise((resolve) => server.close(resolve)));
    const host = world.server.address;
    const name = { servername: HOST_NAME, ALPNProtocols: ["mote/1"] };
    const socket = world.client.connectSecure({ host, port, ...name, ...certificate, ca });
    world.defer(() => socket.destroy());
    assert.deepEqual(JSON.parse(await textOf(socket)), {
      servername: HOST_NAME,
      alpnProtocol: "mote/1",
      authorized: true,
    });
    assert.equal(socket.alpnProtocol, "mote/1");
  },
);

everywhere("STARTTLS: a connection becomes secure half-way", async (world, t) => {
  const certificate = certificateFor(t);
  if (certificate === null) return;
  const secure = createTlsServer(certificate, (socket) => void socket.pipe(socket));

  const server = world.server.net.createServer((socket) => {
    socket.once("data", (bytes) => {
      assert.equal(String(bytes), "STARTTLS\n");
      socket.write("GO\n", () => secure.emit("connection", socket));
      // What TLS has to say goes out after the client's end, too.
      secure.once("secureConnection", (above) => keepAddresses(above, socket));
    });
  });
  server.listen(0, world.server.address);
  await once(server, "listening");
  world.defer(() => new Promise((resolve) => server.close(resolve)));
  const plain = await raw(world, (server.address() as { port: number }).port);
  plain.write("STARTTLS\n");
  await once(plain, "data");
  const secureOptions = { socket: plain, ca: certificate.ca, servername: HOST_NAME };
  const socket = keepAddresses(connect(secureOptions), plain);
  const body = bytesOf(MIB);
  const echoed = sha256Of(socket);
  streamOf(body).pipe(socket);
  assert.equal(await echoed, sha256(body));
});

everywhere(
  "plain words to a TLS server get an alert, and a cut handshake an error",
  async (world, t) => {
    const serving = await serve(world, t, (_req, res) => void res.end("still there"));
    if (serving === null) return;
    const { server, port, certificate } = serving;
    const failed = once(server, "tlsClientError");
    const socket = await raw(world, port);
    const heard = untilClosed(socket);
    socket.write("GET / HTTP/1.1\r\n\r\n");
    const [error, secure] = (await failed) as [NodeJS.ErrnoException, Socket];
    assert.match(error.code ?? "", /^ERR_SSL_/);
    assert.ok(secure.destroyed || secure.writableEnded);
    await heard;
    const cut = once(server, "tlsClientError");
    const short = await raw(world, port);
    short.end();
    assert.equal(((await cut) as [NodeJS.ErrnoException])[0].code, "ECONNRESET");
    const agent = agentFor(world, { ca: certificate.ca });
    assert.equal((await answerOf(openSecure(world, { port, agent }))).text, "still there");
  },
);

everywhere("what a server still has to say goes out after the client's end", async (world, t) => {
  const certificate = certificateFor(t);
  if (certificate === null) return;
  const server = createTlsServer(certificate, (socket) => void socket.pipe(socket));
  const port = await world.server.listen(server);
  world.defer(() => new Promise((resolve) => server.close(resolve)));
  const host = world.server.address;
  const socket = world.client.connectSecure({ host, port, ca: certificate.ca });
  const body = bytesOf(2 * MIB);
  const echoed = sha256Of(socket);
  streamOf(body).pipe(socket);
  assert.equal(await echoed, sha256(body));
});
