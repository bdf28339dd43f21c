// Who is believed: RFC 5961 (RST, SYN, ACK from outside), PAWS and timestamps (RFC 7323), clocks
// that wrap.

import assert from "node:assert/strict";
import { Counter, Option, Pool } from "../../host/core/generated/abi.js";
import { active, greet, passive, reach, State, SYNCHRONIZED, synReceived } from "./support/peer.js";
import { packetTest } from "./support/rig.js";

const WINDOW = 65535;

for (const state of SYNCHRONIZED) {
  packetTest(`inexact rst in ${state}: challenge ACK (RFC 5961 3.2)`, (rig) => {
    const peer = reach[state]!(rig);
    const was = peer.state();
    const isShut = ["CLOSE-WAIT", "CLOSING", "LAST-ACK"].includes(state);
    peer.send({ flags: "R", seq: peer.seq + 1 });
    if (!isShut) peer.expect({ seq: peer.ack, immediate: true });
    rig.sent.splice(0);
    peer.expectState(was);
  });

  packetTest(`rst out of the window in ${state}: silence`, (rig) => {
    const peer = reach[state]!(rig);
    const was = peer.state();
    peer.send({ flags: "R", seq: peer.seq - 1 });
    peer.send({ flags: "R", seq: peer.seq + WINDOW + 10 });
    rig.expectNothing();
    peer.expectState(was);
  });

  packetTest(`syn in ${state}: challenge ACK, wherever its number is (RFC 5961 4.2)`, (rig) => {
    const peer = reach[state]!(rig);
    const was = peer.state();
    for (const seq of [peer.seq, peer.seq + 5, peer.seq - 9999, peer.seq + 200_000]) {
      peer.send({ flags: "S", seq });
      peer.expect({ seq: peer.ack });
      rig.advance(510);
      rig.sent.splice(0); // our FIN, sent again
    }
    peer.expectState(was);
  });

  packetTest(
    `ack beyond what was sent in ${state}: challenge ACK, nothing is taken (RFC 5961 5.2)`,
    (rig) => {
      const peer = reach[state]!(rig);
      const was = peer.state();
      peer.send({ ack: peer.ack + 1, seq: peer.seq });
      peer.expect({ seq: peer.ack });
      peer.expectState(was);
    },
  );
}

packetTest("rst that answers the challenge: the end (RFC 5961 4.2)", (rig) => {
  const peer = passive(rig);
  peer.send({ flags: "S", seq: 5000 });
  const challenge = peer.expect();
  peer.send({ flags: "R", seq: (challenge.ack - peer.iss) | 0 });
  peer.expectState(State.CLOSED);
});

packetTest("ack older than the largest window: challenge ACK, its data are dropped", (rig) => {
  const peer = passive(rig, { win: 1000 });
  for (let i = 0; i < 3; i++) {
    peer.write(1000);
    peer.expect({ flags: "PA", len: 1000 });
    peer.send();
  }
  peer.send({ seq: 1, ack: 3001 - 1001, data: 10 });
  peer.expect();
  assert.equal(rig.counter(Counter.DROP_TCP_ACK), 1);
  peer.send({ seq: 1, ack: 3001 - 1000, data: 10 });
  peer.seq = 11;
  peer.expectAfter(40);
  peer.read(10);
});

packetTest("data with an ack of the future: not delivered (TCP-19)", (rig) => {
  const peer = passive(rig);
  peer.send({ ack: 5000, seq: 1, data: 10 });
  peer.expect();
  assert.equal(rig.call.receiveSpan(peer.handle), -1);
});

packetTest("challenge ACKs: one in 500 ms for each connection, the rest is counted", (rig) => {
  const peer = passive(rig, { peerPort: 2000 });
  const other = passive(rig, { peerPort: 2001 });
  for (let i = 0; i < 100; i++) peer.send({ flags: "S", seq: 10 + i });
  peer.expect();
  rig.expectNothing();
  assert.equal(rig.counter(Counter.TCP_CHALLENGE_ACKS), 1);
  assert.equal(rig.counter(Counter.TCP_CHALLENGE_THROTTLED), 99);
  other.send({ flags: "S", seq: 10 });
  other.expect();
  rig.advance(499);
  peer.send({ flags: "S", seq: 10 });
  rig.expectNothing();
  rig.advance(1);
  peer.send({ flags: "S", seq: 10 });
  peer.expect();
});

packetTest("challenge ACKs: CHALLENGE_ACK_MS is obeyed", (rig) => {
  rig.call.setOption(0, Option.CHALLENGE_ACK_MS, 50);
  const peer = passive(rig);
  peer.send({ flags: "S", seq: 10 });
  peer.expect();
  rig.advance(50);
  peer.send({ flags: "S", seq: 10 });
  peer.expect();
});

packetTest("data out of the window: always acknowledged, not throttled", (rig) => {
  const peer = passive(rig);
  for (let i = 0; i < 5; i++) {
    peer.send({ seq: -100, data: 10 });
    peer.expect({ immediate: true });
  }
});

packetTest("timestamps: on every segment once agreed, also RST (RFC 7323 3.2)", (rig) => {
  const peer = passive(rig, { ts: true });
  peer.write(10);
  peer.expect({ flags: "PA", len: 10, ts: {} });
  peer.send({ data: 10 });
  peer.expectAfter(40, { ts: {} });
  rig.call.abort(peer.handle);
  rig.pump();
  peer.expect({ flags: "RA", seq: 11, ts: {} });
});

packetTest("timestamps: tick once a ms from a random offset", (rig) => {
  const one = active(rig, { ts: true, peerPort: 2000 });
  const two = active(rig, { ts: true, peerPort: 2001 });
  const start = one.tsSeen;
  assert.notEqual(one.tsSeen, two.tsSeen);
  rig.advance(1234);
  one.write(1);
  const { ts } = one.expect({ flags: "PA", len: 1 });
  assert.equal(((ts?.val ?? 0) - start) >>> 0, 1234);
});

packetTest("segment without the timestamps agreed: silently dropped (RFC 7323 3.2)", (rig) => {
  const peer = passive(rig, { ts: true });
  peer.send({ seq: 1, data: 10, ts: null });
  rig.expectNothing();
  assert.equal(rig.call.receiveSpan(peer.handle), -1);
  peer.expectState(State.ESTABLISHED);
});

packetTest("rst without the timestamps agreed: the end all the same", (rig) => {
  const peer = passive(rig, { ts: true });
  peer.send({ flags: "R", ts: null });
  peer.expectState(State.CLOSED);
});

packetTest("timestamps that were not agreed: ignored", (rig) => {
  const peer = passive(rig);
  peer.send({ data: 10, ts: { val: 99, ecr: 1 } });
  peer.expectAfter(40, { ts: null });
  peer.read(10);
});

packetTest("delayed ACK: echoes the earliest unacknowledged timestamp (RFC 7323 4.3)", (rig) => {
  const peer = passive(rig, { ts: true });
  rig.advance(100);
  peer.send({ data: 10, ts: { val: 0xfffff100 } });
  rig.advance(10);
  peer.send({ data: 10, ts: { val: 0xfffff200 } });
  peer.expectAfter(30, { ts: { ecr: 0xfffff100 } });
});

packetTest("out of order: echoes the last in order, then the filler's (RFC 7323 4.3)", (rig) => {
  const peer = passive(rig, { ts: true });
  peer.send({ data: 10, ts: { val: 0xfffff100 } });
  peer.expectAfter(40, { ts: { ecr: 0xfffff100 } });
  peer.send({ seq: 21, data: 10, ts: { val: 0xfffff300 } });
  peer.expect({ ack: 11, ts: { ecr: 0xfffff100 } });
  peer.send({ seq: 11, data: 10, ts: { val: 0xfffff200 } });
  peer.expect({ ack: 31, ts: { ecr: 0xfffff200 } });
});

packetTest(
  "PAWS: an older timestamp in the window is acknowledged and dropped (RFC 7323 5.3)",
  (rig) => {
    const peer = passive(rig, { ts: true });
    peer.send({ data: 10, ts: { val: 0xfffff100 } });
    peer.expectAfter(40);
    peer.send({ seq: 11, data: 10, ts: { val: 0xfffff0ff } });
    peer.expect({ ack: 11, ts: { ecr: 0xfffff100 } });
    assert.equal(rig.counter(Counter.DROP_TCP_PAWS), 1);
    peer.send({ seq: 11, data: 10, ts: { val: 0xfffff100 } });
    peer.expectAfter(40, { ack: 21 });
    peer.read(20);
  },
);

packetTest("PAWS: timestamps wrap", (rig) => {
  const peer = passive(rig, { ts: true });
  peer.send({ data: 10, ts: { val: 0xffffffff } });
  peer.expectAfter(40, { ts: { ecr: 0xffffffff } });
  peer.send({ data: 10, ts: { val: 3 } });
  peer.expectAfter(40, { ts: { ecr: 3 } });
  peer.read(20);
});

packetTest("PAWS: not for RST (RFC 7323 5.2)", (rig) => {
  const peer = passive(rig, { ts: true });
  peer.send({ flags: "R", ts: { val: 0xffff0000 } });
  peer.expectState(State.CLOSED);
});

packetTest("PAWS: a timestamp of the future is not taken up before its segment is next", (rig) => {
  const peer = passive(rig, { ts: true });
  peer.send({ seq: 5000, data: 10, ts: { val: 0xffffff00 } });
  peer.expect({ ack: 1 });
  peer.send({ data: 10, ts: { val: 0xfffff100 } });
  rig.advance(40);
  peer.expect({ ack: 11, ts: { ecr: 0xfffff100 } });
  peer.read(10);
});

packetTest("PAWS: after 24 days of silence anything goes (RFC 7323 5.5)", (rig) => {
  const start = passive(rig, { ts: true });
  rig.advance(23 * 86_400_000);
  start.send({ seq: 1, data: 10, ts: { val: 0xffff0000 } });
  start.expect({ ack: 1 });
  rig.advance(2 * 86_400_000);
  start.send({ seq: 1, data: 10, ts: { val: 0xffff0000 } });
  start.seq = 11;
  start.expectAfter(40);
  start.read(10);
});

packetTest(
  "PAWS: a silence longer than the clock's half turn does not make it young again",
  (rig) => {
    const peer = passive(rig, { ts: true });
    rig.advance(30 * 86_400_000);
    rig.advance(25 * 86_400_000); // beyond 2^32 ms
    peer.send({ seq: 1, data: 10, ts: { val: 0xffff0000 } });
    peer.seq = 11;
    peer.expectAfter(40);
    peer.read(10);
  },
);

for (const [name, startMs] of [
  ["2^31", 2 ** 31 - 300],
  ["2^32", 2 ** 32 - 300],
] as const) {
  packetTest(
    `the ms clock passes ${name}: delayed ACK, retransmission, TIME-WAIT`,
    { startMs },
    (rig) => {
      greet(rig);
      const peer = passive(rig);
      rig.advance(280);
      peer.send({ data: 10 });
      peer.expectAfter(40);
      peer.write(10);
      peer.expect({ flags: "PA", len: 10 });
      peer.expectAfter(200, { flags: "A", seq: 1, len: 10 });
      peer.send();
      peer.read(10);
      peer.send({ flags: "FA" });
      peer.expect();
      rig.call.close(peer.handle);
      rig.pump();
      peer.expect({ flags: "FA" });
      peer.send();
    },
  );

  packetTest(
    `the ms clock passes ${name} while the retransmission timer runs`,
    { startMs },
    (rig) => {
      greet(rig);
      const peer = passive(rig);
      rig.advance(200);
      peer.write(10);
      peer.expect({ flags: "PA", len: 10 });
      peer.expectAfter(200, { flags: "A", seq: 1, len: 10 });
      peer.expectAfter(400, { flags: "A", seq: 1, len: 10 });
    },
  );

  packetTest(`the ms clock passes ${name} in TIME-WAIT`, { startMs }, (rig) => {
    const peer = reach["TIME-WAIT"]!(rig);
    rig.advance(59_999);
    peer.expectState(State.TIME_WAIT);
    rig.advance(1);
    peer.expectState(State.CLOSED);
  });
}

packetTest(
  "the us clock wraps in a round trip: the sample is right",
  { startMs: 4_294_900 },
  (rig) => {
    greet(rig);
    const peer = passive(rig, { peerPort: 2000 });
    peer.write(10);
    peer.expect({ flags: "PA", len: 10 });
    rig.advance(100); // 2^32 us is 4,294,967.296 ms
    peer.send();
    const srtt = rig.info(peer.handle, "srttUs");
    assert.ok(srtt > 12_000 && srtt < 13_000, `${srtt}`);
  },
);

packetTest("time that runs backwards stands still", { startMs: 50_000 }, (rig) => {
  greet(rig);
  const peer = passive(rig);
  peer.write(10);
  peer.expect({ flags: "PA", len: 10 });
  rig.advance(100);
  rig.call.advance(49_000, 5);
  assert.ok(rig.call.nextDeadline() <= 100);
  peer.expectAfter(100, { flags: "A", seq: 1, len: 10 });
});

packetTest("nextDeadline: never late, 0 while output is pending, none when idle", (rig) => {
  assert.equal(rig.call.nextDeadline() >>> 0, 0xffffffff);
  const peer = passive(rig);
  assert.equal(rig.call.nextDeadline() >>> 0, 0xffffffff);
  peer.send({ data: 10 });
  assert.ok(rig.call.nextDeadline() <= 40);
  peer.expectAfter(40);
  rig.hold(() => {
    peer.write(10);
    assert.equal(rig.call.nextDeadline(), 0);
  });
  peer.expect({ flags: "PA", len: 10 });
  assert.ok(rig.call.nextDeadline() <= 200);
});

packetTest("a SYN without timestamps where they were agreed, in SYN-RECEIVED: an ACK", (rig) => {
  const peer = synReceived(rig, { ts: true });
  peer.send({ flags: "S", seq: 100_000, ts: null });
  peer.expect({ immediate: true });
  peer.send({ flags: "R", seq: 1 });
  assert.equal(rig.used(Pool.SYN_CACHE), 0);
});

packetTest(
  "a SYN without timestamps where they were agreed: challenge ACK (RFC 5961 4.2)",
  (rig) => {
    const peer = passive(rig, { ts: true });
    for (const seq of [10, 100_000]) {
      peer.send({ flags: "S", seq, ts: null });
      peer.expect({ immediate: true });
      rig.advance(500);
    }
    peer.expectState(State.ESTABLISHED);
  },
);
