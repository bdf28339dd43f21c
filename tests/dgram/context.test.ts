// Asynchronous contexts, errors of listeners, and what keeps a process alive.

import assert from "node:assert/strict";
import { AsyncLocalStorage } from "node:async_hooks";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { both, closed, message, texts } from "./support/both.js";

both("each callback runs in the context that Node gives it", async (side) => {
  const storage = new AsyncLocalStorage<string>();
  const seen: Record<string, string | undefined> = {};
  const note = (name: string) => () => void (seen[name] = storage.getStore());
  const socket = storage.run("create", () => side.create());
  for (const name of ["listening", "connect", "message", "close"]) socket.on(name, note(name));
  storage.run("bind", () => socket.bind(0, "127.0.0.1", note("bound")));
  await once(socket, "listening");
  const { port } = socket.address();
  storage.run("send", () => socket.send("x", port, note("sent")));
  await once(socket, "message");
  storage.run("name", () => socket.send("x", port, "localhost", note("sent to a name")));
  await once(socket, "message");
  storage.run("connect", () => socket.connect(port));
  await once(socket, "connect");
  storage.run("peer", () => socket.send("x", note("sent to the peer")));
  await once(socket, "message");
  storage.run("close", () => socket.close());
  await once(socket, "close");
  assert.deepEqual(seen, {
    listening: "bind",
    bound: "bind",
    sent: "send",
    message: "create",
    "sent to a name": "name",
    connect: "connect",
    "sent to the peer": "peer",
    close: "close",
  });
});

both("a listener that throws takes no datagram from the next", async (side) => {
  const receiver = await side.bound();
  const sender = await side.bound();
  const { port } = receiver.address();
  const got = texts(receiver);
  let thrown = 0;
  const caught: unknown[] = [];
  const listeners = process.listeners("uncaughtException");
  process.removeAllListeners("uncaughtException");
  process.on("uncaughtException", (error) => caught.push(error));
  receiver.on("message", () => {
    if (thrown++ === 0) throw new Error("of the listener");
  });
  for (const word of ["1", "2", "3"]) sender.send(word, port);
  while (got.length < 3) await once(receiver, "message");
  process.removeAllListeners("uncaughtException");
  for (const each of listeners) process.on("uncaughtException", each);
  assert.deepEqual(got, ["1", "2", "3"]);
  assert.deepEqual(caught.map(String), ["Error: of the listener"]);
});

both("an error without a listener is thrown", async (side) => {
  const socket = side.create();
  const caught = new Promise((resolve) => {
    const listeners = process.listeners("uncaughtException");
    process.removeAllListeners("uncaughtException");
    process.once("uncaughtException", (error) => {
      for (const each of listeners) process.on("uncaughtException", each);
      resolve(error);
    });
  });
  socket.bind(0, "203.0.113.5");
  assert.equal(((await caught) as NodeJS.ErrnoException).code, "EADDRNOTAVAIL");
  await closed(socket);
});

/** Programs that end by themselves, with what they print; `dgram` is either module. */
const ENDING: readonly (readonly [string, string, string])[] = [
  ["a socket that was never bound", `dgram.createSocket("udp4");`, ""],
  [
    "an unref'd socket",
    `dgram.createSocket("udp4").bind(0, function () { this.unref(); console.log("bound"); });`,
    "bound\n",
  ],
  [
    "a socket that is unref'd before it is bound",
    `dgram.createSocket("udp4").unref().bind(0, () => console.log("bound"));`,
    "bound\n",
  ],
  [
    "a socket that is ref'd until a datagram comes",
    `const socket = dgram.createSocket("udp4");
     socket.unref().ref().on("message", (data) => { console.log(String(data)); socket.close(); });
     socket.bind(0, () => setImmediate(() => socket.send("came", socket.address().port)));`,
    "came\n",
  ],
  [
    "a socket that is closed",
    `dgram.createSocket("udp4").bind(0, function () { this.close(() => console.log("closed")); });`,
    "closed\n",
  ],
];

for (const name of ["node:dgram", "motetcp/dgram"]) {
  for (const [what, body, expected] of ENDING) {
    test(`${what} does not keep a process alive longer than it should (${name})`, () => {
      const own = new URL("../../host/dgram/index.js", import.meta.url).href;
      const from = name === "node:dgram" ? name : own;
      const program = `import dgram from ${JSON.stringify(from)};\n${body}`;
      const words = ["--input-type=module", "--eval", program];
      const { status, stdout, stderr } = spawnSync(process.execPath, words, {
        encoding: "utf8",
        timeout: 20_000,
      });
      assert.equal(stderr, "");
      assert.equal(stdout, expected);
      assert.equal(status, 0);
    });
  }
}

both("messages come while nobody listens to them, and are gone", async (side) => {
  const receiver = await side.bound();
  const sender = await side.bound();
  const { port } = receiver.address();
  const marker = await side.bound();
  sender.send("nobody listens", port);
  // Whatever is on its way from the same sender comes before this.
  sender.send("marker", marker.address().port);
  await message(marker);
  await new Promise(setImmediate);
  const arrived = message(receiver);
  sender.send("somebody listens", port);
  assert.equal((await arrived).text, "somebody listens");
});
