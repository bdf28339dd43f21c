// Random calls with random arguments, good ones among them: every call of the library either gives a result or an error
// with a name. A trap is neither, and fails the test.

import assert from "node:assert/strict";
import { test } from "node:test";
import { chooseSeed, createRandom, type Random } from "../static/support/random.js";
import { PROFILES } from "../static/support/module.js";
import { errorOf, type Address } from "./support/library.js";
import { ERRORS, OPTIONS } from "./support/names.js";
import { createPair, type Pair, type Side } from "./support/pair.js";

const SOAK = Math.max(1, Number(process.env["MOTE_SOAK"] ?? 1) || 1);
const STEPS = 20_000 * SOAK;
const options = { timeout: 120_000 * SOAK };
const KEPT = 32;

const HOSTS = ["198.18.0.1", "198.18.0.2", "198.18.0.77", "198.18.0.255", "203.0.113.9"] as const;
const PORTS = [0, 7, 53, 1024, 65535] as const;

type Kind = "listener" | "connection" | "socket" | "address";
const KINDS = ["listener", "connection", "socket", "address"] as const;

/** Handles that were good once, by what they were made for. */
function createHandles(random: Random, address: number) {
  const made: Record<Kind, number[]> = {
    listener: [],
    connection: [],
    socket: [],
    address: [address],
  };
  return {
    keep(kind: Kind, handle: number) {
      made[kind][random.below(Math.min(made[kind].length + 1, KEPT))] = handle;
    },
    pick(kind: Kind): number {
      if (random.percent(5)) return random.word();
      const right = random.percent(85);
      const list = made[right ? kind : random.pick<Kind>(KINDS)];
      return list[random.below(list.length)] ?? 0;
    },
  };
}

function createGuesses(random: Random, peer: string) {
  const guesses = {
    index: () => (random.percent(90) ? 0 : random.word()),
    port: () => (random.percent(60) ? 7 : random.pick(PORTS)),
    address(): Address {
      if (random.percent(5)) return { tag: "ipv6", val: Array(8).fill(random.below(65536)) };
      const text = random.percent(60) ? peer : random.pick(HOSTS);
      const [a = 0, b = 0, c = 0, d = 0] = random.percent(90)
        ? text.split(".").map(Number)
        : random.bytes(4);
      return { tag: "ipv4", val: [a, b, c, d] };
    },
    endpoint: () => ({ address: guesses.address(), port: guesses.port() }),
    maybeEndpoint: () => (random.percent(40) ? undefined : guesses.endpoint()),
    data: () => random.bytes(random.percent(95) ? random.below(3_000) : random.below(100_000)),
    limit: () => (random.percent(80) ? random.below(5_000) : random.word()),
    option: () => OPTIONS[random.below(OPTIONS.length)]!,
    value: () => (random.percent(80) ? random.below(300) : random.word()),
  };
  return guesses;
}

type Call = () => unknown;

/** What came of the calls: that they do not only fail. */
interface Counts {
  results: number;
  errors: number;
  accepted: number;
  read: number;
}

/** Calls of a library, each with arguments of its own every time; those that lead far stand there twice. */
function callsOf(side: Side, peer: string, random: Random, counts: Counts): Call[] {
  const { lifecycle, network, frames, tcp, udp, events, options: opts, inspect } = side.library;
  const g = createGuesses(random, peer);
  const { keep, pick } = createHandles(random, side.handle);
  const address = () => (random.percent(80) ? undefined : pick("address"));
  const connection = () => pick("connection");
  const socket = () => pick("socket");
  const any = () => pick(random.pick<Kind>(KINDS));
  const listen = () => keep("listener", tcp.listen(address(), g.port(), 1 + random.below(6)));
  const accept = () => {
    keep("connection", tcp.accept(pick("listener")));
    counts.accepted++;
  };
  const read = () => (counts.read += tcp.read(connection(), g.limit())?.length ?? 0);
  const write = () => tcp.write(connection(), g.data());
  const bind = () => keep("socket", udp.bind(address(), g.port()));
  const mac = () => {
    const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = random.bytes(6);
    return [a, b, c, d, e, f] as const;
  };
  return [
    ...[listen, listen, accept, accept, accept, read, read, read, write, write],
    () =>
      keep("connection", tcp.connect(g.endpoint(), address(), random.percent(80) ? 0 : g.port())),
    () => tcp.room(connection()),
    () => tcp.writeUrgent(connection(), g.data()),
    () => tcp.peek(connection(), g.limit()),
    () => tcp.discard(connection(), g.limit()),
    () => tcp.shutdown(connection()),
    () => tcp.close(any()),
    () => tcp.abort(any()),
    () => tcp.info(any()),
    bind,
    () => udp.localPort(socket()),
    () => udp.connect(socket(), g.maybeEndpoint()),
    () => udp.send(socket(), g.maybeEndpoint(), g.data()),
    () => udp.receive(socket()),
    () => udp.join(g.index(), g.address()),
    () => udp.leave(g.index(), g.address()),
    () => udp.close(any()),
    () => events.next(),
    () => events.take(any()),
    () => opts.set(random.percent(10) ? undefined : any(), g.option(), g.value()),
    () => opts.get(random.percent(60) ? undefined : any(), g.option()),
    () => frames.receive(g.index(), g.data()),
    () => frames.transmit(g.index()),
    () => network.configure(g.index(), mac(), g.value()),
    () => network.setLink(g.index(), random.percent(95)),
    () => random.percent(10) && network.setRouter(g.index(), g.address()),
    () => keep("address", network.addAddress(g.index(), g.address(), 1 + random.below(33), true)),
    () => random.percent(5) && network.removeAddress(any()),
    () => network.state(pick("address")),
    () => inspect.pools(),
    () => inspect.readMemory(random.word(), random.below(1_000)),
    () => random.percent(5) && lifecycle.seed(random.bytes(random.percent(80) ? 32 : 31)),
    () => random.percent(5) && keep("address", side.start()),
  ];
}

function run(pair: Pair, random: Random) {
  const counts: Counts = { results: 0, errors: 0, accepted: 0, read: 0 };
  const { client, server } = pair;
  const calls = [
    callsOf(client, server.address, random, counts),
    callsOf(server, client.address, random, counts),
  ];
  for (let step = 0; step < STEPS; step++) {
    const list = calls[step & 1]!;
    const error = errorOf(list[random.below(list.length)]!);
    if (error === undefined) counts.results++;
    else {
      assert.ok(ERRORS.includes(error), error);
      counts.errors++;
    }
    if (random.percent(30)) pair.settle();
    if (random.percent(3)) pair.pass(random.below(3_000));
  }
  return counts;
}

for (const profile of PROFILES) {
  test(`random calls end in a result or an error with a name: ${profile}`, options, async (t) => {
    const seed = chooseSeed();
    t.diagnostic(`${STEPS} calls, MOTE_SEED=${seed}`);
    const pair = await createPair(profile);
    const { results, errors, accepted, read } = run(pair, createRandom(seed));
    t.diagnostic(`${results} results, ${errors} errors, ${accepted} accepted, ${read} bytes read`);
    assert.ok(results > STEPS / 10 && errors > STEPS / 10);
    assert.ok(accepted > 0 && read > 0, "no connection carried anything");
  });
}
