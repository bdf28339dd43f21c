// Tests of iperf3 that a client of the control socket has made on the stack: what it is told, what it may ask for, and that
// nothing stays behind. Under virtual time, without a socket. What the protocol does is in tests/command/iperf3-protocol.

import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { tellingHandlers, type Failure, type TestEvent } from "../../host/iperf3/events.js";
import { startClient } from "../../host/iperf3/client.js";
import { startServer } from "../../host/iperf3/server.js";
import { PLAIN } from "../command/support/iperf3.js";
import { callerOf, type Client } from "./support/calling.js";
import { A, assertIdle, B, createPair, type Pair } from "./support/pair.js";

const own = { ringBytes: 65_536, cpuTimes: () => ({ userMs: 0, systemMs: 0 }) };

async function open(t: TestContext) {
  const pair = await createPair({ impairments: { rate: 100e6, delay: 1 } });
  t.after(() => pair.close());
  return { pair, call: callerOf(pair.b) };
}

const events = (client: Client): TestEvent[] =>
  client.items<{ event: TestEvent }>().map(({ event }) => event);
const types = (client: Client) => events(client).map(({ type }) => type);
const ended = (client: Client) => client.end() as unknown as { error: Failure | null } | undefined;

/** A server of A's own, with what it is told. */
function serveAt({ a }: Pair): { heard: TestEvent[]; close(): void } {
  const heard: TestEvent[] = [];
  const server = startServer({
    ...{ stack: a, port: 5201, address: undefined, intervalMs: 0, once: false, ...own },
    ...tellingHandlers((event) => heard.push(event)),
    done: () => undefined,
  });
  return { heard, close: server.close };
}

/** Bytes that the end of a test tells of. */
function bytesOf(told: readonly TestEvent[]): number {
  const end = told.find((event) => event.type === "end");
  assert.ok(end?.type === "end");
  return end.outcome.totals.reduce((sum, { bytes }) => sum + bytes, 0);
}

for (const [settings, atLeast] of [
  [{ bytes: 2_000_000 }, 2_000_000],
  [{ bytes: 500_000, direction: "reverse", streams: 3 }, 500_000],
  [{ protocol: "udp", bitrate: 4e6, seconds: 1 }, 490_000],
] as const) {
  test(`a client: ${JSON.stringify(settings)}, and both count the same`, async (t) => {
    const { pair, call } = await open(t);
    const server = serveAt(pair);
    const client = call("iperf3", { role: "client", address: A, intervalMs: 100, ...settings });
    pair.run(() => ended(client) !== undefined && server.heard.at(-1)?.type === "ready");
    assert.deepEqual(ended(client), { error: null });
    const told = types(client);
    assert.deepEqual([told[0], told.at(-1)], ["start", "end"]);
    assert.ok(told.slice(1, -1).length > 0 && told.slice(1, -1).every((one) => one === "interval"));
    assert.ok(bytesOf(events(client)) >= atLeast);
    assert.equal(bytesOf(events(client)), bytesOf(server.heard));
    const [first] = events(client);
    assert.ok(first?.type === "start");
    const [stream] = first.test.streams;
    assert.deepEqual([stream!.local.address, stream!.remote.address], [B, A]);
    assert.equal(first.test.ringBytes, 65_536);
    server.close();
    assertIdle(pair);
  });
}

test("a server: one test after the other, and cancel frees its port", async (t) => {
  const { pair, call } = await open(t);
  const client = call("iperf3", { role: "server", intervalMs: 0 });
  for (let round = 1; round <= 2; round++) {
    let error: Error | null | undefined;
    startClient({
      ...{ stack: pair.a, to: { address: B, port: 5201 }, intervalMs: 0, connectMs: 0, ...own },
      settings: { ...PLAIN, seconds: 0, bytes: 1_000_000 },
      ...{ version: "test", random: (bytes: Uint8Array) => bytes.fill(round) },
      watcher: tellingHandlers(() => undefined).watcher,
      done: (failure) => (error = failure),
    });
    pair.run(() => types(client).filter((type) => type === "ready").length === round + 1);
    assert.equal(error, null);
  }
  assert.deepEqual(types(client), [
    "ready",
    ...["accepted", "start", "end", "over", "ready"],
    ...["accepted", "start", "end", "over", "ready"],
  ]);
  assert.equal(bytesOf(events(client)), 1_000_000);
  assert.equal(ended(client), undefined);
  client.running!.cancel();
  assert.deepEqual(ended(client), { error: null });
  pair.b.listen({ port: 5201 }, () => undefined).close();
  assertIdle(pair);
});

test("a server with `once` ends by itself; cancel in the midst of a test tells its client", async (t) => {
  const { pair, call } = await open(t);
  const server = serveAt(pair);
  const cancelled = call("iperf3", { role: "client", address: A, seconds: 100 });
  pair.run(() => types(cancelled).length === 3);
  cancelled.running!.cancel();
  assert.deepEqual(ended(cancelled), { error: null });
  assert.equal(types(cancelled).at(-1), "end");
  pair.run(() => server.heard.some(({ type }) => type === "over"));
  const over = server.heard.find((event) => event.type === "over");
  assert.match(String(over?.type === "over" && over.error?.message), /client has ended the test/);
  server.close();

  const once = call("iperf3", { role: "server", once: true, port: 5202 });
  const other = callerOf(pair.a)("iperf3", {
    ...{ role: "client", address: B, port: 5202, bytes: 100_000 },
  });
  pair.run(() => ended(once) !== undefined && ended(other) !== undefined);
  assert.deepEqual([ended(once), ended(other)], [{ error: null }, { error: null }]);
  assertIdle(pair);
});

test("all that is told survives JSON, and a way to another thread", async (t) => {
  const { pair, call } = await open(t);
  const server = serveAt(pair);
  const client = call("iperf3", { role: "client", address: A, bytes: 3_000_000, intervalMs: 100 });
  pair.run(() => ended(client) !== undefined);
  for (const event of events(client)) {
    assert.deepEqual(structuredClone(event), event);
    assertPlain(event);
  }
  server.close();
});

/** JSON makes null of NaN and of what never ends, and loses functions. */
function assertPlain(value: unknown): void {
  if (typeof value === "object" && value !== null) Object.values(value).forEach(assertPlain);
  else if (typeof value === "number") assert.ok(Number.isFinite(value));
  else assert.ok(["string", "boolean", "undefined", "object"].includes(typeof value));
}

test("what ends it before its time: nobody there, the port is taken", async (t) => {
  const { pair, call } = await open(t);
  const refused = call("iperf3", { role: "client", address: A });
  pair.run(() => ended(refused) !== undefined);
  const { error } = ended(refused)!;
  assert.deepEqual([error!.code, error!.isIperf3], ["ECONNREFUSED", false]);
  const listener = pair.b.listen({ port: 5201 }, () => undefined);
  assert.equal(ended(call("iperf3", { role: "server" }))!.error!.code, "EADDRINUSE");
  listener.close();
  assertIdle(pair);
});

for (const [args, says] of [
  [{}, /iperf3 needs a role: client or server/],
  [{ role: "both" }, /role is one of client, server/],
  [{ role: "client" }, /iperf3 needs an address/],
  [{ role: "client", address: A, once: true }, /iperf3 takes no argument "once"/],
  [{ role: "server", intervalMs: 99 }, /intervalMs is 0, or a number from 100 to 60000/],
  [{ role: "server", bytes: 7 }, /iperf3 takes no argument "bytes"/],
  [
    { role: "client", address: A, length: 0 },
    /length is a whole number from 1 to 1048576 with tcp/,
  ],
  [
    { role: "client", address: A, protocol: "udp", length: 8 },
    /length is a whole number from 16 to 65507 with udp/,
  ],
  [{ role: "client", address: A, streams: 129 }, /streams is a whole number from 1 to 128/],
] as const) {
  test(`refused: ${JSON.stringify(args)}`, async (t) => {
    const { call } = await open(t);
    const error = call("iperf3", args).error();
    assert.equal(error?.code, "EINVAL");
    assert.match(error.message, says);
  });
}
