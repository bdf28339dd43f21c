// The stack's own interface: opening, closing and failing of connections, as callers see it.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Connection } from "../../host/core/connection.js";
import { runFor, settle } from "../../host/core/virtual.js";
import { createStack } from "../../host/node/createStack.js";
import { MemoryLink } from "../../host/link/memory.js";
import { A, assertIdle, B, createPair, entropy, transfer, type Pair } from "./support/pair.js";
import { until } from "./support/until.js";

/** An open connection, both ends. */
async function open(pair: Pair, port = 7): Promise<[Connection, Connection]> {
  let server: Connection | null = null;
  const listener = pair.b.listen({ port }, (connection) => (server = connection));
  const client = pair.a.connect({ host: B, port });
  let connected = false;
  client.onConnect = () => (connected = true);
  pair.run(() => connected && server !== null);
  listener.close();
  return [client, server!];
}

/** Reads everything that is there. */
function readAll(connection: Connection): { text: string; end: boolean } {
  const into = Buffer.alloc(4096);
  let text = "";
  for (let length; (length = connection.read(into)) >= 0;) {
    if (length === 0) return { text, end: true };
    text += into.toString("latin1", 0, length);
  }
  return { text, end: false };
}

test("connect: both ends know addresses, ports and state", async () => {
  const pair = await createPair();
  const [client, server] = await open(pair);
  assert.deepEqual([client.state, server.state], ["ESTABLISHED", "ESTABLISHED"]);
  assert.deepEqual([client.localAddress, client.remoteAddress], [A, B]);
  assert.deepEqual([server.localAddress, server.remoteAddress], [B, A]);
  assert.equal(client.remotePort, 7);
  assert.equal(server.localPort, 7);
  assert.equal(client.localPort, server.remotePort);
  assert.ok(client.localPort >= 1024);
  const info = server.info()!;
  assert.equal(info.state, "ESTABLISHED");
  assert.equal(info.pool, "tcb");
  assert.equal(info.remotePort, client.localPort);
  assert.equal(info.interface, 0);
  pair.close();
});

test("connections(): what netstat shows", async () => {
  const pair = await createPair();
  const listener = pair.b.listen({ port: 80 }, () => {});
  assert.deepEqual(
    pair.b.connections().map(({ state, localPort, pool }) => ({ state, localPort, pool })),
    [{ state: "LISTEN", localPort: 80, pool: "listener" }],
  );
  pair.a.connect({ host: B, port: 80 });
  settle(pair);
  const states = pair.b
    .connections()
    .map(({ state }) => state)
    .sort();
  assert.deepEqual(states, ["ESTABLISHED", "LISTEN"]);
  assert.equal(listener.info()!.localPort, 80);
  pair.close();
});

test("refused: ECONNREFUSED with address and port", async () => {
  const pair = await createPair();
  const client = pair.a.connect({ host: B, port: 81 });
  let error: NodeJS.ErrnoException | null = null;
  let closed = 0;
  client.onError = (reason) => (error = reason);
  client.onClosed = () => closed++;
  pair.run(() => closed > 0);
  assert.equal(error!.code, "ECONNREFUSED");
  assert.equal(error!.syscall, "connect");
  assert.match(error!.message, /connect ECONNREFUSED 198\.18\.0\.2:81/);
  assert.equal(client.handle, 0);
  assert.equal(client.state, "CLOSED");
  assert.equal(closed, 1);
  assertIdle(pair);
  pair.close();
});

test("nobody answers ARP: an unreachable host ends the connect", async () => {
  const pair = await createPair();
  pair.b.close();
  const client = pair.a.connect({ host: B, port: 7 });
  let code = "";
  client.onError = (reason) => (code = reason.code!);
  pair.run(() => code !== "");
  assert.match(code, /^(EHOSTUNREACH|ETIMEDOUT)$/);
  pair.a.close();
});

test("urgent data: in line, and how far they go is in info()", async () => {
  const pair = await createPair();
  const [client, server] = await open(pair);
  client.write(Buffer.from("now"), true);
  settle(pair);
  const { irs, rcvUp } = server.info()!;
  assert.equal(rcvUp - irs, 4);
  assert.deepEqual(readAll(server), { text: "now", end: false });
  client.abort();
  server.abort();
  assertIdle(pair);
  pair.close();
});

test("half-close: the other side goes on until it closes too", async () => {
  const pair = await createPair();
  const [client, server] = await open(pair);
  client.write(Buffer.from("last words"));
  client.shutdown();
  settle(pair);
  assert.deepEqual(readAll(server), { text: "last words", end: true });
  assert.equal(server.state, "CLOSE-WAIT");
  assert.equal(client.state, "FIN-WAIT-2");
  assert.throws(() => client.write(Buffer.from("more")), { code: "EPIPE" });
  server.write(Buffer.from("answer"));
  settle(pair);
  assert.deepEqual(readAll(client), { text: "answer", end: false });
  server.close();
  settle(pair);
  assert.deepEqual(readAll(client), { text: "", end: true });
  client.close();
  assertIdle(pair);
  pair.close();
});

test("abort: the peer gets ECONNRESET once", async () => {
  const pair = await createPair();
  const [client, server] = await open(pair);
  const codes: string[] = [];
  let closed = 0;
  server.onError = (error) => codes.push(error.code!);
  server.onClosed = () => closed++;
  client.onClosed = () => assert.fail("no handler after abort()");
  client.abort();
  settle(pair);
  assert.deepEqual(codes, ["ECONNRESET"]);
  assert.equal(closed, 1);
  assert.equal(client.handle, 0);
  assertIdle(pair);
  pair.close();
});

test("close with bytes unread resets the peer", async () => {
  const pair = await createPair();
  const [client, server] = await open(pair);
  let code = "";
  client.onError = (error) => (code = error.code!);
  client.write(Buffer.from("nobody reads this"));
  settle(pair);
  server.close();
  settle(pair);
  assert.equal(code, "ECONNRESET");
  assertIdle(pair);
  pair.close();
});

test("a full connection takes what fits and says when it has room", async () => {
  const pair = await createPair();
  const [client, server] = await open(pair);
  const big = Buffer.alloc(1_000_000, 1);
  let writable = 0;
  client.onWritable = () => writable++;
  const taken = client.write(big);
  assert.ok(taken > 0 && taken < big.length);
  settle(pair);
  assert.equal(client.write(big) > 0, true, "what the peer has taken makes room");
  while (client.write(big) > 0) settle(pair);
  runFor(pair, 50);
  const before = writable;
  assert.ok(server.discard(big.length) > 0);
  runFor(pair, 1000);
  assert.equal(writable, before + 1);
  pair.close();
});

test("discard() counts like read()", async () => {
  const pair = await createPair();
  const [client, server] = await open(pair);
  client.write(Buffer.alloc(5000));
  client.shutdown();
  settle(pair);
  assert.equal(server.discard(3000), 3000);
  assert.equal(server.discard(3000), 2000);
  assert.equal(server.discard(3000), 0);
  pair.close();
});

test("errors of calls: codes as Node has them", async () => {
  const pair = await createPair();
  const listener = pair.b.listen({ port: 80, address: B }, () => {});
  assert.equal(listener.port, 80);
  assert.throws(() => pair.b.listen({ port: 80, address: B }, () => {}), { code: "EADDRINUSE" });
  assert.throws(() => pair.b.listen({ port: 81, address: A }, () => {}), { code: "EADDRNOTAVAIL" });
  assert.throws(() => pair.b.listen({ port: 70000 }, () => {}), { code: "EINVAL" });
  assert.throws(() => pair.a.connect({ host: "nowhere", port: 1 }), { code: "EINVAL" });
  assert.throws(() => pair.a.connect({ host: B, port: 0 }), { code: "EINVAL" });
  assert.throws(() => pair.a.connect({ host: "224.0.0.1", port: 1 }), { code: "EACCES" });
  assert.throws(() => pair.a.connect({ host: "10.9.9.9", port: 1 }), { code: "ENETUNREACH" });
  assert.throws(() => pair.a.setOption("TTL", 0), { code: "EINVAL" });
  assert.throws(() => pair.a.setOption("NONE" as "TTL", 0), { code: "ENOPROTOOPT" });
  listener.close();
  pair.b.listen({ port: 80 }, () => {}).close();
  pair.close();
});

test("listen on port 0 chooses a free one", async () => {
  const pair = await createPair();
  const ports = [1, 2, 3].map(() => pair.b.listen({ port: 0 }, () => {}).port);
  assert.equal(new Set(ports).size, 3);
  assert.ok(ports.every((port) => port >= 1024 && port < 65536));
  pair.close();
});

test("options: set, read back, and per connection", async () => {
  const pair = await createPair();
  pair.a.setOption("MSL_MS", 500);
  assert.equal(pair.a.getOption("MSL_MS"), 500);
  const [client] = await open(pair);
  client.setOption("NO_DELAY", 1);
  assert.equal(client.getOption("NO_DELAY"), 1);
  pair.close();
});

test("traces(): every change of state with its cause, in order", async () => {
  const pair = await createPair();
  const [client, server] = await open(pair);
  const { localPort } = client;
  client.close();
  settle(pair);
  readAll(server);
  server.close();
  settle(pair);
  const path = pair.a
    .traces()
    .filter((entry) => entry.localPort === localPort)
    .map(({ from, to }) => `${from} ${to}`);
  assert.deepEqual(path, [
    "CLOSED SYN-SENT",
    "SYN-SENT ESTABLISHED",
    "ESTABLISHED FIN-WAIT-1",
    "FIN-WAIT-1 FIN-WAIT-2",
    "FIN-WAIT-2 TIME-WAIT",
  ]);
  assert.equal(pair.a.traces().length, 0, "taken once");
  assert.equal(pair.a.tracesLost(), 0);
  assertIdle(pair);
  pair.close();
});

test("after(): timers of the application ring under virtual time", async () => {
  const pair = await createPair();
  const rung: number[] = [];
  settle(pair);
  const startMs = pair.clock.now();
  pair.a.after(50, () => rung.push(pair.clock.now() - startMs));
  const cancel = pair.a.after(60, () => rung.push(-1));
  cancel();
  pair.a.after(70, () => rung.push(pair.clock.now() - startMs));
  assert.equal(pair.a.nextDeadline(), 50);
  pair.run(() => rung.length === 2);
  assert.deepEqual(rung, [50, 70]);
  pair.close();
});

test("a handler that throws ends its turn only", async () => {
  const pair = await createPair();
  const [client, server] = await open(pair);
  server.onReadable = () => {
    throw new Error("application");
  };
  client.write(Buffer.from("x"));
  assert.throws(() => settle(pair), /application/);
  server.onReadable = null;
  client.write(Buffer.from("y"));
  // Nagle's algorithm keeps it until the first byte's delayed acknowledgment.
  runFor(pair, 100);
  assert.deepEqual(readAll(server), { text: "xy", end: false });
  pair.close();
});

test("loopback: a stack talks to itself", async () => {
  const pair = await createPair();
  let server: ReturnType<typeof transfer> | null = null;
  const listener = pair.a.listen({ port: 7 }, (connection) => {
    server = transfer(connection, Buffer.from("to client"));
  });
  const client = transfer(pair.a.connect({ host: A, port: 7 }), Buffer.from("to server"));
  pair.run(() => client.closed && (server?.closed ?? false));
  assert.equal(client.received().toString(), "to client");
  assert.equal(server!.received().toString(), "to server");
  listener.close();
  assertIdle(pair);
  pair.close();
});

test("interfaces: a profile's number of them, each with what it was given", async () => {
  const stack = await createStack({ profile: "tiny", loop: false, entropy: entropy(5) });
  const attach = (last: number) =>
    stack.attach(MemoryLink.pair()[0], {
      mac: "02:00:00:00:00:05",
      mtu: 1400,
      addresses: [`198.18.0.${last}/30`],
    });
  assert.equal(attach(2), 0);
  assert.throws(() => attach(6), { code: "ENOBUFS" });
  const [only] = stack.interfaces();
  assert.equal(only!.mac, "02:00:00:00:00:05");
  assert.ok(only!.mtu <= 1400 && only!.mtu >= 576);
  assert.deepEqual(only!.addresses, ["198.18.0.2/30"]);
  assert.equal(stack.addressState("198.18.0.2"), "VALID");
  stack.close();
});

test("a closed stack takes no work: EBADF, and what only tells goes on telling", async () => {
  const pair = await createPair();
  const [connection] = await open(pair);
  const listener = pair.b.listen({ port: 81 }, () => {});
  pair.close();
  const { a, b } = pair;
  const refused: Readonly<Record<string, () => unknown>> = {
    attach: () => a.attach(MemoryLink.pair()[0], { addresses: ["198.18.1.1/30"] }),
    listen: () => a.listen({ port: 80 }, () => {}),
    connect: () => a.connect({ host: B, port: 7 }),
    after: () => a.after(1, () => assert.fail("called after close()")),
    setsockopt: () => a.setOption("MSL_MS", 1000),
  };
  for (const [syscall, call] of Object.entries(refused)) {
    const message = `${syscall} EBADF: the connection, the listener or the stack is gone`;
    assert.throws(call, { code: "EBADF", syscall, message });
  }
  assert.throws(() => connection.write(new Uint8Array(1)), { code: "EPIPE" });
  assert.throws(() => listener.setOption("SOURCE_LIMIT", 1), { code: "EBADF" });
  assert.equal(a.turn(), false);
  assert.equal(a.nextDeadline(), Infinity);
  assert.equal(connection.state, "CLOSED");
  assert.deepEqual(a.connections(), []);
  assert.ok(a.counters().tcp_resets_sent > 0);
  assert.equal(b.interfaces().length, 1);
  a.close();
});

test("conflict detection: an address is tentative first, then in use", async () => {
  const pair = await createPair();
  const changes: [string, string][] = [];
  const stack = await createStack({ clock: pair.clock, loop: false, entropy: entropy(6) });
  stack.onAddress = (address, state) => changes.push([address, state]);
  const address = { address: "198.18.0.9", prefixLength: 29, conflictDetection: true };
  stack.attach(MemoryLink.pair()[0], { addresses: [address] });
  assert.equal(stack.addressState("198.18.0.9"), "TENTATIVE");
  runFor({ clock: pair.clock, stacks: [stack] }, 10_000);
  assert.deepEqual(changes, [["198.18.0.9", "VALID"]]);
  assert.equal(stack.addressState("198.18.0.9"), "VALID");
  stack.close();
  pair.close();
});

test("an answer that comes while the stack still sends is read without waiting for anything", async () => {
  const pair = await createPair();
  const [inside, outside] = MemoryLink.pair();
  const stack = await createStack({ clock: pair.clock, loop: false, entropy: entropy(7) });
  stack.attach(inside, { addresses: ["192.0.2.1/24"] });
  settle({ stacks: [stack] });
  const frame = Buffer.alloc(1514);
  while (outside.read(frame) > 0);
  outside.onReadable = () => {
    for (let length; (length = outside.read(frame)) > 0;) outside.write(frame.subarray(0, length));
  };
  const socket = stack.bind();
  socket.send(Buffer.from("x"), 9, "192.0.2.2");
  const before = stack.counters().rx_frames;
  settle({ stacks: [stack] });
  assert.equal(stack.counters().rx_frames, before + 1);
  stack.close();
  pair.close();
});

test("on the event loop: idle stacks do not turn, work wakes them", async () => {
  const [endA, endB] = MemoryLink.pair();
  const [a, b] = [await createStack(), await createStack()];
  a.attach(endA, { addresses: [`${A}/30`] });
  b.attach(endB, { addresses: [`${B}/30`] });
  const echoed = new Promise<string>((resolve) => {
    b.listen({ port: 7 }, (connection) => {
      connection.onReadable = () => {
        const { text } = readAll(connection);
        if (text) connection.write(Buffer.from(text));
      };
    });
    const client = a.connect({ host: B, port: 7 });
    client.onConnect = () => client.write(Buffer.from("hello"));
    client.onReadable = () => resolve(readAll(client).text);
  });
  assert.equal(await echoed, "hello");
  const settled = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
  await until(() => [a, b].every((stack) => stack.nextDeadline() === Infinity), "nothing is due");
  // What was sent last arrives.
  await settled(0);
  const before = [a.turns, b.turns];
  await settled(300);
  assert.deepEqual([a.turns, b.turns], before, "no wake-up while nothing happens");
  a.close();
  b.close();
});
