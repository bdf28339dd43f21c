// node:http2 on a stack: many streams on one connection, flow control of its own above TCP's, pings, GOAWAY, and
// both protocols on one secure port.

import assert from "node:assert/strict";
import { once } from "node:events";
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  constants,
  createSecureServer,
  createServer,
  type Http2SecureServer,
  type Http2Server,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from "node:http2";
import { waitUntil } from "../interop/support/far.js";
import { bytesOf, MIB, sha256, sha256Of, streamOf, textOf } from "./support/bytes.js";
import { type Certificate, certificateFor } from "../command/support/certificate.js";
import { answerOf, openSecure } from "./support/http.js";
import { everywhere, type World } from "./support/world.js";

type OnStream = (stream: ServerHttp2Stream, headers: Record<string, unknown>) => void;

async function listen(world: World, server: Http2Server | Http2SecureServer): Promise<number> {
  const sessions = new Set<ServerHttp2Session>();
  server.on("session", (session: ServerHttp2Session) => sessions.add(session));
  const port = await world.server.listen(server);
  world.defer(async () => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const session of sessions) session.destroy();
    await closed;
  });
  return port;
}

async function serve(
  world: World,
  onStream: OnStream,
): Promise<{ server: Http2Server; port: number }> {
  const server = createServer();
  server.on("stream", (stream: ServerHttp2Stream, headers) => {
    stream.on("error", () => undefined);
    onStream(stream, headers);
  });
  return { server, port: await listen(world, server) };
}

function open(world: World, port: number): ClientHttp2Session {
  const host = world.server.address;
  const session = connect(`http://${host}:${port}`, {
    createConnection: () => world.client.net.connect({ host, port }),
  });
  world.defer(() => session.destroy());
  return session;
}

function openTls(world: World, port: number, { ca }: Certificate): ClientHttp2Session {
  const host = world.server.address;
  const session = connect(`https://${host}:${port}`, {
    createConnection: () => world.client.connectSecure({ host, port, ca, ALPNProtocols: ["h2"] }),
  });
  world.defer(() => session.destroy());
  return session;
}

const echo: OnStream = (stream) => {
  stream.respond({ ":status": 200 });
  stream.pipe(stream);
};

async function statusOf(stream: ClientHttp2Stream): Promise<unknown> {
  const [headers] = (await once(stream, "response")) as [Record<string, unknown>];
  return headers[":status"];
}

everywhere("a hundred streams at a time on one connection", async (world) => {
  const { server, port } = await serve(world, (stream, headers) => {
    stream.respond({ ":status": 200 });
    stream.end(`${String(headers[":path"])} `.repeat(2_000));
  });
  let sessions = 0;
  server.on("session", () => sessions++);
  const session = open(world, port);
  const paths = Array.from({ length: 100 }, (_, i) => `/${i}`);
  const texts = await Promise.all(paths.map((path) => textOf(session.request({ ":path": path }))));
  for (const [i, text] of texts.entries()) assert.equal(text, `/${i} `.repeat(2_000));
  assert.equal(sessions, 1);
});

everywhere("large bodies go both ways on several streams, unharmed", async (world) => {
  const { port } = await serve(world, echo);
  const session = open(world, port);
  const bodies = Array.from({ length: 4 }, (_, i) => bytesOf(2 * MIB, i + 1));
  const hashes = bodies.map((body) => {
    const stream = session.request({ ":method": "PUT" });
    streamOf(body).pipe(stream);
    return sha256Of(stream);
  });
  assert.deepEqual(await Promise.all(hashes), bodies.map(sha256));
});

everywhere("a stream that nobody reads holds up no other", async (world) => {
  const body = bytesOf(4 * MIB);
  const { port } = await serve(world, (stream, headers) => {
    stream.respond({ ":status": 200 });
    if (headers[":path"] === "/large") streamOf(body).pipe(stream);
    else stream.end("small");
  });
  const session = open(world, port);
  const large = session.request({ ":path": "/large" });
  assert.equal(await statusOf(large), 200);
  for (let i = 0; i < 5; i++)
    assert.equal(await textOf(session.request({ ":path": "/" })), "small");
  assert.equal(await sha256Of(large), sha256(body));
});

everywhere("pings come back, and settings are agreed", async (world) => {
  const { server, port } = await serve(world, echo);
  const accepted = once(server, "session");
  const session = open(world, port);
  await once(session, "connect");
  const payload = Buffer.from("8 bytes.");
  const back = await new Promise<Buffer>((resolve, reject) => {
    session.ping(payload, (error, _ms, bytes) => (error ? reject(error) : resolve(bytes)));
  });
  assert.deepEqual(back, payload);
  const [far] = (await accepted) as [ServerHttp2Session];
  session.settings({ initialWindowSize: 1 << 20 });
  await waitUntil("the setting", () => far.remoteSettings.initialWindowSize === 1 << 20);
});

everywhere("the server's session knows the addresses of both ends", async (world) => {
  const { server, port } = await serve(world, echo);
  const accepted = once(server, "session");
  const host = world.server.address;
  const near = world.client.net.connect({ host, port });
  const session = connect(`http://${host}:${port}`, { createConnection: () => near });
  world.defer(() => session.destroy());
  const connected = once(session, "connect");
  const [{ socket: far }] = (await accepted) as [ServerHttp2Session];
  await connected;
  const { localAddress, localPort, remoteAddress, remotePort } = far;
  assert.deepEqual(
    { localAddress, localPort, remoteAddress, remotePort },
    {
      localAddress: world.server.address,
      localPort: port,
      remoteAddress: world.client.address,
      remotePort: near.localPort,
    },
  );
});

everywhere("GOAWAY: what is under way ends well, and nothing new begins", async (world) => {
  const { port } = await serve(world, (stream) => {
    stream.respond({ ":status": 200 });
    stream.write("begun, ");
    // Graceful: GOAWAY now, the end when the last stream is over.
    stream.session!.close();
    stream.once("data", () => stream.end("and ended"));
  });
  const session = open(world, port);
  const goaway = once(session, "goaway");
  const stream = session.request({ ":method": "POST" });
  const text = textOf(stream);
  const [code] = (await goaway) as [number];
  assert.equal(code, constants.NGHTTP2_NO_ERROR);
  const closed = once(session, "close");
  stream.end("go on");
  assert.equal(await text, "begun, and ended");
  await closed;
  assert.throws(() => session.request({}), { code: "ERR_HTTP2_INVALID_SESSION" });
});

everywhere(
  "a stream that the client gives up ends at the server; the connection stays",
  async (world) => {
    const { server, port } = await serve(world, (stream, headers) => {
      stream.respond({ ":status": 200 });
      if (headers[":path"] === "/") stream.end("there");
      else stream.write("a beginning");
    });
    const session = open(world, port);
    const arrived = once(server, "stream");
    const stream = session.request({ ":path": "/endless" });
    const [far] = (await arrived) as [ServerHttp2Stream];
    await once(stream, "data");
    const aborted = once(far, "close");
    stream.close(constants.NGHTTP2_CANCEL);
    await aborted;
    assert.equal(far.rstCode, constants.NGHTTP2_CANCEL);
    assert.equal(await textOf(session.request({ ":path": "/" })), "there");
  },
);

everywhere("a connection that is reset ends all its streams with an error", async (world) => {
  const { server, port } = await serve(world, (stream) => void stream.respond({ ":status": 200 }));
  const connected = once(server, "connection");
  const session = open(world, port);
  session.on("error", () => undefined);
  const streams = [session.request(), session.request()];
  await Promise.all(streams.map(statusOf));
  const [socket] = (await connected) as [import("node:net").Socket];
  const failures = streams.map((stream) => assert.rejects(textOf(stream)));
  socket.resetAndDestroy();
  await Promise.all(failures);
  assert.equal(session.destroyed, true);
});

everywhere("under TLS both protocols share a port", async (world, t) => {
  const certificate = certificateFor(t);
  if (certificate === null) return;
  const server = createSecureServer({ ...certificate, allowHTTP1: true }, (req, res) => {
    const { remoteAddress } = req.socket;
    res.end(`${req.httpVersion} from ${remoteAddress}`);
  });
  const port = await listen(world, server);
  const session = openTls(world, port, certificate);
  assert.equal(await textOf(session.request()), `2.0 from ${world.client.address}`);
  const agent = world.client.secureAgent({ ca: certificate.ca });
  world.defer(() => agent.destroy());
  const { text } = await answerOf(openSecure(world, { port, agent }));
  assert.equal(text, `1.1 from ${world.client.address}`);
});

everywhere("large bodies go both ways under TLS and HTTP/2", async (world, t) => {
  const certificate = certificateFor(t);
  if (certificate === null) return;
  const server = createSecureServer(certificate);
  server.on("stream", echo);
  const session = openTls(world, await listen(world, server), certificate);
  const body = bytesOf(4 * MIB);
  const stream = session.request({ ":method": "PUT" });
  streamOf(body).pipe(stream);
  assert.equal(await sha256Of(stream), sha256(body));
});
