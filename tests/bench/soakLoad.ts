// The load of the soak, in a process of its own that node runs with --expose-gc: motetcp/net over its loopback,
// servers and clients together. It warms up, looks at its memory, then goes on in slices and looks after each.
// Argument: a SoakLoad as JSON. Output: a SoakResult as JSON.

import assert from "node:assert/strict";
import type { AddressInfo, Server, Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { defaultWorld } from "../../host/net/world.js";
import * as net from "../../host/net/index.js";

/** Bytes received, at either end, and connections opened, used and closed. */
export interface Amount {
  readonly bytes: number;
  readonly connections: number;
}

export interface SoakLoad {
  /** What comes before the first look: code is compiled and pools are filled by it. */
  readonly warmUp: Amount;
  /** What comes after it, all slices together. */
  readonly load: Amount;
  readonly slices: number;
}

/** Of this process, after garbage was collected; each the lowest of several looks. */
export interface Memory {
  readonly heapUsed: number;
  /** Buffers, and the memory of the core where the engine counts it. */
  readonly external: number;
  readonly rss: number;
}

export interface Look extends Amount {
  readonly seconds: number;
  readonly memory: Memory;
}

export interface SoakResult {
  /** One before the load, one after each slice; amounts and seconds count from the first. */
  readonly looks: readonly Look[];
  /** Records still in use at the end, of pools that only open connections may hold. */
  readonly left: Readonly<Record<string, number>>;
}

const HOST = "127.0.0.1";
const CHUNK_BYTES = 65_536;
const MESSAGE_BYTES = 64;
const AT_ONCE = 16;
const LOOKS = 8;
const LOOK_APART_MS = 25;

/** Makes a server for one use, and tells it off afterwards. */
async function served<Result>(
  serve: (socket: Socket) => void,
  use: (port: number) => Promise<Result>,
): Promise<Result> {
  const server: Server = net.createServer({ noDelay: true }, serve);
  await new Promise<void>((done) => server.listen(0, HOST, done));
  const result = await use((server.address() as AddressInfo).port);
  await new Promise((done) => server.close(done));
  return result;
}

/** Writes so many bytes as fast as 'drain' lets, ends, and gives how many came back. */
function pour(port: number, bytes: number): Promise<number> {
  const socket = net.connect({ port, host: HOST });
  const chunk = Buffer.alloc(CHUNK_BYTES, 0x6d);
  let left = bytes;
  let received = 0;
  const fill = (): void => {
    while (left > 0) {
      const part = left < chunk.length ? chunk.subarray(0, left) : chunk;
      left -= part.length;
      if (!socket.write(part)) return;
    }
    socket.end();
  };
  socket.on("connect", fill).on("drain", fill);
  socket.on("data", (data) => (received += data.length));
  return new Promise((done, fail) => {
    socket.on("error", fail).on("close", () => done(received));
  });
}

/** One way: the server throws everything away. */
async function sink(bytes: number): Promise<void> {
  let received = 0;
  const serve = (socket: Socket): void => {
    socket.on("data", (data) => (received += data.length));
  };
  await served(serve, (port) => pour(port, bytes));
  assert.equal(received, bytes, "bytes at the sink");
}

const echo = (socket: Socket): void => void socket.pipe(socket);

/** There and back. */
async function echoed(bytes: number): Promise<void> {
  assert.equal(await served(echo, (port) => pour(port, bytes)), bytes, "bytes of the echo");
}

/** Connections in lanes; each is opened, gets back what it sent, and is closed. */
async function connections(count: number): Promise<void> {
  await served(echo, async (port) => {
    let left = count;
    const lane = async (): Promise<void> => {
      while (left-- > 0) assert.equal(await pour(port, MESSAGE_BYTES), MESSAGE_BYTES);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, lane));
  });
}

/** Half of the bytes to a sink, half through an echo, where each is received twice. */
async function run(amount: Amount): Promise<void> {
  const once = Math.ceil(amount.bytes / 2);
  await sink(once);
  await echoed(Math.ceil((amount.bytes - once) / 2));
  await connections(amount.connections);
}

/**
 * What was freed goes back to the system. Behind each collection V8 compiles much of what runs once more, and of what that took
 * glibc keeps 20 MiB at times, in pieces between what is held.
 */
async function openTrim(): Promise<() => void> {
  try {
    const { default: koffi } = await import("koffi");
    const trim = koffi.load(null).func("int malloc_trim(size_t pad)");
    return () => void trim(0);
  } catch {
    // Another libc.
    return () => undefined;
  }
}

const trim = await openTrim();

async function memory(): Promise<Memory> {
  const { gc } = globalThis;
  assert.ok(gc, "run it with --expose-gc");
  const least = { heapUsed: Infinity, external: Infinity, rss: Infinity };
  for (let i = 0; i < LOOKS; i++) {
    await delay(LOOK_APART_MS);
    gc();
    trim();
    const { heapUsed, external, arrayBuffers, rss } = process.memoryUsage();
    least.heapUsed = Math.min(least.heapUsed, heapUsed);
    // Node counts array buffers as external, too: the sum is on the strict side.
    least.external = Math.min(least.external, external + arrayBuffers);
    least.rss = Math.min(least.rss, rss);
  }
  return least;
}

/** TIME-WAIT holds entries of its own for a minute: they are no leak. */
function recordsLeft(): Record<string, number> {
  const pools = defaultWorld().stack.pools();
  const held = pools.filter(({ name }) => /^(tcb|receive_ring|send_ring|syn_cache)$/.test(name));
  return Object.fromEntries(held.map(({ name, used }) => [name, used]));
}

async function soak({ warmUp, load, slices }: SoakLoad): Promise<SoakResult> {
  await run(warmUp);
  const looks: Look[] = [{ bytes: 0, connections: 0, seconds: 0, memory: await memory() }];
  const slice = { bytes: load.bytes / slices, connections: load.connections / slices };
  let seconds = 0;
  for (let i = 1; i <= slices; i++) {
    const start = performance.now();
    await run(slice);
    seconds += (performance.now() - start) / 1000;
    const done = { bytes: slice.bytes * i, connections: slice.connections * i };
    looks.push({ ...done, seconds, memory: await memory() });
  }
  return { looks, left: recordsLeft() };
}

console.log(JSON.stringify(await soak(JSON.parse(process.argv[2] ?? "") as SoakLoad)));
