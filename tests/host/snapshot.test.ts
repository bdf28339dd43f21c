// Snapshots under virtual time: a stack that was cut off at any moment goes on as if nothing had happened, to the
// frame; what waits for an owner; the time away; new keys.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Connection } from "../../host/core/connection.js";
import { Constant } from "../../host/core/generated/abi.js";
import type { StackInstance } from "../../host/core/instance.js";
import type { AttachOptions, ProfileName, Stack, StackOptions } from "../../host/core/stack.js";
import { runFor, runVirtual, settle } from "../../host/core/virtual.js";
import { createVirtualClock } from "../../host/link/clock.js";
import { impair } from "../../host/link/impair.js";
import { MemoryLink } from "../../host/link/memory.js";
import { seededRandom } from "../../host/link/random.js";
import { createStack } from "../../host/node/createStack.js";
import { decodeHead, encodeSnapshot } from "../../host/snapshot/format.js";
import { packPages } from "../../host/snapshot/pages.js";
import { restoreStack } from "../../host/snapshot/restore.js";
import { takeSnapshot } from "../../host/snapshot/take.js";
import {
  assertComplete,
  begin,
  connected,
  copyProgress,
  MAC,
  move,
  own,
  pagesOf,
  readAll,
  scriptedLink,
  silent,
  text,
  watchLink,
} from "./support/moving.js";
import { A, B, entropy, sha256 } from "./support/pair.js";
import { createSegment } from "./support/segment.js";

const SOAK = Math.max(1, Number(process.env["MOTE_SOAK"] ?? 1) || 1);
const PROFILES: readonly ProfileName[] = ["desktop", "esp32", "tiny"];

/** All that the core of a stack ever touches. */
const memoryOf = (stack: Stack) => {
  const { core } = stack as unknown as StackInstance;
  return sha256(packPages(core.memory, core.constant(Constant.MEMORY_BYTES)));
};

/** The same frames and calls from now on for a stack and for what its snapshot gives; how many frames
 * they sent. */
async function mirror(profile: ProfileName, seed: number): Promise<number> {
  const random = seededRandom(seed * 31);
  const clock = createVirtualClock(Math.floor(random() * 2 ** 33));
  const [left, right] = MemoryLink.pair();
  const options = { clock, loop: false };
  const a = await createStack({ ...options, entropy: entropy(1) });
  const b = await createStack({ ...options, profile, entropy: entropy(2) });
  const faults = { loss: 0.03, duplicate: 0.03, reorder: 0.1, delay: random() * 20, seed, clock };
  const said: string[] = [];
  const saidAgain: string[] = [];
  let hear: ((frame: Buffer) => void) | null = null;
  const watched = watchLink(
    impair(right, faults),
    (frame) => hear?.(frame),
    (frame) => hear && said.push(frame.toString("hex")),
  );
  a.attach(left, { mac: "02:00:00:00:00:01", addresses: [`${A}/30`] });
  b.attach(watched, { mac: MAC, addresses: [`${B}/30`] });
  const bytes = profile === "desktop" ? 2_000_000 : 60_000;
  const [client, server] = begin({ a, b }, bytes);
  const run = { clock, stacks: [a, b] as Stack[] };
  runFor(run, random() * 400);

  const script = scriptedLink((frame) => saidAgain.push(frame.toString("hex")));
  const again = await restoreStack(takeSnapshot(b), {
    ...options,
    links: [script.link],
    reseed: false,
  });
  assert.equal(again.restored.awayMs, 0);
  hear = script.hear;
  const serverAgain = copyProgress(server);
  for (const each of again.restored.listeners)
    each.adopt((late) => {
      own(late, serverAgain);
      late.onWritable?.();
    });
  for (const each of again.restored.connections) own(each.adopt(), serverAgain);
  run.stacks.push(again);
  runVirtual(run, () => client.closed && server.closed);
  settle(run);
  assertComplete(client, server);
  assertComplete(server, client);
  assert.deepEqual(saidAgain, said);
  assert.equal(sha256(Buffer.concat(serverAgain.received)), sha256(client.out));
  assert.equal(memoryOf(again), memoryOf(b));
  for (const stack of run.stacks) stack.close();
  return said.length;
}

for (const profile of PROFILES) {
  test(`the restored stack and the original: the same input, the same frames and memory: ${profile}`, async () => {
    let inTheMiddle = 0;
    for (let seed = 1; seed <= 8 * SOAK; seed++) {
      if ((await mirror(profile, seed)) > 0) inTheMiddle++;
    }
    // Some are over before their snapshot is taken.
    assert.ok(inTheMiddle >= 7 * SOAK, `${inTheMiddle} of ${8 * SOAK}`);
  });
}

for (const profile of PROFILES) {
  test(`both sides move again and again in the middle of a transfer with loss: ${profile}`, async () => {
    for (let seed = 1; seed <= 2 * SOAK; seed++) await moveAgainAndAgain(profile, seed);
  });
}

async function moveAgainAndAgain(profile: ProfileName, seed: number): Promise<void> {
  const random = seededRandom(seed);
  const segment = createSegment(Math.floor(random() * 2 ** 33));
  const { clock } = segment;
  let moves = 0;
  const badPort = () =>
    impair(segment.port(), { loss: 0.03, reorder: 0.05, delay: 5, seed: ++moves, clock });
  const make = async (attach: AttachOptions, options: StackOptions = {}) => {
    const stack = await createStack({ clock, loop: false, ...options });
    stack.attach(badPort(), attach);
    (segment.stacks as Stack[]).push(stack);
    return stack;
  };
  let a = await make({ addresses: [`${A}/30`] }, { entropy: entropy(seed) });
  let b = await make({ addresses: [`${B}/30`] }, { entropy: entropy(seed + 99), profile });
  const [client, server] = begin({ a, b }, profile === "desktop" ? 1_000_000 : 50_000);
  const over = () => client.closed && server.closed;
  for (let round = 0; round < 28 && !over(); round++) {
    segment.for(random() * 60);
    const isClient = random() < 0.5;
    const progress = isClient ? client : server;
    const moved = await move(segment, isClient ? a : b, {
      links: [badPort()],
      timeAway: Math.floor(random() * 50),
      onConnection: (connection) => {
        own(connection, progress);
        if (progress.sent === 0) connection.onWritable?.();
      },
    });
    if (isClient) a = moved;
    else b = moved;
  }
  segment.run(over);
  assert.ok(moves > 8, `${moves} moves`);
  assertComplete(client, server);
  assertComplete(server, client);
  for (const stack of [a, b]) assert.equal(stack.counters().tcp_resets_sent, 0);
  segment.close();
}

for (const profile of PROFILES) {
  test(`bytes in both rings, told to the new owner in the next turn: ${profile}`, async () => {
    const { segment, a, b, client, server } = await connected(profile);
    client.write(text("unread"));
    segment.settle();
    server.write(text("not sent yet"));
    const moved = await move(segment, b);
    const [held] = moved.restored.connections;
    assert.deepEqual(
      [held!.localAddress, held!.localPort, held!.remoteAddress, held!.remotePort, held!.state],
      [B, 7, A, client.localPort, "ESTABLISHED"],
    );
    const order: string[] = [];
    const connection = held!.adopt({ onReadable: () => order.push(readAll(connection)) });
    order.push("adopted");
    segment.settle();
    assert.deepEqual(order, ["adopted", "unread"]);
    assert.equal(readAll(client), "not sent yet");
    connection.close();
    segment.settle();
    assert.equal(client.read(Buffer.alloc(1)), 0);
    client.close();
    moved.restored.listeners[0]!.adopt(() => undefined).close();
    segment.run(() => [a, moved].every((stack) => stack.connections().length === 0));
    segment.close();
  });
}

test("what nobody adopts waits: its events, its bytes, connections to be accepted", async () => {
  const { segment, a, b, client } = await connected();
  const moved = await move(segment, b);
  client.write(text("late"));
  client.shutdown();
  const second = a.connect({ host: B, port: 7 });
  segment.run(() => second.state === "ESTABLISHED");
  second.write(text("second"));
  segment.for(10_000);
  const heard: string[] = [];
  const { listeners, connections } = moved.restored;
  assert.deepEqual([listeners[0]!.adopted, connections[0]!.adopted], [false, false]);
  listeners[0]!.adopt((connection) => {
    connection.onReadable = () => heard.push(readAll(connection));
  });
  const connection = connections[0]!.adopt({ onReadable: () => heard.push(readAll(connection)) });
  assert.deepEqual([listeners[0]!.adopted, connections[0]!.adopted], [true, true]);
  segment.settle();
  assert.deepEqual(heard.sort(), ["late", "second"]);
  assert.equal(connection.state, "CLOSE-WAIT");
  assert.throws(() => connections[0]!.adopt(), { code: "EALREADY" });
  assert.throws(() => listeners[0]!.adopt(() => undefined), { code: "EALREADY" });
  segment.close();
});

test("an end that was told before is told to the new owner, too", async () => {
  const { segment, b, client, server } = await connected();
  let ends = 0;
  server.onClosed = () => ends++;
  client.write(text("last"));
  client.shutdown();
  segment.settle();
  server.shutdown();
  segment.run(() => ends === 1);
  // The stack between them has told nobody.
  const moved = await move(segment, await move(segment, b));
  const heard: string[] = [];
  const connection: Connection = moved.restored.connections[0]!.adopt({
    onReadable: () => heard.push(readAll(connection)),
    onClosed: () => heard.push("closed"),
  });
  segment.settle();
  assert.deepEqual(heard, ["last", "closed"]);
  assert.equal(connection.handle, 0);
  segment.close();
});

test("an error that nobody had been told yet", async () => {
  const { segment, b, client } = await connected();
  const moved = await move(segment, b);
  client.abort();
  segment.settle();
  const heard: string[] = [];
  moved.restored.connections[0]!.adopt({
    onError: ({ code }) => heard.push(code!),
    onClosed: () => heard.push("closed"),
  });
  segment.settle();
  assert.deepEqual(heard, ["ECONNRESET", "closed"]);
  segment.close();
});

test("a write() that was refused: onWritable comes to the new owner", async () => {
  const { segment, b, client, server } = await connected();
  const block = Buffer.alloc(200_000, 1);
  const fill = () => {
    while (server.write(block) > 0);
  };
  server.onWritable = fill;
  fill();
  segment.settle();
  const moved = await move(segment, b);
  let writable = 0;
  moved.restored.connections[0]!.adopt({ onWritable: () => writable++ });
  segment.settle();
  const before = writable;
  assert.ok(before <= 1, "once in any case");
  let got = 0;
  client.onReadable = () => {
    for (let n; (n = client.discard(65_536)) > 0;) got += n;
  };
  client.onReadable();
  segment.run(() => writable > before || before === 1);
  assert.ok(got > 0);
  segment.close();
});

test("opening, closing, TIME-WAIT, in the accept queue: as they were", async () => {
  const { segment, a, b, client, server } = await connected();
  // FIN-WAIT-2 at a; CLOSE-WAIT at b.
  client.shutdown();
  // One that waits to be accepted, one that b has closed first, one that gets no answer.
  b.listen({ port: 8 }, (connection) => connection.close());
  const first = a.connect({ host: B, port: 8 });
  segment.run(() => first.state === "CLOSE-WAIT");
  first.close();
  segment.settle();
  b.connect({ host: A, port: 9 });
  const states = (stack: Stack) =>
    stack
      .connections()
      .map(({ state, localPort, remotePort }) => `${state} ${localPort} ${remotePort}`);
  const before = states(b).sort();
  assert.deepEqual(before.map((each) => each.split(" ")[0]).sort(), [
    "CLOSE-WAIT",
    "LISTEN",
    "LISTEN",
    "SYN-SENT",
    "TIME-WAIT",
  ]);
  const moved = await move(segment, b);
  assert.deepEqual(states(moved).sort(), before);
  let refused = "";
  const opening = moved.restored.connections.find(({ state }) => state === "SYN-SENT")!;
  opening.adopt({ onError: ({ code }) => (refused = code!) });
  segment.run(() => refused !== "");
  assert.equal(refused, "ECONNREFUSED");
  assert.equal(server.handle, 0, "it is with the stack that goes on");
  segment.close();
});

test("a handshake that the snapshot cuts in two", async () => {
  const segment = createSegment();
  const a = await segment.add(1, { addresses: [`${A}/30`] });
  const b = await segment.add(2, { addresses: [`${B}/30`] });
  b.listen({ port: 7 }, () => undefined);
  const client = a.connect({ host: B, port: 7 });
  // ARP, then the SYN: b has answered it, and a has not read that yet.
  while (!b.connections().some(({ state }) => state === "SYN-RECEIVED")) {
    a.turn();
    if (!b.connections().some(({ state }) => state === "SYN-RECEIVED")) b.turn();
  }
  const accepted: Connection[] = [];
  const moved = await move(segment, b, { onConnection: (connection) => accepted.push(connection) });
  segment.run(() => accepted.length === 1 && client.state === "ESTABLISHED");
  assert.equal(moved.counters().tcp_passive_opens, 1);
  segment.close();
});

test("sockets: datagrams that wait, and both directions afterwards", async () => {
  const segment = createSegment();
  const a = await segment.add(1, { addresses: [`${A}/30`] });
  const b = await segment.add(2, { addresses: [`${B}/30`] });
  const asker = a.bind();
  b.bind({ port: 5000, address: B });
  b.bind({ protocol: "echo", port: 77 });
  asker.send(text("one"), 5000, B);
  segment.settle();
  const moved = await move(segment, b);
  const [udp, echo] = moved.restored.sockets;
  assert.deepEqual([udp!.protocol, udp!.port, udp!.address], ["udp", 5000, B]);
  assert.deepEqual([echo!.protocol, echo!.port, echo!.address], ["echo", 77, "0.0.0.0"]);
  const heard: string[] = [];
  const socket = udp!.adopt({
    onReadable: () => {
      for (let next; (next = socket.receive()) !== null;) {
        heard.push(Buffer.from(next.data).toString());
        socket.send(text("answer"), next.port, next.address);
      }
    },
  });
  segment.settle();
  asker.send(text("two"), 5000, B);
  segment.settle();
  assert.deepEqual(heard, ["one", "two"]);
  assert.equal(Buffer.from(asker.receive()!.data).toString(), "answer");
  segment.close();
});

test("a send() that was refused: onWritable comes to the socket's new owner", async () => {
  const segment = createSegment();
  const b = await segment.add(2, { addresses: [`${B}/30`] });
  await segment.add(1, { addresses: [`${A}/30`] });
  const socket = b.bind({ port: 5000 });
  while (socket.send(Buffer.alloc(1_000), 9, A));
  const moved = await move(segment, b);
  let writable = 0;
  moved.restored.sockets[0]!.adopt({ onWritable: () => writable++ });
  segment.settle();
  assert.ok(writable > 0);
  segment.close();
});

test("a frame that the link had refused leaves by the new link", async () => {
  const { segment, b, server } = await connected();
  const bytes: Buffer[] = [];
  const refusing = { ...silent(), write: () => false };
  const held = await move(segment, b, { links: [refusing] });
  const [first] = held.restored.connections;
  first!.adopt().write(text("held back"));
  held.turn();
  const script = scriptedLink((frame) => bytes.push(frame));
  const moved = await move(segment, held, { links: [script.link] });
  moved.turn();
  assert.ok(bytes[0]!.includes("held back"));
  assert.equal(server.localPort, 7);
  segment.close();
});

test("built-in services serve on, and their listeners can be closed", async () => {
  const segment = createSegment();
  const a = await segment.add(1, { addresses: [`${A}/30`] });
  const b = await segment.add(2, { addresses: [`${B}/30`] });
  b.serve("echo", { port: 7 });
  const client = a.connect({ host: B, port: 7 });
  segment.run(() => client.state === "ESTABLISHED");
  const moved = await move(segment, b);
  const [held] = moved.restored.listeners;
  assert.deepEqual([held!.service, held!.port], ["echo", 7]);
  client.write(text("still there"));
  segment.for(100);
  assert.equal(readAll(client), "still there");
  let error = "";
  client.onError = ({ code }) => (error = code!);
  held!.adopt(() => undefined).close();
  segment.settle();
  assert.equal(error, "ECONNRESET");
  segment.close();
});

test("interfaces, router, routes, groups, name, services, options, traces", async () => {
  const segment = createSegment();
  const attach = { addresses: [`${B}/30`], router: A, mtu: 1400, mac: MAC };
  const b = await segment.add(2, attach, { hostName: "mote" });
  b.addRoute({ network: "10.0.0.0", prefixLength: 8, router: A });
  b.join("239.1.2.3");
  b.publish("_http._tcp", 80);
  b.setOption("KEEP_ALIVE", 1);
  b.listen({ port: 80 }, () => undefined);
  segment.for(2_000);
  b.traces();
  const facts = (stack: Stack) => [
    stack.interfaces(),
    stack.routes(),
    stack.hostName,
    stack.getOption("KEEP_ALIVE"),
    stack.pools(),
    stack.counters(),
    stack.traces(),
    stack.tracesLost(),
  ];
  const before = facts(b);
  const moved = await move(segment, b);
  assert.deepEqual(facts(moved), before);
  // What is told of at parting is known: publishing again at another port is no new record.
  moved.publish("_http._tcp", 81);
  assert.deepEqual(moved.pools().find(({ name }) => name === "service")!.used, 1);
  let withdrawn = false;
  moved.withdraw(() => (withdrawn = true));
  segment.run(() => withdrawn);
  assert.throws(() => moved.publish("_http._tcp", 0), { code: "EADDRNOTAVAIL" });
  segment.close();
});

test("lookups under way go with who asked; their records come back", async () => {
  const segment = createSegment();
  const b = await segment.add(2, { addresses: [`${B}/30`] });
  b.setNameServers([A]);
  const cancelled: string[] = [];
  b.resolve("mote.example", (error) => cancelled.push(error!.code!));
  segment.settle();
  const used = (stack: Stack) => stack.pools().find(({ name }) => name === "lookup")!.used;
  assert.equal(used(b), 1);
  const moved = await move(segment, b);
  assert.deepEqual(cancelled, ["ECANCELLED"]);
  assert.equal(used(moved), 0);
  segment.close();
});

test("the time away: counted, not counted, as many ms as are given", async () => {
  const { segment, b } = await connected();
  const bytes = takeSnapshot(b);
  const { toldMs } = decodeHead(Buffer.from(bytes));
  const restore = (nowMs: number, timeAway?: boolean | number) =>
    restoreStack(bytes, {
      links: [silent()],
      clock: createVirtualClock(nowMs),
      loop: false,
      ...(timeAway === undefined ? {} : { timeAway }),
    });
  const cases: [number, boolean | number | undefined, number][] = [
    [toldMs + 500, undefined, 500],
    [toldMs + 500, true, 500],
    [toldMs + 500, false, 0],
    [toldMs + 500, 70, 70],
    [0, true, 0],
    [0, 3, 3],
    [toldMs + 100 * 86_400_000, true, 100 * 86_400_000],
  ];
  for (const [nowMs, timeAway, awayMs] of cases) {
    const stack = await restore(nowMs, timeAway);
    assert.equal(stack.restored.awayMs, awayMs);
    assert.equal(stack.clock.now(), toldMs + awayMs);
    stack.close();
  }
  for (const timeAway of [-1, NaN, Infinity]) {
    await assert.rejects(restore(0, timeAway), { code: "EINVAL" });
  }
  segment.close();
});

test("by the machine's clock the time away is the machine's, and never less than none", async () => {
  const { segment, b } = await connected();
  const bytes = takeSnapshot(b);
  const head = decodeHead(Buffer.from(bytes));
  const pages = pagesOf(bytes);
  for (const [agoMs, least] of [
    [90_000, 90_000],
    [-90_000, 0],
  ] as const) {
    const takenAtMs = Date.now() - agoMs;
    const moment = encodeSnapshot({ head: { ...head, takenAtMs }, pages });
    const stack = await restoreStack(moment, { links: [silent()] });
    const { awayMs } = stack.restored;
    assert.ok(awayMs >= least && awayMs < least + 30_000, `${awayMs} ms`);
    assert.ok(stack.clock.now() >= head.toldMs + awayMs);
    stack.close();
  }
  segment.close();
});

test("timers that fell due meanwhile fire at once; those that did not wait for the rest", async () => {
  const { segment, b, server } = await connected();
  server.write(text("lost on the way"));
  // The cable is pulled when it leaves.
  const cut = await move(segment, b, { links: [silent()] });
  cut.turn();
  const bytes = takeSnapshot(cut);
  for (const [timeAway, isDue] of [
    [0, false],
    [100, false],
    [90_000, true],
  ] as const) {
    const clock = createVirtualClock();
    const stack = await restoreStack(bytes, { links: [silent()], clock, loop: false, timeAway });
    stack.turn();
    assert.equal(stack.counters().tcp_timeout_retransmits, isDue ? 1 : 0);
    stack.close();
  }
  segment.close();
});

test("TIME-WAIT ends in the time away, or goes on after it", async () => {
  const { segment, b, client, server } = await connected();
  server.shutdown();
  segment.settle();
  client.shutdown();
  segment.settle();
  server.close();
  segment.settle();
  const bytes = takeSnapshot(b);
  for (const [timeAway, left] of [
    [false, 1],
    [600_000, 0],
  ] as const) {
    const clock = createVirtualClock();
    const stack = await restoreStack(bytes, { links: [silent()], clock, loop: false, timeAway });
    while (stack.turn());
    const waiting = () => stack.connections().filter(({ state }) => state === "TIME-WAIT").length;
    assert.equal(waiting(), left);
    runVirtual({ clock, stacks: [stack] }, () => waiting() === 0);
    stack.close();
  }
  segment.close();
});

test("the time of day goes on with the time away, whether it counts for timers or not", async () => {
  const segment = createSegment();
  const b = await segment.add(2, { addresses: [`${B}/30`] });
  const taken = takeSnapshot(b);
  const head = decodeHead(Buffer.from(taken));
  const pages = pagesOf(taken);
  const epochMs = 1_795_694_400_000 - head.toldMs;
  const host = { ...head.host, timeOfDay: { asked: 0, epochMs } };
  const takenAtMs = Date.now() - 3_600_000;
  const bytes = encodeSnapshot({ head: { ...head, host, takenAtMs }, pages });
  for (const timeAway of [true, false]) {
    const stack = await restoreStack(bytes, { links: [silent()], timeAway });
    const wall = stack.wallClock()!.getTime();
    assert.ok(wall >= 1_795_694_400_000 + 3_600_000 - 1 && wall < 1_795_694_400_000 + 3_630_000);
    stack.close();
  }
  segment.close();
});

test("new keys for what opens later; what is open lives on; none where they are not wanted", async () => {
  const { segment, b, client } = await connected();
  const bytes = takeSnapshot(b);
  const ports = async (reseed?: boolean | Uint8Array) => {
    const clock = createVirtualClock();
    const stack = await restoreStack(bytes, {
      ...{ links: [silent()], clock, loop: false },
      ...(reseed === undefined ? {} : { reseed }),
    });
    const chosen = [1, 2, 3, 4].map(() => stack.bind().port);
    stack.close();
    return chosen.join(" ");
  };
  const exact = await ports(false);
  assert.equal(await ports(false), exact);
  assert.notEqual(await ports(), exact);
  assert.notEqual(await ports(), await ports(true));
  assert.equal(await ports(entropy(5)), await ports(entropy(5)));
  await assert.rejects(ports(new Uint8Array(32)), { code: "EINVAL" });
  await assert.rejects(ports(new Uint8Array(5)), { code: "EINVAL" });

  const moved = await move(segment, b, { reseed: true });
  const connection = moved.restored.connections[0]!.adopt();
  client.write(text("with new keys"));
  segment.settle();
  assert.equal(readAll(connection), "with new keys");
  segment.close();
});

test("stop: nothing more is sent, owners hear that it is over and nothing else, and the links are closed", async () => {
  const { segment, a, b, client, server } = await connected();
  const listener = b.listen({ port: 8 }, () => assert.fail("accepted"));
  const socket = b.bind({ port: 9 });
  const told: string[] = [];
  server.onAbandoned = () => told.push("connection");
  listener.onAbandoned = () => told.push("listener");
  socket.onAbandoned = () => told.push("socket");
  for (const handler of ["onReadable", "onClosed", "onError"] as const) {
    server[handler] = () => assert.fail(handler);
  }
  client.write(text("in the core already"));
  a.turn();
  server.write(text("in the ring"));
  let fired = false;
  b.after(0, () => {
    fired = true;
    takeSnapshot(b, { stop: true });
  });
  segment.for(60_000);
  assert.ok(fired, "from a timer of the stack");
  assert.deepEqual(told.sort(), ["connection", "listener", "socket"]);
  assert.equal(client.state, "ESTABLISHED");
  assert.equal(client.read(Buffer.alloc(9)), -1);
  assert.equal(segment.stacks[1]!.nextDeadline(), Infinity);
  assert.throws(() => takeSnapshot(b), { code: "EBADF" });
  assert.throws(() => b.listen({ port: 1 }, () => undefined), { code: "EBADF" });
  segment.close();
});

test("a handler that runs: EBUSY", async () => {
  const { segment, b, client, server } = await connected();
  const codes: unknown[] = [];
  server.onReadable = () => {
    readAll(server);
    assert.throws(() => takeSnapshot(b), { code: "EBUSY" });
    codes.push("tried");
  };
  client.write(text("x"));
  segment.settle();
  assert.deepEqual(codes, ["tried"]);
  assert.ok(takeSnapshot(b).length > 0);
  segment.close();
});

test("an idle stack takes little: zeros are left out", async () => {
  const { segment, b } = await connected();
  assert.ok(takeSnapshot(b).length < 200_000);
  segment.close();
});

test("a snapshot of a restored stack, again and again: nothing is left behind", async () => {
  const connection = await connected();
  const { segment, a, client } = connection;
  let { b } = connection;
  const texts: string[] = [];
  for (let round = 0; round < 20; round++) {
    b = await move(segment, b, {
      onConnection: (each) => {
        each.onReadable = () => texts.push(readAll(each));
        each.onClosed = () => each.close();
      },
    });
    client.write(text(`round ${round}`));
    segment.for(500);
  }
  assert.equal(texts.length, 20);
  client.abort();
  segment.settle();
  for (const stack of [a, b]) {
    const used = stack
      .pools()
      .filter(({ name }) => /^(tcb|.*ring|syn_cache|time_wait)$/.test(name));
    assert.deepEqual(
      used.map((pool) => pool.used),
      [0, 0, 0, 0, 0],
    );
  }
  segment.close();
});
