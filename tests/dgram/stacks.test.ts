// stack.dgram between stacks on a wire: addresses, names, errors of ICMP, broadcast, groups, loss.

import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { isHeld } from "../../host/core/keepAlive.js";
import { createStack } from "../../host/nodeStack.js";
import { impair } from "../../host/link/impair.js";
import { MemoryLink } from "../../host/link/memory.js";
import { errorOf, message, sendError, sent, texts, thrownBy } from "./support/both.js";
import { datagram, onSegment } from "./support/stacks.js";

const GROUP = "239.7.7.7";

onSegment("a datagram and its answer, by address and by name", async (segment) => {
  const a = await segment.add(1, { hosts: { far: "198.18.0.2" } });
  const b = await segment.add(2);
  const server = await segment.bound(b, 5000);
  server.on("message", (data, { port, address }) => server.send(`you said ${data}`, port, address));
  const client = await segment.bound(a);
  for (const host of ["198.18.0.2", "far"]) {
    client.send(host, 5000, host);
    const { text, from } = await message(client);
    assert.equal(text, `you said ${host}`);
    assert.deepEqual([from.address, from.port], ["198.18.0.2", 5000]);
  }
  assert.equal((await sendError(client, "x", 5000, "nobody.invalid")).code, "ENETUNREACH");
});

onSegment("a connected socket knows its own end, and hears what ICMP says", async (segment) => {
  const a = await segment.add(1);
  await segment.add(2);
  const socket = await segment.bound(a);
  socket.connect(5000, "198.18.0.2");
  await once(socket, "connect");
  assert.equal(socket.address().address, "198.18.0.1");
  assert.equal(socket.remoteAddress().address, "198.18.0.2");
  const refused = errorOf(socket);
  socket.send("x");
  assert.equal((await refused).message, "recvmsg ECONNREFUSED");
  socket.disconnect();
  assert.equal(socket.address().address, "0.0.0.0");
  // Nobody has this address: it is asked for some time.
  socket.connect(5000, "198.18.0.99");
  await once(socket, "connect");
  const silent = errorOf(socket);
  socket.send("x");
  assert.equal((await silent).message, "recvmsg EHOSTUNREACH");
});

onSegment("a network that no route leads to", async (segment) => {
  const a = await segment.add(1);
  const socket = await segment.bound(a);
  const error = await sendError(socket, "x", 9, "203.0.113.1");
  assert.deepEqual([error.code, error.message], ["ENETUNREACH", "send ENETUNREACH 203.0.113.1:9"]);
});

test("with loopback alone there is nowhere to connect to", async () => {
  const stack = await createStack();
  const socket = stack.dgram.createSocket("udp4");
  socket.connect(9, "203.0.113.1");
  assert.equal((await errorOf(socket)).message, "connect ENETUNREACH 203.0.113.1:9");
  socket.close();
  stack.close();
});

onSegment("long datagrams arrive in one piece, up to the longest", async (segment) => {
  const a = await segment.add(1);
  const b = await segment.add(2);
  const receiver = await segment.bound(b, 5000);
  const sender = await segment.bound(a);
  for (const length of [1472, 1473, 9000, 65_507]) {
    const bytes = Buffer.alloc(length, "abcdefghijklm");
    sender.send(bytes, 5000, "198.18.0.2");
    const { data, from } = await datagram(receiver);
    assert.ok(data.equals(bytes));
    assert.equal(from.size, length);
  }
});

onSegment(
  "on a bad wire some are lost, and what arrives is whole and in order",
  async (segment) => {
    const a = await segment.add(1, {}, (link) => impair(link, { loss: 0.2, seed: 7 }));
    const b = await segment.add(2);
    const receiver = await segment.bound(b, 5000);
    const sender = await segment.bound(a);
    const got = texts(receiver);
    const TOTAL = 300;
    for (let count = 0; count < TOTAL; count++)
      assert.equal((await sent(sender, `${count}`, 5000, "198.18.0.2"))[0], null);
    // One of the last ones comes through.
    for (let count = 0; !got.includes("end"); count++) {
      assert.ok(count < 100);
      await sent(sender, "end", 5000, "198.18.0.2");
      await new Promise(setImmediate);
    }
    const numbers = got.filter((text) => text !== "end").map(Number);
    assert.ok(numbers.length > TOTAL / 2 && numbers.length < TOTAL, `${numbers.length} arrived`);
    assert.deepEqual(
      numbers,
      [...numbers].sort((one, two) => one - two),
    );
  },
);

onSegment("a broadcast reaches the others and ourselves, in each of its forms", async (segment) => {
  const stacks = [await segment.add(1), await segment.add(2), await segment.add(3)];
  const sockets = await Promise.all(stacks.map((stack) => segment.bound(stack, 5000)));
  const [first] = sockets;
  assert.equal((await sendError(first!, "x", 5000, "198.18.0.255")).code, "EACCES");
  first!.setBroadcast(true);
  for (const address of ["255.255.255.255", "198.18.0.255"]) {
    const arrived = Promise.all(sockets.map(message));
    assert.equal((await sent(first!, address, 5000, address))[0], null);
    for (const { text, from } of await arrived) {
      assert.equal(text, address);
      assert.deepEqual([from.address, from.port], ["198.18.0.1", 5000]);
    }
  }
});

onSegment(
  "a group: who has joined hears it, ourselves unless that is switched off",
  async (segment) => {
    const stacks = [await segment.add(1), await segment.add(2), await segment.add(3)];
    const sockets = await Promise.all(stacks.map((stack) => segment.bound(stack, 5000)));
    const [first, second, third] = sockets;
    const all = sockets.map(texts);
    first!.addMembership(GROUP);
    second!.addMembership(GROUP, "198.18.0.2");
    const arrived = Promise.all([first!, second!].map(message));
    first!.send("one", 5000, GROUP);
    for (const { from } of await arrived) assert.equal(from.address, "198.18.0.1");
    first!.setMulticastLoopback(false);
    first!.send("two", 5000, GROUP);
    await message(second!);
    second!.dropMembership(GROUP, "198.18.0.2");
    third!.addMembership(GROUP);
    first!.setMulticastLoopback(true);
    const later = Promise.all([first!, third!].map(message));
    first!.send("three", 5000, GROUP);
    await later;
    assert.deepEqual(all, [["one", "three"], ["one", "two"], ["three"]]);
  },
);

onSegment("times to live, and the code point, on the wire", async (segment) => {
  const a = await segment.add(1);
  const b = await segment.add(2);
  const thin = b.bind({ port: 5000 });
  b.join(GROUP);
  const sender = await segment.bound(a);
  const hops = async (address: string): Promise<number | undefined> => {
    const readable = new Promise<void>((resolve) => (thin.onReadable = resolve));
    sender.send("x", 5000, address);
    await readable;
    return thin.receive()?.hops;
  };
  assert.equal(await hops("198.18.0.2"), 64);
  assert.equal(await hops(GROUP), 1);
  sender.setTTL(7);
  sender.setMulticastTTL(9);
  assert.equal(await hops("198.18.0.2"), 7);
  assert.equal(await hops(GROUP), 9);
});

onSegment("time to live 0: a group on this stack alone", async (segment) => {
  const a = await segment.add(1);
  const b = await segment.add(2);
  const here = await segment.bound(a, 5000);
  const there = await segment.bound(b, 5000);
  for (const each of [here, there]) each.addMembership(GROUP);
  const got = texts(there);
  here.setMulticastTTL(0);
  here.send("here", 5000, GROUP);
  assert.equal((await message(here)).text, "here");
  here.setMulticastTTL(1);
  here.send("everywhere", 5000, GROUP);
  await message(there);
  assert.deepEqual(got, ["everywhere"]);
});

onSegment("two interfaces: a group leaves by the one that was chosen", async (segment) => {
  const both = await segment.add(1);
  const [near, far] = MemoryLink.pair();
  both.attach(near, { addresses: ["10.0.0.1/24"] });
  const second = await createStack({ link: far, addresses: ["10.0.0.2/24"] });
  const first = await segment.add(2);
  const sockets = [await segment.bound(first, 5000), await segment.bound(second, 5000)];
  const all = sockets.map(texts);
  for (const each of sockets) each.addMembership(GROUP);
  const sender = await segment.bound(both, 5000);
  sender.send("first by default", 5000, GROUP);
  await message(sockets[0]!);
  sender.setMulticastInterface("10.0.0.1");
  sender.send("second", 5000, GROUP);
  const { from } = await message(sockets[1]!);
  assert.deepEqual([from.address, from.port], ["10.0.0.1", 5000]);
  // The answer comes to the same socket.
  sockets[1]!.send("answer", 5000, "10.0.0.1");
  assert.equal((await message(sender)).text, "answer");
  sender.setMulticastInterface("0.0.0.0");
  sender.send("first again", 5000, GROUP);
  await message(sockets[0]!);
  assert.deepEqual(all, [["first by default", "first again"], ["second"]]);
  sender.addMembership(GROUP, "10.0.0.1");
  sender.addMembership(GROUP, "198.18.0.1");
  const error = thrownBy(() => sender.addMembership(GROUP));
  assert.equal(error.code, "EADDRINUSE");
  second.close();
});

onSegment(
  "close() right after send(): it leaves all the same, once the next hop is known",
  async (segment) => {
    const a = await segment.add(1);
    const b = await segment.add(2);
    const receiver = await segment.bound(b, 5000);
    const socket = a.dgram.createSocket("udp4");
    const bytes = Buffer.alloc(20_000, "z");
    socket.send(bytes, 5000, "198.18.0.2", () => socket.close());
    const { data, from } = await datagram(receiver);
    assert.ok(data.equals(bytes));
    // The port can be had again while the datagram waits, and no record is left over.
    const next = await segment.bound(a, from.port);
    assert.equal(next.address().port, from.port);
    const socketsOf = () => a.pools().find(({ name }) => name === "socket")!.used;
    assert.equal(socketsOf(), 1);
  },
);

test("a stack has 64 sockets; one more gets EMFILE, and what was closed comes back", async () => {
  const stack = await createStack();
  const sockets = Array.from({ length: 64 }, () => stack.dgram.createSocket("udp4"));
  for (const each of sockets) {
    each.bind(0);
    await once(each, "listening");
  }
  const more = stack.dgram.createSocket("udp4");
  more.bind(0);
  assert.equal((await errorOf(more)).message, "bind EMFILE 0.0.0.0");
  sockets[0]!.close();
  more.bind(0);
  await once(more, "listening");
  for (const each of [...sockets.slice(1), more]) each.close();
  stack.close();
});

test("a stack that closes closes its sockets: nothing keeps the process alive, and send() says so", async () => {
  const stack = await createStack();
  const socket = stack.dgram.createSocket("udp4");
  socket.bind(0);
  await once(socket, "listening");
  assert.equal(isHeld(), true);
  const closed = once(socket, "close");
  stack.close();
  assert.equal(isHeld(), false);
  await closed;
  assert.throws(() => socket.send("x", 9, "127.0.0.1"), { code: "ERR_SOCKET_DGRAM_NOT_RUNNING" });
  const another = stack.dgram.createSocket("udp4");
  another.bind(0);
  assert.equal((await errorOf(another)).code, "EBADF");
  another.close();
});
