// Calls of the control socket that give many answers: frames as they pass, what a slow reader costs, cancelling, and
// arguments that are wrong.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { createCalling } from "../../host/control/calls.js";
import { connectControl } from "../../host/control/client.js";
import { MOST_QUEUED_BYTES } from "../../host/control/frames.js";
import { openControl } from "../../host/control/server.js";
import type { FrameItem, StreamCalls } from "../../host/control/protocol.js";
import { StackInstance } from "../../host/core/instance.js";
import { dissect } from "../../host/dissect/packet.js";
import { B, createPair, pattern, transfer, type Pair } from "./support/pair.js";
import { until } from "./support/until.js";

interface Line {
  readonly id?: number;
  readonly result?: unknown;
  readonly item?: StreamCalls["frames"]["item"];
  readonly end?: StreamCalls["frames"]["end"];
  readonly error?: { readonly code: string; readonly message: string };
}

async function open(t: TestContext): Promise<{ pair: Pair; path: string }> {
  const folder = mkdtempSync(join(tmpdir(), "mote-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const pair = await createPair();
  const ask = createCalling(pair.b, () => []);
  const server = await openControl({ ask, folder: join(folder, "motetcp") });
  t.after(async () => {
    await server.close();
    pair.close();
  });
  return { pair, path: server.path };
}

/** A client that says what it is told to, and gathers lines. */
function talkTo(t: TestContext, path: string): { socket: Socket; lines: Line[] } {
  const socket = connect(path);
  t.after(() => socket.destroy());
  const lines: Line[] = [];
  let rest = "";
  socket.on("data", (bytes) => {
    const parts = (rest + String(bytes)).split("\n");
    rest = parts.pop()!;
    lines.push(...parts.map((line) => JSON.parse(line) as Line));
  });
  return { socket, lines };
}

function exchange(pair: Pair, bytes: number): void {
  const listener = pair.b.listen({ port: 7 }, (connection) => {
    transfer(connection, Buffer.alloc(0));
  });
  const client = transfer(pair.a.connect({ host: B, port: 7 }), pattern(bytes, 1));
  pair.run(() => client.ended);
  listener.close();
}

test("frames: each that crosses a link, with the stack's time, until the call is cancelled", async (t) => {
  const { pair, path } = await open(t);
  const client = await connectControl(path);
  t.after(() => client.close());
  const stream = await client.stream("frames", {});
  assert.deepEqual(stream.first.interfaces, pair.b.interfaces());
  const before = pair.b.counters();
  const startMs = pair.clock.now();
  exchange(pair, 3_000);
  assert.equal((await client.call("info")).profile, "desktop", "other calls go on");
  pair.run(() => pair.clock.now() > startMs + 500);
  const seen: FrameItem[] = [];
  stream.cancel();
  for await (const { frames } of stream.items()) seen.push(...frames);
  assert.deepEqual(stream.end, { seen: seen.length, dropped: 0, reason: "cancelled" });
  const count = (direction: string) => seen.filter((each) => each.direction === direction).length;
  const after = pair.b.counters();
  assert.equal(count("rx"), after.rx_frames - before.rx_frames);
  assert.equal(count("tx"), after.tx_frames - before.tx_frames);
  assert.ok(count("rx") > 5 && count("tx") > 3);
  const bytes = Buffer.from(seen[0]!.bytes, "base64");
  assert.equal(bytes.length, seen[0]!.length);
  assert.equal(dissect(bytes, bytes.length).arp?.operation, 1);
  const times = seen.map(({ timeUs }) => timeUs);
  assert.deepEqual(
    times,
    [...times].sort((a, b) => a - b),
  );
  assert.ok(Math.abs(times[0]! / 1000 - Date.now()) < 60_000);
});

test("frames: only the beginning of each, of one interface", async (t) => {
  const { pair, path } = await open(t);
  const client = await connectControl(path);
  t.after(() => client.close());
  const stream = await client.stream("frames", { snap: 20, interface: 0 });
  exchange(pair, 3_000);
  stream.cancel();
  const seen: FrameItem[] = [];
  for await (const { frames } of stream.items()) seen.push(...frames);
  assert.ok(seen.length > 5);
  assert.ok(seen.every(({ bytes }) => Buffer.from(bytes, "base64").length === 20));
  assert.ok(seen.some(({ length }) => length > 1_000));
  const other = await client.stream("frames", { interface: 1 });
  exchange(pair, 10);
  other.cancel();
  for await (const item of other.items()) assert.fail(`${item.frames.length} frames`);
});

test("a reader that is slow costs a bounded queue; what has no room there is counted", async (t) => {
  const { pair, path } = await open(t);
  const { socket, lines } = talkTo(t, path);
  socket.write('{"id":1,"call":"frames"}\n');
  await until(() => lines.length === 2, "the first answer");
  socket.pause();
  exchange(pair, 16 * 1024 * 1024);
  socket.resume();
  await until(() => lines.some(({ item }) => (item?.dropped ?? 0) > 0), "what was dropped");
  socket.write('{"id":2,"call":"cancel","args":{"id":1}}\n');
  await until(() => lines.some(({ end }) => end !== undefined), "the end");
  const frames = lines.flatMap(({ item }) => item?.frames ?? []);
  const { seen, dropped } = lines.at(-1)!.end!;
  assert.equal(frames.length + dropped, seen);
  assert.ok(dropped > 1_000, `${dropped} dropped`);
  const bytes = frames.reduce((sum, { length }) => sum + length, 0);
  // The queue, and what was on its way before the reader stood still.
  assert.ok(bytes < 2 * MOST_QUEUED_BYTES, `${bytes} bytes`);
});

test("a client that goes is forgotten: nobody looks at frames any more", async (t) => {
  const { pair, path } = await open(t);
  const { socket, lines } = talkTo(t, path);
  socket.write('{"id":1,"call":"frames"}\n');
  await until(() => lines.length === 2, "the first answer");
  const { core } = pair.b as StackInstance;
  assert.equal(core.onEnd.size, 1);
  socket.destroy();
  await until(() => core.onEnd.size === 0, "the end of the call");
});

test("the stack is closed: the last frames, then the end with the reason", async (t) => {
  const { pair, path } = await open(t);
  const client = await connectControl(path);
  t.after(() => client.close());
  const stream = await client.stream("frames", {});
  exchange(pair, 100);
  pair.close();
  let count = 0;
  for await (const { frames } of stream.items()) count += frames.length;
  assert.ok(count > 5);
  assert.deepEqual(stream.end, { seen: count, dropped: 0, reason: "closed" });
});

test("arguments that are unknown or wrong, a second call that goes on, and a cancel of nothing", async (t) => {
  const { path } = await open(t);
  const { socket, lines } = talkTo(t, path);
  const requests = [
    { id: 1, call: "frames", args: { snip: 20 } },
    { id: 2, call: "frames", args: { snap: 1 } },
    { id: 3, call: "pools", args: { snap: 1 } },
    { id: 4, call: "frames", args: [] },
    { id: 5, call: "cancel", args: { id: 9 } },
    { id: 6, call: "frame" },
    { id: 7, call: "frames" },
    { id: 8, call: "frames" },
    { id: 9, call: "cancel", args: { id: 7 } },
    { id: 10, call: "cancel", args: { id: 7 } },
  ];
  socket.write(requests.map((request) => `${JSON.stringify(request)}\n`).join(""));
  await until(() => lines.length === 12, "all answers");
  const said = lines.slice(1).map(({ id, error, end }) => {
    return [id, error?.code ?? (end ? "end" : "ok"), error?.message ?? ""] as const;
  });
  assert.deepEqual(
    said.map(([id, code]) => [id, code]),
    [
      ...[1, 2, 3, 4, 5].map((id) => [id, "EINVAL"]),
      ...[
        [6, "ENOSYS"],
        [7, "ok"],
        [8, "EBUSY"],
        [9, "ok"],
        [7, "end"],
        [10, "EINVAL"],
      ],
    ],
  );
  const text = said.map(([, , message]) => message);
  assert.match(text[0]!, /frames takes no argument "snip" \(did you mean snap\?\)/);
  assert.match(text[1]!, /frames: snap is a whole number from 14 to 65549/);
  assert.match(text[2]!, /pools takes no argument "snap"/);
  assert.match(text[5]!, /no call "frame" \(did you mean frames\?\)/);
});

test("a control socket that ends in the middle of a call: its reader is told", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "mote-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, "mote.sock");
  const lines = [
    { motetcp: 1, name: "mote", pid: 1, version: "0.0.0" },
    { id: 1, result: { interfaces: [] } },
    { id: 1, item: { frames: [], dropped: 3 } },
  ];
  const server = createServer((socket) => {
    socket.write(`${JSON.stringify(lines[0])}\n`);
    socket.once("data", () => {
      socket.end(
        lines
          .slice(1)
          .map((line) => `${JSON.stringify(line)}\n`)
          .join(""),
      );
    });
  });
  t.after(() => server.close());
  await new Promise<void>((resolve) => server.listen(path, resolve));
  const client = await connectControl(path);
  const stream = await client.stream("frames", {});
  const dropped: number[] = [];
  const reading = async () => {
    for await (const item of stream.items()) dropped.push(item.dropped);
  };
  await assert.rejects(reading(), { code: "ECONNRESET", message: /has gone/ });
  assert.deepEqual(dropped, [3]);
});
