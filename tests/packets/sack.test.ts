// Selective acknowledgment: offered and agreed (RFC 2018 section 2), what is kept and what came twice
// is reported (RFC 2018 section 4, RFC 2883), and losses are repaired by it (RFC 6675).

import assert from "node:assert/strict";
import { Counter, Option, Pool } from "../../host/core/generated/abi.js";
import { greet, passive, type Peer, State, synSent, synReceived } from "./support/peer.js";
import { NOP, sackOption } from "./support/frame.js";
import { onAllProfiles, packetTest, type Rig } from "./support/rig.js";

const MSS = 1000;

/** An established connection with SACK, whose peer takes segments of 1,000 bytes. */
const agreed = (rig: Rig, options = {}): Peer => passive(rig, { sack: true, mss: MSS, ...options });

/** Writes so many segments and takes them: all leave at once. */
function flight(peer: Peer, segments: number): void {
  peer.write(segments * MSS);
  for (let i = 1; i <= segments; i++) {
    peer.expect({ flags: i === segments ? "PA" : "A", len: MSS });
  }
}

/** Numbers of the n-th segment of 1,000 bytes. */
const block = (first: number, last = first): [number, number] => [
  1 + (first - 1) * MSS,
  1 + last * MSS,
];

/** The n-th segment leaves again. */
const expectAgain = (peer: Peer, n: number) =>
  peer.expect({ flags: "A", seq: 1 + (n - 1) * MSS, len: MSS });

packetTest("blocks beside timestamps, in either order", (rig) => {
  for (const first of ["timestamps", "blocks"] as const) {
    const peer = agreed(rig, {
      ts: true,
      peerPort: first === "blocks" ? 2000 : 2001,
      mss: MSS + 12,
    });
    flight(peer, 5);
    const blocks: [number, number] = block(2, 4).map(peer.ours) as [number, number];
    const options = [...NOP, ...NOP, ...sackOption([blocks])];
    if (first === "timestamps") peer.send({ ack: 1, sacks: [block(2, 4)] });
    else peer.send({ ack: 1, options });
    expectAgain(peer, 1);
    peer.send();
  }
});

// ---- Agreement ----

packetTest("syn: SACK is offered, and used when the answer takes it up", (rig) => {
  const peer = synSent(rig, { sack: true });
  peer.sendSyn("SA");
  peer.expect();
  peer.send({ seq: 11, data: 10 });
  peer.expect({ ack: 1, sacks: [[11, 21]] });
  assert.equal(rig.info(peer.handle, "state"), State.ESTABLISHED);
  assert.equal(rig.info(peer.handle, "sack"), 1);
});

packetTest("syn: SACK offered by the peer is answered, and only then", (rig) => {
  for (const sack of [true, false]) {
    const peer = passive(rig, { peerPort: sack ? 2000 : 2001, sack });
    peer.send({ seq: 11, data: 10 });
    peer.expect({ ack: 1, sacks: sack ? [[11, 21]] : [] });
  }
});

packetTest("option SACK = 0: neither offered nor accepted", (rig) => {
  rig.call.setOption(0, Option.SACK, 0);
  const client = synSent(rig, { sack: true, peerPort: 2000 });
  client.sendSyn("SA");
  client.expect();
  client.send({ seq: 11, data: 10 });
  client.expect({ ack: 1 });
  const server = passive(rig, { sack: true, peerPort: 2001 });
  server.send({ seq: 11, data: 10 });
  server.expect({ ack: 1 });
});

packetTest("SACK through a SYN+ACK that had to be repeated", (rig) => {
  greet(rig);
  const peer = synReceived(rig, { sack: true });
  rig.advance(1000);
  peer.expect({ flags: "SA", seq: 0, sackPermitted: true });
  peer.send();
  peer.handle = rig.call.accept(peer.listener);
  peer.send({ seq: 11, data: 10 });
  peer.expect({ ack: 1, sacks: [[11, 21]] });
});

onAllProfiles("a build without SACK offers none", (rig) => {
  if (rig.option(0, Option.SACK) === 1) return;
  const peer = passive(rig, { sack: true });
  peer.send({ seq: 11, data: 10 });
  peer.expect({ ack: 1 });
});

// ---- Reporting ----

packetTest("blocks: that of the newest segment first (RFC 2018 section 4)", (rig) => {
  const peer = agreed(rig);
  peer.send({ seq: 101, data: 10 });
  peer.expect({ ack: 1, sacks: [[101, 111]] });
  peer.send({ seq: 201, data: 10 });
  peer.expect({
    ack: 1,
    sacks: [
      [201, 211],
      [101, 111],
    ],
  });
  peer.send({ seq: 111, data: 10 });
  peer.expect({
    ack: 1,
    sacks: [
      [101, 121],
      [201, 211],
    ],
  });
});

packetTest("blocks: four at most, three beside timestamps", (rig) => {
  for (const ts of [false, true]) {
    const peer = agreed(rig, { peerPort: ts ? 2000 : 2001, ts });
    const sent: [number, number][] = [];
    for (let i = 1; i <= 5; i++) {
      peer.send({ seq: 1 + i * 100, data: 10 });
      sent.unshift([1 + i * 100, 11 + i * 100]);
      peer.expect({ ack: 1, sacks: sent.slice(0, ts ? 3 : 4) });
    }
  }
});

packetTest("blocks: gone as the holes fill", (rig) => {
  const peer = agreed(rig);
  peer.send({ seq: 11, data: 10 });
  peer.expect({ ack: 1, sacks: [[11, 21]] });
  peer.send({ seq: 31, data: 10 });
  peer.expect({
    ack: 1,
    sacks: [
      [31, 41],
      [11, 21],
    ],
  });
  peer.send({ seq: 1, data: 10 });
  peer.expect({ ack: 21, sacks: [[31, 41]], immediate: true });
  peer.send({ seq: 21, data: 10 });
  peer.expect({ ack: 41 });
  peer.read(40);
});

packetTest("blocks on data segments too, which are shorter by them (MUST-16)", (rig) => {
  const peer = agreed(rig);
  peer.send({ seq: 11, data: 10 });
  peer.expect({ ack: 1, sacks: [[11, 21]] });
  peer.write(2 * MSS);
  const first = peer.expect({ flags: "A", ack: 1, len: MSS - 12, sacks: [[11, 21]] });
  assert.equal(first.frame.length, 14 + 20 + 20 + MSS);
  peer.expect({ flags: "A", ack: 1, len: MSS - 12, sacks: [[11, 21]] });
  peer.send({ seq: 1, data: 10, ack: 1 + 2 * (MSS - 12) });
  rig.advance(1);
  assert.ok(rig.sent.length > 0);
  rig.sent.splice(0);
});

packetTest("an old segment again: reported as a duplicate (RFC 2883 section 4.1)", (rig) => {
  const peer = agreed(rig);
  peer.send({ data: 20 });
  peer.expectAfter(40, {});
  peer.send({ seq: 1, data: 20 });
  peer.expect({ sacks: [[1, 21]], immediate: true });
  peer.send({ data: 5 });
  peer.expectAfter(40, {});
});

packetTest("partly old: the old part is a duplicate, at once", (rig) => {
  const peer = agreed(rig);
  peer.send({ data: 20 });
  peer.expectAfter(40, {});
  peer.send({ seq: 11, data: 20 });
  peer.seq = 31;
  peer.expect({ sacks: [[11, 21]], immediate: true });
  peer.read(30);
});

packetTest("a segment kept out of order again: the duplicate before its block (4.2)", (rig) => {
  const peer = agreed(rig);
  peer.send({ seq: 101, data: 20 });
  peer.expect({ ack: 1, sacks: [[101, 121]] });
  peer.send({ seq: 106, data: 10 });
  peer.expect({
    ack: 1,
    sacks: [
      [106, 116],
      [101, 121],
    ],
  });
});

packetTest("a duplicate of one connection is never told on another", (rig) => {
  const one = agreed(rig, { peerPort: 2000 });
  const two = agreed(rig, { peerPort: 2001 });
  one.send({ data: 20 });
  one.expectAfter(40, {});
  one.send({ flags: "R" });
  two.send({ data: 20 });
  two.expectAfter(40, {});
});

// ---- Repair ----

packetTest("three blocks: what is missing below leaves again, nothing else (RFC 6675)", (rig) => {
  const peer = agreed(rig);
  flight(peer, 10);
  peer.send({ sacks: [block(2)], ack: 1 });
  peer.send({ sacks: [block(2, 3)], ack: 1 });
  rig.expectNothing("two segments are not enough");
  peer.send({ sacks: [block(2, 4)], ack: 1 });
  expectAgain(peer, 1);
  rig.expectNothing();
  assert.equal(rig.used(Pool.RECOVERY), 1);
  peer.send({ ack: 1 + 10 * MSS });
  assert.equal(rig.used(Pool.RECOVERY), 0);
  assert.equal(rig.counter(Counter.TCP_FAST_RETRANSMITS), 1);
});

packetTest("several holes are repaired in one round trip", (rig) => {
  const peer = agreed(rig);
  flight(peer, 10);
  // Lost: 1, 3, 5. The window is halved to 5 segments.
  peer.send({ sacks: [block(2)], ack: 1 });
  peer.send({ sacks: [block(4), block(2)], ack: 1 });
  peer.send({ sacks: [block(6), block(4), block(2)], ack: 1 });
  expectAgain(peer, 1);
  peer.send({ sacks: [block(6, 7), block(4), block(2)], ack: 1 });
  rig.expectNothing("in the network: 1 again, 5, 8, 9 and 10");
  peer.send({ sacks: [block(6, 8), block(4), block(2)], ack: 1 });
  expectAgain(peer, 3);
  expectAgain(peer, 5);
  peer.send({ sacks: [block(6, 10), block(4), block(2)], ack: 1 });
  rig.expectNothing();
  peer.send({ ack: 1 + 10 * MSS });
});

packetTest("as soon as more than two segments lie above, one acknowledgment will do", (rig) => {
  const peer = agreed(rig);
  flight(peer, 6);
  peer.send({ sacks: [block(2, 4)], ack: 1 });
  expectAgain(peer, 1);
  peer.send({ ack: 1 + 6 * MSS });
});

packetTest("what stands behind the last block is no block, whatever it looks like", (rig) => {
  const peer = agreed(rig);
  flight(peer, 6);
  const blockBytes = (edges: [number, number]) =>
    sackOption([[peer.ours(edges[0]), peer.ours(edges[1])]]);
  const [, , ...padding] = blockBytes(block(3, 5));
  assert.equal(padding[0], 0, "the end of the options");
  peer.send({ ack: 1, options: [...NOP, ...NOP, ...blockBytes(block(2)), ...padding] });
  rig.expectNothing("one segment lies above the hole, not four");
  peer.send({ ack: 1 + 6 * MSS });
});

packetTest("in recovery new data leave as the pipe drains, and ssthresh is half", (rig) => {
  const peer = agreed(rig);
  peer.write(14 * MSS);
  for (let i = 0; i < 10; i++) peer.expect({ flags: "A", len: MSS });
  peer.send({ sacks: [block(2, 4)], ack: 1 });
  expectAgain(peer, 1);
  assert.equal(rig.info(peer.handle, "cwnd"), 5 * MSS);
  assert.equal(rig.info(peer.handle, "ssthresh"), 5 * MSS);
  rig.expectNothing("seven of ten are still out, and the one sent again");
  peer.send({ sacks: [block(2, 8)], ack: 1 });
  // In the network: 9, 10, and 1 again: two more fit.
  peer.expect({ flags: "A", seq: 1 + 10 * MSS, len: MSS });
  peer.expect({ flags: "A", len: MSS });
  rig.expectNothing();
  peer.send({ ack: 1 + 12 * MSS });
  peer.expect({ flags: "A", len: MSS });
  peer.expect({ flags: "PA", len: MSS });
  peer.send();
});

packetTest("a lost retransmission waits for the timeout, which forgets the blocks", (rig) => {
  const peer = agreed(rig);
  flight(peer, 6);
  peer.send({ sacks: [block(2, 6)], ack: 1 });
  expectAgain(peer, 1);
  rig.advance(199);
  rig.expectNothing();
  rig.advance(801);
  assert.equal(
    rig.used(Pool.RECOVERY),
    0,
    "the peer may have thrown them away (RFC 2018 section 8)",
  );
  expectAgain(peer, 1);
  rig.sent.splice(0);
  peer.send({ ack: 1 + 6 * MSS });
});

packetTest("after a timeout what the peer has is skipped", (rig) => {
  const peer = agreed(rig);
  flight(peer, 6);
  rig.advance(200);
  expectAgain(peer, 1);
  peer.send({ ack: 1 + MSS, sacks: [block(3, 5)] });
  expectAgain(peer, 2);
  expectAgain(peer, 6);
  peer.send({ ack: 1 + 6 * MSS });
});

packetTest("the end of the flight, once, when nothing else may leave (rule 4)", (rig) => {
  const peer = agreed(rig);
  flight(peer, 10);
  peer.send({ sacks: [block(2, 4)], ack: 1 });
  expectAgain(peer, 1);
  peer.send({ ack: 1 + 4 * MSS, sacks: [block(6, 8)] });
  expectAgain(peer, 5);
  // In the network: 9 and 10, and 5 again: there is room, nothing new, no hole.
  expectAgain(peer, 10);
  rig.expectNothing();
  peer.send({ ack: 1 + 10 * MSS });
});

packetTest("blocks that cannot be are ignored (RFC 2018 section 3)", (rig) => {
  const peer = agreed(rig);
  flight(peer, 6);
  for (const bad of [
    [1 + 6 * MSS, 1 + 7 * MSS],
    [3001, 2001],
    [2001, 2001],
    [-5000, 2001],
    [1, 1001],
  ] as [number, number][]) {
    for (let again = 0; again < 4; again++) peer.send({ sacks: [bad], ack: 1 });
  }
  rig.expectNothing();
  assert.equal(rig.used(Pool.RECOVERY), 0);
  peer.send({ ack: 1 + 6 * MSS });
});

packetTest("duplicates that the peer reports are counted, and change nothing", (rig) => {
  const peer = agreed(rig);
  flight(peer, 2);
  peer.send({ ack: 1 + MSS });
  peer.send({ ack: 1 + MSS, sacks: [block(1)] });
  rig.expectNothing();
  assert.equal(rig.counter(Counter.TCP_DUPLICATE_SACKS), 1);
  assert.equal(rig.used(Pool.RECOVERY), 0);
  peer.send({ ack: 1 + 2 * MSS });
});

packetTest("SACK blocks without an agreement are ignored", (rig) => {
  const peer = passive(rig, { mss: MSS });
  flight(peer, 6);
  for (let i = 2; i <= 5; i++) peer.send({ sacks: [block(2, i)], ack: 1, win: 65000 + i });
  rig.expectNothing();
  peer.send({ ack: 1 + 6 * MSS });
});

packetTest("SACK options of an impossible length: counted, the segment counts", (rig) => {
  const peer = agreed(rig);
  flight(peer, 1);
  for (const length of [2, 9, 11]) {
    const padding = new Array<number>(length - 2).fill(0);
    peer.send({ ack: 1, options: [5, length, ...padding] });
  }
  assert.equal(rig.counter(Counter.TCP_BAD_OPTION), 3);
  peer.send({ ack: 1 + MSS });
  assert.equal(rig.info(peer.handle, "sendQueue"), 0);
});

packetTest(
  "more ranges than a scoreboard holds: the others are sent again, nothing is lost",
  (rig) => {
    const peer = agreed(rig, { mss: 100 });
    const n = 100;
    const at = (i: number): [number, number] => [1 + (i - 1) * n, 1 + i * n];
    for (let acked = 0; acked < 40; acked += 10) {
      peer.write(10 * n);
      rig.sent.splice(0);
      peer.ack = 1 + (acked + 10) * n;
      peer.send();
    }
    peer.write(40 * n);
    rig.sent.splice(0);
    for (let i = 42; i <= 66; i += 2) peer.send({ ack: 1 + 40 * n, sacks: [at(i)] });
    assert.equal(rig.used(Pool.RECOVERY), 1);
    assert.ok(rig.sent.length > 0);
    rig.sent.splice(0);
    peer.ack = (rig.info(peer.handle, "sndNxt") - peer.ourIss) | 0;
    peer.send();
    assert.equal(rig.used(Pool.RECOVERY), 0);
    rig.sent.splice(0);
  },
);

packetTest("close and reset in recovery give the block back", (rig) => {
  for (const how of ["close", "abort"] as const) {
    const peer = agreed(rig, { peerPort: how === "close" ? 2000 : 2001 });
    flight(peer, 6);
    peer.send({ sacks: [block(2, 4)], ack: 1 });
    expectAgain(peer, 1);
    assert.equal(rig.used(Pool.RECOVERY), 1);
    rig.call[how](peer.handle);
    rig.pump();
    rig.sent.splice(0);
    if (how === "close") peer.send({ flags: "R" });
    assert.equal(rig.used(Pool.RECOVERY), 0);
  }
});

packetTest("a probed window that opens in recovery: all holes are sent again at once", (rig) => {
  const peer = agreed(rig);
  flight(peer, 6);
  peer.send({ ack: 1, win: 0, sacks: [block(3)] });
  peer.expectAfter(200, { flags: "A", seq: 1, len: 1 });
  peer.expectAfter(400, { flags: "A", seq: 1, len: 1 });
  peer.send({ ack: 1, win: 65_535, sacks: [block(3)] });
  for (const n of [1, 2, 4, 5, 6]) expectAgain(peer, n);
  rig.expectNothing();
  peer.send({ ack: 1 + 6 * MSS });
});

packetTest("blocks told in any order: only what is missing leaves again", (rig) => {
  const orders: number[][] = [
    [8, 6, 4, 2],
    [2, 4, 6, 8],
    [4, 8, 2, 6],
    [6, 2, 8, 4],
    [8, 2, 6, 4],
  ];
  for (const order of orders) {
    const peer = agreed(rig, { peerPort: 2000 + orders.indexOf(order) });
    flight(peer, 9);
    for (const n of order) peer.send({ ack: 1, sacks: [block(n)] });
    // Above 1 and 3 lie three ranges or more; 5 and 7 follow as there is room, then 9.
    expectAgain(peer, 1);
    peer.send({ ack: 1 + 2 * MSS, sacks: [block(4), block(6), block(8)] });
    const again = rig.sent.splice(0).map(({ view }) => {
      assert.ok(view.kind === "tcp");
      return 1 + (((view.seq - peer.ourIss) | 0) - 1) / MSS;
    });
    assert.ok(again.length > 0 && again.every((n) => [3, 5, 7, 9].includes(n)), again.join(" "));
    assert.equal(new Set(again).size, again.length, "each once");
    peer.ack = 1 + 9 * MSS;
    peer.send();
    assert.equal(rig.used(Pool.RECOVERY), 0);
    rig.expectNothing();
  }
});

packetTest("ranges that grow together are one", (rig) => {
  const peer = agreed(rig);
  flight(peer, 10);
  peer.send({ ack: 1, sacks: [block(2)] });
  peer.send({ ack: 1, sacks: [block(4)] });
  peer.send({ ack: 1, sacks: [block(3)] });
  expectAgain(peer, 1);
  peer.send({ ack: 1, sacks: [block(2, 9)] });
  rig.sent.splice(0);
  peer.send({ ack: 1 + 9 * MSS });
  rig.sent.splice(0);
  peer.send({ ack: 1 + 10 * MSS });
  assert.equal(rig.counter(Counter.TCP_FAST_RETRANSMITS), 2, "1, and the end of the flight once");
});

packetTest("the end of the flight is a FIN: it leaves again with its data", (rig) => {
  const peer = agreed(rig);
  rig.hold(() => {
    peer.write(9 * MSS);
    rig.call.shutdown(peer.handle);
  });
  for (let i = 1; i <= 8; i++) peer.expect({ flags: "A", len: MSS });
  peer.expect({ flags: "FPA", len: MSS });
  peer.send({ sacks: [block(2, 4)], ack: 1 });
  expectAgain(peer, 1);
  peer.send({ ack: 1 + 4 * MSS, sacks: [block(6, 8)] });
  expectAgain(peer, 5);
  peer.expect({ flags: "FPA", seq: 1 + 8 * MSS, len: MSS });
  peer.send({ ack: 2 + 9 * MSS });
  peer.expectState(State.FIN_WAIT_2);
});

/** So many segments of 100 bytes. */
function smallFlight(peer: Peer, segments: number): void {
  peer.rig.call.setOption(peer.handle, Option.NO_DELAY, 1);
  for (let i = 0; i < segments; i++) {
    peer.write(100);
    peer.expect({ flags: "PA", len: 100 });
  }
}

const small = (first: number, last = first): [number, number] => [
  1 + (first - 1) * 100,
  1 + last * 100,
];

packetTest("ranges that touch are one: three are needed, not three blocks", (rig) => {
  const peer = agreed(rig);
  smallFlight(peer, 6);
  peer.send({ ack: 1, sacks: [small(2)] });
  peer.send({ ack: 1, sacks: [small(4), small(3)] });
  rig.expectNothing("one range of 300 bytes, and two acknowledgments");
  peer.send({ ack: 1, sacks: [small(2, 5)] });
  peer.expect({ flags: "A", seq: 1, len: 100 });
  rig.sent.splice(0);
  peer.send({ ack: 601 });
});

packetTest("a hole smaller than a segment: only what is missing leaves again", (rig) => {
  const peer = agreed(rig);
  smallFlight(peer, 8);
  peer.send({ ack: 1, sacks: [small(2)] });
  peer.send({ ack: 1, sacks: [small(4), small(2)] });
  peer.send({ ack: 1, sacks: [small(6), small(4), small(2)] });
  for (const n of [1, 3, 5]) peer.expect({ flags: "A", seq: 1 + (n - 1) * 100, len: 100 });
  // Then the end of the flight, once.
  peer.expect({ flags: "PA", seq: 601, len: 200 });
  rig.expectNothing();
  peer.send({ ack: 801 });
});

packetTest("the end of the flight may leave again before anything was acknowledged", (rig) => {
  const peer = agreed(rig);
  flight(peer, 10);
  peer.send({ ack: 1, sacks: [block(2, 9)] });
  expectAgain(peer, 1);
  peer.expect({ flags: "PA", seq: 1 + 9 * MSS, len: MSS });
  rig.expectNothing();
  peer.send({ ack: 1 + 10 * MSS });
});

packetTest("a block that reaches into a known range: nothing of the range is sent again", (rig) => {
  const peer = agreed(rig);
  flight(peer, 10);
  peer.send({ ack: 1, sacks: [block(4, 7)] });
  peer.send({ ack: 1, sacks: [block(3, 5)] });
  peer.send({ ack: 1, sacks: [block(10)] });
  rig.advance(1000);
  const again = rig.sent
    .splice(0)
    .map(({ view }) => view.kind === "tcp" && (view.seq - peer.ours(1)) / MSS + 1);
  assert.ok(!again.some((n) => n === 6 || n === 7), `sent again: ${again.join()}`);
  peer.send({ ack: 1 + 10 * MSS });
});

packetTest("an ACK into the middle of a range: what is above counts as arrived, no more", (rig) => {
  const peer = agreed(rig);
  flight(peer, 10);
  peer.write(4 * MSS);
  for (let i = 0; i < 3; i++) peer.send({ ack: 1, sacks: [block(3, 6)] });
  rig.sent.splice(0);
  const room = () => rig.info(peer.handle, "cwnd");
  assert.equal(room(), 5 * MSS);
  peer.send({ ack: 1 + 4 * MSS, sacks: [block(5, 6)] });
  // In the network: 7 to 10. One more fits.
  assert.equal(rig.sent.splice(0).length, 1);
});
