// TIME-WAIT: 2 MSL, the FIN again, RST (RFC 1337), a new SYN (RFC 9293 3.6.1, RFC 6191).
// Each in both forms: the TCB that its owner still holds, and the entry that is left after close.

import assert from "node:assert/strict";
import { Counter, Option, Pool } from "../../host/core/generated/abi.js";
import {
  listenerOn,
  queued,
  type OpenOptions,
  type Peer,
  reach,
  State,
  timeWaitEntry,
} from "./support/peer.js";
import { packetTest, type Rig } from "./support/rig.js";

const FORMS: [string, (rig: Rig, options?: OpenOptions) => Peer][] = [
  ["held by its owner", reach["TIME-WAIT"]!],
  ["as an entry", timeWaitEntry],
];
const isHeld = (name: string) => name.startsWith("held");

/** Records in TIME-WAIT, in whichever form. */
function waiting(rig: Rig): number {
  const held = rig.records(Pool.TCB).filter(({ state }) => state === State.TIME_WAIT).length;
  return held + rig.used(Pool.TIME_WAIT);
}

for (const [form, open] of FORMS) {
  packetTest(`TIME-WAIT ${form}: lasts 2 MSL`, (rig) => {
    open(rig);
    rig.advance(59_999);
    assert.equal(waiting(rig), 1);
    rig.advance(isHeld(form) ? 1 : 129); // an entry counts in ticks of 64 ms
    assert.equal(waiting(rig), 0);
    rig.expectNothing();
  });

  packetTest(`TIME-WAIT ${form}: MSL_MS is obeyed`, (rig) => {
    rig.call.setOption(0, Option.MSL_MS, 500);
    open(rig);
    rig.advance(999);
    assert.equal(waiting(rig), 1);
    rig.advance(130);
    assert.equal(waiting(rig), 0);
  });

  packetTest(`fin again in TIME-WAIT ${form}: acknowledged, 2 MSL from now`, (rig) => {
    const peer = open(rig);
    rig.advance(50_000);
    peer.send({ flags: "FA", seq: peer.seq - 1 });
    peer.expect(isHeld(form) ? {} : { win: 0 });
    rig.advance(59_999);
    assert.equal(waiting(rig), 1);
    rig.advance(130);
    assert.equal(waiting(rig), 0);
  });

  packetTest(`rst in TIME-WAIT ${form}: ignored (RFC 1337)`, (rig) => {
    const peer = open(rig);
    peer.send({ flags: "R" });
    peer.send({ flags: "RA" });
    rig.expectNothing();
    assert.equal(waiting(rig), 1);
    assert.equal(rig.counter(Counter.DROP_TCP_RST), 2);
  });

  packetTest(`old data in TIME-WAIT ${form}: acknowledged, the end comes no later`, (rig) => {
    const peer = open(rig);
    rig.advance(30_000);
    peer.send({ seq: 1 - 500, data: 100 });
    peer.expect();
    rig.advance(30_000 + 130);
    assert.equal(waiting(rig), 0);
  });

  packetTest(`ack in TIME-WAIT ${form}: silence, or two ends would talk for ever`, (rig) => {
    const peer = open(rig);
    peer.send();
    peer.send({ ack: peer.ack - 1 });
    rig.expectNothing();
  });

  packetTest(
    `syn with a higher number in TIME-WAIT ${form}: a new connection, our number is higher`,
    (rig) => {
      const old = open(rig);
      const last = old.ours(old.ack);
      const peer = reach["LISTEN"]!(rig);
      peer.iss = (old.iss + 10_000) >>> 0;
      peer.sendSyn();
      peer.expect({ flags: "SA" });
      assert.ok(((peer.ourIss - last) | 0) > 0, "beyond the old numbers");
      peer.send();
      assert.ok(rig.call.accept(listenerOn(rig)) > 0);
    },
  );

  packetTest(`syn with a lower number in TIME-WAIT ${form}: an ACK, and nothing changes`, (rig) => {
    const old = open(rig);
    old.send({ flags: "S", seq: -10_000 });
    old.expect();
    assert.equal(waiting(rig), 1);
  });

  packetTest(
    `syn with a newer timestamp in TIME-WAIT ${form}: a new connection (RFC 6191)`,
    (rig) => {
      const old = open(rig, { ts: true });
      rig.advance(10);
      const peer = reach["LISTEN"]!(rig, { ts: true });
      peer.iss = (old.iss - 10_000) >>> 0;
      peer.sendSyn();
      peer.expect({ flags: "SA", ts: {} });
    },
  );

  packetTest(
    `syn with an older timestamp in TIME-WAIT ${form}: state kept, though its number is higher`,
    (rig) => {
      const old = open(rig, { ts: true });
      old.sendSyn("S", { seq: 10_000, ts: { val: 0xffff0000 } });
      old.expect();
      assert.equal(waiting(rig), 1);
    },
  );

  packetTest(`syn with an equal timestamp in TIME-WAIT ${form}: its number decides`, (rig) => {
    const old = open(rig, { ts: true });
    old.sendSyn("S", { seq: -10_000 });
    old.expect();
    assert.equal(waiting(rig), 1);
    const peer = reach["LISTEN"]!(rig, { ts: true });
    peer.iss = (old.iss + 10_000) >>> 0;
    peer.sendSyn();
    peer.expect({ flags: "SA" });
  });

  packetTest(
    `syn without timestamps in TIME-WAIT ${form} that had them: its number decides`,
    (rig) => {
      const old = open(rig, { ts: true });
      const peer = reach["LISTEN"]!(rig);
      peer.iss = (old.iss + 10_000) >>> 0;
      peer.sendSyn();
      peer.expect({ flags: "SA", ts: null });
    },
  );

  packetTest(
    `syn with timestamps in TIME-WAIT ${form} that had none: a new connection (RFC 6191)`,
    (rig) => {
      const old = open(rig);
      const peer = reach["LISTEN"]!(rig, { ts: true });
      peer.iss = (old.iss - 10_000) >>> 0;
      peer.sendSyn();
      peer.expect({ flags: "SA" });
    },
  );

  packetTest(`syn in TIME-WAIT ${form} with a full accept queue: dropped, state kept`, (rig) => {
    const old = open(rig, { backlog: 1 });
    queued(rig, { peerPort: 5555 });
    old.send({ flags: "S", seq: 10_000 });
    assert.equal(waiting(rig), 1);
    assert.equal(rig.counter(Counter.TCP_BACKLOG_DROPS), 1);
    rig.expectNothing();
    old.send({ flags: "FA", seq: old.seq - 1 });
    old.expect();
  });

  packetTest(`syn in TIME-WAIT ${form} without a listener: state kept`, (rig) => {
    const old = open(rig);
    rig.call.close(old.listener);
    old.send({ flags: "S", seq: 10_000 });
    old.expect();
    assert.equal(waiting(rig), 1);
  });
}

packetTest("TIME-WAIT held by its owner: close leaves an entry for the rest", (rig) => {
  const peer = reach["TIME-WAIT"]!(rig);
  rig.advance(10_000);
  rig.call.close(peer.handle);
  assert.equal(rig.used(Pool.TCB), 0);
  assert.equal(rig.used(Pool.TIME_WAIT), 1);
});

packetTest("TIME-WAIT with bytes unread: the owner can read them, then close", (rig) => {
  const peer = reach["FIN-WAIT-2"]!(rig);
  peer.send({ flags: "FA", data: 100 });
  peer.expect();
  peer.read(100);
  assert.equal(rig.call.receiveSpan(peer.handle), 0);
  rig.call.close(peer.handle);
  assert.equal(rig.used(Pool.RECEIVE_RING), 0);
});

packetTest("TIME-WAIT held by its owner beyond 2 MSL: the bytes can still be read", (rig) => {
  const peer = reach["FIN-WAIT-2"]!(rig);
  peer.send({ flags: "FA", data: 100 });
  peer.expect();
  rig.advance(120_000);
  peer.expectState(State.CLOSED);
  peer.read(100);
  assert.equal(rig.call.receiveSpan(peer.handle), 0);
});

packetTest("TIME-WAIT entries have run out: the oldest goes", { profile: "esp32" }, (rig) => {
  const capacity = rig.pool(Pool.TIME_WAIT).capacity;
  const peers = Array.from({ length: capacity + 1 }, (_, i) =>
    timeWaitEntry(rig, { peerPort: 2000 + i }),
  );
  assert.equal(rig.used(Pool.TIME_WAIT), capacity);
  assert.equal(rig.counter(Counter.TCP_TIME_WAIT_RECYCLED), 1);
  peers[0]!.send({ flags: "FA", seq: 1, ack: 2 });
  peers[0]!.expect({ flags: "R", seq: 2 });
  peers[1]!.send({ flags: "FA", seq: 1 });
  peers[1]!.expect();
});

packetTest(
  "TIME-WAIT held by its owner: close with bytes unread leaves an entry as well",
  (rig) => {
    const peer = reach["FIN-WAIT-2"]!(rig);
    peer.send({ flags: "FA", data: 100 });
    peer.expect();
    rig.call.close(peer.handle);
    rig.pump();
    rig.expectNothing("no RST: both sides are done");
    assert.equal(rig.used(Pool.TCB), 0);
    assert.equal(rig.used(Pool.TIME_WAIT), 1);
    rig.advance(59_000);
    assert.equal(rig.used(Pool.TIME_WAIT), 1);
  },
);

for (const minutes of [2, 31, 40, 69, 71, 24 * 60]) {
  packetTest(`TIME-WAIT as an entry, the host asleep for ${minutes} minutes: it is gone`, (rig) => {
    timeWaitEntry(rig);
    rig.sleep(minutes * 60_000);
    assert.equal(rig.used(Pool.TIME_WAIT), 0);
  });
}

for (const profile of ["esp32", "desktop"] as const) {
  packetTest(
    "TIME-WAIT without TIMESTAMPS: those of a SYN do not make it a new one's (RFC 6191)",
    { profile },
    (rig) => {
      rig.call.setOption(0, Option.TIMESTAMPS, 0);
      const peer = timeWaitEntry(rig);
      peer.send({ flags: "S", seq: 0, ts: { val: 9, ecr: 0 } });
      peer.expect({ flags: "A" });
      assert.equal(rig.used(Pool.TIME_WAIT), 1);
    },
  );
}
