// Connections lent over the control socket, seen from the stack: what is told and when, how much may be under way, and
// that nothing stays behind. Under virtual time, without a socket.

import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { LENT_WINDOW_BYTES, type LentEvent } from "../../host/control/protocol.js";
import type { Connection } from "../../host/core/connection.js";
import { base64, callerOf, type Client } from "./support/calling.js";
import { A, createPair, type Pair } from "./support/pair.js";

interface LentClient extends Client {
  events(): LentEvent[];
  data(): string;
}

async function open(t: TestContext) {
  const pair = await createPair();
  t.after(() => pair.close());
  const caller = callerOf(pair.b);
  function call(...args: Parameters<typeof caller>): LentClient {
    const client = caller(...args);
    const events = () =>
      client.items<{ events: LentEvent[] }>().flatMap((item) => item.events ?? []);
    const data = () =>
      events()
        .map((event) =>
          event.type === "data" ? Buffer.from(event.bytes, "base64").toString() : "",
        )
        .join("");
    return Object.assign(client, { events, data });
  }
  return { pair, call };
}

/** Accepts at A, and keeps what comes. */
function accept(pair: Pair, port: number): { connection: Connection | null; got: () => string } {
  const state = { connection: null as Connection | null, bytes: [] as Buffer[] };
  pair.a.listen({ port }, (connection) => {
    state.connection = connection;
    connection.onReadable = () => {
      const into = Buffer.alloc(65_536);
      for (let n; (n = connection.read(into)) > 0;)
        state.bytes.push(Buffer.from(into.subarray(0, n)));
    };
  });
  return {
    get connection() {
      return state.connection;
    },
    got: () => Buffer.concat(state.bytes).toString(),
  };
}

test("connect: opened, bytes both ways, both ends closed, and what is told of it", async (t) => {
  const { pair, call } = await open(t);
  const server = accept(pair, 7);
  const client = call("connect", { host: A, port: 7, options: { KEEP_IDLE_SECONDS: 9 } });
  client.running!.input!({ action: "send", bytes: base64("hello") });
  pair.run(() => server.got() === "hello");
  server.connection!.write(Buffer.from("answer"));
  pair.run(() => client.data() === "answer");
  client.running!.input!({ action: "shutdown" });
  pair.run(() => server.connection!.available() === 0);
  server.connection!.close();
  pair.run(() => client.end() !== undefined);
  assert.deepEqual(client.end(), { reason: "over", error: null });
  const kinds = client.events().map(({ type }) => type);
  assert.deepEqual([...new Set(kinds)].sort(), ["connected", "data", "end", "state", "taken"]);
  const states = client.events().flatMap((event) => (event.type === "state" ? [event.to] : []));
  assert.deepEqual(states, ["ESTABLISHED", "FIN-WAIT-1", "FIN-WAIT-2", "TIME-WAIT"]);
});

test("a client that takes no items closes the window of the peer", async (t) => {
  const { pair, call } = await open(t);
  const server = accept(pair, 7);
  const client = call("connect", { host: A, port: 7 }, false);
  pair.run(() => server.connection !== null);
  const sent = Buffer.alloc(4_000_000, 0x61);
  let at = 0;
  const push = (): void => {
    for (let n; at < sent.length && (n = server.connection!.write(sent.subarray(at))) > 0;) at += n;
  };
  server.connection!.onWritable = push;
  push();
  const untilMs = pair.clock.now() + 5_000;
  pair.run(() => pair.clock.now() > untilMs);
  assert.ok(at < 2_000_000, `${at} bytes have left`);
  assert.ok(client.told.length < 6);
  client.takesItems = true;
  client.running!.credit();
  client.running!.credit();
  pair.run(() => client.data().length === sent.length);
});

test("more than the window may not be under way, and taken tells of room", async (t) => {
  const { pair, call } = await open(t);
  // Nobody reads at A.
  pair.a.listen({ port: 7 }, () => undefined);
  const client = call("connect", { host: A, port: 7 });
  const piece = Buffer.alloc(8192).toString("base64");
  const send = () => client.running!.input!({ action: "send", bytes: piece });
  pair.run(() => client.events().some(({ type }) => type === "connected"));
  let sent = 0;
  const taken = () =>
    client.events().reduce((sum, event) => sum + (event.type === "taken" ? event.bytes : 0), 0);
  while (sent - taken() + 8192 <= LENT_WINDOW_BYTES) {
    send();
    sent += 8192;
    const nowMs = pair.clock.now();
    pair.run(() => pair.clock.now() > nowMs + 2);
  }
  assert.throws(send, { code: "ENOBUFS" });
  assert.ok(taken() > 0);
});

test("refused, reset, and a stack that is closed", async (t) => {
  const { pair, call } = await open(t);
  const refused = call("connect", { host: A, port: 9 });
  pair.run(() => refused.end() !== undefined);
  assert.deepEqual(refused.end(), {
    reason: "over",
    error: { code: "ECONNREFUSED", syscall: "connect" },
  });
  const server = accept(pair, 7);
  const reset = call("connect", { host: A, port: 7 });
  pair.run(() => server.connection !== null);
  server.connection!.abort();
  pair.run(() => reset.end() !== undefined);
  assert.equal(reset.end()!.error!.code, "ECONNRESET");
  const left = call("connect", { host: A, port: 7 });
  pair.run(() => left.events().some(({ type }) => type === "connected"));
  pair.b.close();
  assert.equal(left.end()!.reason, "closed");
});

test("listen and take; what nobody takes is reset after a while", async (t) => {
  const { pair, call } = await open(t);
  const listener = call("listen", { port: 80, backlog: 4 });
  const first = pair.a.connect({ host: "198.18.0.2", port: 80 });
  const second = pair.a.connect({ host: "198.18.0.2", port: 80 });
  let isReset = false;
  second.onError = ({ code }) => (isReset = code === "ECONNRESET");
  const arrived = () =>
    listener.told.flatMap((one) =>
      "item" in one ? (one.item as { connections: { connection: number }[] }).connections : [],
    );
  pair.run(() => arrived().length === 2);
  first.write(Buffer.from("early"));
  const taken = call("take", { connection: arrived()[0]!.connection });
  pair.run(() => taken.data() === "early");
  assert.equal(
    call("take", { connection: arrived()[0]!.connection }).error()!.code,
    "ECONNABORTED",
  );
  pair.run(() => isReset);
  listener.running!.cancel();
  assert.deepEqual(listener.end(), { reason: "cancelled" });
  assert.equal(first.state, "ESTABLISHED");
  taken.running!.input!({ action: "abort" });
  assert.deepEqual(taken.end(), { reason: "over", error: null });
  pair.run(() => first.state === "CLOSED");
  const { used } = pair.b.pools().find(({ name }) => name === "tcb")!;
  assert.equal(used, 0);
});

test("a client that has gone: the connection is closed with what is in its ring", async (t) => {
  const { pair, call } = await open(t);
  const server = accept(pair, 7);
  const client = call("connect", { host: A, port: 7 });
  pair.run(() => client.events().some(({ type }) => type === "connected"));
  client.running!.input!({ action: "send", bytes: base64("last words") });
  client.running!.cancel();
  assert.equal(client.end()!.reason, "cancelled");
  pair.run(() => server.got() === "last words" && server.connection!.available() === 0);
});

const wrong: readonly [call: string, args: object, code: string, says: RegExp][] = [
  ["connect", { port: 7 }, "EINVAL", /needs host and port/],
  ["connect", { host: A, port: 0 }, "EINVAL", /port is a whole number from 1/],
  ["connect", { host: "nobody", port: 7 }, "EINVAL", /./],
  ["connect", { host: A, port: 7, options: { TLT: 3 } }, "EINVAL", /options is an object/],
  ["connect", { host: A, port: 7, localAddress: "9.9.9.9" }, "EADDRNOTAVAIL", /./],
  ["connect", { host: A, port: 7, prot: 1 }, "EINVAL", /no argument "prot" \(did you mean port/],
  ["listen", {}, "EINVAL", /needs a port/],
  ["take", { connection: 99 }, "ECONNABORTED", /no such connection/],
  ["ping", {}, "EINVAL", /needs an address/],
  ["ping", { address: A, ttl: 256 }, "EINVAL", /ttl is a whole number/],
  ["trace", { address: A, queries: 11 }, "EINVAL", /queries is a whole number/],
  ["resolve", { name: "" }, "EINVAL", /name is a text/],
];

for (const [name, args, code, says] of wrong) {
  test(`${name} ${JSON.stringify(args)}: ${code}`, async (t) => {
    const { pair, call } = await open(t);
    const before = pair.b.pools();
    const client = call(name, args);
    assert.equal(client.running, undefined);
    assert.equal(client.error()?.code, code);
    assert.match(client.error()!.message, says);
    const used = (pools: typeof before) => pools.map((pool) => pool.used);
    assert.deepEqual(used(pair.b.pools()), used(before));
  });
}

test("an option that cannot be set: an error, or a reset, and no connection stays", async (t) => {
  const { pair, call } = await open(t);
  accept(pair, 7);
  const used = () => pair.b.pools().find(({ name }) => name === "tcb")!.used;
  const asked = call("connect", { host: A, port: 7, options: { TTL: 700 } });
  assert.equal(asked.error()?.code, "EINVAL");
  assert.equal(used(), 0);
  call("listen", { port: 80, options: { TTL: 700 } });
  const caller = pair.a.connect({ host: "198.18.0.2", port: 80 });
  let code = "";
  caller.onError = (error) => (code = error.code);
  pair.run(() => code !== "");
  assert.equal(code, "ECONNRESET");
  assert.equal(used(), 0);
});

test("input that is wrong is refused, and the connection lives on", async (t) => {
  const { pair, call } = await open(t);
  accept(pair, 7);
  const client = call("connect", { host: A, port: 7 });
  const input = (args: object) => () => client.running!.input!(args as never);
  assert.throws(input({ action: "sned" }), /action is one of send, shutdown/);
  assert.throws(input({ action: "send", bites: "" }), /no argument "bites" \(did you mean bytes/);
  assert.throws(input({ action: "option", option: "TTL", value: -1 }), /value is a whole number/);
  assert.throws(input({ action: "option", option: "TTL", value: 700 }), { code: "EINVAL" });
  pair.run(() => client.events().some(({ type }) => type === "connected"));
});

test("ping and trace: each answer, and the end", async (t) => {
  const { pair, call } = await open(t);
  const pings = call("ping", { address: A, count: 3, intervalMs: 10 });
  pair.run(() => pings.end() !== undefined);
  assert.equal(pings.told.filter((one) => "item" in one).length, 3);
  assert.equal((pings.end() as unknown as { summary: { received: number } }).summary.received, 3);
  const hops = call("trace", { address: A });
  pair.run(() => hops.end() !== undefined);
  assert.equal((hops.end() as unknown as { reached: boolean }).reached, true);
  const endless = call("ping", { address: A });
  endless.running!.cancel();
  assert.ok((endless.end() as unknown as { summary: object }).summary);
});
