// Links over WebSockets: both ends of the package ws, and a socket whose every move the test makes.

import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { test, type TestContext } from "node:test";
import { WebSocket, WebSocketServer } from "ws";
import { createStack } from "../../host/node/createStack.js";
import { createVirtualClock } from "../../host/link/clock.js";
import {
  createWebSocketLink,
  openWebSocketLink,
  type WebSocketLike,
  type WebSocketLink,
} from "../../host/link/webSocket.js";
import { echo } from "./support/echo.js";
import { pattern, sha256, transfer } from "./support/pair.js";
import { until } from "./support/until.js";

interface Ends {
  /** The client's side, as a link. */
  link: WebSocketLink;
  /** The server's. */
  far: WebSocket;
  url: string;
}

async function serverFor(t: TestContext): Promise<WebSocketServer> {
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
  t.after(() => {
    for (const client of server.clients) client.terminate();
    server.close();
  });
  await once(server, "listening");
  return server;
}

const urlOf = (server: WebSocketServer) =>
  `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`;

async function endsOf(t: TestContext, onEnd?: (error: Error | null) => void): Promise<Ends> {
  const server = await serverFor(t);
  const url = urlOf(server);
  const accepted = once(server, "connection") as Promise<[WebSocket]>;
  const link = await openWebSocketLink(url, { WebSocket, ...(onEnd && { onEnd }) });
  const [far] = await accepted;
  return { link, far, url };
}

const frameOf = (length: number, seed = 0) =>
  Uint8Array.from({ length }, (_, i) => (i + seed) & 255);

function readAll(link: WebSocketLink): Buffer[] {
  const frames: Buffer[] = [];
  const into = Buffer.alloc(2000);
  for (let length; (length = link.read(into)) > 0;) {
    frames.push(Buffer.from(into.subarray(0, length)));
  }
  return frames;
}

test("one binary message is one frame, both ways", async (t) => {
  const { link, far } = await endsOf(t);
  const came = once(far, "message") as Promise<[Buffer, boolean]>;
  const frame = frameOf(60);
  assert.equal(link.write(frame), true);
  // What was given may change as soon as write() has returned.
  frame.fill(0);
  const [bytes, isBinary] = await came;
  assert.equal(isBinary, true);
  assert.deepEqual(bytes, Buffer.from(frameOf(60)));
  for (const seed of [1, 2, 3]) far.send(frameOf(1514, seed));
  const frames: Buffer[] = [];
  await until(() => frames.push(...readAll(link)) === 3, "three frames");
  frames.forEach((got, index) => assert.deepEqual(got, Buffer.from(frameOf(1514, index + 1))));
});

test("text, and what is too short or too long, is dropped and counted; what follows is not", async (t) => {
  const { link, far } = await endsOf(t);
  far.send("hello");
  far.send(frameOf(13));
  far.send(frameOf(1515));
  far.send(frameOf(0));
  far.send(frameOf(14, 9));
  const frames: Buffer[] = [];
  await until(() => frames.push(...readAll(link)) > 0, "the frame");
  assert.deepEqual(frames, [Buffer.from(frameOf(14, 9))]);
  assert.equal(link.framesDropped, 4);
});

test("the other side closes: told once, and writes go nowhere", async (t) => {
  const ends: (Error | null)[] = [];
  const { link, far } = await endsOf(t, (error) => ends.push(error));
  far.close();
  await until(() => link.closed, "the end");
  assert.equal(link.write(frameOf(60)), true);
  link.close();
  assert.deepEqual(ends, [null]);
});

test("closing the link closes the WebSocket, and is not told", async (t) => {
  let ends = 0;
  const { link, far } = await endsOf(t, () => ends++);
  const closed = once(far, "close");
  link.close();
  link.close();
  await closed;
  assert.equal(ends, 0);
});

test("nobody listens, or what listens is no WebSocket: it rejects and says why", async (t) => {
  const server = await serverFor(t);
  const url = urlOf(server);
  await new Promise((resolve) => server.close(resolve));
  await assert.rejects(openWebSocketLink(url, { WebSocket }), (error: NodeJS.ErrnoException) => {
    assert.equal(error.code, "ECONNREFUSED");
    assert.ok(error.message.startsWith(`no WebSocket to ${url}: `), error.message);
    return true;
  });
  await assert.rejects(openWebSocketLink("no address", { WebSocket }), /Invalid URL/);
});

test("without a WebSocket of its own the host is told what to do", async (t) => {
  const holder = globalThis as { WebSocket?: unknown };
  const had = Object.getOwnPropertyDescriptor(holder, "WebSocket");
  t.after(() => had && Object.defineProperty(holder, "WebSocket", had));
  delete holder.WebSocket;
  await assert.rejects(openWebSocketLink("ws://127.0.0.1:9/"), (error: NodeJS.ErrnoException) => {
    assert.equal(error.code, "ENOTSUP");
    assert.match(error.message, /Node has one from version 22 on; else pass a constructor/);
    return true;
  });
});

test("the global WebSocket is used where there is one", async (t) => {
  const holder = globalThis as { WebSocket?: unknown };
  const had = Object.getOwnPropertyDescriptor(holder, "WebSocket");
  t.after(() => {
    delete holder.WebSocket;
    if (had) Object.defineProperty(holder, "WebSocket", had);
  });
  Object.defineProperty(holder, "WebSocket", { value: WebSocket, configurable: true });
  const server = await serverFor(t);
  const link = await openWebSocketLink(urlOf(server));
  t.after(() => link.close());
  assert.equal(link.closed, false);
});

test("two stacks, one at each end of a WebSocket: 1 MB there and back", async (t) => {
  const server = await serverFor(t);
  const accepted = once(server, "connection") as Promise<[WebSocket]>;
  const near = await openWebSocketLink(urlOf(server), { WebSocket });
  const far = createWebSocketLink((await accepted)[0]);
  const [a, b] = [await createStack(), await createStack()];
  t.after(() => [a, b].forEach((stack) => stack.close()));
  a.attach(near, { addresses: ["198.18.0.1/30"] });
  b.attach(far, { addresses: ["198.18.0.2/30"] });
  b.listen({ port: 7 }, echo);
  const bytes = pattern(1_000_000, 5);
  const moved = transfer(a.connect({ host: "198.18.0.2", port: 7 }), bytes);
  await until(() => moved.ended, "the echo", 20_000);
  assert.equal(sha256(moved.received()), sha256(bytes));
  assert.deepEqual([near.framesDropped, far.framesDropped], [0, 0]);
});

/** A WebSocket that does what it is told. */
function createPuppet() {
  const listeners = new Map<string, (event: never) => void>();
  const puppet = {
    binaryType: "blob",
    readyState: 0,
    bufferedAmount: 0,
    sent: [] as Uint8Array[],
    send(data: Uint8Array<ArrayBuffer>) {
      puppet.sent.push(data);
      puppet.bufferedAmount += data.length;
    },
    close() {
      puppet.readyState = 2;
    },
    addEventListener: (type: string, listener: (event: never) => void) =>
      void listeners.set(type, listener),
    tell: (type: string, event: object = {}) => listeners.get(type)?.(event as never),
  };
  return puppet satisfies WebSocketLike;
}

test("full: bufferedAmount refuses frames until there is room again", () => {
  const clock = createVirtualClock(0);
  const puppet = createPuppet();
  const link = createWebSocketLink(puppet, { clock, mostBuffered: 10_000 });
  assert.equal(puppet.binaryType, "arraybuffer");
  let writable = 0;
  link.onWritable = () => writable++;
  assert.equal(link.write(frameOf(60)), false, "it is not open yet");
  puppet.readyState = 1;
  puppet.tell("open");
  assert.equal(writable, 1);
  let sent = 0;
  while (link.write(frameOf(1000))) sent++;
  assert.equal(sent, 11);
  clock.advance(1000);
  const before = writable;
  puppet.bufferedAmount = 10_000;
  clock.advance(100);
  assert.equal(writable, before + 1);
  assert.equal(clock.nextDue(), Infinity, "with room it does not look any more");
  assert.equal(link.write(frameOf(1000)), true);
});

test("nobody reads: frames are kept up to a bound, the others dropped and counted", () => {
  const puppet = createPuppet();
  const link = createWebSocketLink(puppet, { mostRead: 5 });
  let told = 0;
  link.onReadable = () => told++;
  for (let i = 0; i < 8; i++) puppet.tell("message", { data: frameOf(60, i).buffer });
  assert.equal(link.framesDropped, 3);
  assert.equal(told, 1);
  assert.deepEqual(
    readAll(link).map((frame) => frame[0]),
    [0, 1, 2, 3, 4],
  );
});

test("views are taken as they are, and what is no bytes is dropped", () => {
  const puppet = createPuppet();
  const link = createWebSocketLink(puppet);
  puppet.tell("message", { data: Buffer.from(frameOf(100)).subarray(20, 80) });
  puppet.tell("message", { data: { size: 60 } });
  puppet.tell("message", { data: null });
  assert.deepEqual(readAll(link), [Buffer.from(frameOf(60, 20))]);
  assert.equal(link.framesDropped, 2);
});

test("an error is told once, with what is known of it", () => {
  const puppet = createPuppet();
  const ends: (Error | null)[] = [];
  createWebSocketLink(puppet, { onEnd: (error) => ends.push(error) });
  puppet.tell("error", { message: "it broke" });
  puppet.tell("close");
  assert.deepEqual(
    ends.map((error) => error?.message),
    ["it broke"],
  );
});

/** Modules that a compiled one brings with it, and itself. */
function reachOf(url: URL, found = new Map<string, string>()): Map<string, string> {
  if (found.has(url.href)) return found;
  const text = readFileSync(url, "utf8");
  found.set(url.href, text);
  for (const [, name = ""] of text.matchAll(/^(?:import|export)\b[^;]*?"([^"]+)";/gm)) {
    assert.ok(name.startsWith("."), `${url.href} imports ${name}`);
    reachOf(new URL(name, url), found);
  }
  return found;
}

test("the links for browsers, and the reader of captures, use nothing of Node", () => {
  for (const name of ["webSocket", "replay", "captureReader"]) {
    const modules = reachOf(new URL(`../../host/link/${name}.js`, import.meta.url));
    for (const [href, text] of modules) assert.doesNotMatch(text, /\b(Buffer|process)\./, href);
  }
});
