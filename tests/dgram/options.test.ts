// Options: of sending, of buffers, of groups, before a socket is bound and after.

import assert from "node:assert/strict";
import type { Socket } from "node:dgram";
import { test } from "node:test";
import type { StackDgramExtras } from "../../host/dgram/module.js";
import { both, closed, Side, thrownBy, OURS } from "./support/both.js";

const call = (socket: Socket, name: string, ...words: unknown[]): unknown =>
  ((socket as unknown as Record<string, Function>)[name]! as Function).apply(socket, words);

const failed = (code: string, errno: number, syscall: string): object => ({
  name: "Error",
  message: `${syscall} ${code}`,
  code,
  errno,
  syscall,
});

both("there are no options before a socket is bound", (side) => {
  const socket = side.create();
  for (const [name, ...words] of [
    ["setBroadcast", true],
    ["setTTL", 3],
    ["setMulticastTTL", 3],
    ["setMulticastLoopback", true],
    ["setMulticastInterface", "127.0.0.1"],
  ] as const)
    assert.deepEqual(
      thrownBy(() => call(socket, name, ...words)),
      failed("EBADF", -9, name),
    );
  for (const [name, which] of [
    ["getRecvBufferSize", "recv"],
    ["getSendBufferSize", "send"],
    ["setRecvBufferSize", "recv"],
    ["setSendBufferSize", "send"],
  ] as const) {
    const syscall = `uv_${which}_buffer_size`;
    const {
      name: type,
      message,
      code,
      errno,
      syscall: said,
    } = thrownBy(() => call(socket, name, 1000));
    assert.deepEqual(
      [type, code, errno, said],
      ["SystemError", "ERR_SOCKET_BUFFER_SIZE", -9, syscall],
    );
    assert.equal(
      message,
      `Could not get or set buffer size: ${syscall} returned EBADF (bad file descriptor)`,
    );
  }
  assert.equal(call(socket, "getSendQueueSize"), 0);
  assert.equal(call(socket, "getSendQueueCount"), 0);
});

both("what each option takes, and what it answers", async (side) => {
  const socket = await side.bound(0, "0.0.0.0");
  const invalid = (name: string) => failed("EINVAL", -22, name);
  const fine: [string, unknown, unknown][] = [
    ["setTTL", 1, 1],
    ["setTTL", 255, 255],
    ["setTTL", 64.5, 64.5],
    ["setMulticastTTL", 0, 0],
    ["setMulticastTTL", 255, 255],
    ["setMulticastTTL", 1, 1],
    ["setBroadcast", true, undefined],
    ["setBroadcast", 0, undefined],
    ["setMulticastLoopback", 16, 16],
    ["setMulticastLoopback", false, false],
    ["setMulticastInterface", "0.0.0.0", undefined],
    ["setMulticastInterface", "127.0.0.1", undefined],
    ["setSendBufferSize", 100_000, undefined],
    ["setRecvBufferSize", 100_000, undefined],
  ];
  for (const [name, word, answer] of fine) assert.equal(call(socket, name, word), answer, name);
  for (const [name, word] of [
    ["setTTL", 0],
    ["setTTL", 256],
    ["setTTL", Number.NaN],
    ["setMulticastTTL", -1],
    ["setMulticastTTL", 256],
    ["setMulticastInterface", "no address"],
  ] as const)
    assert.deepEqual(
      thrownBy(() => call(socket, name, word)),
      invalid(name),
      `${name} ${word}`,
    );
  for (const [name, word] of [
    ["setTTL", "1"],
    ["setMulticastTTL", "1"],
    ["setMulticastInterface", 1],
  ] as const)
    assert.equal(thrownBy(() => call(socket, name, word)).code, "ERR_INVALID_ARG_TYPE", name);
  assert.deepEqual(
    thrownBy(() => socket.setMulticastInterface("203.0.113.5")),
    failed("EADDRNOTAVAIL", -99, "setMulticastInterface"),
  );
  assert.deepEqual(
    thrownBy(() => socket.setMulticastInterface("::1")),
    failed("ENOPROTOOPT", -92, "setMulticastInterface"),
  );
  for (const size of [-1, 1.5, "x", 2 ** 32, undefined]) {
    const expected = { code: "ERR_SOCKET_BAD_BUFFER_SIZE", name: "TypeError" };
    const { code, name } = thrownBy(() => call(socket, "setRecvBufferSize", size));
    assert.deepEqual({ code, name }, expected, String(size));
    assert.equal(thrownBy(() => call(socket, "setSendBufferSize", size)).code, expected.code);
  }
});

both("groups: what is none, joined twice, and left twice", async (side) => {
  const socket = await side.bound(0, "0.0.0.0");
  const add = (...words: unknown[]) => thrownBy(() => call(socket, "addMembership", ...words));
  const drop = (...words: unknown[]) => thrownBy(() => call(socket, "dropMembership", ...words));
  const here = ["224.0.0.114", "127.0.0.1"];
  for (const group of [undefined, "", null]) {
    assert.equal(add(group).code, "ERR_MISSING_ARGS");
    assert.equal(drop(group).code, "ERR_MISSING_ARGS");
  }
  for (const words of [
    ["x"],
    ["192.0.2.1", "127.0.0.1"],
    [5],
    ["224.0.0.5", "x"],
    ["224.0.0.5", ""],
  ])
    assert.deepEqual(add(...words), failed("EINVAL", -22, "addMembership"), JSON.stringify(words));
  assert.deepEqual(add("ff02::1"), failed("ENOPROTOOPT", -92, "addMembership"));
  assert.deepEqual(add("224.0.0.5", "203.0.113.5"), failed("ENODEV", -19, "addMembership"));
  assert.deepEqual(drop(...here), failed("EADDRNOTAVAIL", -99, "dropMembership"));
  assert.equal(call(socket, "addMembership", ...here), undefined);
  assert.deepEqual(add(...here), failed("EADDRINUSE", -98, "addMembership"));
  assert.equal(call(socket, "dropMembership", ...here), undefined);
  assert.deepEqual(drop(...here), failed("EADDRNOTAVAIL", -99, "dropMembership"));
  socket.addMembership("224.0.0.1", "127.0.0.1");
  assert.equal(
    thrownBy(() => call(socket, "addSourceSpecificMembership")).code,
    "ERR_INVALID_ARG_TYPE",
  );
  assert.equal(
    thrownBy(() => call(socket, "dropSourceSpecificMembership", "127.0.0.1", 5)).code,
    "ERR_INVALID_ARG_TYPE",
  );
});

test("groups of one source are refused: the stack joins for all", async () => {
  const side = new Side(OURS);
  const socket = await side.bound(0, "0.0.0.0");
  for (const name of ["addSourceSpecificMembership", "dropSourceSpecificMembership"])
    assert.deepEqual(
      thrownBy(() => call(socket, name, "127.0.0.1", "232.1.1.1")),
      failed("ENOPROTOOPT", -92, name),
    );
  await side.end();
});

test("buffers: that of the core has one size, and what may wait is set", async () => {
  const side = new Side(OURS);
  const socket = await side.bound(0, "0.0.0.0", { recvBufferSize: 1000, sendBufferSize: 200_000 });
  assert.equal(socket.getRecvBufferSize(), 65_536);
  assert.equal(socket.getSendBufferSize(), 200_000);
  socket.setRecvBufferSize(1_000_000);
  assert.equal(socket.getRecvBufferSize(), 65_536);
  socket.setSendBufferSize(1);
  assert.ok(socket.getSendBufferSize() > 65_507);
  await side.end();
});

test("setDSCP() takes a code point", async () => {
  const side = new Side(OURS);
  const socket = (await side.bound()) as Socket & StackDgramExtras;
  assert.equal(socket.setDSCP(46), 46);
  assert.equal(thrownBy(() => socket.setDSCP(64)).code, "EINVAL");
  assert.equal(thrownBy(() => socket.setDSCP("x" as never)).code, "ERR_INVALID_ARG_TYPE");
  await closed(socket);
});
