// The module and its class, as node:dgram has them.

import assert from "node:assert/strict";
import { channel } from "node:diagnostics_channel";
import nodeDgram, { type Socket } from "node:dgram";
import { EventEmitter, once } from "node:events";
import { createRequire } from "node:module";
import { BlockList } from "node:net";
import { test } from "node:test";
import { inherits } from "node:util";
import * as named from "../../host/dgram/index.js";
import { defaultWorld } from "../../host/net/world.js";
import { dgramOf } from "../../host/dgram/module.js";
import { both, closed, errorOf, message, thrownBy, OURS } from "./support/both.js";

test("the module has the names of this Node's", () => {
  assert.deepEqual(Object.keys(OURS).sort(), Object.keys(nodeDgram).sort());
  assert.equal(named.createSocket, OURS.createSocket);
  assert.equal(named.Socket, OURS.Socket);
  assert.equal(named.default, OURS);
  assert.equal((OURS as unknown as { default: unknown }).default, OURS);
});

test("require() gives the module itself", () => {
  const required = createRequire(import.meta.url)("../../host/dgram/index.js") as unknown;
  // Before Node 23 it is the namespace, in which everything is found as well.
  const dgram = (required as typeof named).createSocket;
  assert.equal(dgram, OURS.createSocket);
});

test("a socket has every call of this Node's that is no inside of it", () => {
  const names = Reflect.ownKeys(nodeDgram.Socket.prototype);
  const missing = names.filter(
    (name) => !String(name).startsWith("_") && !(name in OURS.Socket.prototype),
  );
  assert.deepEqual(missing, []);
});

test("motetcp/dgram shares the stack of motetcp/net, and a stack has one module", () => {
  const { stack } = defaultWorld();
  assert.equal(dgramOf(stack), dgramOf(stack));
  assert.notEqual(dgramOf(stack).Socket, OURS.Socket);
});

test("handles and descriptors of the system are refused, and the error says why", () => {
  const { _createSocketHandle: create } = OURS as unknown as { _createSocketHandle(): void };
  assert.throws(create, { code: "ERR_FEATURE_UNAVAILABLE_ON_PLATFORM", message: /no handle/ });
  const socket = OURS.createSocket("udp4");
  for (const options of [{ fd: 3 }, { recvStart() {} }]) {
    const bind = () => socket.bind(options as object);
    assert.throws(bind, { code: "ERR_FEATURE_UNAVAILABLE_ON_PLATFORM" });
  }
  socket.bind(0);
  socket.close();
});

both("a socket is an EventEmitter with no more keys than Node's", (side) => {
  const socket = side.create();
  assert.ok(socket instanceof EventEmitter);
  assert.ok(socket instanceof side.dgram.Socket);
  assert.deepEqual(Object.keys(socket), ["_events", "_eventsCount", "_maxListeners", "type"]);
  assert.equal(socket.constructor, side.dgram.Socket);
});

both("the class extends, with class and by hand", async (side) => {
  class Modern extends side.dgram.Socket {}
  const { Socket: Base } = side.dgram as unknown as { Socket: new (type: string) => Socket };
  function Old(this: Socket) {
    (Base as unknown as Function).call(this, "udp4");
  }
  inherits(Old, Base);
  const Classes = [Modern, Old] as unknown as (new (type: string) => Socket)[];
  for (const Class of Classes) {
    const socket = side.keep(new Class("udp4"));
    assert.ok(socket instanceof Class);
    socket.bind(0, "127.0.0.1");
    await once(socket, "listening");
    socket.send("self", socket.address().port);
    assert.equal((await message(socket)).text, "self");
  }
});

both("a listener for messages, with the socket as this", async (side) => {
  const selves: unknown[] = [];
  const socket = side.dgram.createSocket("udp4", function (this: Socket) {
    selves.push(this);
  });
  side.keep(socket);
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  socket.send("hello", socket.address().port);
  await once(socket, "message");
  assert.deepEqual(selves, [socket]);
});

both("what createSocket() does not take", (side) => {
  const create = side.dgram.createSocket as (options?: unknown) => Socket;
  const bad = { code: "ERR_SOCKET_BAD_TYPE", name: "TypeError" };
  const text = "Bad socket type specified. Valid types are: udp4, udp6";
  for (const type of ["udp5", "", undefined, null, {}, 4, { type: "tcp4" }])
    assert.deepEqual(
      thrownBy(() => create(type)),
      { ...bad, message: text },
    );
  const wrong: [object, string][] = [
    [{ recvBufferSize: -1 }, "ERR_OUT_OF_RANGE"],
    [{ recvBufferSize: "x" }, "ERR_INVALID_ARG_TYPE"],
    [{ sendBufferSize: 1.5 }, "ERR_OUT_OF_RANGE"],
    [{ lookup: null }, "ERR_INVALID_ARG_TYPE"],
    [{ lookup: 5 }, "ERR_INVALID_ARG_TYPE"],
    [{ signal: 5 }, "ERR_INVALID_ARG_TYPE"],
  ];
  for (const [options, code] of wrong)
    assert.equal(
      thrownBy(() => create({ type: "udp4", ...options })).code,
      code,
      `${Object.keys(options)}`,
    );
});

both("a signal closes the socket, and one that has been given does so at once", async (side) => {
  const control = new AbortController();
  const socket = side.create({ signal: control.signal });
  socket.bind(0);
  await once(socket, "listening");
  const ended = once(socket, "close");
  control.abort();
  await ended;
  assert.throws(() => socket.address(), { code: "ERR_SOCKET_DGRAM_NOT_RUNNING" });
  const second = side.create({ signal: AbortSignal.abort() });
  assert.throws(() => second.bind(), { code: "ERR_SOCKET_DGRAM_NOT_RUNNING" });
});

both("a signal that comes after close() does nothing", async (side) => {
  const control = new AbortController();
  const socket = side.create({ signal: control.signal });
  let count = 0;
  socket.on("close", () => count++);
  await closed(socket);
  control.abort();
  await new Promise(setImmediate);
  assert.equal(count, 1);
});

both("sockets are told of on the channel udp.socket", (side) => {
  const told: unknown[] = [];
  const listen = (data: unknown) => void told.push((data as { socket: unknown }).socket);
  channel("udp.socket").subscribe(listen);
  const socket = side.create();
  channel("udp.socket").unsubscribe(listen);
  assert.deepEqual(told, [socket]);
});

test("udp6 is refused where it is bound, as on a machine without IPv6", async () => {
  const socket = OURS.createSocket("udp6");
  socket.bind(5000);
  const error = await errorOf(socket);
  assert.equal(error.code, "EAFNOSUPPORT");
  assert.equal(error.message, "bind EAFNOSUPPORT :::5000");
  assert.deepEqual([error.syscall, error.address, error.port], ["bind", "::", 5000]);
  assert.throws(() => socket.address(), { code: "EBADF" });
  socket.close();
});

test("addresses of a block list are not spoken with, and not heard", async () => {
  const list = new BlockList();
  list.addAddress("127.0.0.1");
  const options = { type: "udp4", receiveBlockList: list, sendBlockList: list } as const;
  const blocked = OURS.createSocket(options as object as { type: "udp4" });
  const other = OURS.createSocket("udp4");
  blocked.bind(0);
  await once(blocked, "listening");
  blocked.on("message", () => assert.fail("a datagram of a blocked address"));
  other.send("not heard", blocked.address().port);
  const [error] = await new Promise<[NodeJS.ErrnoException]>((resolve) => {
    blocked.send("x", 9, "127.0.0.1", (...got) => resolve(got as never));
  });
  assert.equal(error.code, "ERR_IP_BLOCKED");
  const [refused] = await new Promise<[NodeJS.ErrnoException]>((resolve) => {
    (blocked.connect as Function).call(blocked, 9, "127.0.0.1", (...got: unknown[]) =>
      resolve(got as never),
    );
  });
  assert.equal(refused.code, "ERR_IP_BLOCKED");
  await Promise.all([blocked, other].map(closed));
});
