// UDP against the kernel: echo and discard over TAP, every size, fragments both ways, a long transfer.

import assert from "node:assert/strict";
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { test, type TestContext } from "node:test";
import { skip } from "./support/namespace.js";
import { patternAt } from "./support/pattern.js";
import { startServe, type Served } from "./support/serve.js";

const options = { skip, timeout: 60_000 };
const SERVICES = "echo,discard,http";
/** Bytes of a datagram of the long transfer, and how many are under way at a time: all fit the ring. */
const SIZE = 8_000;
const OUTSTANDING = 6;

async function client(t: TestContext, served: Served): Promise<Socket> {
  const socket = createSocket("udp4");
  t.after(() => socket.close());
  const connected = once(socket, "connect");
  socket.connect(served.port("echo"), served.address);
  await connected;
  socket.setRecvBufferSize(1 << 20);
  return socket;
}

const ask = async (socket: Socket, question: Uint8Array): Promise<Buffer> => {
  const answer = once(socket, "message", { signal: AbortSignal.timeout(5000) });
  socket.send(question);
  return (await answer)[0] as Buffer;
};

for (const profile of ["desktop", "esp32"] as const) {
  const most = profile === "desktop" ? 65_507 : 1472;
  test(`udp echo of every kind of size: ${profile}`, options, async (t) => {
    const served = await startServe(t, [SERVICES, "--profile", profile]);
    const socket = await client(t, served);
    const sizes = [0, 1, 2, 511, 512, 1471, 1472, 1473, 1480, 2953, 8192, 65_507];
    for (const size of sizes.filter((each) => each <= most)) {
      const question = Buffer.from(patternAt(size, size));
      assert.deepEqual(await ask(socket, question), question, `${size} bytes`);
    }
    assert.equal(await served.notIdle(), "");
  });
}

test("100 MB of UDP echo in fragments", options, async (t) => {
  const served = await startServe(t, [SERVICES]);
  const socket = await client(t, served);
  const COUNT = 100_000_000 / SIZE;
  const base = Buffer.from(patternAt(0, SIZE));
  let sent = 0;
  let received = 0;
  const send = () => {
    const datagram = Buffer.from(base);
    datagram.writeUInt32BE(sent++, 0);
    socket.send(datagram);
  };
  const seen = new Set<number>();
  const startMs = performance.now();
  await new Promise<void>((resolve, reject) => {
    let timer = setTimeout(() => {}, 0);
    const watch = () => {
      clearTimeout(timer);
      timer = setTimeout(() => reject(new Error(`lost after ${received} of ${sent}`)), 5000);
    };
    socket.on("message", (datagram) => {
      watch();
      received++;
      assert.ok(datagram.subarray(4).equals(base.subarray(4)), `datagram ${received} is whole`);
      seen.add(datagram.readUInt32BE(0));
      if (received === COUNT) {
        clearTimeout(timer);
        resolve();
      } else if (sent < COUNT) send();
    });
    watch();
    for (let i = 0; i < OUTSTANDING; i++) send();
  });
  assert.equal(seen.size, COUNT);
  const seconds = (performance.now() - startMs) / 1000;
  t.diagnostic(`udp echo: ${((2 * SIZE * COUNT) / 1e6 / seconds).toFixed(0)} MB/s both ways`);
  const { counters } = await served.status();
  assert.ok((counters["ip_reassembled"] ?? 0) >= COUNT);
});

test("udp to a port that nobody has: ECONNREFUSED", options, async (t) => {
  const served = await startServe(t, [SERVICES]);
  const socket = createSocket("udp4");
  t.after(() => socket.close());
  const connected = once(socket, "connect");
  socket.connect(4321, served.address);
  await connected;
  const failed = once(socket, "error", { signal: AbortSignal.timeout(5000) });
  socket.send("x");
  const [error] = (await failed) as [NodeJS.ErrnoException];
  assert.equal(error.code, "ECONNREFUSED");
});
