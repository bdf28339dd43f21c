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
  const here = await createStack({ link, addresses: [`${HERE}/30`] });
  const there = await createStack({ link: otherLink, addresses: [`${THERE}/30`] });
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
  const opening = here.net.connect(9, "198.18.0.3").on("error", () => undefined);
  const idle = here.net.createServer().listen(8);
  const ends = [server, idle, served, opening].map((each) => once(each, "close"));
  const clientEnds = new Promise((done) => client.once("close", done));
  here.close();
  await Promise.all(ends);
  assert.equal(served.destroyed, true);
  assert.equal(server.listening || idle.listening, false);
  await clientEnds;
  assert.deepEqual(errors, ["ECONNRESET"]);
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
