// What waits, and how much may: nothing is kept without a bound.

import assert from "node:assert/strict";
import type { Socket } from "node:dgram";
import { once } from "node:events";
import { test } from "node:test";
import { isHeld } from "../../host/core/keepAlive.js";
import { createStack } from "../../host/nodeStack.js";
import type { NodeStack } from "../../host/nodeStack.js";
import { message, texts } from "./support/both.js";
import { onSegment } from "./support/stacks.js";

type Outcome = NodeJS.ErrnoException | null;

async function boundOn(stack: NodeStack, options: object = {}): Promise<Socket> {
  const socket = stack.dgram.createSocket({ type: "udp4", ...options });
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  return socket;
}

/** Sends so many of so many bytes at once; what the callbacks were told. */
function burst(socket: Socket, count: number, bytes: number, port: number): Promise<Outcome[]> {
  const data = Buffer.alloc(bytes, "x");
  const one = () =>
    new Promise<Outcome>((resolve) => socket.send(data, port, "127.0.0.1", resolve));
  return Promise.all(Array.from({ length: count }, one));
}

test("datagrams that nobody reads are lost in the core's queue, and counted", async () => {
  const stack = await createStack();
  const receiver = await boundOn(stack);
  const sender = await boundOn(stack);
  const { port } = receiver.address();
  const got = texts(receiver);
  // A listener that keeps the event loop from turning until much more was sent than there is room for.
  const outcomes = await burst(sender, 400, 1000, port);
  assert.ok(outcomes.every((each) => each === null));
  const arrived = message(receiver);
  sender.send("last", port, "127.0.0.1");
  await arrived;
  while (!got.includes("last")) await once(receiver, "message");
  const lost = stack.counters().drop_socket_full;
  assert.equal(got.length + lost, 401);
  receiver.close();
  sender.close();
  stack.close();
});

test("more than one turn may send waits, in order, and everything is told when it has left", async () => {
  const stack = await createStack();
  const sender = await boundOn(stack);
  const order: number[] = [];
  const data = Buffer.alloc(10_000);
  const all = Array.from(
    { length: 100 },
    (_, number) =>
      new Promise<void>((resolve) => {
        sender.send(data, 9, "127.0.0.1", (error) => {
          assert.equal(error, null);
          order.push(number);
          resolve();
        });
      }),
  );
  await new Promise((resolve) => process.nextTick(resolve));
  await Promise.resolve();
  assert.ok(sender.getSendQueueCount() > 80, `${sender.getSendQueueCount()} wait`);
  assert.equal(sender.getSendQueueSize(), sender.getSendQueueCount() * 10_000);
  await Promise.all(all);
  assert.deepEqual(
    order,
    [...order].sort((a, b) => a - b),
  );
  assert.equal(sender.getSendQueueCount(), 0);
  assert.equal(sender.getSendQueueSize(), 0);
  sender.close();
  stack.close();
});

test("beyond what may wait send() tells ENOBUFS, and goes on afterwards", async () => {
  const stack = await createStack();
  const sender = await boundOn(stack, { sendBufferSize: 200_000 });
  const outcomes = await burst(sender, 100, 10_000, 9);
  const codes = outcomes.map((each) => each?.code ?? "sent");
  assert.deepEqual([...new Set(codes)], ["sent", "ENOBUFS"]);
  const taken = codes.filter((code) => code === "sent").length;
  assert.equal(taken, Math.floor(200_000 / 10_256));
  const refused = outcomes.find((each) => each !== null)!;
  assert.equal(refused.message, "send ENOBUFS 127.0.0.1:9");
  assert.equal(refused.syscall, "send");
  assert.deepEqual(await burst(sender, 3, 10_000, 9), [null, null, null]);
  sender.close();
  stack.close();
});

test("what waits for a name, or for bind(), counts as well", async () => {
  const stack = await createStack();
  const held: (() => void)[] = [];
  const lookup = (name: string, _: unknown, callback: Function): void => {
    const found = () => void callback(null, "127.0.0.1", 4);
    if (name === "slow.example") held.push(found);
    else process.nextTick(found);
  };
  const socket = await boundOn(stack, { lookup, sendBufferSize: 100_000 });
  const count = (name: string, total: number) => {
    const codes: string[] = [];
    const told = Array.from(
      { length: total },
      () =>
        new Promise<void>((resolve) => {
          socket.send(Buffer.alloc(1000), 9, name, (error) => {
            codes.push((error as Outcome)?.code ?? "sent");
            resolve();
          });
        }),
    );
    return { codes, all: Promise.all(told) };
  };
  const slow = count("slow.example", 100);
  const MAY_WAIT = Math.floor(100_000 / 1256);
  while (slow.codes.length < 100 - MAY_WAIT) await new Promise(setImmediate);
  assert.deepEqual([...new Set(slow.codes)], ["ENOBUFS"]);
  for (const found of held.splice(0)) found();
  await slow.all;
  assert.equal(slow.codes.filter((code) => code === "sent").length, MAY_WAIT);
  const unbound = stack.dgram.createSocket("udp4");
  const codes: string[] = [];
  for (let number = 0; number < 5000; number++)
    unbound.send(Buffer.alloc(1000), 9, (error: Outcome) => codes.push(error?.code ?? "sent"));
  while (codes.length < 5000) await new Promise(setImmediate);
  assert.equal(codes.filter((code) => code === "sent").length, Math.floor((4 * 1_048_576) / 1256));
  socket.close();
  unbound.close();
  stack.close();
});

test("close() tells ECANCELED to those who still wait", async () => {
  const stack = await createStack();
  const sender = await boundOn(stack);
  const outcomes = burst(sender, 50, 10_000, 9);
  await new Promise((resolve) => process.nextTick(resolve));
  await Promise.resolve();
  const waiting = sender.getSendQueueCount();
  assert.ok(waiting > 0);
  sender.close();
  const codes = (await outcomes).map((each) => each?.code ?? "sent");
  assert.equal(codes.filter((code) => code === "ECANCELED").length, waiting);
  assert.deepEqual([...new Set(codes)], ["sent", "ECANCELED"]);
  stack.close();
});

test("a stack that closes tells those who still wait, and waits for nobody itself", async () => {
  const stack = await createStack();
  const [waiting, leaving] = [await boundOn(stack), await boundOn(stack)];
  const outcomes = burst(waiting, 50, 10_000, 9);
  leaving.send(Buffer.alloc(10_000), 9, "127.0.0.1");
  await new Promise((resolve) => process.nextTick(resolve));
  await Promise.resolve();
  assert.ok(waiting.getSendQueueCount() > 0);
  leaving.close();
  assert.equal(isHeld(), true);
  stack.close();
  assert.equal(isHeld(), false);
  const codes = (await outcomes).map((each) => each?.code ?? "sent");
  assert.deepEqual([...new Set(codes)], ["sent", "EBADF"]);
  assert.throws(() => waiting.close(), { code: "ERR_SOCKET_DGRAM_NOT_RUNNING" });
});

onSegment(
  "what is for many and this stack's own is bounded, too, and nobody waits for it",
  async (segment) => {
    const stack = await segment.add(1);
    const receiver = await segment.bound(stack, 5000);
    const sender = await segment.bound(stack);
    receiver.addMembership("239.1.1.1");
    sender.setMulticastTTL(0);
    const got = texts(receiver);
    const data = Buffer.alloc(10_000);
    const outcomes = await Promise.all(
      Array.from(
        { length: 300 },
        () => new Promise((resolve) => sender.send(data, 5000, "239.1.1.1", resolve)),
      ),
    );
    assert.ok(outcomes.every((each) => each === null));
    const last = message(receiver);
    while (got.length === 0) await once(receiver, "message");
    await last;
    sender.send("end", 5000, "198.18.0.1");
    while (!got.includes("end")) await once(receiver, "message");
    assert.ok(got.length > 50 && got.length < 300, `${got.length} arrived`);
  },
);

test("open, send, close, a thousand times without a turn of the event loop: nothing runs out", async () => {
  const stack = await createStack();
  const receiver = await boundOn(stack);
  const { port } = receiver.address();
  const got = texts(receiver);
  for (let count = 0; count < 1000; count++) {
    const socket = stack.dgram.createSocket("udp4");
    await new Promise((resolve) => socket.send(`${count}`, port, "127.0.0.1", resolve));
    socket.close();
  }
  while (got.length < 1000) await once(receiver, "message");
  assert.equal(stack.counters().drop_socket_full, 0);
  receiver.close();
  stack.close();
});

onSegment("the same to somebody who does not answer: the oldest gives up", async (segment) => {
  const stack = await segment.add(1);
  for (let count = 0; count < 200; count++) {
    const socket = stack.dgram.createSocket("udp4");
    await new Promise((resolve) => socket.send(`${count}`, 9, "198.18.0.99", resolve));
    socket.close();
  }
  const { used, capacity } = stack.pools().find(({ name }) => name === "socket")!;
  assert.equal(used, capacity);
});

test("a flood leaves the rest of the program its share", async () => {
  const stack = await createStack();
  const receiver = await boundOn(stack);
  const sender = await boundOn(stack);
  const { port } = receiver.address();
  let most = 0;
  let sinceTurn = 0;
  receiver.on("message", () => (most = Math.max(most, ++sinceTurn)));
  let isOver = false;
  const turn = (): void => {
    sinceTurn = 0;
    if (!isOver) setImmediate(turn);
  };
  setImmediate(turn);
  for (let round = 0; round < 20; round++) await burst(sender, 500, 10, port);
  isOver = true;
  assert.ok(most > 0 && most <= 256, `${most} in one go`);
  receiver.close();
  sender.close();
  stack.close();
});
