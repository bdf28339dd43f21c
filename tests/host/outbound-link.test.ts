// User mode the other way: a stack reaches servers of this machine, as far as rules let it, over real sockets.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createSocket, type Socket as DatagramServer } from "node:dgram";
import { once } from "node:events";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { test, type TestContext } from "node:test";
import type { Connection } from "../../host/core/connection.js";
import type { DatagramSocket } from "../../host/core/socket.js";
import type { Stack } from "../../host/core/stack.js";
import { createStack } from "../../host/node/createStack.js";
import { impair } from "../../host/link/impair.js";
import type { OutboundOptions } from "../../host/link/nat/outbound.js";
import { openUserLink, type UserLink } from "../../host/link/user.js";
import { atBest, BEFORE_RETRANSMISSION_MS } from "../static/support/atBest.js";
import { echo } from "./support/echo.js";
import { pattern, sha256, transfer } from "./support/pair.js";
import { runInNamespace, script, whyNoNamespace } from "./support/namespace.js";
import { until } from "./support/until.js";

interface World {
  stack: Stack;
  link: UserLink;
}

async function worldOf(t: TestContext, outbound?: OutboundOptions): Promise<World> {
  const link = await openUserLink(outbound === undefined ? {} : { outbound });
  const stack = await createStack();
  stack.attach(link, { addresses: ["198.18.0.2/30"], router: link.router });
  stack.setNameServers([link.router]);
  t.after(() => stack.close());
  return { stack, link };
}

/** A server of the host on a port of its own; what it accepts is closed with it. */
async function serve(t: TestContext, onSocket: (socket: Socket) => void) {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    socket.on("error", () => undefined);
    onSocket(socket);
  });
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { port: await portOf(server.listen(0, "127.0.0.1")), sockets };
}

async function portOf(server: Server | DatagramServer): Promise<number> {
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

/** A port of the host at which nobody listens. */
async function freePort(): Promise<number> {
  const server = createServer();
  const port = await portOf(server.listen(0, "127.0.0.1"));
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function serveDatagrams(t: TestContext): Promise<number> {
  const server = createSocket("udp4");
  server.on("message", (data, from) => server.send(data, from.port, from.address));
  t.after(() => server.close());
  server.bind(0, "127.0.0.1");
  return portOf(server);
}

/** Everything that comes, with its sender. */
function hear(socket: DatagramSocket): { from: string; data: Buffer }[] {
  const heard: { from: string; data: Buffer }[] = [];
  socket.onReadable = () => {
    for (let next; (next = socket.receive()) !== null;) {
      heard.push({ from: `${next.address}:${next.port}`, data: Buffer.from(next.data) });
    }
  };
  return heard;
}

/** How a connection fails. */
function failureOf(connection: Connection): Promise<string> {
  return new Promise((resolve) => {
    connection.onError = (error) => resolve(error.code ?? "");
    connection.onConnect = () => resolve("it opened");
  });
}

test("TCP: 1 MB there and back, then half-closes both ways", async (t) => {
  const { port } = await serve(t, (socket) => socket.pipe(socket));
  const { stack, link } = await worldOf(t, { allow: [`localhost:${port}`] });
  const bytes = pattern(1_000_000, 3);
  const moved = transfer(stack.connect({ host: link.router, port }), bytes);
  await until(() => moved.ended && moved.closed, "the echo and the end", 20_000);
  assert.equal(sha256(moved.received()), sha256(bytes));
  assert.equal(moved.error, null);
  await until(() => link.outbound.connections === 0, "the host's socket is closed");
  assert.equal(link.outbound.opened, 1);
});

test("over a bad line: frames lost, doubled and out of order, and all bytes arrive", async (t) => {
  const { port } = await serve(t, (socket) => socket.pipe(socket));
  const link = await openUserLink({ outbound: { allow: ["localhost:*"] } });
  const faults = { loss: 0.01, duplicate: 0.02, reorder: 0.05, delay: 1, seed: 11 };
  const stack = await createStack();
  t.after(() => stack.close());
  stack.attach(impair(link, faults), { addresses: ["198.18.0.2/30"], router: link.router });
  const all = [1, 2, 3].map((seed) => {
    const bytes = pattern(200_000, seed);
    return { bytes, moved: transfer(stack.connect({ host: link.router, port }), bytes) };
  });
  await until(() => all.every(({ moved }) => moved.ended), "all echoes", 60_000);
  for (const { bytes, moved } of all) assert.equal(sha256(moved.received()), sha256(bytes));
  assert.equal(link.outbound.opened, 3);
});

test("the host's server closes first: the stack sees the end, and may still send", async (t) => {
  let got = "";
  const { port, sockets } = await serve(t, (socket) => {
    socket.end("bye");
    socket.on("data", (bytes) => (got += bytes.toString()));
  });
  const { stack, link } = await worldOf(t, { allow: ["127.0.0.1:*/tcp"] });
  const connection = stack.connect({ host: link.router, port });
  let text = "";
  let ended = false;
  connection.onReadable = () => {
    const into = Buffer.alloc(100);
    for (let length; (length = connection.read(into)) >= 0;) {
      if (length === 0) return void (ended = true);
      text += into.toString("latin1", 0, length);
    }
  };
  await until(() => ended, "the end");
  assert.equal(text, "bye");
  connection.write(Buffer.from("and you"));
  connection.shutdown();
  await until(() => sockets.size === 0, "the server's socket is closed");
  assert.equal(got, "and you");
});

test("the stack closes first: the server sees the end, and may still send", async (t) => {
  const { port } = await serve(t, (socket) => {
    socket.resume().once("end", () => socket.end("late answer"));
  });
  const { stack, link } = await worldOf(t, { allow: [`127.0.0.1:${port}`] });
  const moved = transfer(stack.connect({ host: link.router, port }), Buffer.from("question"));
  await until(() => moved.ended, "the answer");
  assert.equal(moved.received().toString(), "late answer");
});

test("a port at which nobody listens refuses, at once", async (t) => {
  const port = await freePort();
  const { stack, link } = await worldOf(t, { allow: ["localhost:*"] });
  let tries = 0;
  await atBest(BEFORE_RETRANSMISSION_MS, async () => {
    tries++;
    const startMs = performance.now();
    assert.equal(await failureOf(stack.connect({ host: link.router, port })), "ECONNREFUSED");
    return performance.now() - startMs;
  });
  const { refused, denied, opened, connections } = link.outbound;
  assert.deepEqual(
    { refused, denied, opened, connections },
    { refused: tries, denied: 0, opened: 0, connections: 0 },
  );
});

test("off by default: every destination is refused at once, and counted", async (t) => {
  const { port } = await serve(t, () => assert.fail("it was reached"));
  const { stack, link } = await worldOf(t);
  let tries = 0;
  await atBest(BEFORE_RETRANSMISSION_MS, async () => {
    const startMs = performance.now();
    for (const [host, to] of [
      [link.router, port],
      ["192.0.2.1", 80],
      ["192.0.0.8", 1],
    ] as const) {
      assert.equal(await failureOf(stack.connect({ host, port: to })), "ECONNREFUSED", host);
      tries++;
    }
    return performance.now() - startMs;
  });
  assert.equal(link.outbound.denied, tries);
  // Nobody answers for names either.
  const socket = stack.bind();
  socket.connect({ address: link.router, port: 53 });
  let code = "";
  socket.onError = (error) => (code = error.code!);
  socket.send(Buffer.alloc(20));
  await until(() => code !== "", "an ICMP error");
  assert.equal(code, "EHOSTUNREACH");
  assert.equal(link.outbound.lookups, 0);
});

test("what no rule lets through is refused at once, and counted; what one does is not", async (t) => {
  const { port } = await serve(t, (socket) => socket.end());
  const { port: other } = await serve(t, () => assert.fail("it was reached"));
  const { stack, link } = await worldOf(t, { allow: [`localhost:${port}`, "10.0.0.0/8:443"] });
  assert.equal(await failureOf(stack.connect({ host: link.router, port })), "it opened");
  for (const [host, to] of [
    [link.router, other],
    ["10.1.2.3", 80],
    ["8.8.8.8", 443],
    ["169.254.169.254", 80],
  ] as const) {
    assert.equal(await failureOf(stack.connect({ host, port: to })), "ECONNREFUSED", host);
  }
  assert.equal(link.outbound.denied, 4);
});

test("UDP: datagrams of all sizes there and back, in fragments, too", async (t) => {
  const port = await serveDatagrams(t);
  const { stack, link } = await worldOf(t, { allow: [`127.0.0.1:${port}/udp`] });
  const socket = stack.bind();
  const heard = hear(socket);
  for (const length of [0, 1, 1472, 1473, 20_000, 60_000]) {
    const before = heard.length;
    const bytes = pattern(length, length);
    assert.equal(socket.send(bytes, port, link.router), true);
    await until(() => heard.length > before, `the answer of ${length} bytes`);
    const { from, data } = heard.at(-1)!;
    assert.equal(from, `${link.router}:${port}`);
    assert.equal(sha256(data), sha256(bytes));
  }
  assert.deepEqual([link.outbound.associations, link.outbound.opened], [1, 1]);
});

test("UDP: refused, and denied, come back as ICMP errors", async (t) => {
  const port = await freePort();
  const { stack, link } = await worldOf(t, { allow: [`localhost:${port}`] });
  for (const [to, code] of [
    [port, "ECONNREFUSED"],
    [port === 9 ? 10 : 9, "EHOSTUNREACH"],
  ] as const) {
    const socket = stack.bind();
    socket.connect({ address: link.router, port: to });
    let heard = "";
    socket.onError = (error) => (heard = error.code!);
    socket.send(Buffer.from("hello"));
    await until(() => heard !== "", `an ICMP error for port ${to}`);
    assert.equal(heard, code);
  }
  assert.deepEqual([link.outbound.refused, link.outbound.denied], [1, 1]);
});

test("echo requests: the virtual router answers; to others they are denied", async (t) => {
  const { stack, link } = await worldOf(t, { allow: ["*:*"] });
  const socket = stack.bind({ protocol: "echo" });
  const heard: string[] = [];
  socket.onReadable = () => {
    for (let next; (next = socket.receive()) !== null;) {
      const { address, port, error } = next;
      heard.push(`${address} ${port} ${error === null ? "reply" : `${error.type}/${error.code}`}`);
    }
  };
  socket.send(Buffer.alloc(56), 1, link.router);
  socket.send(Buffer.alloc(56), 2, "192.0.2.1");
  await until(() => heard.length === 2, "both answers");
  assert.deepEqual(heard.sort(), [`${link.router} 1 reply`, `${link.router} 2 3/13`]);
  assert.equal(link.outbound.denied, 1);
});

test("names: looked up as the host does, and loopback addresses are the router's", async (t) => {
  const asked: string[] = [];
  const zone: Record<string, string[] | string> = {
    "two.test": ["10.0.0.1", "10.0.0.2"],
    "here.test": ["127.0.0.1", "127.0.1.1"],
    "none.test": "ENOTFOUND",
    "empty.test": "ENODATA",
    "broken.test": "ESERVFAIL",
  };
  const { stack, link } = await worldOf(t, {
    allow: [],
    async lookup(name) {
      asked.push(name);
      const found = zone[name] ?? "ENOTFOUND";
      if (typeof found !== "string") return found;
      throw Object.assign(new Error(name), { code: found });
    },
  });
  assert.deepEqual(await stack.lookup("two.test"), ["10.0.0.1", "10.0.0.2"]);
  assert.deepEqual(await stack.lookup("here.test"), [link.router]);
  await assert.rejects(stack.lookup("none.test"), { code: "ENOTFOUND" });
  await assert.rejects(stack.lookup("empty.test"), { code: "ENODATA" });
  await assert.rejects(stack.lookup("broken.test"), { code: "ESERVFAIL" });
  assert.ok(asked.includes("two.test") && link.outbound.lookups >= 5);
});

test("names: the host's own resolver by default", async (t) => {
  const { stack } = await worldOf(t, { allow: [] });
  // The stack itself answers for localhost, but not for names below it; the host's answer depends on the host.
  const outcome = await stack.lookup("no-such-name.invalid").catch((error) => error.code as string);
  assert.ok(["ENOTFOUND", "ESERVFAIL"].includes(String(outcome)), String(outcome));
});

test("names: other questions than for IPv4 addresses, and rubbish", async (t) => {
  const { stack, link } = await worldOf(t, { allow: [], lookup: async () => ["10.0.0.1"] });
  const socket = stack.bind();
  const heard = hear(socket);
  const name = Buffer.from("\x04name\x04test\x00", "latin1");
  const question = (type: number, kind = 1): Buffer =>
    Buffer.concat([
      Buffer.from([0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]),
      name,
      Buffer.from([0, type, 0, kind]),
    ]);
  const rubbish = [
    Buffer.alloc(0),
    Buffer.alloc(11),
    Buffer.alloc(12),
    question(1).subarray(0, 20),
    question(1).subarray(0, -1),
    Buffer.concat([question(1).subarray(0, 12), Buffer.from([0xc0, 12, 0, 1, 0, 1])]),
  ];
  for (const bytes of rubbish) socket.send(bytes, 53, link.router);
  const wanted: [type: number, kind: number, code: number, answers: number][] = [
    [1, 1, 0, 1],
    [28, 1, 0, 0],
    [15, 1, 4, 0],
    [1, 3, 5, 0],
  ];
  for (const [type, kind] of wanted) socket.send(question(type, kind), 53, link.router);
  await until(() => heard.length === wanted.length, "four answers");
  for (const [type, kind, code, answers] of wanted) {
    const found = heard.find(({ data }) => data[24] === type && data[26] === kind)!.data;
    assert.equal(found.readUInt16BE(0), 0x1234);
    assert.deepEqual([found[3]! & 15, found.readUInt16BE(6)], [code, answers], `type ${type}`);
  }
});

test("a name in a rule: its addresses are let through once they were asked for", async (t) => {
  const { stack } = await worldOf(t, {
    allow: ["db.test:1-65535"],
    lookup: async () => ["127.0.0.1"],
  });
  // A name does not open this machine, even if somebody makes it mean that.
  const [address = ""] = await stack.lookup("db.test");
  assert.equal(await failureOf(stack.connect({ host: address, port: 80 })), "ECONNREFUSED");
  await assert.rejects(openUserLink({ outbound: { allow: ["db.test:80"], dns: false } }), {
    code: "EINVAL",
    message: /a rule with a name needs dns/,
  });
});

test("two hundred connections at a time", async (t) => {
  const { port } = await serve(t, (socket) => socket.pipe(socket));
  const { stack, link } = await worldOf(t, { allow: ["localhost:*"] });
  const all = Array.from({ length: 200 }, (_, index) => {
    const bytes = pattern(2000 + index, index);
    return { bytes, moved: transfer(stack.connect({ host: link.router, port }), bytes) };
  });
  await until(() => all.every(({ moved }) => moved.ended), "all echoes", 30_000);
  for (const { bytes, moved } of all) assert.equal(sha256(moved.received()), sha256(bytes));
  assert.equal(link.outbound.opened, 200);
  await until(() => link.outbound.connections === 0, "all are closed");
});

test("the table of connections is bounded: one more is refused, and there is room again", async (t) => {
  const { port } = await serve(t, (socket) => socket.resume());
  const { stack, link } = await worldOf(t, { allow: ["localhost:*"], connections: 3 });
  const open = () => stack.connect({ host: link.router, port });
  const held = [open(), open(), open()];
  assert.deepEqual(await Promise.all(held.map(failureOf)), Array(3).fill("it opened"));
  assert.equal(await failureOf(open()), "ECONNREFUSED");
  assert.deepEqual([link.outbound.full, link.outbound.connections], [1, 3]);
  held[0]!.abort();
  await until(() => link.outbound.connections === 2, "room");
  assert.equal(await failureOf(open()), "it opened");
});

test("the table of associations is bounded: the one not used for longest makes room", async (t) => {
  const port = await serveDatagrams(t);
  const { stack, link } = await worldOf(t, { allow: ["localhost:*"], associations: 2 });
  const ask = async (socket: DatagramSocket) => {
    const heard = hear(socket);
    socket.send(Buffer.from("x"), port, link.router);
    await until(() => heard.length === 1, "an answer");
  };
  const sockets = [stack.bind(), stack.bind(), stack.bind()];
  for (const socket of sockets) await ask(socket);
  assert.deepEqual([link.outbound.associations, link.outbound.full], [2, 1]);
  await ask(sockets[0]!);
  assert.equal(link.outbound.opened, 4);
});

test("what is silent for too long is ended, and its room is free", async (t) => {
  const { port, sockets } = await serve(t, (socket) => socket.resume());
  const datagramPort = await serveDatagrams(t);
  const { stack, link } = await worldOf(t, {
    allow: ["localhost:*"],
    idleTimeout: 100,
    associationTimeout: 100,
  });
  const socket = stack.bind();
  socket.send(Buffer.from("x"), datagramPort, link.router);
  const connection = stack.connect({ host: link.router, port });
  assert.equal(await failureOf(connection), "it opened");
  let code = "";
  connection.onError = (error) => (code = error.code!);
  await until(() => code !== "" && sockets.size === 0, "both ends hear of it");
  assert.equal(code, "ECONNRESET");
  await until(() => link.outbound.associations === 0, "the association is gone");
  assert.deepEqual([link.outbound.timedOut, link.outbound.connections], [1, 0]);
});

test("a reset of the server resets the stack's connection, and the other way round", async (t) => {
  const { port, sockets } = await serve(t, (socket) => socket.resume());
  const { stack, link } = await worldOf(t, { allow: ["localhost:*"] });
  const first = stack.connect({ host: link.router, port });
  assert.equal(await failureOf(first), "it opened");
  await until(() => sockets.size === 1, "the server has it");
  let code = "";
  first.onError = (error) => (code = error.code!);
  for (const socket of sockets) socket.resetAndDestroy();
  await until(() => code !== "", "the reset");
  assert.equal(code, "ECONNRESET");

  const second = stack.connect({ host: link.router, port });
  assert.equal(await failureOf(second), "it opened");
  await until(() => sockets.size === 1, "the server has it");
  let error = "";
  for (const socket of sockets) socket.on("error", ({ message }) => (error = message));
  second.abort();
  await until(() => error !== "", "the server hears of it");
  assert.match(error, /ECONNRESET/);
});

test("the same port again right after a reset", async (t) => {
  const { port } = await serve(t, (socket) => socket.pipe(socket));
  const { stack, link } = await worldOf(t, { allow: ["localhost:*"] });
  for (let round = 0; round < 20; round++) {
    const connection = stack.connect({ host: link.router, port, localPort: 40_000 });
    assert.equal(await failureOf(connection), "it opened", `round ${round}`);
    connection.abort();
  }
  assert.equal(link.outbound.opened, 20);
});

test("a server that does not read holds the stack back: what is buffered is bounded", async (t) => {
  let reader: Socket | undefined;
  const { port } = await serve(t, (socket) => (reader = socket.pause()));
  const { stack, link } = await worldOf(t, { allow: ["localhost:*"] });
  const connection = stack.connect({ host: link.router, port });
  const block = Buffer.alloc(65_536);
  let sent = 0;
  const fill = () => {
    for (let taken; (taken = connection.write(block)) > 0;) sent += taken;
  };
  connection.onConnect = connection.onWritable = fill;
  const resting = await restOf(() => sent);
  assert.ok(resting > 0 && resting < 16_000_000, `${resting} bytes under way`);
  let received = 0;
  reader!.on("data", (chunk: Buffer) => (received += chunk.length)).resume();
  await until(() => received > 2 * resting, "it goes on when the reader does");
  connection.abort();
});

test("a stack that does not read holds the server back: what is buffered is bounded", async (t) => {
  let sent = 0;
  const { port } = await serve(t, (socket) => {
    const block = Buffer.alloc(65_536);
    const fill = () => {
      do sent += block.length;
      while (socket.write(block));
    };
    socket.on("drain", fill);
    fill();
  });
  const { stack, link } = await worldOf(t, { allow: ["localhost:*"] });
  const connection = stack.connect({ host: link.router, port });
  const resting = await restOf(() => sent);
  assert.ok(resting > 0 && resting < 16_000_000, `${resting} bytes under way`);
  let received = 0;
  const pull = () => {
    for (let count; (count = connection.discard(1 << 20)) > 0;) received += count;
  };
  connection.onReadable = pull;
  pull();
  await until(() => received > 2 * resting, "it goes on when the reader does");
  connection.abort();
});

/** What a growing number is once it has stood still for a while. */
async function restOf(value: () => number): Promise<number> {
  let before = -1;
  let sameSince = performance.now();
  await until(() => {
    if (value() !== before) sameSince = performance.now();
    before = value();
    return before > 0 && performance.now() - sameSince > 300;
  }, "it comes to rest");
  return before;
}

test("a port of the router leads elsewhere, without a rule, until it does not", async (t) => {
  const { port } = await serve(t, (socket) => socket.pipe(socket));
  const datagramPort = await serveDatagrams(t);
  const { stack, link } = await worldOf(t);
  assert.deepEqual(link.forward(5432, `127.0.0.1:${port}/tcp`), {
    port: 5432,
    to: `127.0.0.1:${port}/tcp`,
  });
  link.forward(5432, `localhost:${datagramPort}/udp`);
  const moved = transfer(stack.connect({ host: link.router, port: 5432 }), Buffer.from("hello"));
  await until(() => moved.ended, "the echo");
  assert.equal(moved.received().toString(), "hello");
  const socket = stack.bind();
  const heard = hear(socket);
  socket.send(Buffer.from("datagram"), 5432, link.router);
  await until(() => heard.length === 1, "the datagram");
  assert.equal(heard[0]!.from, `${link.router}:5432`);

  const code = "EADDRINUSE";
  assert.throws(() => link.forward(5432, "127.0.0.1:1"), { code });
  for (const to of ["127.0.0.1:*", "10.0.0.0/8:80", "127.0.0.1:1-2", "127.0.0.1:0", "*:80", "x"]) {
    assert.throws(() => link.forward(80, to), { code: "EINVAL" }, to);
  }
  assert.throws(() => link.forward(0, "127.0.0.1:80"), { code: "EINVAL" });
  assert.equal(link.outbound.forwards.length, 2);
  assert.equal(link.unforward(5432), true);
  assert.equal(link.unforward(5432), false);
  assert.equal(await failureOf(stack.connect({ host: link.router, port: 5432 })), "ECONNREFUSED");
});

test("ports of the stack are published and withdrawn while it runs; connections live on", async (t) => {
  const { stack, link } = await worldOf(t);
  stack.listen({ port: 7 }, echo);
  const first = await link.publish(7, 0);
  const { connect } = await import("node:net");
  const socket = connect(first.hostPort, "127.0.0.1");
  await once(socket, "connect");
  assert.equal(link.unpublish(7), true);
  assert.equal(link.unpublish(7), false);
  assert.deepEqual(link.published, []);
  const refused = connect(first.hostPort, "127.0.0.1");
  const [error] = (await once(refused, "error")) as [NodeJS.ErrnoException];
  assert.equal(error.code, "ECONNREFUSED");
  socket.write("still here");
  const [answer] = (await once(socket, "data")) as [Buffer];
  assert.equal(answer.toString(), "still here");
  socket.destroy();
  const again = await link.publish(7, first.hostPort);
  assert.equal(again.hostPort, first.hostPort);
});

test("published UDP: each peer of the host is heard, and answered", async (t) => {
  const { stack, link } = await worldOf(t, { allow: [], associationTimeout: 200 });
  const server = stack.bind({ port: 7 });
  const from = new Set<number>();
  server.onReadable = () => {
    for (let next; (next = server.receive()) !== null;) {
      from.add(next.port);
      server.send(next.data, next.port, next.address);
    }
  };
  const entry = await link.publish(7, undefined, "udp");
  assert.equal(entry.protocol, "udp");
  assert.ok(entry.hostPort >= 8007, "below 1024: plus 8000, or the next free one");
  const answers = await Promise.all(
    Array.from({ length: 5 }, async (_, index) => {
      const peer = createSocket("udp4");
      t.after(() => peer.close());
      const bytes = pattern(100 + index * 1000, index);
      peer.send(bytes, entry.hostPort, "127.0.0.1");
      const [data] = (await once(peer, "message")) as [Buffer];
      return sha256(data) === sha256(bytes);
    }),
  );
  assert.deepEqual(answers, Array(5).fill(true));
  assert.equal(from.size, 5);
  await until(() => link.outbound.associations === 0, "peers that are silent are forgotten");
  await assert.rejects(link.publish(8, entry.hostPort, "udp"), { code: "EADDRINUSE" });
  assert.equal(link.unpublish(7), false);
  assert.equal(link.unpublish(7, "udp"), true);
});

test("a published port takes over the ends of a flow that was the stack's", async (t) => {
  const { port } = await serve(t, (socket) => socket.end());
  const { stack, link } = await worldOf(t, { allow: ["localhost:*"] });
  // A flow from port 9 of the stack, then connections to that port.
  const moved = transfer(
    stack.connect({ host: link.router, port, localPort: 9 }),
    Buffer.from("x"),
  );
  await until(() => moved.ended, "the server's end");
  stack.listen({ port: 9 }, echo);
  const { hostPort } = await link.publish(9, 0);
  const { connect } = await import("node:net");
  const socket = connect({ port: hostPort, host: "127.0.0.1" });
  socket.write("hello");
  const [answer] = (await once(socket, "data")) as [Buffer];
  assert.equal(answer.toString(), "hello");
  socket.destroy();
});

test("closing ends everything: sockets, associations, timers", async (t) => {
  const { port, sockets } = await serve(t, (socket) => socket.resume());
  const datagramPort = await serveDatagrams(t);
  const { stack, link } = await worldOf(t, { allow: ["localhost:*"] });
  const open = stack.connect({ host: link.router, port });
  assert.equal(await failureOf(open), "it opened");
  stack.bind().send(Buffer.from("x"), datagramPort, link.router);
  await until(() => link.outbound.associations === 1, "an association");
  stack.connect({ host: link.router, port });
  stack.close();
  await until(() => sockets.size === 0, "the server hears of it");
  assert.deepEqual([link.outbound.connections, link.outbound.associations], [0, 0]);
});

test(
  "other hosts: connections, datagrams, names, and what does not answer",
  { skip: whyNoNamespace(), timeout: 60_000 },
  async () => {
    const { code, stdout, stderr } = await runInNamespace(script("./outboundScript.js"));
    assert.equal(stderr, "");
    assert.deepEqual(stdout.trimEnd().split("\n"), [
      "echo 300000 true from 10.9.8.7",
      "datagram 5000 from 10.9.8.7",
      "denied ECONNREFUSED",
      "name 10.9.8.7 it opened",
      "no route ECONNREFUSED",
      "silent ECONNREFUSED",
      "counts opened 3 denied 1 refused 1 timedOut 1",
    ]);
    assert.equal(code, 0);
  },
);

test("a program ends when its work is done, also where the server has closed first", async (t) => {
  const child = spawn(process.execPath, [script("./serverEndsScript.js")], {
    stdio: ["ignore", "pipe", "inherit"],
    timeout: 20_000,
  });
  t.after(() => child.kill("SIGKILL"));
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
  assert.deepEqual(await once(child, "close"), [0, null], "TIME-WAIT alone would take 60 s");
  assert.equal(text, "bytes\n");
});

test(
  "motetcp/net: localhost is found where the machine has no address but loopback",
  { skip: whyNoNamespace(), timeout: 30_000 },
  async () => {
    const { code, stdout, stderr } = await runInNamespace(script("./localhostScript.js"));
    assert.deepEqual([stdout, stderr, code], ["here\nhere\nhere\n", "", 0]);
  },
);

test("options that make no sense", async () => {
  for (const outbound of [
    { allow: ["nonsense"] },
    { allow: [], connections: 0 },
    { allow: [], connections: 1001 },
    { allow: [], associations: 1.5 },
    { allow: [], idleTimeout: 0 },
  ]) {
    await assert.rejects(openUserLink({ outbound }), { code: "EINVAL" }, JSON.stringify(outbound));
  }
});
