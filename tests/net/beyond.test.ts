// What sockets of a stack can do beyond node:net's: changes of state, signs of life, fields of packets.

import assert from "node:assert/strict";
import { once } from "node:events";
import type { AddressInfo, Socket as NodeSocket } from "node:net";
import { test, type TestContext } from "node:test";
import type { StateChange } from "../../host/core/stateChanges.js";
import { MemoryLink } from "../../host/link/memory.js";
import { wrapLink } from "../../host/link/wrap.js";
import type { Socket } from "../../host/net/module.js";
import { createStack } from "../../host/nodeStack.js";
import { connect, createServer } from "../../host/net/index.js";

const HERE = "198.18.0.1";
const THERE = "198.18.0.2";
const PORT = 7;

async function twoStacks(t: TestContext, onFrame: (frame: Uint8Array) => void = () => undefined) {
  const [link, otherLink] = MemoryLink.pair();
  const watched = wrapLink(link, {
    write(frame) {
      onFrame(frame);
      return link.write(frame);
    },
  });
  const here = await createStack({ link: watched, addresses: [`${HERE}/29`] });
  const there = await createStack({ link: otherLink, addresses: [`${THERE}/29`] });
  t.after(() => [here, there].forEach((stack) => stack.close()));
  return { here, there };
}

/** A connection, and the server's end of it. */
async function connected(t: TestContext, profile: "desktop" | "esp32" = "desktop") {
  const [link, otherLink] = MemoryLink.pair();
  const here = await createStack({ link, addresses: [`${HERE}/29`], profile });
  const there = await createStack({ link: otherLink, addresses: [`${THERE}/29`], profile });
  t.after(() => [here, there].forEach((stack) => stack.close()));
  const server = there.net.createServer({ allowHalfOpen: true }).listen(PORT);
  const client = new here.net.Socket();
  const changes: StateChange[] = [];
  client.on("stateChange", (change) => changes.push(change));
  client.connect(PORT, THERE);
  const [served] = (await once(server, "connection")) as [NodeSocket];
  return { here, there, client, served, changes };
}

const states = (changes: readonly StateChange[]) => changes.map(({ from, to }) => `${from} ${to}`);

test("stateChange: each state of RFC 9293 that the connection goes through, and why", async (t) => {
  const { client, served, changes } = await connected(t);
  served.resume();
  client.resume().end("bytes");
  await once(served, "end");
  served.end();
  await once(client, "close");
  assert.deepEqual(changes, [
    { from: "SYN-SENT", to: "ESTABLISHED", cause: "SYN-ACK" },
    { from: "ESTABLISHED", to: "FIN-WAIT-1", cause: "USER" },
    { from: "FIN-WAIT-1", to: "FIN-WAIT-2", cause: "ACK" },
    { from: "FIN-WAIT-2", to: "TIME-WAIT", cause: "FIN" },
  ]);
});

test("stateChange: the other side, from when it is asked for", async (t) => {
  const { client, served } = await connected(t);
  const changes: StateChange[] = [];
  (served as Socket).once("stateChange", (change) => changes.push(change));
  served.resume();
  client.resume().end();
  await once(served, "end");
  served.end();
  await once(served, "close");
  assert.deepEqual(changes, [{ from: "ESTABLISHED", to: "CLOSE-WAIT", cause: "FIN" }]);
});

test("stateChange: comes before what comes of it, also of a reset", async (t) => {
  const { client, served, changes } = await connected(t);
  const order: string[] = [];
  client.on("stateChange", ({ to }) => order.push(to));
  client.on("error", ({ code }: NodeJS.ErrnoException) => order.push(code!));
  client.on("close", () => order.push("close"));
  served.resetAndDestroy();
  await new Promise((done) => client.once("close", done));
  assert.deepEqual(order, ["CLOSED", "ECONNRESET", "close"]);
  assert.deepEqual(changes.at(-1), { from: "ESTABLISHED", to: "CLOSED", cause: "RST" });
});

test("stateChange: a build without a trace tells what is seen between turns, and no causes", async (t) => {
  const { client, served, changes } = await connected(t, "esp32");
  served.resume();
  client.resume().end("bytes");
  await once(served, "end");
  served.end();
  await once(client, "close");
  assert.equal(states(changes)[0], "SYN-SENT ESTABLISHED");
  assert.ok(states(changes).every((each, i) => i === 0 || each.startsWith(changes[i - 1]!.to)));
  assert.ok(changes.every(({ cause }) => cause === null));
});

test("D7: a heartbeat keeps a connection that its server would end for silence", async (t) => {
  const { there, here } = await twoStacks(t);
  const LIMIT_MS = 3000;
  const ended: string[] = [];
  const server = there.net
    .createServer((socket) => {
      socket.resume().setTimeout(LIMIT_MS, () => socket.end());
      socket.on("close", () => ended.push(String(socket.remotePort)));
    })
    .listen(PORT);
  const quiet = here.net.connect(PORT, THERE).resume();
  const alive = here.net.connect(PORT, THERE).resume();
  assert.equal(alive.setHeartbeat(LIMIT_MS / 10, "\n"), alive);
  await Promise.all([quiet, alive].map((each) => once(each, "connect")));
  const quietPort = String(quiet.localPort);
  await once(quiet, "close");
  while (alive.bytesWritten < 12 && !alive.destroyed) {
    await new Promise((done) => setTimeout(done, 10));
  }
  assert.deepEqual(ended, [quietPort]);
  assert.equal(alive.destroyed, false);
  alive.setHeartbeat(0);
  await once(alive, "close");
  server.close();
  while (ended.length < 2) await new Promise((done) => setTimeout(done, 5));
});

test("heartbeat: writes put it off, it does not pile up, and wrong arguments are refused", async (t) => {
  const { client, served } = await connected(t);
  assert.throws(() => client.setHeartbeat(10), { code: "ERR_INVALID_ARG_TYPE" });
  assert.throws(() => client.setHeartbeat(10, 7 as never), { code: "ERR_INVALID_ARG_TYPE" });
  assert.throws(() => client.setHeartbeat("10" as never, "x"), { code: "ERR_INVALID_ARG_TYPE" });
  assert.throws(() => client.setHeartbeat(-1, "x"), { code: "ERR_OUT_OF_RANGE" });
  client.setHeartbeat(500, "x");
  const writing = setInterval(() => client.write("."), 20);
  await new Promise((done) => setTimeout(done, 700));
  clearInterval(writing);
  const text = () => String(served.read() ?? "");
  assert.match(text(), /^\.+$/);
  // More than the rings of both sides take, and nobody reads: nothing is added.
  client.write(Buffer.alloc(1_000_000));
  client.setHeartbeat(10, "x");
  await new Promise((done) => setTimeout(done, 200));
  assert.equal(client.writableLength, 1_000_000);
  client.destroy();
});

test("type of service: on every packet from the SYN on, without the bits of ECN", async (t) => {
  const seen: number[] = [];
  const { there, here } = await twoStacks(t, (frame) => {
    if (frame[12] === 8 && frame[13] === 0) seen.push(frame[15]!);
  });
  there.net.createServer((socket) => socket.end()).listen(PORT);
  const client = new here.net.Socket();
  assert.equal(client.getTypeOfService(), 0);
  assert.equal(client.setTypeOfService(0xbb), client);
  assert.equal(client.getTypeOfService(), 0xbb);
  client.connect(PORT, THERE);
  await once(client, "connect");
  assert.equal(client.getTypeOfService(), 0xb8);
  assert.deepEqual([...new Set(seen)], [0xb8]);
  client.setTypeOfService(0x20).resume().end();
  await once(client, "close");
  assert.equal(seen.at(-1), 0x20);
  assert.throws(() => client.setTypeOfService(256), { code: "ERR_OUT_OF_RANGE" });
  assert.throws(() => client.setTypeOfService("1" as never), { code: "ERR_INVALID_ARG_TYPE" });
  const wrong = { typeOfService: 300 } as never;
  assert.throws(() => new here.net.Socket(wrong), { code: "ERR_OUT_OF_RANGE" });
});

test("MSS: what is set in 'connectionAttempt' is announced, and info() tells what holds", async (t) => {
  const { there, here } = await twoStacks(t);
  there.net.createServer((socket) => socket.resume()).listen(PORT);
  const client = here.net.connect(PORT, THERE) as Socket;
  client.once("connectionAttempt", () => client.setOption("MSS", 500));
  await once(client, "connect");
  assert.equal(client.info()!.sndMss, 488);
  assert.throws(() => client.setOption("MSS", 63), { code: "EINVAL" });
  assert.equal(client.setOption("MSS", 100).getOption("MSS"), 100);
  client.destroy();
});

test("a loopback without room for both ends says EMFILE, and those that have room connect", async () => {
  const server = createServer((socket) => socket.resume()).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const outcomes = Array.from({ length: 1022 }, () => {
    const socket = connect(port, "127.0.0.1");
    return new Promise<string>((done) => {
      socket
        .on("connect", () => done("connected"))
        .on("error", ({ code }: NodeJS.ErrnoException) => done(code!));
    }).then((outcome) => ({ outcome, socket }));
  });
  const all = await Promise.all(outcomes);
  const count = (wanted: string) => all.filter(({ outcome }) => outcome === wanted).length;
  assert.deepEqual([count("connected"), count("EMFILE")], [512, 510]);
  const ends = all
    .filter(({ socket }) => !socket.destroyed)
    .map(({ socket }) => once(socket, "close"));
  for (const { socket } of all) socket.destroy();
  await Promise.all(ends);
  server.close();
  await once(server, "close");
});
