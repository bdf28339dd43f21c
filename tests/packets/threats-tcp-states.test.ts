// Hostile TCP by its label: what would confuse states, numbers and clocks.

import assert from "node:assert/strict";
import { Counter, Errno, Pool } from "../../host/core/generated/abi.js";
import {
  bystander,
  crossed,
  makePeer,
  passive,
  shutdown,
  State,
  stillWorks,
  synReceived,
  timeWaitEntry,
} from "./support/peer.js";
import { onAllProfiles, packetTest, type Rig } from "./support/rig.js";

onAllProfiles("TCP-17 SYNs on an open connection: one challenge ACK, still open", (rig) => {
  const witness = bystander(rig);
  const peer = passive(rig);
  for (const seq of [0, 1, 500, 70_000, -70_000]) peer.send({ flags: "S", seq });
  peer.expect();
  rig.expectNothing();
  assert.equal(rig.counter(Counter.DROP_TCP_SYN) + rig.counter(Counter.DROP_TCP_WINDOW), 5);
  peer.expectState(State.ESTABLISHED);
  stillWorks(witness);
});

onAllProfiles("TCP-18 ACKs of the future and of long ago: challenged, nothing moves", (rig) => {
  const peer = passive(rig, { win: 1000 });
  peer.write(100);
  peer.expect({ flags: "PA", len: 100 });
  const before = rig.info(peer.handle, "sndUna");
  for (const ack of [102, 5000, 2 ** 30, -1001, -(2 ** 30)]) peer.send({ ack });
  peer.expect({ seq: 101 });
  rig.expectNothing();
  assert.equal(rig.counter(Counter.DROP_TCP_ACK), 5);
  assert.equal(rig.info(peer.handle, "sndUna"), before);
  peer.send({ ack: 101 });
  assert.equal(rig.info(peer.handle, "sendQueue"), 0);
});

packetTest("TCP-21 initial numbers of 10,000 connections look like chance", (rig) => {
  const numbers: number[] = [];
  for (let i = 0; i < 10_000; i++) {
    const peer = synReceived(rig, { peer: 10 + (i % 200), peerPort: 2000 + i });
    numbers.push(peer.ourIss);
    peer.send({ flags: "R", seq: 1 });
  }
  assert.ok(new Set(numbers).size > 9990, "hardly any twice");
  for (let bit = 0; bit < 32; bit++) {
    const ones = numbers.filter((number) => (number >>> bit) & 1).length;
    assert.ok(ones > 4700 && ones < 5300, `bit ${bit} is set in ${ones} of 10,000`);
  }
  // Neither do neighbours tell each other: differences are spread over the whole circle.
  const eighths = new Array<number>(8).fill(0);
  numbers.slice(1).forEach((number, i) => (eighths[(number - numbers[i]!) >>> 29]! += 1));
  for (const count of eighths) assert.ok(count > 1100 && count < 1400, eighths.join(" "));
});

onAllProfiles("TCP-23 the IP identification tells nothing", (rig) => {
  const peer = passive(rig);
  for (let i = 0; i < 5; i++) {
    peer.write(10);
    const { frame } = peer.expect({ flags: "PA", len: 10 });
    assert.equal((frame[18]! << 8) | frame[19]!, 0);
    peer.send();
  }
});

onAllProfiles("TCP-25 a SYN flood: bounded, and open connections do not notice", (rig) => {
  const witness = bystander(rig);
  for (let i = 0; i < 5000; i++) {
    makePeer(rig, { peer: 20 + (i % 200), peerPort: 1024 + i }).sendSyn();
    rig.sent.splice(0);
  }
  assert.ok(rig.used(Pool.SYN_CACHE) <= rig.pool(Pool.SYN_CACHE).capacity);
  assert.ok(rig.used(Pool.TCB) <= rig.pool(Pool.TCB).capacity);
  stillWorks(witness);
  rig.advance(60_000);
  rig.sent.splice(0);
  assert.equal(rig.used(Pool.SYN_CACHE), 0);
  passive(rig, { peerPort: 999 }).expectState(State.ESTABLISHED);
});

onAllProfiles("TCP-30 a window shrunk to the left: nothing new, the connection lives", (rig) => {
  const peer = passive(rig, { mss: 400, win: 800 });
  peer.write(800);
  peer.expect({ flags: "A", len: 400 });
  peer.expect({ flags: "PA", len: 400 });
  peer.send({ ack: 401, win: 100 });
  rig.expectNothing();
  peer.expectState(State.ESTABLISHED);
  peer.send({ ack: 801, win: 800 });
  peer.write(10);
  peer.expect({ flags: "PA", seq: 801, len: 10 });
  peer.send();
});

onAllProfiles("TCP-31 a window of zero is probed, whatever was in flight", (rig) => {
  const peer = passive(rig);
  peer.write(10);
  peer.expect({ flags: "PA", len: 10 });
  peer.send({ win: 0 });
  peer.write(10);
  rig.advance(5000);
  assert.ok(rig.counter(Counter.TCP_PROBES) > 2);
  rig.sent.splice(0);
  peer.expectState(State.ESTABLISHED);
});

onAllProfiles("TCP-35 the SYN again in SYN-RECEIVED: the same SYN+ACK again", (rig) => {
  const peer = synReceived(rig);
  for (let i = 0; i < 5; i++) {
    peer.seq = 0;
    peer.sendSyn();
    peer.expect({ flags: "SA", seq: 0, immediate: true });
  }
  assert.equal(rig.used(Pool.SYN_CACHE) + rig.used(Pool.TCB), 1);
  peer.send();
  assert.ok(rig.call.accept(peer.listener) > 0);
});

onAllProfiles("TCP-36 an old SYN in TIME-WAIT: an ACK, and TIME-WAIT stays", (rig) => {
  const peer = timeWaitEntry(rig);
  peer.send({ flags: "S", seq: -1000 });
  peer.expect();
  const states = rig.records(Pool.TIME_WAIT).concat(rig.records(Pool.TCB));
  assert.deepEqual(
    states.map(({ state }) => state),
    [State.TIME_WAIT],
  );
});

onAllProfiles("TCP-38 simultaneous open, then simultaneous close: one connection", (rig) => {
  const peer = crossed(rig);
  peer.send();
  peer.expectState(State.ESTABLISHED);
  shutdown(peer);
  peer.send({ flags: "FA", ack: 1 });
  peer.expect({ seq: 2 });
  peer.expectState(State.CLOSING);
  peer.send({ ack: 2 });
  peer.expectState(State.TIME_WAIT);
  assert.equal(rig.records(Pool.TCB).length, 1);
});

/** 127.0.0.1 port 5000 to itself. */
function callOurselves(rig: Rig): number {
  rig.putAddress([127, 0, 0, 1]);
  const handle = rig.call.connect(4, 5000, 0, 5000);
  rig.pump();
  return handle;
}

onAllProfiles("TCP-39 self-connect: one connection that talks to itself, or none", (rig) => {
  const handle = callOurselves(rig);
  if (rig.profile === "tiny") {
    assert.equal(handle, -Errno.ENETUNREACH);
    return;
  }
  assert.equal(rig.state(handle), State.ESTABLISHED);
  assert.equal(rig.records(Pool.TCB).length, 1);
});

onAllProfiles("TCP-40 RSTs in TIME-WAIT do not end it (RFC 1337)", (rig) => {
  const peer = timeWaitEntry(rig);
  for (const seq of [0, 1, 2, 3]) peer.send({ flags: "R", seq });
  rig.expectNothing();
  peer.send({ flags: "FA", seq: 1 });
  peer.expect();
});

packetTest("TCP-41 24 days of silence: old timestamps are believed again", (rig) => {
  const peer = passive(rig, { ts: true });
  peer.send({ data: 10 });
  peer.expectAfter(40, {});
  peer.send({ data: 10, ts: { val: 0xffffe000, ecr: peer.tsSeen } });
  assert.equal(rig.counter(Counter.DROP_TCP_PAWS), 1);
  rig.sent.splice(0);
  peer.seq -= 10;
  rig.advance(24 * 86_400_000 + 1000);
  peer.send({ data: 10, ts: { val: 0xffffe000, ecr: peer.tsSeen } });
  peer.expectAfter(40, {});
  peer.read(20);
});

for (const wrapAt of [2 ** 31, 2 ** 32]) {
  onAllProfiles(`TCP-42 the clock passes ${wrapAt} ms: timers come in their time`, (rig) => {
    // A rig starts just before 2^32 ms.
    if (wrapAt === 2 ** 31) rig.advance(2 ** 31 - 1000);
    const peer = passive(rig);
    for (let i = 0; i < 12; i++) {
      peer.send({ data: 1 });
      peer.expectAfter(40, {});
      peer.read(1);
      rig.advance(500);
    }
    peer.write(10);
    peer.expect({ flags: "PA", len: 10 });
    rig.advance(210);
    assert.ok(rig.sent.length > 0, "sent again after the RTO");
    rig.sent.splice(0);
    peer.send();
  });
}
