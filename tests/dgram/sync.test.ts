// bindSync() and connectSync(), which Node has from 24 on.

import assert from "node:assert/strict";
import type { Socket } from "node:dgram";
import { once } from "node:events";
import type { DgramSocket } from "../../host/dgram/module.js";
import { bothWith, closed, message, thrownBy, type Side } from "./support/both.js";

const create = (side: Side): DgramSocket => side.create() as Socket as DgramSocket;

bothWith(
  "bindSync",
  "bindSync() answers where the socket is, and 'listening' follows",
  async (side) => {
    const socket = create(side);
    const at = socket.bindSync();
    assert.deepEqual(at, socket.address());
    assert.equal(at.address, "0.0.0.0");
    await once(socket, "listening");
    const { port } = at;
    await closed(socket);
    const again = create(side);
    assert.deepEqual(again.bindSync({ port, address: "127.0.0.1" }), {
      address: "127.0.0.1",
      family: "IPv4",
      port,
    });
    again.send("itself", port);
    assert.equal((await message(again)).text, "itself");
  },
);

bothWith("bindSync", "what bindSync() does not take leaves the socket as it was", async (side) => {
  const socket = create(side);
  const holder = await side.bound();
  const { port } = holder.address();
  const cases: [unknown, string][] = [
    [null, "ERR_INVALID_ARG_TYPE"],
    [5, "ERR_INVALID_ARG_TYPE"],
    [{ port: -1 }, "ERR_SOCKET_BAD_PORT"],
    [{ address: 5 }, "ERR_INVALID_ARG_TYPE"],
    [{ address: "localhost" }, "ERR_INVALID_ARG_VALUE"],
    [{ address: "203.0.113.5" }, "EADDRNOTAVAIL"],
    [{ address: "::1" }, "EINVAL"],
    [{ port, address: "127.0.0.1" }, "EADDRINUSE"],
  ];
  for (const [options, code] of cases)
    assert.equal(
      thrownBy(() => socket.bindSync(options as object)).code,
      code,
      JSON.stringify(options),
    );
  socket.bindSync({ port: 0 });
  assert.equal(thrownBy(() => socket.bindSync()).code, "ERR_SOCKET_ALREADY_BOUND");
});

bothWith(
  "bindSync",
  "a socket that was closed in between says nothing of 'listening'",
  async (side) => {
    const socket = create(side);
    socket.on("listening", () => assert.fail("it was closed"));
    socket.bindSync();
    socket.close();
    await once(socket, "close");
  },
);

bothWith("connectSync", "connectSync() binds the socket where it is not bound", async (side) => {
  const peer = await side.bound();
  const { port } = peer.address();
  for (const address of [undefined, "", "127.0.0.1"]) {
    const socket = create(side);
    socket.connectSync(port, address);
    assert.equal(socket.remoteAddress().port, port);
    const arrived = message(peer);
    socket.send("to the peer");
    assert.equal((await arrived).from.port, socket.address().port);
    assert.equal(thrownBy(() => socket.connectSync(port)).code, "ERR_SOCKET_DGRAM_IS_CONNECTED");
  }
  const socket = create(side);
  socket.connectSync(port);
  await once(socket, "connect");
});

bothWith("connectSync", "what connectSync() does not take", async (side) => {
  const socket = create(side);
  const cases: [unknown[], string][] = [
    [[0], "ERR_SOCKET_BAD_PORT"],
    [[9, "localhost"], "ERR_INVALID_ARG_VALUE"],
    [[9, 5], "ERR_INVALID_ARG_TYPE"],
    [[9, "::1"], "EINVAL"],
  ];
  for (const [words, code] of cases)
    assert.equal(thrownBy(() => socket.connectSync(...(words as [number]))).code, code);
  socket.connectSync(9);
  const binding = create(side);
  binding.bind(0);
  assert.equal(thrownBy(() => binding.connectSync(9)).code, "ERR_SOCKET_ALREADY_BOUND");
  await once(binding, "listening");
});
