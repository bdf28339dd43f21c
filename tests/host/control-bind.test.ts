// UDP sockets lent over the control socket, seen from the stack: datagrams both ways, how much may be under way, and that
// nothing stays behind. Under virtual time, without a socket.

import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import {
  DATAGRAM_COST_BYTES,
  LENT_WINDOW_BYTES,
  MOST_DATAGRAM_BYTES,
  type DatagramItem,
} from "../../host/control/protocol.js";
import type { PoolLevels } from "../../host/core/observe.js";
import type { Datagram, DatagramSocket } from "../../host/core/socket.js";
import { base64, callerOf, type Client } from "./support/calling.js";
import { A, B, createPair } from "./support/pair.js";

interface BoundItem {
  readonly datagrams: readonly DatagramItem[];
  readonly taken: number;
}

async function open(t: TestContext) {
  const pair = await createPair();
  t.after(() => pair.close());
  const isOurs = ({ name }: PoolLevels) => /socket|ring/.test(name);
  const used = () =>
    pair.b
      .pools()
      .filter(isOurs)
      .map(({ name, used: count }) => `${name} ${count}`);
  return { pair, call: callerOf(pair.b), used };
}

const first = (client: Client) =>
  (client.told[0] as { result: { address: string; port: number } }).result;
const datagrams = (client: Client) => client.items<BoundItem>().flatMap((item) => item.datagrams);
const taken = (client: Client) =>
  client.items<BoundItem>().reduce((sum, item) => sum + item.taken, 0);

/** All that comes to a socket of A. */
function hear(socket: DatagramSocket): Datagram[] {
  const heard: Datagram[] = [];
  socket.onReadable = () => {
    for (let one; (one = socket.receive()) !== null;) heard.push(one);
  };
  return heard;
}

test("bind: datagrams both ways, with the options of the call, and the port free again", async (t) => {
  const { pair, call, used } = await open(t);
  const before = used();
  const other = pair.a.bind({ port: 7 });
  const heard = hear(other);
  const client = call("bind", { port: 5000, options: { TTL: 9 } });
  assert.deepEqual(first(client), { address: "0.0.0.0", port: 5000 });
  client.running!.input!({ action: "send", bytes: base64("hello"), address: A, port: 7 });
  pair.run(() => heard.length === 1);
  const { address, port, hops } = heard[0]!;
  assert.deepEqual([address, port, hops], [B, 5000, 9]);
  assert.equal(String(Buffer.from(heard[0]!.data)), "hello");
  other.send(Buffer.from("answer"), 5000, B);
  pair.run(() => datagrams(client).length === 1);
  const [answer] = datagrams(client);
  assert.deepEqual(answer, {
    ...{ address: A, port: 7, hops: 64, toMany: false },
    bytes: base64("answer"),
  });
  assert.equal(taken(client), "hello".length + DATAGRAM_COST_BYTES);
  assert.equal(call("bind", { port: 5000 }).error()?.code, "EADDRINUSE");
  client.running!.input!({ action: "close" });
  assert.deepEqual(client.end(), { reason: "over", error: null });
  call("bind", { port: 5000 }).running!.cancel();
  assert.deepEqual(used(), before);
});

test("with a peer: it is heard alone, and what its host says of a closed port ends the call", async (t) => {
  const { pair, call } = await open(t);
  const peer = pair.a.bind({ port: 7 });
  const heard = hear(peer);
  const client = call("bind", { remoteAddress: A, remotePort: 7 });
  client.running!.input!({ action: "send", bytes: base64("to the peer") });
  pair.run(() => heard.length === 1);
  pair.a.bind({ port: 8 }).send(Buffer.from("stranger"), first(client).port, B);
  peer.send(Buffer.from("peer"), first(client).port, B);
  pair.run(() => datagrams(client).length > 0);
  assert.deepEqual(
    datagrams(client).map(({ bytes }) => bytes),
    [base64("peer")],
  );
  peer.close();
  client.running!.input!({ action: "send", bytes: base64("again") });
  pair.run(() => client.end() !== undefined);
  assert.equal(client.end()!.reason, "over");
  assert.equal(client.end()!.error!.code, "ECONNREFUSED");
});

test("the longest datagram, in pieces; one byte more is refused", async (t) => {
  const { pair, call } = await open(t);
  const heard = hear(pair.a.bind({ port: 7 }));
  const client = call("bind", { remoteAddress: A, remotePort: 7 });
  const sent = Buffer.from(Array.from({ length: MOST_DATAGRAM_BYTES }, (_, i) => i % 251));
  const send = (bytes: Buffer, more: boolean) =>
    client.running!.input!({ action: "send", bytes: bytes.toString("base64"), more });
  for (let at = 0; at < sent.length; at += 8192)
    send(sent.subarray(at, at + 8192), at + 8192 < sent.length);
  pair.run(() => heard.length === 1);
  assert.ok(Buffer.from(heard[0]!.data).equals(sent));
  send(sent.subarray(0, 40_000), true);
  assert.throws(() => send(sent.subarray(0, 25_508), false), { code: "EMSGSIZE" });
  // What was gathered of it is forgotten.
  send(Buffer.from("next"), false);
  pair.run(() => heard.length === 2);
  assert.equal(String(Buffer.from(heard[1]!.data)), "next");
});

test("a client that takes no items: what waits is bounded, and comes when it does", async (t) => {
  const { pair, call } = await open(t);
  const other = pair.a.bind({ port: 7 });
  const client = call("bind", { port: 5000 }, false);
  let sent = 0;
  const push = (): void => {
    while (sent < 400 && other.send(Buffer.alloc(1000, sent), 5000, B)) sent++;
  };
  other.onWritable = push;
  push();
  let isLater = false;
  pair.a.after(2_000, () => (isLater = true));
  pair.run(() => isLater);
  assert.equal(sent, 400);
  const held = datagrams(client).length;
  assert.ok(held < 100, `${held} were told`);
  client.takesItems = true;
  client.running!.credit();
  client.running!.credit();
  const came = datagrams(client);
  assert.ok(came.length > held && came.length < 250, `${came.length} of 400`);
  // The oldest stay, in order: the stack drops what has no room.
  came.forEach(({ bytes }, i) => assert.equal(Buffer.from(bytes, "base64")[0], i % 256));
});

test("more than the window may not be under way, and taken tells of room", async (t) => {
  const { pair, call } = await open(t);
  // Nothing leaves the cable meanwhile, and the ring fills.
  const client = call("bind", {});
  const piece = Buffer.alloc(8192).toString("base64");
  const send = () => client.running!.input!({ action: "send", bytes: piece, address: A, port: 7 });
  let sent = 0;
  assert.throws(
    () => {
      for (; sent < 100; sent++) send();
    },
    { code: "ENOBUFS" },
  );
  assert.ok(sent * (8192 + DATAGRAM_COST_BYTES) <= LENT_WINDOW_BYTES + taken(client));
  assert.ok(sent >= 31, `${sent} were taken`);
  client.running!.cancel();
  pair.run(() => client.end() !== undefined);
  assert.equal(client.end()!.reason, "cancelled");
});

test("a stack that is closed, and a client that has gone", async (t) => {
  const { pair, call, used } = await open(t);
  const before = used();
  const gone = call("bind", { port: 5000 });
  gone.running!.cancel();
  assert.equal(gone.end()!.reason, "cancelled");
  assert.deepEqual(used(), before);
  gone.running!.input!({ action: "send", bytes: base64("late"), address: A, port: 7 });
  assert.equal(gone.told.length, 2);
  const left = call("bind", { port: 5000 });
  pair.b.close();
  assert.equal(left.end()!.reason, "closed");
});

const wrong: readonly [args: object, code: string, says: RegExp][] = [
  [{ port: -1 }, "EINVAL", /port is a whole number from 0/],
  [{ address: "9.9.9.9" }, "EADDRNOTAVAIL", /./],
  [{ remoteAddress: A }, "EINVAL", /remoteAddress and remotePort go together/],
  [{ remotePort: 7 }, "EINVAL", /go together/],
  [{ remoteAddress: "nobody.", remotePort: 7 }, "EINVAL", /./],
  [{ options: { TTL: 700 } }, "EINVAL", /./],
  [{ options: { TLT: 7 } }, "EINVAL", /options is an object/],
  [{ prot: 1 }, "EINVAL", /no argument "prot" \(did you mean port/],
];

for (const [args, code, says] of wrong) {
  test(`bind ${JSON.stringify(args)}: ${code}, and nothing is left`, async (t) => {
    const { call, used } = await open(t);
    const before = used();
    const client = call("bind", args);
    assert.equal(client.running, undefined);
    assert.equal(client.error()?.code, code);
    assert.match(client.error()!.message, says);
    assert.deepEqual(used(), before);
  });
}

test("input that is wrong is refused, and the socket lives on; a send that fails ends the call", async (t) => {
  const { pair, call } = await open(t);
  const client = call("bind", {});
  const input = (args: object) => () => client.running!.input!(args as never);
  assert.throws(input({ action: "shutdown" }), /action is one of send, close/);
  assert.throws(input({ action: "send", bites: "" }), /no argument "bites" \(did you mean bytes/);
  assert.throws(input({ action: "send", port: 0 }), /port is a whole number from 1/);
  const heard = hear(pair.a.bind({ port: 7 }));
  input({ action: "send", address: A, port: 7 })();
  pair.run(() => heard.length === 1);
  assert.equal(heard[0]!.data.length, 0);
  input({ action: "send", bytes: base64("where?") })();
  assert.equal(client.end()!.error!.code, "EDESTADDRREQ");
});
