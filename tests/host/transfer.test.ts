// Two stacks over a MemoryLink on virtual time: bytes both ways, clean and through bad links, and
// nothing left behind.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  assertIdle,
  B,
  createPair,
  pattern,
  sha256,
  transfer,
  type PairOptions,
} from "./support/pair.js";

const MEGABYTE = 1_000_000;

/** One connection carries `bytes` both ways; virtual ms it took. */
async function exchange(options: PairOptions, bytes = MEGABYTE) {
  const pair = await createPair(options);
  const [fromA, fromB] = [pattern(bytes, 1), pattern(bytes, 2)];
  let server: ReturnType<typeof transfer> | null = null;
  pair.b.listen({ port: 7 }, (connection) => (server = transfer(connection, fromB)));
  const client = transfer(pair.a.connect({ host: B, port: 7 }), fromA);
  const tookMs = pair.run(() => client.closed && (server?.closed ?? false));
  assert.equal(client.error, null);
  assert.equal(server!.error, null);
  assert.equal(sha256(server!.received()), sha256(fromA), "A to B");
  assert.equal(sha256(client.received()), sha256(fromB), "B to A");
  assertIdle(pair);
  const counters = pair.stacks.map((stack) => stack.counters());
  pair.close();
  return { tookMs, counters };
}

test("1 MB both ways over a clean link: equal, without one retransmission", async () => {
  const { counters } = await exchange({});
  for (const counter of counters) {
    assert.equal(counter.tcp_timeout_retransmits, 0);
    assert.equal(counter.tcp_fast_retransmits, 0);
    assert.equal(counter.tcp_resets_sent, 0);
    assert.equal(counter.drop_tcp_checksum, 0);
  }
});

test("1 MB both ways through queues of eight frames", async () => {
  await exchange({ capacity: 8 });
});

for (const profile of ["tiny", "esp32"] as const) {
  test(`100 kB both ways between desktop and ${profile}`, async () => {
    await exchange({ profiles: ["desktop", profile] }, 100_000);
  });
}

test("the wrap of the clock at 2^32 ms is crossed in the middle of a transfer", async () => {
  await exchange({ startMs: 2 ** 32 - 40, impairments: { delay: 10 } }, 300_000);
});

for (let seed = 1; seed <= 10; seed++) {
  test(`100 MB both ways with 1 % loss, 5 % reordering and duplicates, seed ${seed}`, async () => {
    const impairments = { loss: 0.01, reorder: 0.05, duplicate: 0.01, delay: 2, seed };
    const { tookMs } = await exchange({ impairments }, 100 * MEGABYTE);
    assert.ok(tookMs < 12_000_000, `${tookMs} ms of virtual time`);
  });
}

test("the same seed gives the same run, to the last counter", async () => {
  const impairments = { loss: 0.02, reorder: 0.05, duplicate: 0.02, delay: 3, seed: 99 };
  const first = await exchange({ impairments }, 200_000);
  const second = await exchange({ impairments }, 200_000);
  assert.deepEqual(first, second);
});
