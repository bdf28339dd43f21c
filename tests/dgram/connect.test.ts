// connect(): one peer, and what it says.

import assert from "node:assert/strict";
import type { Socket } from "node:dgram";
import { once } from "node:events";
import {
  both,
  closed,
  errorOf,
  message,
  sendError,
  sent,
  texts,
  thrownBy,
} from "./support/both.js";

const call = (socket: Socket, name: string, ...words: unknown[]): unknown =>
  ((socket as unknown as Record<string, Function>)[name]! as Function).apply(socket, words);

const CONNECTED = {
  name: "Error",
  code: "ERR_SOCKET_DGRAM_IS_CONNECTED",
  message: "Already connected",
};
const NOT_CONNECTED = {
  name: "Error",
  code: "ERR_SOCKET_DGRAM_NOT_CONNECTED",
  message: "Not connected",
};

both("every form of connect()", async (side) => {
  const peer = await side.bound();
  const { port } = peer.address();
  for (const words of [
    [port],
    [port, "127.0.0.1"],
    [port, "localhost"],
    [String(port)],
    [port, ""],
    [port, "0.0.0.0"],
  ]) {
    const socket = side.create();
    assert.equal(call(socket, "connect", ...words), undefined);
    await once(socket, "connect");
    assert.deepEqual(socket.remoteAddress(), { address: "127.0.0.1", family: "IPv4", port });
    assert.deepEqual([socket.address().address, socket.address().family], ["127.0.0.1", "IPv4"]);
    const called = await new Promise<unknown[]>((resolve) => {
      const other = side.create();
      call(other, "connect", ...words, (...got: unknown[]) =>
        resolve([...got, other.remoteAddress().port]),
      );
    });
    assert.deepEqual(called, [port]);
    await closed(socket);
  }
});

both("what connect() throws", async (side) => {
  const socket = side.create();
  for (const port of [0, -1, 65_536, "x", undefined, null])
    assert.equal(
      thrownBy(() => call(socket, "connect", port)).code,
      "ERR_SOCKET_BAD_PORT",
      String(port),
    );
  assert.equal(thrownBy(() => call(socket, "connect", 9, 5)).code, "ERR_INVALID_ARG_TYPE");
  assert.deepEqual(
    thrownBy(() => socket.remoteAddress()),
    NOT_CONNECTED,
  );
  assert.deepEqual(
    thrownBy(() => socket.disconnect()),
    NOT_CONNECTED,
  );
  socket.connect(9);
  assert.deepEqual(
    thrownBy(() => socket.connect(9)),
    CONNECTED,
  );
  assert.deepEqual(
    thrownBy(() => socket.remoteAddress()),
    NOT_CONNECTED,
  );
  await once(socket, "connect");
  assert.deepEqual(
    thrownBy(() => socket.connect(9)),
    CONNECTED,
  );
});

both(
  "what connect() tells: the callback, or 'error', and then it can be tried again",
  async (side) => {
    const peer = await side.bound();
    const socket = side.create();
    const facts = {
      name: "Error",
      message: "connect EINVAL ::1:9",
      code: "EINVAL",
      errno: -22,
      syscall: "connect",
      address: "::1",
      port: 9,
    };
    const told = await new Promise((resolve) => call(socket, "connect", 9, "::1", resolve));
    assert.deepEqual({ ...facts, ...(told as object) }, facts);
    assert.equal(socket.listenerCount("connect"), 0);
    socket.connect(9, "::1");
    assert.deepEqual(await errorOf(socket), facts);
    const denied = await new Promise<NodeJS.ErrnoException>((resolve) =>
      call(socket, "connect", 9, "255.255.255.255", resolve),
    );
    assert.equal(denied.code, "EACCES");
    socket.connect(peer.address().port);
    await once(socket, "connect");
  },
);

both("every form of send() to the peer", async (side) => {
  const peer = await side.bound();
  const { port } = peer.address();
  const socket = side.create();
  socket.connect(port);
  await once(socket, "connect");
  const forms: [unknown[], string][] = [
    [["text"], "text"],
    [["text", 1, 2], "ex"],
    [[Buffer.from("0123"), 1, 3], "123"],
    [[["a", "b"]], "ab"],
    [[[]], ""],
  ];
  for (const [words, expected] of forms) {
    const arrived = message(peer);
    assert.deepEqual(await sent(socket, ...words), [null, expected.length]);
    assert.equal((await arrived).text, expected);
  }
  for (const words of [
    ["x", 0, 1, port],
    ["x", 0, 1, port, "127.0.0.1"],
    ["x", 0, 1, null, "127.0.0.1"],
    ["x", port, "127.0.0.1", undefined, "127.0.0.1"],
  ])
    assert.deepEqual(
      thrownBy(() => call(socket, "send", ...words)),
      CONNECTED,
      JSON.stringify(words),
    );
});

both("a connected socket hears its peer alone, until it is disconnected", async (side) => {
  const peer = await side.bound();
  const other = await side.bound();
  // Linux takes a port that it has chosen itself away again with the peer.
  const port = await side.freePort();
  const socket = await side.bound(port);
  socket.connect(peer.address().port);
  await once(socket, "connect");
  const got = texts(socket);
  await sent(other, "other", port);
  await sent(peer, "peer", port);
  if (got.length === 0) await once(socket, "message");
  assert.deepEqual(got, ["peer"]);
  socket.disconnect();
  assert.deepEqual(
    thrownBy(() => socket.remoteAddress()),
    NOT_CONNECTED,
  );
  assert.equal(socket.address().address, "127.0.0.1");
  other.send("other again", port);
  await once(socket, "message");
  assert.deepEqual(got, ["peer", "other again"]);
  const arrived = message(other);
  socket.send("back", other.address().port);
  assert.equal((await arrived).text, "back");
  socket.connect(other.address().port);
  await once(socket, "connect");
});

both(
  "nobody listens there: 'error' where the socket hears of it, else the next send()",
  async (side) => {
    const port = await side.freePort();
    const socket = side.create();
    socket.connect(port);
    await once(socket, "connect");
    const expected = { name: "Error", code: "ECONNREFUSED", errno: -111 };
    const heard = errorOf(socket);
    assert.deepEqual(await sent(socket, "x"), [null, 1]);
    assert.deepEqual(await heard, {
      ...expected,
      message: "recvmsg ECONNREFUSED",
      syscall: "recvmsg",
    });
    // Once told it is forgotten.
    const again = errorOf(socket);
    assert.deepEqual(await sent(socket, "y"), [null, 1]);
    assert.equal((await again).code, "ECONNREFUSED");
  },
);

both("without a peer nobody hears that there is nobody", async (side) => {
  const port = await side.freePort();
  const receiver = await side.bound();
  const socket = await side.bound();
  socket.on("error", () => assert.fail("an error without a peer"));
  assert.deepEqual(await sent(socket, "x", port), [null, 1]);
  assert.deepEqual(await sent(socket, "y", port), [null, 1]);
  const arrived = message(receiver);
  socket.send("z", receiver.address().port);
  await arrived;
});

both("send() and connect() before bind() are done in their order", async (side) => {
  const peer = await side.bound();
  const { port } = peer.address();
  const got = texts(peer);
  const socket = side.create();
  const order: string[] = [];
  for (const name of ["listening", "connect"]) socket.on(name, () => order.push(name));
  socket.send("before", port);
  socket.connect(port, "127.0.0.1", () => socket.send("connected"));
  while (got.length < 2) await once(peer, "message");
  assert.deepEqual(order, ["listening", "connect"]);
  assert.deepEqual(got, ["before", "connected"]);
});

both("what names another before there is a peer, and is sent after, is not sent", async (side) => {
  const peer = await side.bound();
  const socket = side.create();
  socket.connect(peer.address().port, "127.0.0.1");
  const { code, errno } = await sendError(socket, "late", peer.address().port, "127.0.0.1");
  assert.deepEqual({ code, errno }, { code: "EISCONN", errno: -106 });
});

both("a datagram to the peer that is too long", async (side) => {
  const peer = await side.bound();
  const socket = side.create();
  socket.connect(peer.address().port);
  await once(socket, "connect");
  const { code, errno, syscall } = await sendError(socket, Buffer.alloc(65_508));
  assert.deepEqual({ code, errno, syscall }, { code: "EMSGSIZE", errno: -90, syscall: "send" });
});
