// bind(): its forms, what is refused, and what comes when.

import assert from "node:assert/strict";
import { lookup, type LookupOptions } from "node:dns";
import { once } from "node:events";
import { both, closed, errorOf, message, texts, thrownBy } from "./support/both.js";

const SOMEWHERE = "203.0.113.5";

both("every form of bind()", async (side) => {
  const forms: ((port: number) => unknown[])[] = [
    () => [],
    (port) => [port],
    (port) => [port, "127.0.0.1"],
    (port) => [port, "localhost"],
    (port) => [port, ""],
    (port) => [port, null],
    (port) => [{ port }],
    (port) => [{ port, address: "127.0.0.1", exclusive: true }],
    () => [{}],
    () => [null],
    (port) => [String(port)],
    () => [{ fd: 0 }],
  ];
  for (const form of forms) {
    const wanted = await side.freePort("0.0.0.0");
    const socket = side.create();
    const words = form(wanted);
    const returned = (socket.bind as Function).call(socket, ...words) as unknown;
    assert.equal(returned, socket);
    await once(socket, "listening");
    const { address, family, port } = socket.address();
    const first = words[0] as { port?: number } | null | undefined;
    const isChosen = typeof first === "object" ? first?.port === undefined : first === undefined;
    assert.deepEqual(
      [address, family],
      [JSON.stringify(words).match(/127\.|localhost/) ? "127.0.0.1" : "0.0.0.0", "IPv4"],
      JSON.stringify(words),
    );
    if (isChosen) assert.ok(port > 0);
    else assert.equal(port, wanted);
    await closed(socket);
  }
});

both("bind() with a callback in each place: it is called once, as 'listening'", async (side) => {
  for (const words of [[], [0], [0, "127.0.0.1"], [{ port: 0 }]]) {
    const socket = side.create();
    let calls = 0;
    const called = new Promise<void>((resolve) => {
      (socket.bind as Function).call(socket, ...words, function (this: unknown) {
        assert.equal(this, socket);
        calls++;
        resolve();
      });
    });
    await called;
    socket.emit("listening");
    assert.equal(calls, 1);
  }
});

both("'listening' comes later, and address() not before", async (side) => {
  const socket = side.create();
  socket.bind(0);
  assert.deepEqual(
    thrownBy(() => socket.address()),
    {
      name: "Error",
      message: "getsockname EBADF",
      code: "EBADF",
      errno: -9,
      syscall: "getsockname",
    },
  );
  await once(socket, "listening");
  assert.equal(socket.address().address, "0.0.0.0");
});

both("a second bind() is refused", async (side) => {
  const socket = side.create();
  socket.bind(0);
  const expected = {
    name: "Error",
    code: "ERR_SOCKET_ALREADY_BOUND",
    message: "Socket is already bound",
  };
  assert.deepEqual(
    thrownBy(() => socket.bind(0)),
    expected,
  );
  await once(socket, "listening");
  assert.deepEqual(
    thrownBy(() => socket.bind(0)),
    expected,
  );
});

both("a port in use, at the address, at any, and at one of any", async (side) => {
  for (const [first, second] of [
    ["127.0.0.1", "127.0.0.1"],
    ["127.0.0.1", "0.0.0.0"],
    ["0.0.0.0", "127.0.0.1"],
    ["0.0.0.0", "0.0.0.0"],
  ] as const) {
    const holder = await side.bound(0, first);
    const { port } = holder.address();
    for (const reuseAddr of [false, true]) {
      const socket = side.create({ reuseAddr });
      socket.bind(port, second, () => assert.fail("bound"));
      assert.deepEqual(await errorOf(socket), {
        name: "Error",
        message: `bind EADDRINUSE ${second}:${port}`,
        code: "EADDRINUSE",
        errno: -98,
        syscall: "bind",
        address: second,
        port,
      });
    }
    await closed(holder);
    const next = await side.bound(port, second);
    await closed(next);
  }
});

both(
  "an address of somebody else, of another family, and a name that there is not",
  async (side) => {
    const cases: [string, string, object][] = [
      [SOMEWHERE, "EADDRNOTAVAIL", { errno: -99, syscall: "bind", address: SOMEWHERE }],
      ["::1", "EINVAL", { errno: -22, syscall: "bind", address: "::1" }],
    ];
    for (const [address, code, more] of cases) {
      const socket = side.create();
      socket.bind(0, address);
      const message = `bind ${code} ${address}`;
      assert.deepEqual(await errorOf(socket), { name: "Error", message, code, ...more });
    }
    const socket = side.create({
      lookup: ((_: string, __: LookupOptions, callback: Function) => {
        const error = new Error("getaddrinfo ENOTFOUND nobody.example");
        process.nextTick(callback, Object.assign(error, { code: "ENOTFOUND" }));
      }) as unknown as typeof lookup,
    });
    socket.bind(0, "nobody.example");
    assert.equal((await errorOf(socket)).code, "ENOTFOUND");
  },
);

both("after a failure a socket can be bound again, and its callback is forgotten", async (side) => {
  const socket = side.create();
  socket.bind(0, SOMEWHERE, () => assert.fail("of the first attempt"));
  await errorOf(socket);
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  assert.equal(socket.listenerCount("listening"), 0);
});

both("a port is as many of its bits as there are", async (side) => {
  const free = await side.freePort("0.0.0.0");
  const socket = side.create();
  socket.bind(free + 65_536);
  await once(socket, "listening");
  assert.equal(socket.address().port, free);
  const second = side.create();
  (second.bind as Function).call(second, "no number");
  await once(second, "listening");
  assert.ok(second.address().port > 0);
});

both("a lookup of one's own is asked as Node asks it", async (side) => {
  const asked: unknown[][] = [];
  const own = (...words: unknown[]): void => {
    asked.push(words.slice(0, 2));
    process.nextTick(words[2] as Function as () => void, null, "127.0.0.1", 4);
  };
  const socket = side.create({ lookup: own as unknown as typeof lookup });
  socket.bind(0, "here.example");
  await once(socket, "listening");
  const { port } = socket.address();
  socket.send("x", port, "there.example");
  assert.equal((await message(socket)).text, "x");
  socket.send("y", port);
  assert.equal((await message(socket)).text, "y");
  assert.deepEqual(asked, [
    ["here.example", 4],
    ["there.example", 4],
    ["127.0.0.1", 4],
  ]);
});

both("joining a group binds a socket that is not bound, and bind() then fails", async (side) => {
  const socket = side.create();
  socket.addMembership("224.0.0.114", "127.0.0.1");
  const { port, address } = socket.address();
  assert.ok(port > 0);
  assert.equal(address, "0.0.0.0");
  socket.bind(0);
  assert.equal((await errorOf(socket)).code, "EINVAL");
});

both("a thousand sockets in turn, each on the same port", async (side) => {
  const port = await side.freePort();
  for (let count = 0; count < 1000; count++) {
    const socket = side.dgram.createSocket("udp4");
    const got = texts(socket);
    socket.bind(port, "127.0.0.1");
    await once(socket, "listening");
    socket.send(`${count}`, port);
    await once(socket, "message");
    assert.deepEqual(got, [`${count}`]);
    await closed(socket);
  }
});
