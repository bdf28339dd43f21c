// User mode: ordinary sockets of this machine, through the second stack, to the stack.

import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { test, type TestContext } from "node:test";
import type { Stack } from "../../host/core/stack.js";
import { createStack } from "../../host/node/createStack.js";
import { defaultHostPort, openUserLink, type UserLink } from "../../host/link/user.js";
import { echo } from "./support/echo.js";
import { pattern, sha256 } from "./support/pair.js";
import { until } from "./support/until.js";

interface UserMode {
  stack: Stack;
  link: UserLink;
}

async function userMode(context: TestContext): Promise<UserMode> {
  const link = await openUserLink();
  const stack = await createStack();
  stack.attach(link, { addresses: ["198.18.0.2/30"] });
  context.after(() => stack.close());
  return { stack, link };
}

/** Everything a socket receives until the end. */
async function readToEnd(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  await once(socket, "end");
  return Buffer.concat(chunks);
}

test("default ports: below 1024 plus 8000, else the same", () => {
  assert.equal(defaultHostPort(7), 8007);
  assert.equal(defaultHostPort(1023), 9023);
  assert.equal(defaultHostPort(1024), 1024);
  assert.equal(defaultHostPort(8080), 8080);
});

test("a default that is taken moves to the next free port", async (context) => {
  const { link } = await userMode(context);
  const taken = createServer();
  taken.listen(0, "127.0.0.1");
  await once(taken, "listening");
  context.after(() => taken.close());
  const { port } = taken.address() as AddressInfo;
  const entry = await link.publish(port);
  assert.ok(entry.hostPort > port && entry.hostPort < port + 200, `${port} -> ${entry.hostPort}`);
  assert.deepEqual(link.published, [{ port, hostPort: entry.hostPort, hostAddress: "127.0.0.1" }]);
});

test("a port that was asked for and is taken fails with EADDRINUSE", async (context) => {
  const { link } = await userMode(context);
  const taken = createServer();
  taken.listen(0, "127.0.0.1");
  await once(taken, "listening");
  context.after(() => taken.close());
  const { port } = taken.address() as AddressInfo;
  await assert.rejects(link.publish(7, port), (error: NodeJS.ErrnoException) => {
    assert.equal(error.code, "EADDRINUSE");
    assert.match(error.message, new RegExp(`port ${port} on 127.0.0.1 is in use`));
    return true;
  });
  assert.deepEqual(link.published, []);
});

test("2 MB there and back, then half-closes both ways", async (context) => {
  const { stack, link } = await userMode(context);
  stack.listen({ port: 7 }, echo);
  const { hostPort } = await link.publish(7, 0);
  const socket = connect({ port: hostPort, host: "127.0.0.1", allowHalfOpen: true });
  const bytes = pattern(2_000_000, 3);
  socket.end(bytes);
  const answer = await readToEnd(socket);
  assert.equal(answer.length, bytes.length);
  assert.equal(sha256(answer), sha256(bytes));
  await until(() => link.connections === 0, "the socket is closed");
});

test("twenty connections at a time, all from one address", async (context) => {
  const { stack, link } = await userMode(context);
  stack.listen({ port: 7 }, echo);
  const { hostPort } = await link.publish(7, 0);
  const answers = await Promise.all(
    Array.from({ length: 20 }, async (_, index) => {
      const socket = connect({ port: hostPort, host: "127.0.0.1", allowHalfOpen: true });
      socket.end(pattern(10_000, index));
      return sha256(await readToEnd(socket));
    }),
  );
  answers.forEach((answer, index) => assert.equal(answer, sha256(pattern(10_000, index))));
  assert.equal(stack.counters().tcp_source_limit_drops, 0);
});

test("the stack closes first: the host's socket sees the end, and may still send", async (context) => {
  const { stack, link } = await userMode(context);
  let got = "";
  stack.listen({ port: 9 }, (connection) => {
    connection.write(Buffer.from("bye"));
    connection.shutdown();
    connection.onReadable = () => {
      const chunk = Buffer.alloc(100);
      const length = connection.read(chunk);
      if (length > 0) got += chunk.toString("latin1", 0, length);
    };
  });
  const { hostPort } = await link.publish(9, 0);
  const socket = connect({ port: hostPort, host: "127.0.0.1", allowHalfOpen: true });
  assert.equal((await readToEnd(socket)).toString(), "bye");
  socket.end("and you");
  await until(() => got === "and you", "what came after the stack's FIN");
  await until(() => link.connections === 0, "the socket is closed");
});

test("a reset of the stack resets the host's socket", async (context) => {
  const { stack, link } = await userMode(context);
  stack.listen({ port: 9 }, (connection) => connection.abort());
  const { hostPort } = await link.publish(9, 0);
  const socket = connect(hostPort, "127.0.0.1");
  const [error] = (await once(socket, "error")) as [NodeJS.ErrnoException];
  assert.equal(error.code, "ECONNRESET");
});

test("a reset of the host's socket resets the stack's connection", async (context) => {
  const { stack, link } = await userMode(context);
  let code = "";
  stack.listen({ port: 9 }, (connection) => {
    connection.onReadable = () => void connection.discard(100);
    connection.onError = (error) => (code = error.code!);
  });
  const { hostPort } = await link.publish(9, 0);
  const socket = connect(hostPort, "127.0.0.1");
  await once(socket, "connect");
  socket.write("x");
  await until(() => stack.counters().tcp_passive_opens === 1, "the connection is accepted");
  socket.resetAndDestroy();
  await until(() => code !== "", "the reset");
  assert.equal(code, "ECONNRESET");
});

test("a port without a listener is refused", async (context) => {
  const { link } = await userMode(context);
  const { hostPort } = await link.publish(99, 0);
  const socket = connect(hostPort, "127.0.0.1");
  const [error] = (await once(socket, "error")) as [NodeJS.ErrnoException];
  assert.equal(error.code, "ECONNRESET");
});

test("a reader that rests holds the sender back: what is buffered is bounded", async (context) => {
  const { stack, link } = await userMode(context);
  let sent = 0;
  const block = Buffer.alloc(65536);
  stack.listen({ port: 19 }, (connection) => {
    const fill = () => {
      for (let taken; (taken = connection.write(block)) > 0;) sent += taken;
    };
    connection.onWritable = fill;
    fill();
  });
  const { hostPort } = await link.publish(19, 0);
  const socket = connect(hostPort, "127.0.0.1");
  socket.pause();
  let before = -1;
  await until(() => {
    const still = sent === before && sent > 0;
    before = sent;
    return still;
  }, "the sender comes to rest");
  await new Promise((resolve) => setTimeout(resolve, 300));
  const resting = sent;
  assert.ok(resting < 16_000_000, `${resting} bytes under way to a reader that rests`);
  let received = 0;
  socket.on("data", (chunk: Buffer) => (received += chunk.length));
  socket.resume();
  await until(() => received > 2 * resting, "it goes on when the reader does");
  socket.destroy();
});
