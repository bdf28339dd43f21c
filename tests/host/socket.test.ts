// Sockets for datagrams, as callers of a stack see them.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Event } from "../../host/core/generated/abi.js";
import type { Datagram, DatagramSocket, StackSocket } from "../../host/core/socket.js";
import { settle } from "../../host/core/virtual.js";
import { A, assertIdle, B, createPair, pattern } from "./support/pair.js";
import { discardDatagrams, echoDatagrams } from "../../host/command/services/datagrams.js";

/** All that has come. */
function drain(socket: DatagramSocket): Datagram[] {
  const all: Datagram[] = [];
  for (let datagram; (datagram = socket.receive()) !== null;) all.push(datagram);
  return all;
}

test("datagrams both ways: who sent them, in one piece", async () => {
  const pair = await createPair();
  const server = pair.b.bind({ port: 5000 });
  const client = pair.a.bind();
  assert.ok(client.port >= 49_152);
  assert.deepEqual([server.port, server.address, server.protocol], [5000, "0.0.0.0", "udp"]);
  let readable = 0;
  server.onReadable = () => readable++;
  assert.equal(client.send(Buffer.from("hello"), 5000, B), true);
  assert.equal(client.send(Buffer.alloc(0), 5000, B), true);
  settle(pair);
  assert.ok(readable > 0);
  const [first, second] = drain(server);
  assert.deepEqual([first?.address, first?.port], [A, client.port]);
  assert.deepEqual([first?.hops, first?.toMany, first?.error], [64, false, null]);
  assert.equal(Buffer.from(first!.data).toString(), "hello");
  assert.equal(second?.data.length, 0);
  server.send(Buffer.from("back"), client.port, A);
  settle(pair);
  assert.equal(Buffer.from(drain(client)[0]!.data).toString(), "back");
  client.close();
  server.close();
  assertIdle(pair);
  pair.close();
});

test("the largest datagram goes in fragments and comes whole", async () => {
  const pair = await createPair();
  const server = pair.b.bind({ port: 5000 });
  const client = pair.a.bind();
  const data = pattern(65_507, 3);
  assert.equal(client.send(data, 5000, B), true);
  settle(pair);
  assert.deepEqual(Buffer.from(drain(server)[0]!.data), data);
  assert.throws(() => client.send(pattern(65_508, 3), 5000, B), { code: "EMSGSIZE" });
  pair.close();
});

test("a full queue: false, then onWritable, and nothing is lost on the way", async () => {
  const pair = await createPair();
  const server = pair.b.bind({ port: 5000 });
  const client = pair.a.bind();
  settle(pair);
  let writable = 0;
  client.onWritable = () => writable++;
  let sent = 0;
  while (client.send(pattern(20_000, sent), 5000, B)) sent++;
  assert.ok(sent >= 2 && sent < 10, `${sent}`);
  settle(pair);
  assert.equal(writable, 1);
  assert.equal(drain(server).length, sent);
  pair.close();
});

test("a peer without a socket: ECONNREFUSED, by handler or by the next call", async () => {
  const pair = await createPair();
  const client = pair.a.bind();
  client.connect({ address: B, port: 5000 });
  client.send(Buffer.from("x"));
  settle(pair);
  assert.throws(() => client.receive(), { code: "ECONNREFUSED" });
  assert.equal(client.receive(), null);
  const errors: (string | undefined)[] = [];
  client.onError = ({ code }) => errors.push(code);
  client.send(Buffer.from("x"));
  settle(pair);
  assert.deepEqual(errors, ["ECONNREFUSED"]);
  client.connect(null);
  assert.throws(() => client.send(Buffer.from("x")), { code: "EDESTADDRREQ" });
  pair.close();
});

test("errors of calls: their code, and nothing is queued", async () => {
  const pair = await createPair();
  const socket = pair.a.bind({ port: 5000 });
  assert.throws(() => pair.a.bind({ port: 5000 }), { code: "EADDRINUSE" });
  assert.throws(() => pair.a.bind({ address: "198.18.0.9" }), { code: "EADDRNOTAVAIL" });
  assert.throws(() => socket.send(Buffer.from("x"), 1, "255.255.255.255"), { code: "EACCES" });
  assert.throws(() => socket.send(Buffer.from("x"), 1, "203.0.113.1"), { code: "ENETUNREACH" });
  assert.throws(() => socket.send(Buffer.from("x"), 1, "no address"), { code: "EINVAL" });
  socket.setOption("BROADCAST", 1);
  assert.equal(socket.send(Buffer.from("x"), 1, "255.255.255.255"), true);
  socket.close();
  socket.close();
  assert.throws(() => socket.send(Buffer.from("x"), 1, B), { code: "EBADF" });
  settle(pair);
  assertIdle(pair);
  pair.close();
});

test("a profile without sockets says so", async () => {
  const pair = await createPair({ profiles: ["tiny", "esp32"] });
  assert.throws(() => pair.a.bind(), { code: "EAFNOSUPPORT" });
  pair.b.bind().close();
  pair.close();
});

test("an echo socket: requests, replies, and no answer from nobody", async () => {
  const pair = await createPair();
  const ping = pair.a.bind({ protocol: "echo", port: 77 });
  ping.setOption("TTL", 5);
  for (let sequence = 1; sequence <= 3; sequence++) ping.send(pattern(100, sequence), sequence, B);
  settle(pair);
  const replies = drain(ping);
  assert.deepEqual(
    replies.map(({ address, port, error, data }) => [address, port, error, data.length]),
    [1, 2, 3].map((sequence) => [B, sequence, null, 100]),
  );
  assert.deepEqual(Buffer.from(replies[2]!.data), pattern(100, 3));
  pair.close();
});

test("UDP echo and discard: sizes, and silence for ports that might answer back", async () => {
  const pair = await createPair();
  echoDatagrams(pair.b.bind({ port: 7 }));
  const sink = pair.b.bind({ port: 9 });
  discardDatagrams(sink);
  const client = pair.a.bind();
  for (const length of [0, 1, 1472, 1473, 40_000]) {
    client.send(pattern(length, length + 1), 7, B);
    client.send(pattern(length, length + 1), 9, B);
    settle(pair);
    const [answer, ...more] = drain(client);
    assert.deepEqual(Buffer.from(answer!.data), pattern(length, length + 1));
    assert.equal(more.length, 0);
  }
  const service = pair.a.bind({ port: 7 });
  service.send(Buffer.from("loop"), 7, B);
  settle(pair);
  assert.equal(service.receive(), null);
  client.setOption("BROADCAST", 1);
  client.send(Buffer.from("all"), 7, "255.255.255.255");
  settle(pair);
  assert.equal(client.receive(), null, "no answer to what went to many");
  assert.equal(pair.b.pools().find(({ name }) => name === "receive_ring")?.used, 2);
  pair.close();
});

test("a closed socket sets nothing, and no handler is called after close()", async () => {
  const pair = await createPair();
  const client = pair.a.bind();
  client.close();
  assert.throws(() => client.setOption("TTL", 7), { code: "EBADF" });
  assert.equal(pair.a.getOption("TTL"), 64, "the stack's default is what it was");
  const busy = pair.a.bind() as StackSocket;
  settle(pair);
  while (busy.send(pattern(20_000, 1), 5000, B));
  busy.onReadable = () => busy.close();
  busy.onWritable = () => assert.fail("called after close()");
  busy.deliver(Event.READABLE | Event.WRITABLE);
  assert.equal(busy.handle, 0);
  pair.close();
});

test("ports out of their range and addresses that are none: EINVAL, and no ring is kept", async () => {
  const pair = await createPair();
  const client = pair.a.bind();
  for (const port of [-1, 65_536, 1.5, NaN]) {
    assert.throws(() => client.send(Buffer.from("x"), port, B), { code: "EINVAL" });
  }
  assert.throws(() => client.send(Buffer.from("x"), 7, "no address"), { code: "EINVAL" });
  assert.equal(pair.a.pools().find(({ name }) => name === "send_ring")?.used, 0);
  pair.close();
});
