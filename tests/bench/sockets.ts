// `npm run bench -- --sockets`: node:net over the kernel's loopback beside `stack.net`, two stacks on a
// MemoryLink, both sides in this process, with the same program, in turns. A round measures each at both in
// several short slices: what else the machine does meanwhile meets both alike. The ratio is the median of
// the slices' ratios.

import { writeFileSync } from "node:fs";
import * as nodeNet from "node:net";
import type { AddressInfo, Server, Socket } from "node:net";
import { MemoryLink } from "../../host/link/memory.js";
import { createStack } from "../../host/nodeStack.js";
import { aligned, median } from "./report.js";

interface World {
  readonly server: typeof nodeNet;
  readonly client: typeof nodeNet;
  readonly host: string;
  close(): void;
}

const ROUND_TRIPS = 10_000;
const CONNECTS = 1_000;
const AT_ONCE = 16;
const BULK_BYTES = 25e7;
const SLICES_PER_ROUND = 4;
/** Before the first that counts: by then the compiler has seen all. */
const WARM_UP_SLICES = 2;
const CHUNK_BYTES = 65_536;
/** Share of a measurement that is run before, and does not count. */
const WARM_UP = 0.1;

const kernel: World = { server: nodeNet, client: nodeNet, host: "127.0.0.1", close: () => {} };

async function stacks(): Promise<World> {
  const [one, two] = MemoryLink.pair({ capacity: 1024 });
  const server = await createStack({ link: one, addresses: ["198.18.0.1/30"] });
  const client = await createStack({ link: two, addresses: ["198.18.0.2/30"] });
  const close = (): void => {
    server.close();
    client.close();
  };
  return { server: server.net, client: client.net, host: "198.18.0.1", close };
}

async function listen({ server, host }: World, serve: (socket: Socket) => void): Promise<Server> {
  const listener = server.createServer({ noDelay: true }, serve);
  await new Promise<void>((done) => listener.listen(0, host, done));
  return listener;
}

const portOf = (server: Server) => (server.address() as AddressInfo).port;

/** One byte there and back, on one connection. */
async function roundTrips(world: World, count: number): Promise<number> {
  const server = await listen(world, (socket) => socket.on("data", (bytes) => socket.write(bytes)));
  const socket = world.client.connect({ port: portOf(server), host: world.host, noDelay: true });
  const byte = Buffer.from("x");
  let left = count;
  await new Promise<void>((done) => {
    socket.on("connect", () => socket.write(byte));
    socket.on("data", () => {
      if (--left === 0) done();
      else socket.write(byte);
    });
  });
  socket.destroy();
  server.close();
  return count;
}

/** Connect, one byte there and back, close; so many connections at a time. */
async function connects(world: World, count: number, atOnce: number): Promise<number> {
  const server = await listen(world, (socket) => socket.on("data", (bytes) => socket.end(bytes)));
  const where = { port: portOf(server), host: world.host, noDelay: true };
  const one = (): Promise<void> =>
    new Promise((done, fail) => {
      const socket = world.client.connect(where, () => socket.write("x"));
      socket.on("data", () => {});
      socket.on("error", fail);
      socket.on("close", () => done());
    });
  let left = count;
  const lane = async (): Promise<void> => {
    while (left-- > 0) await one();
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  server.close();
  return count;
}

/** Bytes one way, written as fast as 'drain' lets. */
async function bulk(world: World, bytes: number): Promise<number> {
  let received = 0;
  let ended = (): void => {};
  const all = new Promise<void>((done) => (ended = done));
  const server = await listen(world, (socket) => {
    socket.on("data", (chunk) => (received += chunk.length));
    socket.on("end", ended);
  });
  const socket = world.client.connect({ port: portOf(server), host: world.host });
  const chunk = Buffer.alloc(CHUNK_BYTES, 0x6d);
  let sent = 0;
  const fill = (): void => {
    while (sent < bytes) {
      sent += chunk.length;
      if (!socket.write(chunk)) return;
    }
    socket.end();
  };
  socket.on("connect", fill).on("drain", fill).resume();
  await all;
  server.close();
  return received;
}

interface Measure {
  readonly title: string;
  readonly unit: string;
  readonly required: number;
  /** What one of what is counted is, in the unit. */
  readonly scale: number;
  readonly count: number;
  run(world: World, count: number): Promise<number>;
}

const MEASURES: readonly Measure[] = [
  {
    title: "1-byte round trips",
    unit: "/s",
    required: 2,
    scale: 1,
    count: ROUND_TRIPS,
    run: roundTrips,
  },
  {
    title: "connect + echo + close, one at a time",
    unit: "/s",
    required: 2,
    scale: 1,
    count: CONNECTS,
    run: (world, count) => connects(world, count, 1),
  },
  {
    title: `connect + echo + close, ${AT_ONCE} at a time`,
    unit: "/s",
    required: 2,
    scale: 1,
    count: CONNECTS,
    run: (world, count) => connects(world, count, AT_ONCE),
  },
  { title: "bulk", unit: " Gbit/s", required: 1 / 3, scale: 8e-9, count: BULK_BYTES, run: bulk },
];

async function rate(world: World, { run, count, scale }: Measure): Promise<number> {
  await run(world, Math.ceil(count * WARM_UP));
  const start = performance.now();
  const moved = await run(world, count);
  return (moved * scale) / ((performance.now() - start) / 1000);
}

export async function sockets(rounds: number, json: string | undefined): Promise<void> {
  const ours = await stacks();
  const results = MEASURES.map((measure) => ({
    measure,
    kernel: [] as number[],
    stacks: [] as number[],
  }));
  for (let slice = -WARM_UP_SLICES; slice < rounds * SLICES_PER_ROUND; slice++) {
    for (const result of results) {
      const order = [() => rate(kernel, result.measure), () => rate(ours, result.measure)] as const;
      // There and back: what changes steadily meanwhile favours neither.
      const first = slice & 1;
      const early = await order[first]!();
      const late = await order[1 - first]!();
      if (slice < 0) continue;
      result.kernel.push(first === 0 ? early : late);
      result.stacks.push(first === 0 ? late : early);
    }
  }
  ours.close();
  const digits = (value: number, unit: string) =>
    unit === "/s" ? value.toFixed(0) : value.toFixed(2);
  const rows = results.map(({ measure, kernel: there, stacks: here }) => {
    const ratio = median(here.map((value, i) => value / there[i]!));
    const { title, unit, required } = measure;
    return [
      `${title},${unit === "/s" ? " each second" : unit}`,
      digits(median(here), unit),
      digits(median(there), unit),
      ratio.toFixed(2),
      `${required.toFixed(2)} ${ratio >= required ? "reached" : "missed"}`,
    ];
  });
  const head = ["both sides in this process", "two stacks", "node:net", "ratio", "required"];
  console.log(aligned([head, ...rows]));
  if (json === undefined) return;
  const samples = results.map(({ measure, ...rest }) => ({ title: measure.title, ...rest }));
  writeFileSync(json, `${JSON.stringify({ node: process.version, rounds, samples }, null, 2)}\n`);
}
