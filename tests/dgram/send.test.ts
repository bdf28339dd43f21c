// send(): its forms, what is refused, and what callbacks are told.

import assert from "node:assert/strict";
import type { Socket } from "node:dgram";
import { once } from "node:events";
import {
  both,
  closed,
  message,
  sendError,
  sent,
  texts,
  thrownBy,
  type Side,
} from "./support/both.js";

/** send() with words that the types do not know. */
const send = (socket: Socket, ...words: unknown[]): unknown =>
  (socket.send as (...all: unknown[]) => unknown).apply(socket, words);

async function pair(side: Side) {
  const receiver = await side.bound();
  const sender = await side.bound();
  return { receiver, sender, port: receiver.address().port };
}

both("every form of send() arrives as it should", async (side) => {
  const { receiver, sender, port } = await pair(side);
  const bytes = Buffer.from("0123456789");
  const forms: [unknown[], string][] = [
    [["text", port], "text"],
    [["text", port, "127.0.0.1"], "text"],
    [["text", port, "localhost"], "text"],
    [["text", port, ""], "text"],
    [["text", port, null], "text"],
    [["text", port, undefined], "text"],
    [["text", String(port)], "text"],
    [["text", 1, 2, port], "ex"],
    [["text", 1, 2, port, "127.0.0.1"], "ex"],
    [["text", "1", "2", port, "127.0.0.1"], "ex"],
    [["", port], ""],
    [["é€", port], "é€"],
    [[bytes, port], "0123456789"],
    [[bytes, 3, 4, port], "3456"],
    [[bytes, 10, 0, port], ""],
    [[bytes.subarray(2), 0, 2, port], "23"],
    [[new Uint8Array(bytes), port], "0123456789"],
    [[new Uint16Array([0x6261, 0x6463]), port], "abcd"],
    [[new Uint16Array([0x6261, 0x6463]), 1, 2, port], "bc"],
    [[new DataView(bytes.buffer, bytes.byteOffset + 5, 3), port], "567"],
    [[["a", bytes, new Uint8Array([65])], port], "a0123456789A"],
    [[[], port], ""],
    [[[""], port], ""],
  ];
  for (const [words, expected] of forms) {
    const arrived = message(receiver);
    assert.equal(send(sender, ...words), undefined);
    const { text, from } = await arrived;
    assert.equal(text, expected, JSON.stringify(words));
    assert.deepEqual(from, {
      address: "127.0.0.1",
      family: "IPv4",
      port: sender.address().port,
      size: Buffer.byteLength(expected),
    });
    const next = message(receiver);
    assert.deepEqual(await sent(sender, ...words), [null, Buffer.byteLength(expected)]);
    await next;
  }
});

both("sendto() is send() with all of its arguments", async (side) => {
  const { receiver, sender, port } = await pair(side);
  const old = sender as unknown as { sendto(...words: unknown[]): void };
  const arrived = message(receiver);
  old.sendto(Buffer.from("0123"), 1, 2, port, "127.0.0.1");
  assert.equal((await arrived).text, "12");
  for (const [words, name] of [
    [["x", "0", 1, port, "127.0.0.1"], "offset"],
    [["x", 0, "1", port, "127.0.0.1"], "length"],
    [["x", 0, 1, "1", "127.0.0.1"], "port"],
    [["x", 0, 1, port], "address"],
  ] as const) {
    const { code, message: text } = thrownBy(() => old.sendto(...words));
    assert.equal(code, "ERR_INVALID_ARG_TYPE");
    assert.match(text, new RegExp(`"${name}"`));
  }
});

both("what send() throws", async (side) => {
  const { sender, port } = await pair(side);
  const bytes = Buffer.alloc(4);
  const views = "of type string or an instance of Buffer, TypedArray, or DataView";
  const badPort = (text: string): object => ({
    name: "RangeError",
    code: "ERR_SOCKET_BAD_PORT",
    message: `Port should be > 0 and < 65536. Received ${text}.`,
  });
  const badType = (what: string, text: string): object => ({
    name: "TypeError",
    code: "ERR_INVALID_ARG_TYPE",
    message: `The ${what} ${text}`,
  });
  const outOfBounds = (name: string): object => ({
    name: "RangeError",
    code: "ERR_BUFFER_OUT_OF_BOUNDS",
    message: `"${name}" is outside of buffer bounds`,
  });
  const cases: [unknown[], object][] = [
    [["x"], badPort("undefined")],
    [["x", 0], badPort("type number (0)")],
    [["x", 65_536], badPort("type number (65536)")],
    [["x", -1], badPort("type number (-1)")],
    [["x", "port"], badPort("type string ('port')")],
    [["x", 1.5], badPort("type number (1.5)")],
    [[5, port], badType('"buffer" argument', `must be ${views}. Received type number (5)`)],
    [[undefined, port], badType('"buffer" argument', `must be ${views}. Received undefined`)],
    [
      [new ArrayBuffer(3), port],
      badType('"buffer" argument', `must be ${views}. Received an instance of ArrayBuffer`),
    ],
    [
      [["x", 5], port],
      badType(
        '"buffer list arguments" argument',
        `must be ${views}. Received an instance of Array`,
      ),
    ],
    [
      [{}, 0, 1, port],
      badType('"buffer" argument', `must be ${views}. Received an instance of Object`),
    ],
    [
      ["x", port, 5],
      badType('"address" argument', "must be of type string. Received type number (5)"),
    ],
    [
      ["x", port, true],
      badType('"address" argument', "must be of type string. Received type boolean (true)"),
    ],
    [[bytes, 5, 0, port], outOfBounds("offset")],
    [[bytes, 3, 2, port], outOfBounds("length")],
    [[bytes, -1, 2, port], outOfBounds("offset")],
  ];
  for (const [words, expected] of cases)
    assert.deepEqual(
      thrownBy(() => send(sender, ...words)),
      expected,
      JSON.stringify(words),
    );
});

both("what send() tells its callback", async (side) => {
  const { sender, port } = await pair(side);
  const place = { syscall: "send", port };
  const cases: [unknown[], object][] = [
    [["x", port, "::1"], { code: "EINVAL", errno: -22, address: "::1" }],
    [["x", port, "240.0.0.1"], { code: "EINVAL", errno: -22, address: "240.0.0.1" }],
    [["x", port, "255.255.255.255"], { code: "EACCES", errno: -13, address: "255.255.255.255" }],
    [
      [Buffer.alloc(65_508), port, "127.0.0.1"],
      { code: "EMSGSIZE", errno: -90, address: "127.0.0.1" },
    ],
    [
      [Buffer.alloc(100_000), port, "127.0.0.1"],
      { code: "EMSGSIZE", errno: -90, address: "127.0.0.1" },
    ],
  ];
  for (const [words, more] of cases) {
    const { code, address } = more as { code: string; address: string };
    const text = `send ${code} ${address}:${port}`;
    const error = await sendError(sender, ...words);
    assert.deepEqual(error, { name: "Error", message: text, ...place, ...more });
  }
});

both("without a callback what went wrong in send() is not told", async (side) => {
  const { receiver, sender, port } = await pair(side);
  sender.on("error", () => assert.fail("it was told"));
  sender.send("x", port, "255.255.255.255");
  sender.send(Buffer.alloc(70_000), port);
  sender.send("fine", port);
  assert.equal((await message(receiver)).text, "fine");
});

both("a name that there is not: the callback, or 'error'", async (side) => {
  const failing = (_: string, __: unknown, callback: Function): void => {
    const error = new Error("getaddrinfo ENOTFOUND nobody.example");
    process.nextTick(callback as () => void, Object.assign(error, { code: "ENOTFOUND" }));
  };
  const sender = side.create({ lookup: failing as never });
  const bound = new Promise((resolve) => {
    // The same lookup serves bind(): it is asked for nothing there.
    sender.once("error", resolve);
  });
  sender.bind(0, "127.0.0.1");
  assert.equal(((await bound) as NodeJS.ErrnoException).code, "ENOTFOUND");
  const names = side.create({
    lookup: ((name: string, family: unknown, callback: Function) =>
      name === "nobody.example"
        ? failing(name, family, callback)
        : process.nextTick(callback as () => void, null, name, 4)) as never,
  });
  names.bind(0, "127.0.0.1");
  await once(names, "listening");
  assert.equal((await sendError(names, "x", 9, "nobody.example")).code, "ENOTFOUND");
  names.send("x", 9, "nobody.example");
  const [error] = (await once(names, "error")) as [NodeJS.ErrnoException];
  assert.equal(error.code, "ENOTFOUND");
});

both("the longest datagram there is, and an empty one", async (side) => {
  const { receiver, sender, port } = await pair(side);
  const bytes = Buffer.alloc(65_507, "0123456789abcdefg");
  sender.send(bytes, port);
  const [data, from] = (await once(receiver, "message")) as [Buffer, { size: number }];
  assert.ok(Buffer.isBuffer(data));
  assert.ok(data.equals(bytes));
  assert.equal(from.size, 65_507);
  sender.send(Buffer.alloc(0), port);
  assert.deepEqual(await message(receiver), {
    text: "",
    from: { address: "127.0.0.1", family: "IPv4", port: sender.address().port, size: 0 },
  });
});

both("a callback comes later than send(), and in order", async (side) => {
  const { sender, port } = await pair(side);
  const order: string[] = [];
  await new Promise<void>((resolve) => {
    sender.send("1", port, () => order.push("first"));
    sender.send("2", port, () => {
      order.push("second");
      resolve();
    });
    order.push("returned");
  });
  assert.deepEqual(order, ["returned", "first", "second"]);
});

both("send() before bind() binds the socket, and keeps the order", async (side) => {
  const receiver = await side.bound();
  const { port } = receiver.address();
  const got = texts(receiver);
  const sender = side.create();
  const order: string[] = [];
  sender.on("listening", () => order.push("listening"));
  sender.send("1", port, () => order.push("1"));
  sender.send(["2", "!"], port, "127.0.0.1", () => order.push("2"));
  await new Promise<void>((resolve) => sender.send("3", port, () => resolve()));
  while (got.length < 3) await once(receiver, "message");
  assert.deepEqual(got, ["1", "2!", "3"]);
  assert.deepEqual(order, ["listening", "1", "2"]);
  assert.equal(sender.address().address, "0.0.0.0");
  assert.throws(() => sender.bind(0), { code: "ERR_SOCKET_ALREADY_BOUND" });
});

both("send() while bind() is under way waits for it", async (side) => {
  const receiver = await side.bound();
  const { port } = receiver.address();
  const free = await side.freePort();
  const sender = side.create();
  sender.bind(free, "127.0.0.1");
  sender.send("early", port);
  const { text, from } = await message(receiver);
  assert.equal(text, "early");
  assert.equal(from.port, free);
});

both(
  "what was sent before bind() failed is forgotten, and the socket can be used again",
  async (side) => {
    const receiver = await side.bound();
    const { port } = receiver.address();
    const sender = side.create();
    sender.bind(0, "203.0.113.5");
    sender.send("lost", port, () => assert.fail("the callback of what was forgotten"));
    const [error] = (await once(sender, "error")) as [NodeJS.ErrnoException];
    assert.equal(error.code, "EADDRNOTAVAIL");
    sender.send("heard", port);
    assert.equal((await message(receiver)).text, "heard");
  },
);

both("a datagram to 0.0.0.0 is one to ourselves", async (side) => {
  const { receiver, sender, port } = await pair(side);
  sender.send("here", port, "0.0.0.0");
  assert.equal((await message(receiver)).text, "here");
});

both("close() in the callback of send() does not take the datagram back", async (side) => {
  const receiver = await side.bound();
  const { port } = receiver.address();
  const got = texts(receiver);
  for (let count = 0; count < 20; count++) {
    const sender = side.create();
    sender.send(`${count}`, port, () => sender.close());
    await once(sender, "close");
  }
  while (got.length < 20) await once(receiver, "message");
  assert.deepEqual(
    got,
    Array.from({ length: 20 }, (_, i) => `${i}`),
  );
});

both("nothing can be done with a closed socket", async (side) => {
  const socket = await side.bound();
  await closed(socket);
  const expected = { name: "Error", code: "ERR_SOCKET_DGRAM_NOT_RUNNING", message: "Not running" };
  const calls: [string, unknown[]][] = [
    ["send", ["x", 9]],
    ["bind", []],
    ["close", []],
    ["address", []],
    ["remoteAddress", []],
    ["addMembership", ["224.0.0.5"]],
    ["dropMembership", ["224.0.0.5"]],
    ["setMulticastInterface", ["127.0.0.1"]],
    ["addSourceSpecificMembership", ["127.0.0.1", "232.0.0.1"]],
  ];
  for (const [name, words] of calls) {
    const call = () => (socket as unknown as Record<string, Function>)[name]!.apply(socket, words);
    assert.deepEqual(thrownBy(call), expected, name);
  }
  assert.equal(socket.ref(), socket);
  assert.equal(socket.unref(), socket);
});

both(
  "to an address of loopback that nobody has used: sent, and heard by who is bound to any",
  async (side) => {
    const sender = await side.bound(0, "0.0.0.0");
    const nobody = await side.freePort();
    assert.equal((await sent(sender, "lost", nobody, "127.0.0.9"))[0], null);
    const receiver = await side.bound(0, "0.0.0.0");
    const arriving = message(receiver);
    assert.equal((await sent(sender, "found", receiver.address().port, "127.0.0.8"))[0], null);
    assert.equal((await arriving).text, "found");
  },
);
