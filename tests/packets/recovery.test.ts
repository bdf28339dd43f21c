// Loss: retransmission timeout and its estimator (RFC 6298), R1 and R2, fast retransmit and NewReno
// (RFC 5681, 6582), limited transmit (RFC 3042), the congestion window.

import assert from "node:assert/strict";
import { Counter, Errno, Event, Option } from "../../host/core/generated/abi.js";
import { OUR_MAC } from "./support/frame.js";
import { greet, passive, type Peer, State, synSent } from "./support/peer.js";
import { packetTest, type Rig } from "./support/rig.js";

const MSS = 1000;

function open(rig: Rig, more: object = {}): Peer {
  greet(rig);
  return passive(rig, { mss: MSS, ...more });
}

/** Writes n segments and sees them leave. */
function flight(peer: Peer, segments: number): void {
  peer.write(segments * MSS);
  for (let i = 1; i <= segments; i++) peer.expect({ flags: i === segments ? "PA" : "A", len: MSS });
}

/** A round trip of so many ms, without a timeout on the way. */
function measure(peer: Peer, rttMs: number): void {
  const { call } = peer.rig;
  call.setOption(0, Option.MINIMUM_RTO_MS, 5000);
  peer.write(10);
  peer.expect({ flags: "PA", len: 10 });
  peer.rig.advance(rttMs);
  peer.send();
  call.setOption(0, Option.MINIMUM_RTO_MS, 200);
}

packetTest("silence: sent again after RTO, twice, four times ... and the end at R2", (rig) => {
  const peer = open(rig);
  peer.write(100);
  peer.expect({ flags: "PA", len: 100 });
  let wait = 200;
  for (let elapsed = 0; elapsed + wait < 100_000; wait *= 2) {
    const again = rig.now();
    rig.advance(wait - 1);
    rig.expectNothing();
    rig.advance(1);
    const sent = rig.take("the segment again").view;
    assert.ok(sent.kind === "tcp" && sent.data.length === 100 && sent.seq === peer.ours(1));
    assert.equal(rig.now() - again, wait);
    elapsed += wait;
  }
  peer.expectState(State.ESTABLISHED);
  rig.advance(60_000);
  rig.expectNothing("no more than that");
  peer.expectState(State.CLOSED);
  assert.equal(rig.error(peer.handle), Errno.ETIMEDOUT);
  assert.equal(rig.counter(Counter.TCP_TIMEOUTS), 1);
});

packetTest("silence: alive at 100 s (SHLD-11), intervals of at most 60 s", (rig) => {
  const peer = open(rig);
  rig.call.setOption(peer.handle, Option.R2_SECONDS, 1000);
  peer.write(100);
  rig.advance(1_000_000);
  const times = rig.sent.splice(0).map(({ atMs }) => atMs);
  const gaps = times.slice(1).map((at, i) => at - times[i]!);
  assert.deepEqual(
    gaps.slice(0, 10),
    [200, 400, 800, 1600, 3200, 6400, 12_800, 25_600, 51_200, 60_000],
  );
  assert.ok(gaps.slice(9).every((gap) => gap === 60_000));
});

packetTest("R1: TROUBLE after three retransmissions, not before (SHLD-9, SHLD-10)", (rig) => {
  const peer = open(rig);
  peer.write(100);
  peer.events();
  rig.advance(1399);
  assert.equal(rig.sent.splice(0).length, 3, "the segment and two more");
  assert.equal(peer.events() & Event.TROUBLE, 0);
  rig.advance(1);
  assert.equal(peer.events() & Event.TROUBLE, Event.TROUBLE);
  rig.sent.splice(0);
});

packetTest("R1: the next hop is asked again (MUST-20)", { answersArp: false }, (rig) => {
  const peer = open(rig);
  peer.write(100);
  peer.expect({ flags: "PA", len: 100 });
  rig.advance(1400);
  assert.ok(rig.sent.some(({ view }) => view.kind === "arp" && view.operation === 1));
  rig.sent.splice(0);
});

packetTest("R2: each connection has its own (MUST-21)", (rig) => {
  const one = open(rig, { peerPort: 2000 });
  const two = open(rig, { peerPort: 2001 });
  rig.call.setOption(one.handle, Option.R2_SECONDS, 5);
  one.write(10);
  two.write(10);
  rig.advance(7000);
  rig.sent.splice(0);
  one.expectState(State.CLOSED);
  two.expectState(State.ESTABLISHED);
});

packetTest("R2 is over between two tries: the end comes then (RFC 9293 3.10.8)", (rig) => {
  const peer = open(rig);
  rig.call.setOption(peer.handle, Option.R2_SECONDS, 5);
  peer.write(10);
  rig.advance(4999); // tries after 0.2, 0.6, 1.4 and 3.0 s; the next one would be after 6.2 s
  assert.equal(rig.sent.splice(0).length, 5);
  peer.expectState(State.ESTABLISHED);
  rig.advance(1);
  peer.expectState(State.CLOSED);
  assert.equal(rig.error(peer.handle), Errno.ETIMEDOUT);
});

packetTest("ack of what was sent again: the back-off stays (RFC 6298 5)", (rig) => {
  const peer = open(rig);
  flight(peer, 1);
  rig.advance(600);
  assert.equal(rig.sent.splice(0).length, 2);
  peer.send();
  flight(peer, 1);
  peer.expectAfter(800, { flags: "A", seq: peer.ack - MSS, len: MSS });
});

packetTest("ack of what was sent once: the back-off is gone", (rig) => {
  const peer = open(rig);
  flight(peer, 1);
  rig.advance(600);
  assert.equal(rig.sent.splice(0).length, 2);
  peer.send();
  flight(peer, 1);
  peer.send();
  flight(peer, 1);
  peer.expectAfter(200, { flags: "A", seq: peer.ack - MSS, len: MSS });
});

packetTest("ack of a part of the flight: the timer starts again (RFC 6298 5.3)", (rig) => {
  const peer = open(rig);
  flight(peer, 2);
  rig.advance(150);
  peer.send({ ack: MSS + 1 });
  rig.expectNothing();
  const rto = rig.info(peer.handle, "rtoMs");
  peer.expectAfter(rto, { seq: MSS + 1, len: MSS, flags: "A" });
});

packetTest("MINIMUM_RTO_MS is obeyed", (rig) => {
  rig.call.setOption(0, Option.MINIMUM_RTO_MS, 1000);
  const peer = open(rig);
  flight(peer, 1);
  peer.expectAfter(1000, { seq: 1, len: MSS });
});

packetTest("Karn: an ACK of what was sent again is no sample (MUST-18)", (rig) => {
  const peer = open(rig);
  measure(peer, 300);
  const [srtt, rttvar] = [rig.info(peer.handle, "srttUs"), rig.info(peer.handle, "rttvarUs")];
  flight(peer, 1);
  rig.advance(rig.info(peer.handle, "rtoMs"));
  assert.equal(rig.sent.splice(0).length, 1);
  rig.advance(3);
  peer.send();
  assert.equal(rig.info(peer.handle, "srttUs"), srtt);
  assert.equal(rig.info(peer.handle, "rttvarUs"), rttvar);
});

packetTest("RTO: SRTT and RTTVAR follow RFC 6298", (rig) => {
  const peer = open(rig);
  let srtt = rig.info(peer.handle, "srttUs");
  let rttvar = rig.info(peer.handle, "rttvarUs");
  for (const ms of [400, 400, 400, 90, 800, 30, 30, 30, 1500, 120]) {
    measure(peer, ms);
    rttvar = rttvar * 0.75 + Math.abs(srtt - ms * 1000) / 4;
    srtt = srtt * 0.875 + (ms * 1000) / 8;
    assert.ok(Math.abs(rig.info(peer.handle, "srttUs") - srtt) < 50, `SRTT after ${ms} ms`);
    assert.ok(Math.abs(rig.info(peer.handle, "rttvarUs") - rttvar) < 50, `RTTVAR after ${ms} ms`);
    const rto = Math.max(200, (srtt + Math.max(1000, 4 * rttvar)) / 1000);
    assert.ok(Math.abs(rig.info(peer.handle, "rtoMs") - rto) <= 2, `RTO after ${ms} ms`);
  }
});

packetTest(
  "RTO of a steady round trip: one tick of the clock beyond it (RFC 6298 section 2.3)",
  (rig) => {
    const peer = open(rig);
    rig.call.setOption(0, Option.MINIMUM_RTO_MS, 200);
    for (let i = 0; i < 60; i++) measure(peer, 300);
    assert.ok(rig.info(peer.handle, "rttvarUs") < 250);
    flight(peer, 1);
    peer.expectAfter(301, { seq: peer.ack - MSS, len: MSS });
  },
);

packetTest("RTO: the first sample of an active open is R and R/2 (RFC 6298 section 2.2)", (rig) => {
  greet(rig);
  const peer = synSent(rig);
  rig.advance(300);
  peer.sendSyn("SA");
  peer.expect();
  assert.equal(rig.info(peer.handle, "srttUs"), 300_000);
  assert.equal(rig.info(peer.handle, "rttvarUs"), 150_000);
});

packetTest("RTO with timestamps: what was sent again is timed by its echo (RFC 7323 4)", (rig) => {
  const peer = open(rig, { ts: true });
  measure(peer, 300);
  flight2();
  const before = rig.info(peer.handle, "srttUs");
  rig.advance(rig.info(peer.handle, "rtoMs"));
  assert.equal(rig.sent.length, 1);
  peer.expect({ flags: "A", seq: 11, len: 500 });
  rig.advance(20);
  peer.send();
  assert.ok(rig.info(peer.handle, "srttUs") < before, "a sample of 20 ms");

  function flight2(): void {
    peer.write(500);
    peer.expect({ flags: "PA", len: 500 });
  }
});

packetTest("first flight: ten segments (RFC 6928)", (rig) => {
  const peer = open(rig);
  peer.write(20 * MSS);
  for (let i = 0; i < 10; i++) peer.expect({ len: MSS });
  rig.expectNothing();
});

packetTest("slow start: each ACK of a segment releases two (RFC 5681 3.1)", (rig) => {
  const peer = open(rig);
  peer.write(60 * MSS);
  for (let i = 0; i < 10; i++) peer.expect({ len: MSS });
  for (let i = 1; i <= 10; i++) {
    peer.send({ ack: 1 + i * MSS });
    peer.expect({ len: MSS });
    peer.expect({ len: MSS });
    rig.expectNothing();
  }
  assert.equal(rig.info(peer.handle, "cwnd"), 20 * MSS);
});

packetTest("slow start: ACKs split into many pieces win nothing", (rig) => {
  const peer = open(rig);
  flight(peer, 10);
  const before = rig.info(peer.handle, "cwnd");
  for (let i = 1; i <= 10; i++) peer.send({ ack: 1 + i * 100 });
  assert.equal(rig.info(peer.handle, "cwnd") - before, MSS);
});

packetTest(
  "timeout: one segment, half the flight as threshold, then slow start (RFC 5681 3.1)",
  (rig) => {
    const peer = open(rig);
    flight(peer, 10);
    peer.expectAfter(200, { seq: 1, len: MSS });
    rig.expectNothing("one segment");
    assert.equal(rig.info(peer.handle, "ssthresh"), 5 * MSS);
    assert.equal(rig.info(peer.handle, "cwnd"), MSS);
    peer.send({ ack: 1 + MSS });
    peer.expect({ seq: 1 + MSS, len: MSS });
    peer.expect({ seq: 1 + 2 * MSS, len: MSS });
    rig.expectNothing("two segments");
  },
);

packetTest("timeout again: the threshold stays", (rig) => {
  const peer = open(rig);
  flight(peer, 10);
  rig.advance(600);
  assert.equal(rig.sent.splice(0).length, 2);
  assert.equal(rig.info(peer.handle, "ssthresh"), 5 * MSS);
});

packetTest("congestion avoidance: one segment per window", (rig) => {
  const peer = open(rig);
  flight(peer, 10);
  peer.expectAfter(200, { seq: 1, len: MSS });
  peer.ack = 1 + 10 * MSS;
  for (let i = 1; i <= 10; i++) {
    peer.send({ ack: 1 + i * MSS });
    rig.sent.splice(0);
  }
  const start = rig.info(peer.handle, "cwnd");
  assert.ok(start >= 5 * MSS);
  let acked = 0;
  while (acked < start) {
    peer.write(MSS);
    peer.expect({ flags: "PA", len: MSS });
    peer.send();
    acked += MSS;
  }
  const grown = rig.info(peer.handle, "cwnd") - start;
  assert.ok(grown <= MSS && rig.info(peer.handle, "ssthresh") === 5 * MSS, `grew by ${grown}`);
});

packetTest(
  "duplicate ACKs: two release new segments, the third sends the lost one (RFC 3042, 5681 3.2)",
  (rig) => {
    const peer = open(rig, { win: 65535 });
    peer.write(30 * MSS);
    for (let i = 0; i < 10; i++) peer.expect({ len: MSS });
    peer.send({ ack: 1 });
    peer.expect({ seq: 1 + 10 * MSS, len: MSS });
    peer.send({ ack: 1 });
    peer.expect({ seq: 1 + 11 * MSS, len: MSS });
    rig.expectNothing();
    peer.send({ ack: 1 });
    peer.expect({ seq: 1, len: MSS });
    rig.expectNothing();
    // What limited transmit has sent does not count: half of ten, not of twelve.
    assert.equal(rig.info(peer.handle, "ssthresh"), 5 * MSS);
    assert.equal(rig.info(peer.handle, "cwnd"), 8 * MSS);
    assert.equal(rig.counter(Counter.TCP_FAST_RETRANSMITS), 1);
    peer.send({ ack: 1 });
    assert.equal(rig.info(peer.handle, "cwnd"), 9 * MSS);
    assert.equal(rig.counter(Counter.TCP_DUPLICATE_ACKS), 4);
  },
);

packetTest("duplicate ACKs: the full ACK ends recovery with half the window", (rig) => {
  const peer = open(rig);
  flight(peer, 10);
  for (let i = 0; i < 3; i++) peer.send({ ack: 1 });
  peer.expect({ seq: 1, len: MSS });
  peer.send({ ack: 1 + 10 * MSS });
  rig.expectNothing();
  const cwnd = rig.info(peer.handle, "cwnd");
  assert.ok(cwnd >= MSS && cwnd <= 5 * MSS, `${cwnd}`);
  rig.advance(2000);
  rig.expectNothing();
});

packetTest("partial ACK: the next hole at once, recovery goes on (RFC 6582 3.2)", (rig) => {
  const peer = open(rig);
  flight(peer, 10);
  for (let i = 0; i < 3; i++) peer.send({ ack: 1 });
  peer.expect({ seq: 1, len: MSS });
  peer.send({ ack: 1 + 3 * MSS });
  peer.expect({ seq: 1 + 3 * MSS, len: MSS });
  rig.expectNothing();
  peer.send({ ack: 1 + 6 * MSS });
  peer.expect({ seq: 1 + 6 * MSS, len: MSS });
  peer.send({ ack: 1 + 10 * MSS });
  rig.expectNothing();
  assert.ok(rig.info(peer.handle, "cwnd") <= 5 * MSS);
});

packetTest("partial ACKs: only the first starts the timer again (RFC 6582 3.2)", (rig) => {
  const peer = open(rig);
  flight(peer, 10);
  for (let i = 0; i < 3; i++) peer.send({ ack: 1 });
  peer.expect({ seq: 1, len: MSS });
  for (const acked of [3, 6]) {
    rig.advance(100);
    peer.send({ ack: 1 + acked * MSS });
    peer.expect({ seq: 1 + acked * MSS, len: MSS });
  }
  peer.expectAfter(100, { seq: 1 + 6 * MSS, len: MSS });
});

packetTest("late duplicate ACKs after recovery: no second one (RFC 6582 3.2)", (rig) => {
  const peer = open(rig);
  flight(peer, 10);
  for (let i = 0; i < 3; i++) peer.send({ ack: 1 });
  peer.expect({ seq: 1, len: MSS });
  peer.send({ ack: 1 + 10 * MSS });
  const threshold = rig.info(peer.handle, "ssthresh");
  peer.write(MSS);
  peer.expect({ flags: "PA", len: MSS, seq: 1 + 10 * MSS });
  assert.equal(rig.info(peer.handle, "ssthresh"), threshold);
});

packetTest("duplicate ACKs after a timeout: no fast retransmit (RFC 6582 3.2)", (rig) => {
  const peer = open(rig);
  flight(peer, 10);
  peer.expectAfter(200, { seq: 1, len: MSS });
  for (let i = 0; i < 6; i++) peer.send({ ack: 1 });
  rig.expectNothing();
  assert.equal(rig.counter(Counter.TCP_FAST_RETRANSMITS), 0);
});

packetTest("same ACK with another window, data or FIN: no duplicate (RFC 5681 2)", (rig) => {
  const peer = open(rig);
  flight(peer, 5);
  for (let i = 1; i <= 4; i++) peer.send({ ack: 1, win: 60_000 - i });
  rig.expectNothing();
  for (let i = 0; i < 4; i++) peer.send({ ack: 1, data: 10, win: 59_996 });
  assert.equal(rig.counter(Counter.TCP_DUPLICATE_ACKS), 0);
  peer.expectAfter(40, { seq: 1 + 5 * MSS });
  peer.read(40);
});

packetTest("same ACK with nothing in flight: no duplicate", (rig) => {
  const peer = open(rig);
  for (let i = 0; i < 5; i++) peer.send();
  rig.expectNothing();
  assert.equal(rig.counter(Counter.TCP_DUPLICATE_ACKS), 0);
});

packetTest("the retransmission is lost too: the timer brings it", (rig) => {
  const peer = open(rig);
  flight(peer, 5);
  for (let i = 0; i < 3; i++) peer.send({ ack: 1 });
  peer.expect({ seq: 1, len: MSS });
  rig.advance(200);
  peer.expect({ seq: 1, len: MSS });
  assert.equal(rig.info(peer.handle, "cwnd"), MSS);
});

packetTest("restart after idle: no more than the first window (RFC 5681 4.1)", (rig) => {
  const peer = open(rig);
  for (let round = 0; round < 3; round++) {
    peer.write(20 * MSS);
    for (let guard = 0; rig.sent.length > 0 && guard < 50; guard++) {
      for (const { view } of rig.sent.splice(0)) {
        if (view.kind === "tcp") peer.ack = ((view.seq - peer.ourIss) | 0) + view.data.length;
      }
      peer.send();
    }
  }
  assert.ok(rig.info(peer.handle, "cwnd") > 15 * MSS);
  rig.advance(5000);
  peer.write(30 * MSS);
  assert.equal(rig.sent.splice(0).length, 10);
});

packetTest("recovery across the wrap of our numbers", (rig) => {
  const peer = open(rig);
  flight(peer, 5);
  assert.ok(peer.ours(1) > 0xffffff00 && peer.ours(5 * MSS) < 10_000);
  for (let i = 0; i < 3; i++) peer.send({ ack: 1 });
  peer.expect({ seq: 1, len: MSS });
  peer.send({ ack: 1 + 5 * MSS });
  rig.advance(1000);
  rig.expectNothing();
});

packetTest("timeout with a flight lost: each ACK brings the next segments, none twice", (rig) => {
  const peer = open(rig);
  flight(peer, 10);
  peer.expectAfter(200, { seq: 1, len: MSS });
  let next = 1 + MSS;
  for (let turns = 0; next < 1 + 10 * MSS && turns < 20; turns++) {
    peer.send({ ack: next });
    for (const { view } of rig.sent.splice(0)) {
      assert.ok(view.kind === "tcp");
      assert.equal((view.seq - peer.ourIss) | 0, next, "in order, without a gap");
      next += view.data.length;
    }
  }
  assert.equal(next, 1 + 10 * MSS);
  peer.send();
  rig.advance(5000);
  rig.expectNothing();
});

packetTest("fin lost with the last data: fast retransmit brings both back", (rig) => {
  const peer = open(rig);
  flight(peer, 4);
  rig.call.shutdown(peer.handle);
  rig.pump();
  peer.expect({ flags: "FA" });
  for (let i = 0; i < 3; i++) peer.send({ ack: 1 + 3 * MSS });
  for (let i = 0; i < 3; i++) peer.send({ ack: 1 + 3 * MSS });
  const again = peer.expect({ flags: "FA", seq: 1 + 3 * MSS, len: MSS });
  assert.ok(again.flags.includes("F"));
  peer.send();
  peer.expectState(State.FIN_WAIT_2);
});

packetTest("window shut in the middle of recovery, then open: all arrives", (rig) => {
  const peer = open(rig);
  flight(peer, 6);
  for (let i = 0; i < 3; i++) peer.send({ ack: 1 });
  peer.expect({ seq: 1, len: MSS });
  peer.send({ ack: 1 + MSS, win: 0 });
  rig.advance(1000);
  rig.sent.splice(0);
  let have = 1 + MSS;
  peer.send({ ack: have, win: 60_000 });
  for (let turns = 0; turns < 40 && have < 1 + 6 * MSS; turns++) {
    for (const { view } of rig.sent.splice(0)) {
      if (view.kind !== "tcp") continue;
      const at = (view.seq - peer.ourIss) | 0;
      if (at <= have) have = Math.max(have, at + view.data.length);
    }
    peer.send({ ack: have });
    rig.advance(100);
  }
  assert.equal(have, 1 + 6 * MSS);
  peer.ack = have;
  rig.sent.splice(0);
});

/** A segment there and its acknowledgment back; the congestion window then. */
function exchange(peer: Peer): number {
  peer.write(MSS);
  peer.expect({ flags: "PA", len: MSS });
  peer.send();
  return peer.rig.info(peer.handle, "cwnd");
}

packetTest("slow start ends where cwnd reaches ssthresh (RFC 5681 section 3.1)", (rig) => {
  const peer = passive(rig, { mss: 1000 });
  greet(rig);
  peer.write(1000);
  peer.expect({ flags: "PA", len: 1000 });
  peer.expectAfter(200, { flags: "PA", seq: 1, len: 1000 });
  assert.equal(rig.info(peer.handle, "ssthresh"), 2000);
  peer.send();
  assert.equal(rig.info(peer.handle, "cwnd"), 2000);
  assert.equal(exchange(peer), 2000, "a byte is counted for each that arrived");
  assert.equal(exchange(peer), 3000, "one segment for a window of them");
});

packetTest(
  "timeout in congestion avoidance: what was counted for the old window is forgotten",
  (rig) => {
    const peer = passive(rig, { mss: 1000 });
    greet(rig);
    const lose = () => {
      peer.write(1000);
      peer.expect({ flags: "PA", len: 1000 });
      const [seq, rto] = [peer.ack - 1000, rig.info(peer.handle, "rtoMs")];
      peer.expectAfter(rto, { flags: "PA", seq, len: 1000 });
      peer.send();
    };
    lose();
    assert.equal(exchange(peer), 2000, "half of a window");
    lose();
    assert.equal(exchange(peer), 2000, "half of the new window");
    assert.equal(exchange(peer), 3000);
  },
);

packetTest("first flight of large segments: 14,600 bytes, or two of them (RFC 6928)", (rig) => {
  rig.call.interfaceLink(0, 0);
  rig.putAddress([...OUR_MAC]);
  assert.ok(rig.call.interfaceConfigure(0, 9000) > 0);
  rig.call.interfaceLink(0, 1);
  greet(rig);
  const window = (peerPort: number, mss: number) =>
    rig.info(passive(rig, { peerPort, mss }).handle, "cwnd");
  assert.equal(window(2000, 1000), 10_000);
  assert.equal(window(2001, 2000), 14_600);
  assert.equal(window(2002, 8000), 16_000);
});

packetTest("an echo older than the clock of any connection is no sample of the RTT", (rig) => {
  const peer = open(rig, { ts: true });
  measure(peer, 300);
  const before = rig.info(peer.handle, "srttUs");
  const echo = (ageMs: number) => {
    peer.write(10);
    peer.expect({ flags: "PA", len: 10 });
    const [seq, rto] = [peer.ack - 10, rig.info(peer.handle, "rtoMs")];
    peer.expectAfter(rto, { flags: "PA", seq, len: 10 });
    peer.send({ ts: { ecr: (peer.tsSeen - ageMs) >>> 0 } });
  };
  echo(0x100000);
  assert.equal(rig.info(peer.handle, "srttUs"), before);
  echo(0xfffff);
  assert.ok(rig.info(peer.handle, "srttUs") > before);
});
