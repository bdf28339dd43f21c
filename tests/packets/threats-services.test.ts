// Hostile clients of built-in services, by their labels: APP-2 to APP-6. Each holds its own record at most, and
// not for ever; a second connection does not notice.

import assert from "node:assert/strict";
import { Counter, Option, Pool, Service } from "../../host/core/generated/abi.js";
import { createRandom } from "../static/support/random.js";
import { dial } from "./support/client.js";
import { bystander, stillWorks, type Peer } from "./support/peer.js";
import { onAllProfiles, type Rig } from "./support/rig.js";

const PORT = 7;
const LIMIT_S = 20;
const GET = "GET / HTTP/1.1\r\nHost: mote\r\n\r\n";

/** With a bystander, which works before and after, and a service. */
function servicesTest(
  name: string,
  service: number,
  attack: (rig: Rig, witness: Peer) => void,
  backlog = 2,
): void {
  onAllProfiles(name, (rig) => {
    const witness = bystander(rig);
    stillWorks(witness);
    rig.call.setOption(0, Option.ORPHAN_SECONDS, LIMIT_S);
    assert.ok(rig.call.serve(service, 0, PORT, backlog) > 0);
    attack(rig, witness);
    stillWorks(witness);
  });
}

/** Only the bystander is left. */
function assertFree(rig: Rig): void {
  assert.equal(rig.used(Pool.TCB), 1);
  assert.equal(rig.used(Pool.RECEIVE_RING), 1);
  assert.equal(rig.used(Pool.SEND_RING), 0);
}

servicesTest(
  "APP-2 a request that trickles in: reset after ORPHAN_SECONDS",
  Service.HTTP,
  (rig) => {
    const client = dial(rig, { port: PORT });
    client.say("GET / HTTP/1.1\r\n");
    for (let s = 0; s < LIMIT_S - 1; s++) {
      rig.advance(1000);
      client.say("X: x\r\n");
    }
    assert.ok(!client.reset);
    rig.advance(1100);
    client.look();
    assert.ok(client.reset);
    assert.equal(rig.counter(Counter.TCP_TIMEOUTS), 1);
    assertFree(rig);
  },
);

for (const [name, service] of [
  ["chargen", Service.CHARGEN],
  ["hello", Service.HELLO],
] as const) {
  servicesTest(
    `APP-3 a peer that reads nothing of ${name}: reset after ORPHAN_SECONDS`,
    service,
    (rig) => {
      const client = dial(rig, { port: PORT, most: 0 });
      rig.advance((LIMIT_S - 1) * 1000);
      client.look();
      assert.ok(!client.reset);
      rig.advance(1100);
      client.look();
      assert.ok(client.reset);
      assertFree(rig);
    },
  );
}

servicesTest(
  "APP-3 a window of zero, again and again: reset after ORPHAN_SECONDS",
  Service.CHARGEN,
  (rig) => {
    const client = dial(rig, { port: PORT, win: 0 });
    for (let s = 0; s < LIMIT_S - 1; s++) {
      rig.advance(1000);
      client.ack();
    }
    assert.ok(!client.reset);
    rig.advance(1500);
    client.look();
    assert.ok(client.reset);
    assertFree(rig);
  },
);

servicesTest(
  "APP-4 as many connections as the backlog: the next waits, others go on",
  Service.ECHO,
  (rig, witness) => {
    const clients = [2000, 2001].map((peerPort) => dial(rig, { port: PORT, peerPort }));
    for (let i = 0; i < 50; i++) {
      assert.ok(!dial(rig, { port: PORT, peerPort: 3000 + i }).open);
    }
    assert.ok(rig.counter(Counter.TCP_BACKLOG_DROPS) >= 50);
    stillWorks(witness);
    for (const client of clients) client.say("mote");
    assert.deepEqual(
      clients.map(({ received }) => received),
      ["mote", "mote"],
    );
    rig.advance((LIMIT_S + 1) * 1000);
    for (const client of clients) client.look();
    assertFree(rig);
  },
);

servicesTest(
  "APP-5 random bytes for a request: an answer or a reset, and everything is free again",
  Service.HTTP,
  (rig) => {
    const random = createRandom(7);
    for (let turn = 0; turn < 60; turn++) {
      const client = dial(rig, { port: PORT, peerPort: 2000 + turn });
      if (!client.open) continue;
      for (let i = random.below(4); i >= 0; i--) {
        const bytes = random.bytes(1 + random.below(600));
        const text = String.fromCharCode(...bytes);
        client.say(random.percent(30) ? `GET ${text}\r\n\r\n` : text);
      }
      client.finish();
      assert.match(client.received, /^(HTTP\/1\.1 \d+ .*)?$/s);
      assert.ok(client.ended && !client.reset);
    }
    rig.advance(70_000);
    assertFree(rig);
  },
);

servicesTest("APP-5 a request cut off at every byte, and reset", Service.HTTP, (rig) => {
  for (let length = 0; length <= GET.length; length++) {
    const client = dial(rig, { port: PORT, peerPort: 2000 + length });
    assert.ok(client.open);
    client.answers = false;
    if (length > 0) client.say(GET.slice(0, length));
    client.abort();
    assertFree(rig);
  }
});

servicesTest(
  "APP-6 data without an end behind the answer: forgotten after ORPHAN_SECONDS",
  Service.HTTP,
  (rig) => {
    const client = dial(rig, { port: PORT });
    client.say(GET);
    assert.ok(client.ended);
    for (let s = 0; s < LIMIT_S - 1; s++) {
      rig.advance(1000);
      client.say("x".repeat(500));
    }
    assert.ok(!client.reset);
    rig.advance(1100);
    client.look();
    assertFree(rig);
  },
);
