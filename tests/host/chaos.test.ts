// Many connections at once through bad links, opened, used, half-closed, closed and reset at
// random, in every pairing of profiles: nothing hangs, and every record comes back.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Connection } from "../../host/core/connection.js";
import type { ProfileName } from "../../host/core/stack.js";
import { runFor, settle } from "../../host/core/virtual.js";
import { seededRandom } from "../../host/link/random.js";
import {
  assertIdle,
  B,
  createPair,
  pattern,
  sha256,
  transfer,
  type Pair,
  type Transfer,
} from "./support/pair.js";

const PAIRINGS: [ProfileName, ProfileName][] = [
  ["desktop", "desktop"],
  ["tiny", "desktop"],
  ["desktop", "tiny"],
  ["esp32", "tiny"],
  ["tiny", "tiny"],
  ["esp32", "esp32"],
];
const SEEDS = 2 * PAIRINGS.length * Number(process.env.MOTE_SOAK ?? 1);
const STEPS = 300;

/** A pairing, a bad link and a starting time, all out of the seed. */
async function badPair(seed: number, worst: number): Promise<[Pair, () => number]> {
  const random = seededRandom(seed * 77);
  const pair = await createPair({
    profiles: PAIRINGS[seed % PAIRINGS.length],
    impairments: {
      loss: random() * worst,
      reorder: random() * 0.1,
      duplicate: random() * worst,
      delay: random() * 30,
      seed,
    },
    startMs: Math.floor(random() * 2 ** 32),
  });
  return [pair, random];
}

/** One random thing that an owner may do. */
function meddle(connection: Connection, random: () => number, into: Buffer): void {
  const choice = random();
  if (choice < 0.4) {
    try {
      connection.write(pattern(Math.floor(random() * into.length), 1));
    } catch (error) {
      assert.equal((error as NodeJS.ErrnoException).code, "EPIPE");
    }
  } else if (choice < 0.75) while (connection.read(into) > 0);
  else if (choice < 0.8) {
    if (connection.state !== "SYN-SENT") connection.shutdown();
  } else if (choice < 0.86) connection.close();
  else if (choice < 0.88) connection.abort();
}

for (let seed = 1; seed <= SEEDS; seed++) {
  test(`random calls over a bad link, seed ${seed}`, async () => {
    const [pair, random] = await badPair(seed, 0.1);
    const live = new Set<Connection>();
    let ending = false;
    const add = (connection: Connection) => {
      if (ending) return connection.abort();
      live.add(connection);
      connection.onClosed = () => connection.close();
    };
    pair.b.listen({ port: 7, backlog: 4 }, add);
    const into = Buffer.alloc(5000);
    for (let step = 0; step < STEPS; step++) {
      if (random() < 0.3) {
        try {
          add(pair.a.connect({ host: B, port: random() < 0.9 ? 7 : 8 }));
        } catch (error) {
          assert.equal((error as NodeJS.ErrnoException).code, "ENOBUFS");
        }
      }
      for (const connection of live) {
        meddle(connection, random, into);
        if (connection.handle === 0) live.delete(connection);
      }
      if (random() < 0.5) runFor(pair, random() * 100);
      else settle(pair);
    }
    ending = true;
    for (const connection of live) connection.close();
    assertIdle(pair);
    pair.close();
  });
}

for (let seed = 1; seed <= SEEDS; seed++) {
  test(`several transfers at once over a bad link, seed ${seed}`, async () => {
    const [pair, random] = await badPair(seed, 0.05);
    const small = PAIRINGS[seed % PAIRINGS.length]!.includes("tiny");
    const [count, longest] = small ? [3, 60_000] : [6, 200_000];
    const served = new Map<number, { transfer: Transfer; out: Buffer }>();
    pair.b.listen({ port: 7 }, (connection) => {
      const out = pattern(Math.floor(random() * longest), connection.remotePort);
      served.set(connection.remotePort, { transfer: transfer(connection, out), out });
    });
    const clients = Array.from({ length: count }, (_, index) => {
      const out = pattern(Math.floor(random() * longest), index);
      const connection = pair.a.connect({ host: B, port: 7 });
      return { port: connection.localPort, out, transfer: transfer(connection, out) };
    });
    const over = () =>
      clients.every((client) => client.transfer.closed) &&
      [...served.values()].every((server) => server.transfer.closed);
    const tookMs = pair.run(over);
    for (const client of clients) {
      const server = served.get(client.port)!;
      assert.equal(client.transfer.error ?? server.transfer.error, null);
      assert.equal(sha256(server.transfer.received()), sha256(client.out), "A to B");
      assert.equal(sha256(client.transfer.received()), sha256(server.out), "B to A");
    }
    assert.ok(tookMs < 120_000, `${tookMs} ms of virtual time`);
    assertIdle(pair);
    pair.close();
  });
}
