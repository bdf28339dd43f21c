// Random calls with random arguments, good ones among them: every call of the library either gives a result or an error
// with a name. A trap is neither, and fails the test.

import assert from "node:assert/strict";
import { test } from "node:test";
import { chooseSeed, createRandom, type Random } from "../static/support/random.js";
import { PROFILES, type Profile } from "../static/support/module.js";
import { errorOf, type Address, type Library } from "./support/library.js";
import { ERRORS, OPTIONS } from "./support/names.js";
import { createPair, type Pair } from "./support/pair.js";

const SOAK = Math.max(1, Number(process.env["MOTE_SOAK"] ?? 1) || 1);
const STEPS = 4_000 * SOAK;
const options = { timeout: 120_000 * SOAK };
const KEPT = 32;

const HOSTS = ["198.18.0.1", "198.18.0.2", "198.18.0.77", "198.18.0.255", "203.0.113.9"] as const;
const PORTS = [0, 7, 53, 1024, 65535] as const;

function createGuesses(random: Random, handles: number[]) {
  const guesses = {
    index: () => (random.percent(80) ? 0 : random.word()),
    port: () => random.pick(PORTS),
    handle: () =>
      random.percent(85) ? (handles[random.below(handles.length)] ?? 0) : random.word(),
    maybeHandle: () => (random.percent(60) ? undefined : guesses.handle()),
    address(): Address {
      if (random.percent(5)) return { tag: "ipv6", val: Array(8).fill(random.below(65536)) };
      const [a = 0, b = 0, c = 0, d = 0] = random.percent(90)
        ? random.pick(HOSTS).split(".").map(Number)
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

/** Calls of a library, each with arguments of its own every time. */
function callsOf(library: Library, random: Random, handles: number[]): Call[] {
  const { lifecycle, network, frames, tcp, udp, events, options: opts, inspect } = library;
  const g = createGuesses(random, handles);
  const keep = (handle: number) => {
    handles[random.below(KEPT)] = handle;
  };
  const mac = () => {
    const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = random.bytes(6);
    return [a, b, c, d, e, f] as const;
  };
  return [
    () => keep(tcp.listen(g.maybeHandle(), g.port(), random.below(6))),
    () => keep(tcp.accept(g.handle())),
    () => keep(tcp.connect(g.endpoint(), g.maybeHandle(), random.percent(80) ? 0 : g.port())),
    () => tcp.room(g.handle()),
    () => tcp.write(g.handle(), g.data()),
    () => tcp.write(g.handle(), g.data()),
    () => tcp.writeUrgent(g.handle(), g.data()),
    () => tcp.read(g.handle(), g.limit()),
    () => tcp.read(g.handle(), g.limit()),
    () => tcp.peek(g.handle(), g.limit()),
    () => tcp.discard(g.handle(), g.limit()),
    () => tcp.shutdown(g.handle()),
    () => tcp.close(g.handle()),
    () => tcp.abort(g.handle()),
    () => tcp.info(g.handle()),
    () => keep(udp.bind(g.maybeHandle(), g.port())),
    () => udp.localPort(g.handle()),
    () => udp.connect(g.handle(), g.maybeEndpoint()),
    () => udp.send(g.handle(), g.maybeEndpoint(), g.data()),
    () => udp.receive(g.handle()),
    () => udp.join(g.index(), g.address()),
    () => udp.leave(g.index(), g.address()),
    () => udp.close(g.handle()),
    () => events.next(),
    () => events.take(g.handle()),
    () => opts.set(g.maybeHandle(), g.option(), g.value()),
    () => opts.get(g.maybeHandle(), g.option()),
    () => frames.receive(g.index(), g.data()),
    () => frames.transmit(g.index()),
    () => network.configure(g.index(), mac(), g.value()),
    () => network.setLink(g.index(), random.percent(90)),
    () => network.setRouter(g.index(), random.percent(20) ? undefined : g.address()),
    () => keep(network.addAddress(g.index(), g.address(), random.below(34), random.percent(30))),
    () => random.percent(10) && network.removeAddress(g.handle()),
    () => network.state(g.handle()),
    () => inspect.pools(),
    () => inspect.readMemory(random.word(), random.below(1_000)),
    () => random.percent(5) && lifecycle.seed(random.bytes(random.percent(80) ? 32 : 31)),
    () => random.percent(1) && lifecycle.initialise(),
  ];
}

/** One side keeps its network, so that there is somebody to talk to. */
function run(profile: Profile, pair: Pair, random: Random) {
  const counts = { good: 0, bad: 0 };
  const calls = [pair.client, pair.server].map(({ library, handle }) =>
    callsOf(library, random, [handle]),
  );
  for (let step = 0; step < STEPS; step++) {
    const list = calls[step & 1]!;
    const error = errorOf(list[random.below(list.length)]!);
    if (error === undefined) counts.good++;
    else {
      assert.ok(ERRORS.includes(error), error);
      counts.bad++;
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
    const { good, bad } = run(profile, pair, createRandom(seed));
    assert.ok(good > STEPS / 20 && bad > STEPS / 20, `${good} good, ${bad} bad`);
    t.diagnostic(`${good} results, ${bad} errors`);
  });
}
