// One port for several sockets: who gets what.

import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { both, closed, errorOf, message, Side, sent, texts, OURS } from "./support/both.js";

const REUSE = { reuseAddr: true };

both("reuseAddr: what is for one host goes to the socket that came last", async (side) => {
  const first = await side.bound(0, "127.0.0.1", REUSE);
  const { port } = first.address();
  const second = await side.bound(port, "127.0.0.1", REUSE);
  const anywhere = await side.bound(port, "0.0.0.0", REUSE);
  const all = [first, second, anywhere].map(texts);
  const sender = await side.bound();
  sender.send("to the last at the address", port);
  await once(second, "message");
  await closed(second);
  sender.send("to the first again", port);
  await once(first, "message");
  await closed(first);
  sender.send("to any address", port);
  await once(anywhere, "message");
  assert.deepEqual(all, [
    ["to the first again"],
    ["to the last at the address"],
    ["to any address"],
  ]);
});

both("reuseAddr: both have to want it", async (side) => {
  const first = await side.bound(0, "127.0.0.1", REUSE);
  const { port } = first.address();
  const second = side.create();
  second.bind(port, "127.0.0.1");
  assert.equal((await errorOf(second)).code, "EADDRINUSE");
  const third = await side.bound(port, "127.0.0.1", REUSE);
  await closed(first);
  second.bind(port, "127.0.0.1");
  assert.equal((await errorOf(second)).code, "EADDRINUSE");
  await closed(third);
  second.bind(port, "127.0.0.1");
  await once(second, "listening");
});

both(
  "reuseAddr: a socket with a peer gets what the peer sends, the others the rest",
  async (side) => {
    const peer = await side.bound();
    const other = await side.bound();
    const connected = await side.bound(0, "127.0.0.1", REUSE);
    const { port } = connected.address();
    connected.connect(peer.address().port);
    await once(connected, "connect");
    const open = await side.bound(port, "127.0.0.1", REUSE);
    peer.send("from the peer", port);
    assert.equal((await message(connected)).text, "from the peer");
    other.send("from another", port);
    assert.equal((await message(open)).text, "from another");
    const arrived = message(peer);
    assert.deepEqual(await sent(connected, "to the peer"), [null, 11]);
    const { text, from } = await arrived;
    assert.deepEqual([text, from.port], ["to the peer", port]);
    await closed(open);
    other.send("for nobody", port);
    peer.send("from the peer again", port);
    assert.equal((await message(connected)).text, "from the peer again");
  },
);

both("reuseAddr: what is for many goes to all", async (side) => {
  const first = await side.bound(0, "0.0.0.0", REUSE);
  const { port } = first.address();
  const second = await side.bound(port, "0.0.0.0", REUSE);
  const all = [first, second].map(texts);
  const sender = await side.bound(0, "0.0.0.0");
  sender.setBroadcast(true);
  const arrived = [first, second].map((socket) => once(socket, "message"));
  sender.send("all", port, "127.255.255.255");
  const [[one], [two]] = (await Promise.all(arrived)) as [[Buffer], [Buffer]];
  assert.deepEqual(all, [["all"], ["all"]]);
  // Each has its own bytes.
  one.fill(0);
  assert.equal(two.toString(), "all");
});

test("reusePort: a sender stays with one socket, and senders are shared out", async () => {
  const side = new Side(OURS);
  const options = { reusePort: true };
  const first = await side.bound(0, "127.0.0.1", options);
  const { port } = first.address();
  const second = await side.bound(port, "127.0.0.1", options);
  const all = [first, second].map(texts);
  for (let count = 0; count < 16; count++) {
    const sender = await side.bound();
    for (const word of ["a", "b"]) sender.send(`${count}${word}`, port);
    const total = 2 * (count + 1);
    while (all.flat().length < total)
      await Promise.race([first, second].map((socket) => once(socket, "message")));
    await closed(sender);
  }
  for (let count = 0; count < 16; count++) {
    const [a, b] = ["a", "b"].map((word) =>
      all.findIndex((each) => each.includes(`${count}${word}`)),
    );
    assert.equal(a, b, `sender ${count}`);
  }
  assert.ok(all.every(({ length }) => length > 0));
  const single = side.create({ reuseAddr: true });
  single.bind(port, "127.0.0.1");
  assert.equal((await errorOf(single)).code, "EADDRINUSE");
  await side.end();
});
