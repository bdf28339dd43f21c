// Broadcast and groups on loopback.

import assert from "node:assert/strict";
import { once } from "node:events";
import { both, message, sendError, sent, texts } from "./support/both.js";

const GROUP = "224.0.0.114";
const ALL = "127.255.255.255";
const HERE = "127.0.0.1";

both(
  "a broadcast needs leave, and reaches who is bound to any address, the sender too",
  async (side) => {
    const receiver = await side.bound(0, "0.0.0.0");
    const { port } = receiver.address();
    const sender = await side.bound(0, "0.0.0.0");
    assert.equal((await sendError(sender, "x", port, "255.255.255.255")).code, "EACCES");
    sender.setBroadcast(true);
    assert.deepEqual(await sent(sender, "heard", port, ALL), [null, 5]);
    const { text, from } = await message(receiver);
    assert.deepEqual([text, from.address, from.port], ["heard", HERE, sender.address().port]);
    receiver.setBroadcast(true);
    receiver.send("to myself, too", port, ALL);
    assert.equal((await message(receiver)).text, "to myself, too");
    sender.setBroadcast(false);
    assert.equal((await sendError(sender, "x", port, "255.255.255.255")).code, "EACCES");
  },
);

both("a broadcast is not for a socket that is bound to an address", async (side) => {
  const bound = await side.bound();
  const { port } = bound.address();
  const sender = await side.bound(0, "0.0.0.0");
  sender.setBroadcast(true);
  const got = texts(bound);
  await sent(sender, "for any", port, ALL);
  sender.send("for one", port, HERE);
  await once(bound, "message");
  assert.deepEqual(got, ["for one"]);
});

both("a group is heard from addMembership() to dropMembership()", async (side) => {
  const receiver = await side.bound(0, "0.0.0.0");
  const { port } = receiver.address();
  const sender = await side.bound(0, "0.0.0.0");
  sender.setMulticastInterface(HERE);
  const got = texts(receiver);
  await sent(sender, "before", port, GROUP);
  receiver.addMembership(GROUP, HERE);
  assert.deepEqual(await sent(sender, "joined", port, GROUP), [null, 6]);
  const { from } = await message(receiver);
  assert.deepEqual([from.address, from.port], [HERE, sender.address().port]);
  receiver.dropMembership(GROUP, HERE);
  await sent(sender, "after", port, GROUP);
  sender.send("for one", port, HERE);
  await once(receiver, "message");
  assert.deepEqual(got, ["joined", "for one"]);
});

both("a group that one socket has joined is heard by every socket of the port", async (side) => {
  const options = { reuseAddr: true };
  const first = await side.bound(0, "0.0.0.0", options);
  const { port } = first.address();
  const second = await side.bound(port, "0.0.0.0", options);
  first.addMembership(GROUP, HERE);
  const sender = await side.bound(0, "0.0.0.0");
  sender.setMulticastInterface(HERE);
  const arrived = Promise.all([first, second].map(message));
  sender.send("both", port, GROUP);
  assert.deepEqual(
    (await arrived).map(({ text }) => text),
    ["both", "both"],
  );
});

both(
  "loopback hears a group whatever setMulticastLoopback() and the time to live say",
  async (side) => {
    const socket = await side.bound(0, "0.0.0.0");
    const { port } = socket.address();
    socket.addMembership(GROUP, HERE);
    socket.setMulticastInterface(HERE);
    socket.setMulticastLoopback(false);
    socket.setMulticastTTL(0);
    socket.send("myself", port, GROUP);
    assert.equal((await message(socket)).text, "myself");
  },
);

both("a socket that closes leaves its groups", async (side) => {
  const port = await side.freePort("0.0.0.0");
  for (let count = 0; count < 100; count++) {
    const socket = side.dgram.createSocket("udp4");
    socket.bind(port);
    await once(socket, "listening");
    socket.addMembership(`239.1.1.${count}`, HERE);
    socket.close();
    await once(socket, "close");
  }
  const socket = await side.bound(port, "0.0.0.0");
  const got = texts(socket);
  socket.setMulticastInterface(HERE);
  await sent(socket, "left", port, "239.1.1.99");
  socket.send("for one", port, HERE);
  await once(socket, "message");
  assert.deepEqual(got, ["for one"]);
});

both("a peer that is a group is sent to, and not heard", async (side) => {
  const receiver = await side.bound(0, "0.0.0.0");
  const { port } = receiver.address();
  receiver.addMembership(GROUP, HERE);
  const sender = await side.bound(0, "0.0.0.0");
  sender.setMulticastInterface(HERE);
  sender.connect(port, GROUP);
  await once(sender, "connect");
  assert.deepEqual(sender.remoteAddress(), { address: GROUP, family: "IPv4", port });
  sender.send("group");
  assert.equal((await message(receiver)).text, "group");
});
