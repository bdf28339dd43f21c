// What is idle sleeps: with listeners and connections open but nothing due, no stack runs a turn and no timer
// of theirs is set. A keepalive beside it shows that a timer would be seen.

import assert from "node:assert/strict";
import { once } from "node:events";
import { connect as connectHost, type AddressInfo, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { test } from "node:test";
import type { Connection } from "../../host/core/connection.js";
import type { Stack } from "../../host/core/stack.js";
import { openUserLink } from "../../host/link/user.js";
import { MemoryLink } from "../../host/link/memory.js";
import * as net from "../../host/net/index.js";
import { defaultWorld } from "../../host/net/world.js";
import { createStack } from "../../host/node/createStack.js";
import { A, B } from "./support/pair.js";
import { until } from "./support/until.js";

const IDLE_MS = 10_000;
const SETTLING_MS = 20_000;
const PORT = 7;
const HELLO = Buffer.from("hello");

interface Idle {
  readonly stacks: readonly Stack[];
  close(): void;
}

/** An echo that says nothing by itself. */
function serveEcho(stack: Stack): void {
  stack.listen({ port: PORT }, (connection) => {
    const into = Buffer.alloc(64);
    connection.onReadable = () => {
      const length = connection.read(into);
      if (length > 0) connection.write(into.subarray(0, length));
    };
  });
}

/** Two stacks on a cable, a listener at one, and a connection that has carried something. */
async function onCable(): Promise<Idle & { client: Connection }> {
  const [endA, endB] = MemoryLink.pair();
  const [a, b] = [await createStack(), await createStack()];
  a.attach(endA, { addresses: [`${A}/30`] });
  b.attach(endB, { addresses: [`${B}/30`] });
  serveEcho(b);
  const client = a.connect({ host: B, port: PORT });
  await new Promise<void>((done) => {
    client.onConnect = () => client.write(HELLO);
    client.onReadable = () => {
      if (client.read(Buffer.alloc(64)) === HELLO.length) done();
    };
  });
  assert.equal(client.state, "ESTABLISHED");
  const close = (): void => [a, b].forEach((stack) => stack.close());
  return { stacks: [a, b], client, close };
}

/** A socket of this machine, connected to a stack in user mode. */
async function inUserMode(): Promise<Idle> {
  const link = await openUserLink();
  const stack = await createStack();
  stack.attach(link, { addresses: [`${B}/30`] });
  serveEcho(stack);
  const { hostAddress, hostPort } = await link.publish(PORT);
  const socket = connectHost(hostPort, hostAddress);
  socket.write(HELLO);
  await once(socket, "data");
  const close = (): void => {
    socket.destroy();
    stack.close();
  };
  return { stacks: [stack], close };
}

/** A server and a socket of motetcp/net. */
async function onLoopback(): Promise<Idle> {
  const accepted: Socket[] = [];
  const server = net.createServer((socket) => void accepted.push(socket.resume()));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const socket = net.connect(port, "127.0.0.1");
  await new Promise<void>((done) => socket.write(HELLO, () => done()));
  const close = (): void => {
    for (const each of [socket, ...accepted]) each.destroy();
    server.close();
  };
  return { stacks: [defaultWorld().stack], close };
}

/** Nothing is due at any of them: acknowledgments have left, no TIME-WAIT is waited for. */
async function settle(stacks: readonly Stack[]): Promise<void> {
  const due = () => stacks.map((stack) => stack.nextDeadline());
  await until(() => due().every((ms) => ms === Infinity), "nothing is due", SETTLING_MS);
}

const turnsOf = (stacks: readonly Stack[]) => stacks.map(({ turns }) => turns);

/** Timers that are set, but for those that keep no process alive: a turn shows those of stacks. */
const timers = () => process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;

test("idle stacks with open connections run no turn in 10 s, and no timer is set", async (t) => {
  const before = timers();
  const [cable, user, loopback] = [await onCable(), await inUserMode(), await onLoopback()];
  const worlds = [cable, user, loopback];
  t.after(() => worlds.forEach((world) => world.close()));
  const stacks = worlds.flatMap((world) => world.stacks);
  await settle(stacks);
  const turns = turnsOf(stacks);
  await delay(IDLE_MS);
  assert.deepEqual(turnsOf(stacks), turns, "turns while nothing happens");
  // The one that stands for all open sockets on loopback, so that the process stays: it rings in 24 days.
  assert.equal(timers() - before, 1, "timers that are set");
});

test("a keepalive is a timer, and is seen: turns are run while nothing else happens", async (t) => {
  const cable = await onCable();
  t.after(cable.close);
  cable.client.setOption("KEEP_IDLE_SECONDS", 1);
  cable.client.setOption("KEEP_ALIVE", 1);
  assert.notEqual(cable.stacks[0]!.nextDeadline(), Infinity);
  const before = turnsOf(cable.stacks);
  const bothTurned = () => turnsOf(cable.stacks).every((turns, i) => turns > before[i]!);
  await until(bothTurned, "both have had turns", SETTLING_MS);
});
