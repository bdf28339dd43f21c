// close(), and what was under way.

import assert from "node:assert/strict";
import { once } from "node:events";
import { both, closed, texts } from "./support/both.js";

both("close() returns the socket, and 'close' comes later, once", async (side) => {
  const socket = await side.bound();
  const order: string[] = [];
  socket.on("close", () => order.push("event"));
  const returned = socket.close(function (this: unknown) {
    order.push("callback");
    assert.equal(this, socket);
  });
  assert.equal(returned, socket);
  order.push("returned");
  await once(socket, "close");
  assert.deepEqual(order, ["returned", "event", "callback"]);
});

both("an unbound socket closes, too", async (side) => {
  const socket = side.create();
  socket.close();
  await once(socket, "close");
});

both("close() while bind() is under way: no 'listening'", async (side) => {
  const socket = side.create();
  socket.on("listening", () => assert.fail("it was closed"));
  socket.bind(0);
  socket.close();
  await once(socket, "close");
  await new Promise(setImmediate);
});

both("close() after send() on an unbound socket waits for bind()", async (side) => {
  const socket = side.create();
  const order: string[] = [];
  socket.on("listening", () => order.push("listening"));
  socket.send("x", 9);
  socket.close(() => order.push("close"));
  await once(socket, "close");
  assert.deepEqual(order, ["listening", "close"]);
});

both("close() in a handler of messages ends them", async (side) => {
  const receiver = await side.bound();
  const sender = await side.bound();
  const { port } = receiver.address();
  const got = texts(receiver);
  receiver.once("message", () => receiver.close());
  for (let count = 0; count < 10; count++) sender.send(`${count}`, port);
  await once(receiver, "close");
  await new Promise(setImmediate);
  assert.deepEqual(got, ["0"]);
});

both("asyncDispose resolves once the socket is closed, and again at once", async (side) => {
  const socket = await side.bound();
  let isClosed = false;
  socket.on("close", () => (isClosed = true));
  await socket[Symbol.asyncDispose]();
  assert.equal(isClosed, true);
  await socket[Symbol.asyncDispose]();
  const unbound = side.create();
  await unbound[Symbol.asyncDispose]();
});

both("a port is free as soon as close() has returned", async (side) => {
  const first = await side.bound();
  const { port } = first.address();
  first.send("to itself", port);
  first.close();
  const second = await side.bound(port);
  assert.equal(second.address().port, port);
  const got = texts(second);
  second.send("mine", port);
  while (!got.includes("mine")) await once(second, "message");
  await closed(second);
});
