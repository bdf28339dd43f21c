// Sockets as they are made: forms of the constructor, classes that inherit, and what is refused.

import assert from "node:assert/strict";
import { once } from "node:events";
import nodeNet, { type Socket } from "node:net";
import { Duplex, Readable, Writable } from "node:stream";
import { inherits, inspect } from "node:util";
import { allOf, codeOf, keep, listening, LOCAL, portOf, thrownBy } from "./support/ends.js";
import { netTest, type Net } from "./support/modules.js";

const make = (net: Net, ...args: unknown[]) => Reflect.construct(net.Socket, args) as Socket;

netTest("Socket: without new it is a socket all the same", (net) => {
  const create = net.Socket as unknown as (options?: object) => Socket;
  assert.ok(create() instanceof net.Socket);
  assert.equal(create({ allowHalfOpen: true }).allowHalfOpen, true);
});

netTest(
  "Socket: is instanceof Duplex, Readable, Writable and Socket; a Duplex is no Socket",
  (net) => {
    const socket = new net.Socket();
    for (const of of [net.Socket, Duplex, Readable, Writable]) assert.ok(socket instanceof of);
    assert.ok(!(new Duplex() instanceof net.Socket));
    assert.equal(socket.constructor, net.Socket);
    assert.equal(socket.constructor.name, "Socket");
  },
);

netTest("Socket: a class that extends it connects, and its methods are its own", async (net, t) => {
  const server = await listening(net, t, { onConnection: (socket) => void socket.end("derived") });
  class Derived extends net.Socket {
    readonly seen: string[] = [];
    constructor() {
      super({ allowHalfOpen: false });
      this.on("connect", () => this.seen.push("connect"));
    }
    override destroySoon(): void {
      this.seen.push("destroySoon");
      super.destroySoon();
    }
  }
  const socket = keep(t, new Derived());
  assert.ok(socket instanceof net.Socket && socket instanceof Derived);
  socket.connect(portOf(server), LOCAL);
  assert.equal((await allOf(socket)).toString(), "derived");
  assert.deepEqual(socket.seen, ["connect"]);
});

netTest("Socket: inherited with util.inherits and call(this)", async (net, t) => {
  const server = await listening(net, t, {
    onConnection: (socket) => void socket.end("old style"),
  });
  function Old(this: Socket, options: object) {
    (net.Socket as unknown as Function).call(this, options);
  }
  inherits(Old, net.Socket);
  const socket = keep(t, Reflect.construct(Old, [{}]) as Socket);
  assert.ok(socket instanceof net.Socket);
  socket.connect(portOf(server), LOCAL);
  assert.equal((await allOf(socket)).toString(), "old style");
});

netTest("Socket: call on an object that inherits, with options", (net) => {
  const object = Object.create(net.Socket.prototype) as Socket;
  (net.Socket as unknown as Function).call(object, { allowHalfOpen: true });
  assert.equal(object.allowHalfOpen, true);
  assert.equal(object.connecting, false);
  assert.equal(object.readable, true);
});

netTest("Socket: object mode is refused, with the words of node:net", (net) => {
  for (const name of ["objectMode", "readableObjectMode", "writableObjectMode"]) {
    const text = (on: Net) => thrownBy(() => make(on, { [name]: true })).message;
    assert.equal(
      codeOf(() => make(net, { [name]: true })),
      "ERR_INVALID_ARG_VALUE",
    );
    assert.equal(text(net), text(nodeNet));
    assert.doesNotThrow(() => make(net, { [name]: false }));
  }
});

netTest("Socket: fd of a wrong type or value is refused", (net) => {
  for (const fd of ["3", {}, null, true, Symbol("s")]) {
    assert.equal(
      codeOf(() => make(net, { fd })),
      "ERR_INVALID_ARG_TYPE",
      inspect(fd),
    );
  }
  for (const fd of [-1, 1.5, 2 ** 31, Number.NaN])
    assert.equal(
      codeOf(() => make(net, { fd })),
      "ERR_OUT_OF_RANGE",
      inspect(fd),
    );
});

netTest("Socket: keepAliveInitialDelay must be a number", (net) => {
  for (const value of ["1", null, {}, true, []])
    assert.equal(
      codeOf(() => make(net, { keepAliveInitialDelay: value })),
      "ERR_INVALID_ARG_TYPE",
      inspect(value),
    );
  for (const value of [0, -5, 1.5]) assert.ok(make(net, { keepAliveInitialDelay: value }));
});

netTest("Socket: signal must be one", (net) => {
  for (const signal of ["x", {}, 5])
    assert.equal(
      codeOf(() => make(net, { signal })),
      "ERR_INVALID_ARG_TYPE",
      inspect(signal),
    );
});

netTest("Socket: no options, undefined and null are the defaults", (net) => {
  for (const args of [[], [undefined], [null], [{}]]) {
    const socket = make(net, ...args);
    assert.equal(socket.allowHalfOpen, false);
    assert.equal(socket.readableHighWaterMark, make(nodeNet).readableHighWaterMark);
  }
});

netTest("Socket: allowHalfOpen as a boolean", (net) => {
  for (const value of [true, 1, "yes"])
    assert.equal(make(net, { allowHalfOpen: value }).allowHalfOpen, true);
  for (const value of [false, 0, "", null, undefined])
    assert.equal(make(net, { allowHalfOpen: value }).allowHalfOpen, false);
});

netTest("Socket: the options given are not changed", (net) => {
  const options = Object.freeze({ allowHalfOpen: true, highWaterMark: 10 });
  const socket = make(net, options);
  assert.deepEqual({ ...options }, { allowHalfOpen: true, highWaterMark: 10 });
  assert.equal(socket.readableHighWaterMark, 10);
});

netTest("Socket: readable and writable false without a descriptor are no matter", (net) => {
  for (const options of [
    { readable: false },
    { writable: false },
    { readable: false, writable: false },
    { readable: true, writable: true },
  ]) {
    const state = (on: Net) => {
      const socket = make(on, options);
      return [socket.readable, socket.writable, socket.readyState];
    };
    assert.deepEqual(state(net), state(nodeNet), inspect(options));
  }
});

netTest("Socket: highWaterMark of both directions", (net) => {
  const socket = make(net, { highWaterMark: 7 });
  assert.deepEqual([socket.readableHighWaterMark, socket.writableHighWaterMark], [7, 7]);
});

netTest("Socket: a subclass of what connect() gives", async (net, t) => {
  const server = await listening(net, t, { onConnection: (socket) => void socket.end() });
  const socket = keep(t, net.connect(portOf(server), LOCAL));
  assert.equal(Object.getPrototypeOf(socket), net.Socket.prototype);
  socket.resume();
  await once(socket, "close");
});

netTest(
  "Socket: methods are own properties of its prototype, where libraries look for them",
  (net) => {
    const own = Object.getOwnPropertyNames(net.Socket.prototype);
    const expected = Object.getOwnPropertyNames(nodeNet.Socket.prototype);
    const isPublic = (name: string) => !name.startsWith("_");
    assert.deepEqual(
      expected.filter((name) => isPublic(name) && !own.includes(name)),
      [],
    );
  },
);

netTest("Server: methods are own properties of its prototype", (net) => {
  const own = Object.getOwnPropertyNames(net.Server.prototype);
  const expected = Object.getOwnPropertyNames(nodeNet.Server.prototype);
  assert.deepEqual(
    expected.filter((name) => !name.startsWith("_") && !own.includes(name)),
    [],
  );
});

netTest("Socket.prototype.connect may be replaced, as libraries that watch do", async (net, t) => {
  const server = await listening(net, t);
  const original = net.Socket.prototype.connect;
  let calls = 0;
  net.Socket.prototype.connect = function (this: Socket, ...args: unknown[]) {
    calls++;
    return Reflect.apply(original, this, args) as Socket;
  } as typeof original;
  try {
    const client = keep(t, net.connect(portOf(server), LOCAL));
    await once(client, "connect");
  } finally {
    net.Socket.prototype.connect = original;
  }
  assert.equal(calls, 1);
});

netTest("Server.prototype.listen may be replaced", async (net, t) => {
  const original = net.Server.prototype.listen;
  let calls = 0;
  net.Server.prototype.listen = function (this: unknown, ...args: unknown[]) {
    calls++;
    return Reflect.apply(original, this, args) as unknown;
  } as typeof original;
  try {
    await listening(net, t);
  } finally {
    net.Server.prototype.listen = original;
  }
  assert.equal(calls, 1);
});
