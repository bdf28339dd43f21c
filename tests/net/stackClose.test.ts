// stack.close() with sockets and servers of stack.net: each is told, the peer too, and nothing keeps the process.

import assert from "node:assert/strict";
import { once } from "node:events";
import type { Socket } from "node:net";
import { test } from "node:test";
import { isHeld } from "../../host/core/keepAlive.js";
import { MemoryLink } from "../../host/link/memory.js";
import { createStack } from "../../host/nodeStack.js";

const HERE = "198.18.0.1";
const THERE = "198.18.0.2";

async function twoStacks() {
  const [link, otherLink] = MemoryLink.pair();
  const here = await createStack({ link, addresses: [`${HERE}/29`] });
  const there = await createStack({ link: otherLink, addresses: [`${THERE}/29`] });
  return { here, there };
}

test("stack.close(): sockets and servers emit 'close', the peer hears RST, the process may end", async (t) => {
  const { here, there } = await twoStacks();
  t.after(() => there.close());
  const server = here.net.createServer().listen(7);
  const client = there.net.connect(7, HERE);
  const errors: (string | undefined)[] = [];
  client.on("error", ({ code }: NodeJS.ErrnoException) => errors.push(code));
  client.resume();
  const [served] = (await once(server, "connection")) as [Socket];
  const opening = here.net.connect(9, "198.18.0.3");
  const codes: (string | undefined)[] = [];
  opening.on("error", ({ code }: NodeJS.ErrnoException) => codes.push(code));
  await once(opening, "connectionAttempt");
  const idle = here.net.createServer().listen(8);
  const ends = [server, idle, served].map((each) => once(each, "close"));
  const openingEnds = new Promise((done) => opening.once("close", done));
  const clientEnds = new Promise((done) => client.once("close", done));
  here.close();
  await Promise.all([...ends, openingEnds]);
  assert.deepEqual(codes, ["ECONNABORTED"], "it neither opened nor failed before");
  assert.equal(served.destroyed, true);
  assert.equal(server.listening || idle.listening, false);
  await clientEnds;
  assert.deepEqual(errors, ["ECONNRESET"]);
  assert.equal(isHeld(), false);
});

test("a snapshot that stops the stack ends them, too, and the peer hears nothing", async (t) => {
  const { here, there } = await twoStacks();
  t.after(() => there.close());
  const server = here.net.createServer().listen(7);
  const client = there.net.connect(7, HERE).resume();
  client.on("close", () => assert.fail("the peer's connection lives on"));
  const [served] = (await once(server, "connection")) as [Socket];
  const bound = here.dgram.createSocket("udp4").bind(9);
  await once(bound, "listening");
  const ends = [server, served, bound].map((each) => once(each, "close"));
  assert.ok(here.snapshot({ stop: true }).length > 0);
  await Promise.all(ends);
  assert.equal(client.destroyed, false);
  client.removeAllListeners("close").destroy();
  await once(client, "close");
  assert.equal(isHeld(), false);
});

test("stack.close(): a socket that is made afterwards gets an error", async () => {
  const { here, there } = await twoStacks();
  there.close();
  here.close();
  const { net } = here;
  const [error] = (await once(net.connect(7, THERE), "error")) as [NodeJS.ErrnoException];
  assert.equal(error.code, "EBADF");
  assert.equal(isHeld(), false);
});
