// Nothing is gathered that nobody has asked for: a reader that does not read closes the window, a writer waits
// for room. And what runs beside a transfer gets its share.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { TURNS_PER_TASK } from "../../host/core/eventLoop.js";
import { tee } from "../../host/link/tee.js";
import { MemoryLink } from "../../host/link/memory.js";
import { createStack } from "../../host/node/createStack.js";
import { fromRoot } from "../static/support/module.js";
import { A, B, createPair, createVirtualPair, openBoth, readAll } from "./support/pair.js";

const CHUNK_BYTES = 16_384;
const RING_BYTES = 65_536;

test("a reader that does not read stops the writer at the two rings", async () => {
  const pair = await createVirtualPair();
  const [client, server] = await openBoth(pair);
  const writer = client.writable.getWriter();
  let written = 0;
  const stopped = new AbortController();
  const filling = (async () => {
    while (!stopped.signal.aborted) {
      await writer.write(new Uint8Array(CHUNK_BYTES));
      written += CHUNK_BYTES;
    }
    await writer.close();
  })();
  // Long enough for any ring to fill, and for probes of the window.
  await pair.wait(new Promise<void>((resolve) => pair.a.after(5_000, resolve)));
  assert.equal(client.info()!.sndWnd, 0);
  assert.equal(client.info()!.sendQueue, RING_BYTES);
  assert.ok(server.info()!.receiveQueue <= RING_BYTES);
  assert.ok(written <= 2 * RING_BYTES, `${written} bytes were taken`);
  assert.equal(writer.desiredSize, 0);
  stopped.abort();
  const all = await pair.wait(readAll(server.readable));
  await filling;
  assert.equal(all.length, written);
  pair.close();
});

/** Moves `bytes` through an echo, in chunks. */
async function echo(pair: Awaited<ReturnType<typeof createPair>>, bytes: number): Promise<void> {
  const [client, server] = await openBoth(pair);
  const echoed = server.readable.pipeTo(server.writable);
  const writer = client.writable.getWriter();
  const writing = (async () => {
    for (let sent = 0; sent < bytes; sent += CHUNK_BYTES) {
      await writer.write(new Uint8Array(CHUNK_BYTES));
    }
    await writer.close();
  })();
  let received = 0;
  for await (const chunk of client.readable) received += chunk.length;
  assert.equal(received, bytes);
  await Promise.all([writing, echoed, client.closed, server.closed]);
}

test("the rest of the program runs while bytes move inside the process", async () => {
  const pair = await createPair();
  let rounds = 0;
  let isOver = false;
  // One more task of the program each time that one has run: how many find their way between the stacks' own.
  (function beside() {
    rounds++;
    if (!isOver) setImmediate(beside);
  })();
  const turnsBefore = pair.a.turns + pair.b.turns;
  await echo(pair, 16 * 1024 * 1024);
  isOver = true;
  const turns = pair.a.turns + pair.b.turns - turnsBefore;
  const least = Math.floor(turns / TURNS_PER_TASK);
  assert.ok(rounds >= least, `${rounds} tasks ran beside ${turns} turns of the stacks`);
  pair.close();
});

test("bytes and connections leave nothing behind", async () => {
  const program = `
    const { createPair, openBoth, readAll, writeAll } = await import("./dist/tests/portable/support/pair.js");
    const pair = await createPair();
    const listener = pair.b.listen({ port: 9 });
    void (async () => {
      for await (const socket of listener) socket.readable.pipeTo(socket.writable);
    })();
    const one = Uint8Array.of(1);
    async function round() {
      for (let i = 0; i < 300; i++) {
        const client = pair.a.connect({ hostname: "${B}", port: 9 });
        await writeExact(client, one);
      }
      const client = pair.a.connect({ hostname: "${B}", port: 9 });
      await writeExact(client, new Uint8Array(8 << 20));
    }
    async function writeExact(client, bytes) {
      const back = readAll(client.readable);
      await writeAll(client.writable, bytes);
      if ((await back).length !== bytes.length) throw new Error("bytes are missing");
      await client.closed;
    }
    // Memory of buffers is given back beside the program: what is still there after several looks is held.
    async function used() {
      let least = Infinity;
      for (let look = 0; look < 5; look++) {
        gc();
        await new Promise((done) => setTimeout(done, 20));
        const { heapUsed, external } = process.memoryUsage();
        least = Math.min(least, heapUsed + external);
      }
      return least;
    }
    for (let i = 0; i < 3; i++) await round();
    const before = await used();
    for (let i = 0; i < 6; i++) await round();
    console.log((await used()) - before);
    pair.close();
  `;
  const run = spawnSync(process.execPath, ["--expose-gc", "--input-type=module", "-e", program], {
    cwd: fromRoot("."),
    encoding: "utf8",
    timeout: 60_000,
  });
  assert.equal(run.status, 0, run.stderr);
  const grown = Number(run.stdout);
  assert.ok(grown < 1024 * 1024, `${grown} bytes more`);
});

test("no frame is longer than the MTU", async () => {
  const [left, right] = MemoryLink.pair();
  let longest = 0;
  const measure = {
    frame: (bytes: Uint8Array) => (longest = Math.max(longest, bytes.length)),
    flush: () => undefined,
    close: () => undefined,
  };
  const a = await createStack({ link: tee(left, measure), addresses: [`${A}/24`], mtu: 1280 });
  const b = await createStack({ link: right, addresses: [`${B}/24`] });
  const pair = { a, b, wait: <T>(promise: Promise<T>) => promise, close: () => undefined };
  await echo(pair, 4 * CHUNK_BYTES);
  assert.equal(longest, 1280 + 14);
  a.close();
  b.close();
});

test("sockets and loops that wait cost no turn", async () => {
  const pair = await createPair();
  const [client, server] = await openBoth(pair);
  const listener = pair.b.listen({ port: 80 });
  const waits = [client.readable.getReader().read(), server.readable.getReader().read()];
  const next = listener.next();
  await new Promise((resolve) => setTimeout(resolve, 200));
  const before = [pair.a.turns, pair.b.turns];
  await new Promise((resolve) => setTimeout(resolve, 500));
  assert.deepEqual([pair.a.turns, pair.b.turns], before);
  pair.close();
  await Promise.allSettled([...waits, next]);
});

/** Runs a program beside two connected stacks `a` and `b`. */
function runProgram(code: string) {
  const program = `
    import { createPair } from "./dist/tests/portable/support/pair.js";
    const { a, b } = await createPair();
    ${code}
  `;
  return spawnSync(process.execPath, ["--input-type=module", "-e", program], {
    cwd: fromRoot("."),
    encoding: "utf8",
    timeout: 20_000,
  });
}

test("a promise that waits keeps the process, an open socket alone does not", () => {
  const open = `
    const listener = b.listen({ port: 7 });
    const client = a.connect({ hostname: "${B}", port: 7 });
    const { value: server } = await listener.next();
    await client.opened;
  `;
  const ended = runProgram(`${open} console.log("open");`);
  assert.deepEqual([ended.status, ended.stdout, ended.stderr], [0, "open\n", ""]);
  const waited = runProgram(`
    a.ref(false);
    b.ref(false);
    ${open}
    const read = client.readable.getReader().read();
    setTimeout(() => server.writable.close(), 300).unref();
    console.log((await read).done);
  `);
  assert.deepEqual([waited.status, waited.stdout, waited.stderr], [0, "true\n", ""]);
});
