// What each connection has sent again: a count of its own on desktop, and together what the stack counts.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { ProfileName } from "../../host/core/stack.js";
import { assertIdle, B, createPair, pattern, transfer, type Pair } from "./support/pair.js";

const counted = ({ a }: Pair): number => {
  const { tcp_timeout_retransmits: late, tcp_fast_retransmits: fast } = a.counters();
  return late + fast;
};

async function lossy(profile: ProfileName, loss: number): Promise<Pair> {
  const impairments = { delay: 5, loss, seed: 7 };
  const pair = await createPair({ profiles: [profile, "desktop"], impairments });
  pair.b.listen({ port: 7 }, (connection) => transfer(connection, new Uint8Array(0)));
  return pair;
}

test("two connections over a line that loses frames: their counts are the stack's together", async () => {
  const pair = await lossy("desktop", 0.05);
  const seen = new Map<number, number>();
  const transfers = [1, 2].map((seed) => {
    const connection = pair.a.connect({ host: B, port: 7 });
    const state = transfer(connection, pattern(300_000 * seed, seed));
    return { connection, state };
  });
  pair.run(() => {
    for (const { connection } of transfers) {
      const info = connection.info();
      if (info !== null && info.pool === "tcb")
        seen.set(info.localPort, Math.max(info.retransmits, seen.get(info.localPort) ?? 0));
    }
    return transfers.every(({ state }) => state.closed);
  });
  const counts = [...seen.values()];
  assert.equal(counts.length, 2);
  assert.ok(Math.min(...counts) > 0, `${counts}`);
  assert.equal(counts[0]! + counts[1]!, counted(pair));

  // A record that is used again begins at 0.
  const next = pair.a.connect({ host: B, port: 7 });
  assert.equal(next.info()!.retransmits, 0);
  next.abort();
  assertIdle(pair);
  pair.close();
});

for (const profile of ["esp32", "tiny"] as const) {
  test(`${profile} counts for the whole stack alone`, async () => {
    const pair = await lossy(profile, 0.05);
    const connection = pair.a.connect({ host: B, port: 7 });
    const state = transfer(connection, pattern(50_000, 1));
    pair.run(() => counted(pair) > 0);
    assert.equal(connection.info()!.retransmits, -1);
    pair.run(() => state.closed);
    assertIdle(pair);
    pair.close();
  });
}
