// The user timeout option (RFC 5482): told on SYNs and on one acknowledgment after them, taken up
// within limits, and never against what the user of a connection has set.

import assert from "node:assert/strict";
import { Counter, Option } from "../../host/core/generated/abi.js";
import { passive, type Peer, State, synSent, synReceived } from "./support/peer.js";
import { userTimeoutOption } from "./support/frame.js";
import { onAllProfiles, packetTest, type Rig } from "./support/rig.js";

const MINUTES = 0x8000;

const exchange = (rig: Rig) => assert.equal(rig.call.setOption(0, Option.USER_TIMEOUT, 1), 0);
const timeout = (peer: Peer) => peer.rig.option(peer.handle, Option.R2_SECONDS);
const told = (value: number) => ({ options: userTimeoutOption(value) });

onAllProfiles("user timeouts of a peer say nothing unless they are asked for", (rig) => {
  const peer = synReceived(rig, {});
  peer.send(told(600));
  peer.handle = rig.call.accept(peer.listener);
  peer.send({ data: 10, ...told(600) });
  peer.expectAfter(40);
  assert.equal(timeout(peer), 100);
  assert.equal(rig.counter(Counter.TCP_BAD_OPTION), 0);
});

packetTest("ours is told on the SYN and on the first acknowledgment, and no more", (rig) => {
  exchange(rig);
  const peer = synSent(rig, {}, { userTimeout: 100 });
  peer.sendSyn("SA");
  peer.expect({ userTimeout: 100 });
  peer.send({ data: 10 });
  peer.expectAfter(40);
});

packetTest("ours on the SYN+ACK, beside all other options", (rig) => {
  exchange(rig);
  rig.call.setOption(0, Option.R2_SECONDS, 0x8000);
  const peer = synReceived(rig, { sack: true, ts: true, ws: 7 }, { userTimeout: MINUTES | 547 });
  peer.send();
  peer.handle = rig.call.accept(peer.listener);
  peer.write(10);
  peer.expect({ flags: "PA", len: 10 }); // not beside data
  peer.send({ seq: 101, data: 10 });
  peer.expect({ ack: 1, sacks: [[101, 111]], userTimeout: MINUTES | 547 });
  peer.send({ seq: 201, data: 10 });
  const two: [number, number][] = [
    [201, 211],
    [101, 111],
  ];
  peer.expect({ ack: 1, sacks: two });
});

packetTest("three blocks and timestamps leave no room: it waits", (rig) => {
  exchange(rig);
  const peer = passive(rig, { sack: true, ts: true }, { userTimeout: 100 });
  peer.send({ data: 10 });
  peer.expectAfter(40, { userTimeout: 100 });
  for (const seq of [101, 201, 301]) peer.send({ seq, data: 10 });
  rig.sent.splice(0);
  rig.call.setOption(peer.handle, Option.R2_SECONDS, 50);
  rig.pump();
  peer.expect({
    ack: 11,
    sacks: [
      [301, 311],
      [201, 211],
      [101, 111],
    ],
  });
  peer.send({ seq: 11, data: 90 });
  peer.expect({
    ack: 111,
    sacks: [
      [301, 311],
      [201, 211],
    ],
    userTimeout: 50,
  });
});

for (const [value, seconds] of [
  [1, 100],
  [50, 100],
  [101, 101],
  [600, 600],
  [0x7fff, 3600],
  [MINUTES | 10, 600],
  [MINUTES | 0x7fff, 3600],
  [0, 100],
  [MINUTES, 100],
] as const) {
  packetTest(`a peer that tells ${value}: ${seconds} s (RFC 5482 section 3.1)`, (rig) => {
    exchange(rig);
    const peer = passive(rig, {}, { userTimeout: 100 });
    peer.send({ data: 1, ...told(value) });
    rig.advance(40);
    rig.sent.splice(0);
    assert.equal(timeout(peer), seconds);
  });
}

packetTest("what was taken up is what ends the connection", (rig) => {
  exchange(rig);
  const peer = passive(rig, {}, { userTimeout: 100 });
  peer.send({ data: 1, ...told(300) });
  peer.write(10);
  rig.advance(299_000);
  peer.expectState(State.ESTABLISHED);
  rig.advance(61_000);
  peer.expectState(State.CLOSED);
  rig.sent.splice(0);
});

packetTest("with the SYN+ACK already, and with the SYN of a simultaneous open", (rig) => {
  exchange(rig);
  const peer = synSent(rig, { peerPort: 2000 }, { userTimeout: 100 });
  peer.sendSyn("SA", told(200));
  assert.equal(timeout(peer), 200);
  rig.sent.splice(0);
  const other = synSent(rig, { peerPort: 2001 }, { userTimeout: 100 });
  other.sendSyn("S", told(250));
  other.expect({ flags: "SA", seq: 0, userTimeout: 100 });
  assert.equal(timeout(other), 250);
  other.send();
});

packetTest("what the user set stays, whatever the peer tells, and is told (section 3.1)", (rig) => {
  exchange(rig);
  const peer = passive(rig, {}, { userTimeout: 100 });
  peer.send({ data: 1 });
  peer.expectAfter(40, { userTimeout: 100 });
  assert.equal(rig.call.setOption(peer.handle, Option.R2_SECONDS, 30), 0);
  rig.pump();
  peer.expect({ userTimeout: 30 });
  peer.send({ data: 1, ...told(600) });
  peer.expectAfter(40);
  assert.equal(timeout(peer), 30);
  peer.write(10);
  rig.advance(120_000);
  peer.expectState(State.CLOSED);
  rig.sent.splice(0);
});

packetTest("set before the SYN is answered: the SYN again and the rest tell it", (rig) => {
  exchange(rig);
  const peer = synSent(rig, {}, { userTimeout: 100 });
  rig.call.setOption(peer.handle, Option.R2_SECONDS, 40);
  peer.expectAfter(1000, { flags: "S", seq: 0, ack: 0, userTimeout: 40 });
  peer.sendSyn("SA", told(600));
  peer.expect({ userTimeout: 40 });
  assert.equal(timeout(peer), 40);
});

packetTest("a segment that is not acceptable tells nothing", (rig) => {
  exchange(rig);
  const peer = passive(rig, {}, { userTimeout: 100 });
  peer.send({ seq: 200_000, data: 1, ...told(600) });
  peer.send({ seq: 1, ack: 100_000, data: 1, ...told(600) });
  rig.sent.splice(0);
  assert.equal(timeout(peer), 100);
});

packetTest("a user timeout of another length is skipped, and counted", (rig) => {
  exchange(rig);
  const peer = passive(rig, {}, { userTimeout: 100 });
  peer.send({ data: 1, options: [28, 3, 9, 1] });
  peer.send({ data: 1, options: [28, 6, 2, 88, 0, 0, 1, 1] });
  rig.advance(40);
  rig.sent.splice(0);
  assert.equal(timeout(peer), 100);
  assert.equal(rig.counter(Counter.TCP_BAD_OPTION), 2);
});

packetTest("a time of whole minutes is told as so many", (rig) => {
  exchange(rig);
  rig.call.setOption(0, Option.R2_SECONDS, 36_000);
  synSent(rig, {}, { userTimeout: MINUTES | 600 });
});
