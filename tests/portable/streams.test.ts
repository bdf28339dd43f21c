// Streams of an open connection: what is written arrives, whole and in order, however bad the cable is; ends,
// halves of ends, and resets are told to both sides.

import assert from "node:assert/strict";
import { test } from "node:test";
import { pattern, sha256 } from "../host/support/pair.js";
import {
  createPair,
  createVirtualPair,
  openBoth,
  readAll,
  text,
  writeAll,
} from "./support/pair.js";

test("what is written arrives, both ways at once", async () => {
  const pair = await createPair();
  const [client, server] = await openBoth(pair);
  const [there, back] = [pattern(300_000, 1), pattern(200_000, 2)];
  const [atServer, atClient] = await Promise.all([
    readAll(server.readable),
    readAll(client.readable),
    writeAll(client.writable, there),
    writeAll(server.writable, back),
  ]);
  assert.equal(sha256(atServer), sha256(there));
  assert.equal(sha256(atClient), sha256(back));
  await Promise.all([client.closed, server.closed]);
  pair.close();
});

const BAD_CABLES = {
  loss: { loss: 0.05, seed: 3 },
  reordering: { reorder: 0.2, reorderDelay: 3, delay: 5, seed: 4 },
  "loss, reordering and duplicates": { loss: 0.03, reorder: 0.1, duplicate: 0.05, seed: 5 },
};

for (const [name, impairments] of Object.entries(BAD_CABLES)) {
  test(`${name}: nothing is lost, doubled or moved`, async () => {
    const pair = await createVirtualPair(impairments);
    const [client, server] = await openBoth(pair);
    const out = pattern(400_000, 7);
    const echoed = server.readable.pipeTo(server.writable);
    const back = readAll(client.readable);
    await pair.wait(Promise.all([writeAll(client.writable, out), echoed, back]));
    assert.equal(sha256(await back), sha256(out));
    await pair.wait(Promise.all([client.closed, server.closed]));
    pair.close();
  });
}

test("half a close: the writer's end arrives, and reading goes on", async () => {
  const pair = await createPair();
  const [client, server] = await openBoth(pair);
  await writeAll(client.writable, text("question"));
  assert.equal(String(await readAll(server.readable)), "question");
  assert.equal(server.info()?.state, "CLOSE-WAIT");
  const answer = readAll(client.readable);
  await writeAll(server.writable, text("answer"));
  assert.equal(String(await answer), "answer");
  await Promise.all([client.closed, server.closed]);
  assert.equal(client.info(), null);
  pair.close();
});

test("a reset rejects reads and writes that wait, and what comes later", async () => {
  const pair = await createPair();
  const [client, server] = await openBoth(pair);
  const reader = client.readable.getReader();
  const writer = client.writable.getWriter();
  const waits = [reader.read(), writer.write(new Uint8Array(1_000_000))];
  server.abort();
  const expected = { code: "ECONNRESET", syscall: "read" };
  for (const each of waits) await assert.rejects(each, expected);
  await assert.rejects(client.closed, expected);
  await assert.rejects(reader.read(), expected);
  await assert.rejects(writer.write(text("more")), expected);
  await assert.rejects(server.closed, { code: "ECONNABORTED" });
  pair.close();
});

test("four writers at a time: each of their chunks arrives whole", async () => {
  const pair = await createPair();
  const [client, server] = await openBoth(pair);
  const CHUNKS = 50;
  const CHUNK_BYTES = 40_000;
  const writer = client.writable.getWriter();
  const writers = [1, 2, 3, 4].map(async (mark) => {
    for (let i = 0; i < CHUNKS; i++) await writer.write(new Uint8Array(CHUNK_BYTES).fill(mark));
  });
  const all = readAll(server.readable);
  await Promise.all(writers);
  await writer.close();
  const bytes = await all;
  assert.equal(bytes.length, 4 * CHUNKS * CHUNK_BYTES);
  const counts = [0, 0, 0, 0, 0];
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
    const mark = bytes[at]!;
    assert.ok(bytes.subarray(at, at + CHUNK_BYTES).every((byte) => byte === mark));
    counts[mark]!++;
  }
  assert.deepEqual(counts, [0, CHUNKS, CHUNKS, CHUNKS, CHUNKS]);
  pair.close();
});

test("a reader with memory of its own gets the bytes there", async () => {
  const pair = await createPair();
  const [client, server] = await openBoth(pair);
  const written = writeAll(client.writable, text("0123456789"));
  const reader = server.readable.getReader({ mode: "byob" });
  const first = await reader.read(new Uint8Array(new ArrayBuffer(16), 2, 4));
  assert.equal(String(Buffer.from(first.value!)), "0123");
  assert.deepEqual([first.value!.byteOffset, first.value!.buffer.byteLength], [2, 16]);
  const second = await reader.read(new Uint8Array(16));
  assert.equal(String(Buffer.from(second.value!)), "456789");
  const end = await reader.read(new Uint8Array(16));
  assert.deepEqual([end.done, end.value?.length], [true, 0]);
  await written;
  pair.close();
});

test("a reader with memory of its own waits, too", async () => {
  const pair = await createPair();
  const [client, server] = await openBoth(pair);
  const reader = server.readable.getReader({ mode: "byob" });
  const waits = reader.read(new Uint8Array(8));
  const writer = client.writable.getWriter();
  await writer.write(text("late"));
  assert.equal(String(Buffer.from((await waits).value!)), "late");
  const end = reader.read(new Uint8Array(8));
  await writer.close();
  assert.equal((await end).done, true);
  pair.close();
});

test("half an element of a reader's own kind is an error of its stream, and of nothing else", async () => {
  const pair = await createPair();
  const [client, server] = await openBoth(pair);
  const reader = server.readable.getReader({ mode: "byob" });
  const waits = reader.read(new Uint16Array(4));
  await writeAll(client.writable, text("x"));
  await assert.rejects(waits, TypeError);
  await writeAll(server.writable, text("still here"));
  assert.equal(String(await readAll(client.readable)), "still here");
  pair.close();
});

test("what is no bytes resets the connection instead of leaving a gap", async () => {
  const pair = await createPair();
  const [client, server] = await openBoth(pair);
  const writer = (client.writable as WritableStream<unknown>).getWriter();
  const expected = {
    name: "TypeError",
    code: "EINVAL",
    message: /bytes .* not string; .*TextEncoder/,
  };
  await assert.rejects(writer.write("text"), expected);
  await assert.rejects(client.closed, expected);
  await assert.rejects(server.closed, { code: "ECONNRESET" });
  pair.close();
});

test("other kinds of bytes are bytes", async () => {
  const pair = await createPair();
  const [client, server] = await openBoth(pair);
  const writer = (client.writable as WritableStream<unknown>).getWriter();
  await writer.write(text("a").buffer);
  await writer.write(new DataView(text("[b]").buffer, 1, 1));
  await writer.write(new Uint8Array(0));
  await writer.close();
  assert.equal(String(await readAll(server.readable)), "ab");
  pair.close();
});

test("close(): what was written still leaves, whether its writer waited or not", async () => {
  const pair = await createPair();
  const [client, server] = await openBoth(pair);
  const out = pattern(500_000, 9);
  const writer = client.writable.getWriter();
  const writes = [0, 1, 2, 3, 4].map((i) =>
    writer.write(out.subarray(i * 100_000, (i + 1) * 100_000)),
  );
  const closed = client.close();
  assert.equal(closed, client.closed);
  assert.equal(sha256(await readAll(server.readable)), sha256(out));
  await Promise.all(writes);
  await closed;
  await assert.rejects(writer.write(text("late")), { code: "EPIPE" });
  const { done } = await client.readable.getReader().read();
  assert.equal(done, true);
  pair.close();
});

test("close(): a peer that goes on sending is told with a reset", async () => {
  const pair = await createPair();
  const [client, server] = await openBoth(pair);
  await client.close();
  const writer = server.writable.getWriter();
  await assert.rejects(
    (async () => {
      for (;;) await writer.write(new Uint8Array(10_000));
    })(),
    { code: "ECONNRESET" },
  );
  pair.close();
});

test("a writer that gives up resets, even while its chunk waits for room", async () => {
  const pair = await createPair();
  const [client, server] = await openBoth(pair);
  const writer = client.writable.getWriter();
  const write = writer.write(new Uint8Array(1_000_000));
  const reason = new Error("changed my mind");
  await writer.abort(reason);
  await assert.rejects(write, reason);
  await assert.rejects(client.closed, reason);
  await assert.rejects(server.closed, { code: "ECONNRESET" });
  pair.close();
});

test("a reader that gives up does not hold up the peer", async () => {
  const pair = await createPair();
  const [client, server] = await openBoth(pair);
  await server.readable.cancel();
  await writeAll(client.writable, new Uint8Array(1_000_000));
  // A server that is done while bytes are on their way to it would reset.
  while (client.info()!.sendQueue > 0) await new Promise(setImmediate);
  await writeAll(server.writable, text("enough"));
  assert.equal(String(await readAll(client.readable)), "enough");
  await Promise.all([client.closed, server.closed]);
  pair.close();
});

test("bytes of a connection that is over can still be read, or be let go of", async () => {
  const pair = await createPair();
  for (const isRead of [true, false]) {
    const [client, server] = await openBoth(pair);
    await writeAll(client.writable, text("last words"));
    await server.writable.close();
    await Promise.all([client.closed, server.closed]);
    assert.notEqual(server.info(), null);
    if (isRead) assert.equal(String(await readAll(server.readable)), "last words");
    else await server.close();
    assert.equal(server.info(), null);
  }
  pair.close();
});

test("the end of the stack is the end of its sockets: whoever waits is told", async () => {
  const pair = await createPair();
  const [client, server] = await openBoth(pair);
  const listener = pair.a.listen({ port: 80 });
  const next = listener.next();
  const read = client.readable.getReader().read();
  const opening = pair.a.connect({ hostname: "198.18.0.2", port: 9 });
  const naming = pair.a.connect({ hostname: "name.local", port: 9 });
  pair.a.close();
  const expected = { code: "ECONNABORTED", syscall: "close" };
  await assert.rejects(read, expected);
  await assert.rejects(client.closed, expected);
  await assert.rejects(opening.opened, expected);
  await assert.rejects(naming.opened, expected);
  assert.deepEqual(await next, { done: true, value: undefined });
  await assert.rejects(server.closed, { code: "ECONNRESET" });
  pair.close();
});
