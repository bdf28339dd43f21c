// A link over a stream socket: frames behind their lengths, however the bytes come.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, connect, type Socket } from "node:net";
import { test, type TestContext } from "node:test";
import type { Link } from "../../host/link/link.js";
import { plug } from "../../host/link/plug.js";
import { createStreamLink } from "../../host/link/stream.js";
import { createSwitch } from "../../host/link/switch.js";

interface Pair {
  readonly link: Link;
  /** The other side, without any link. */
  readonly far: Socket;
  readonly ended: Promise<Error | null>;
}

async function pairOf(t: TestContext, mtu?: number): Promise<Pair> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  const far = connect({ port, host: "127.0.0.1", noDelay: true });
  const [near] = (await once(server, "connection")) as [Socket];
  server.close();
  t.after(() => [near, far].forEach((socket) => socket.destroy()));
  let tell: (error: Error | null) => void;
  const ended = new Promise<Error | null>((resolve) => (tell = resolve));
  const size = mtu === undefined ? {} : { mtu };
  const link = createStreamLink(near, { ...size, onEnd: (error) => tell(error) });
  return { link, far, ended };
}

function withLength(frame: Uint8Array): Buffer {
  const bytes = Buffer.alloc(4 + frame.length);
  bytes.writeUInt32BE(frame.length);
  bytes.set(frame, 4);
  return bytes;
}

const frameOf = (length: number, seed = 0) =>
  Uint8Array.from({ length }, (_, i) => (i + seed) & 255);

/** So many frames, as they come. */
async function readFrames(link: Link, count: number): Promise<Buffer[]> {
  const frames: Buffer[] = [];
  const into = Buffer.alloc(2_000);
  await new Promise<void>((resolve) => {
    const take = () => {
      for (let length; (length = link.read(into)) > 0;) {
        frames.push(Buffer.from(into.subarray(0, length)));
      }
      if (frames.length >= count) resolve();
    };
    link.onReadable = take;
    take();
  });
  return frames;
}

test("frames that come byte by byte, and many at once", async (t) => {
  const { link, far } = await pairOf(t);
  const frames = [frameOf(14), frameOf(60, 7), frameOf(1_514, 3)];
  const bytes = Buffer.concat(frames.map(withLength));
  for (let at = 0; at < 100; at++) far.write(bytes.subarray(at, at + 1));
  far.write(bytes.subarray(100));
  const got = await readFrames(link, 3);
  assert.deepEqual(
    got,
    frames.map((frame) => Buffer.from(frame)),
  );
});

test("more frames than are kept: none is lost, the sender waits", async (t) => {
  const { link, far } = await pairOf(t);
  const count = 2_000;
  for (let i = 0; i < count; i++) far.write(withLength(frameOf(1_000, i)));
  await new Promise((resolve) => setTimeout(resolve, 50));
  const got = await readFrames(link, count);
  assert.equal(got.length, count);
  got.forEach((frame, i) => assert.equal(frame[0], i & 255));
});

test("a frame too long for the link, or too short to be one, is dropped; the next one is not", async (t) => {
  const { link, far } = await pairOf(t, 1_500);
  const bad = [1_515, 0, 13].map((length) => withLength(frameOf(length)));
  far.write(Buffer.concat([...bad, withLength(frameOf(64, 9))]));
  assert.deepEqual(await readFrames(link, 1), [Buffer.from(frameOf(64, 9))]);
});

test("what is no stream of frames ends it, and says so", async (t) => {
  const { far, ended } = await pairOf(t);
  far.write("GET / HTTP/1.0\r\n\r\n");
  assert.match(String((await ended)?.message), /a frame of 1195725856 bytes/);
});

test("frames written come out with their lengths; a full link says so, and when there is room", async (t) => {
  const { link, far } = await pairOf(t);
  far.pause();
  const frame = frameOf(1_500);
  let sent = 0;
  while (link.write(frame)) sent++;
  const writable = new Promise<void>((resolve) => (link.onWritable = resolve));
  let bytes = 0;
  far.on("data", (part: Buffer) => (bytes += part.length));
  far.resume();
  await writable;
  assert.equal(link.write(frame), true);
  sent++;
  while (bytes < sent * (4 + frame.length)) await once(far, "data");
  assert.equal(bytes, sent * (4 + frame.length));
});

test("the other side closes: the end is told once, and writes go nowhere", async (t) => {
  const { link, far, ended } = await pairOf(t);
  far.end();
  assert.equal(await ended, null);
  assert.equal(link.write(frameOf(60)), true);
  link.close();
});

test("a plugged link's frames go through the switch both ways", async (t) => {
  const [a, b] = [await pairOf(t), await pairOf(t)];
  const between = createSwitch();
  plug(between, a.link);
  plug(between, b.link);
  const toAll = Uint8Array.from([
    255,
    255,
    255,
    255,
    255,
    255,
    2,
    0,
    0,
    0,
    0,
    1,
    8,
    0,
    ...frameOf(50),
  ]);
  a.far.write(withLength(toAll));
  const [came] = (await once(b.far, "data")) as [Buffer];
  assert.deepEqual(came, withLength(toAll));
  const back = Uint8Array.from([2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0, ...frameOf(50)]);
  b.far.write(withLength(back));
  const [again] = (await once(a.far, "data")) as [Buffer];
  assert.deepEqual(again, withLength(back));
});
