// Data to us: acceptance, acknowledgments and their delay, the window and its steps, out of order.

import assert from "node:assert/strict";
import { Constant, Counter, Event, Option, Pool } from "../../host/core/generated/abi.js";
import { passive, shutdown, State } from "./support/peer.js";
import { onAllProfiles, packetTest } from "./support/rig.js";

const RING = 65535;

packetTest("data in ESTABLISHED: acknowledged after exactly 40 ms, READABLE", (rig) => {
  const peer = passive(rig);
  peer.send({ flags: "PA", data: 100 });
  rig.expectNothing();
  assert.equal(rig.call.nextEvent(), peer.handle);
  assert.equal(peer.events(), Event.READABLE);
  const ack = peer.expectAfter(40);
  assert.equal(ack.win, RING - 100);
  peer.read(100);
});

for (const ms of [1, 200, 499]) {
  packetTest(`data in ESTABLISHED: DELAYED_ACK_MS of ${ms} is obeyed`, (rig) => {
    rig.call.setOption(0, Option.DELAYED_ACK_MS, ms);
    const peer = passive(rig);
    peer.send({ data: 10 });
    peer.expectAfter(ms);
  });
}

packetTest("data in ESTABLISHED: DELAYED_ACK_MS of 0 acknowledges at once, by transmit", (rig) => {
  rig.call.setOption(0, Option.DELAYED_ACK_MS, 0);
  const peer = passive(rig);
  peer.send({ data: 10 });
  peer.expect({ immediate: false });
});

packetTest("a second segment does not put off the acknowledgment", (rig) => {
  const peer = passive(rig);
  peer.send({ data: 10 });
  rig.advance(30);
  peer.send({ data: 10 });
  peer.expectAfter(10);
});

packetTest("two full segments: acknowledged at once, by transmit", (rig) => {
  const peer = passive(rig);
  peer.send({ data: 1460 });
  rig.expectNothing();
  peer.send({ data: 1460 });
  peer.expect({ immediate: false });
  rig.advance(100);
  rig.expectNothing();
});

packetTest("a batch of ten segments: one acknowledgment (MUST-58, MUST-59)", (rig) => {
  const peer = passive(rig);
  rig.injectBatch(Array.from({ length: 10 }, () => peer.segment({ data: 1460 })));
  peer.expect({ win: RING - 14_600 });
  rig.expectNothing();
  peer.read(14_600);
  peer.expect({ win: RING });
});

packetTest("half the ring: acknowledged at once", { profile: "tiny" }, (rig) => {
  const peer = passive(rig);
  peer.send({ data: 256 });
  rig.expectNothing();
  peer.send({ data: 256 });
  peer.expect({ win: 512 });
});

packetTest("our data carry the acknowledgment: none of its own follows", (rig) => {
  const peer = passive(rig);
  peer.send({ data: 10 });
  peer.write(20);
  peer.expect({ flags: "PA", len: 20 });
  peer.send();
  rig.advance(100);
  rig.expectNothing();
});

packetTest("old data: acknowledged at once as a reply, delivered once", (rig) => {
  const peer = passive(rig);
  peer.send({ data: 50 });
  peer.expectAfter(40);
  peer.send({ seq: 1, data: 50 });
  peer.expect({ immediate: true });
  peer.read(50);
  assert.equal(rig.call.receiveSpan(peer.handle), -1);
});

packetTest("data partly old: the new part is delivered", (rig) => {
  const peer = passive(rig);
  peer.send({ data: 50 });
  peer.expectAfter(40);
  peer.send({ seq: 21, data: 80 });
  peer.seq = 101;
  peer.expectAfter(40);
  peer.read(100);
});

packetTest("data beyond the window: cut at its edge", { profile: "tiny" }, (rig) => {
  const peer = passive(rig);
  peer.send({ seq: 1, data: 1200 });
  peer.seq = 1025;
  peer.expect({ win: 0 });
  peer.read(1024);
  peer.expect({ win: 1024 });
});

packetTest("data wholly beyond the window: acknowledged at once, dropped, counted", (rig) => {
  const peer = passive(rig);
  peer.send({ seq: 1 + RING, data: 10 });
  peer.expect({ ack: 1, immediate: true });
  assert.equal(rig.counter(Counter.DROP_TCP_WINDOW), 1);
  assert.equal(rig.call.receiveSpan(peer.handle), -1);
});

packetTest("the last byte of the window: taken", (rig) => {
  const peer = passive(rig);
  peer.send({ seq: RING, data: 1 });
  peer.expect({ ack: 1, immediate: true });
  assert.equal(rig.counter(Counter.TCP_OUT_OF_ORDER), 1);
});

onAllProfiles(
  "reading in single bytes: the right edge moves in steps worth a segment (MUST-39)",
  (rig) => {
    const peer = passive(rig, { mss: 256 });
    const ring = Math.min(rig.core.constant(Constant.RECEIVE_RING_BYTES), RING);
    for (let sent = 0; sent < ring; sent += 256) {
      peer.send({ data: Math.min(256, ring - sent) });
      rig.advance(40);
      if (rig.sent.length > 0) peer.expect();
    }
    let edge = 1 + ring;
    for (let i = 0; i < ring; i++) {
      peer.read(1);
      if (rig.sent.length === 0) continue;
      const update = peer.expect();
      const step = ((update.ack + update.win - peer.iss) | 0) - edge;
      assert.ok(
        step >= Math.min(rig.core.constant(Constant.RECEIVE_RING_BYTES) / 2, 1460),
        `a step of ${step} bytes`,
      );
      edge += step;
    }
    assert.ok(edge > 1 + ring, "the window did open");
  },
);

packetTest("a window that was shut and opens: told at once", { profile: "tiny" }, (rig) => {
  const peer = passive(rig);
  peer.send({ data: 1024 });
  peer.expect({ win: 0 });
  peer.read(1024);
  peer.expect({ win: 1024 });
});

packetTest(
  "data into a shut window: acknowledged with window 0, not taken (zero-window probe)",
  { profile: "tiny" },
  (rig) => {
    const peer = passive(rig);
    peer.send({ data: 1024 });
    peer.expect({ win: 0 });
    for (let probe = 0; probe < 5; probe++) {
      rig.advance(10);
      peer.send({ seq: 1025, data: 1 });
      peer.expect({ ack: 1025, win: 0 });
    }
    peer.read(1024);
    peer.expect({ win: 1024 });
  },
);

packetTest("ack at a shut window: taken", { profile: "tiny" }, (rig) => {
  const peer = passive(rig);
  peer.send({ data: 1024 });
  peer.expect({ win: 0 });
  peer.write(10);
  peer.expect({ flags: "PA", len: 10 });
  peer.send({ seq: 1025, data: 1 });
  peer.expect({ seq: 11, ack: 1025 });
  assert.equal(rig.used(Pool.SEND_RING), 0, "the acknowledgment in it counts");
});

packetTest("rst at a shut window: the end (MUST-66)", { profile: "tiny" }, (rig) => {
  const peer = passive(rig);
  peer.send({ data: 1024 });
  peer.expect({ win: 0 });
  peer.send({ flags: "R" });
  rig.expectNothing();
  peer.expectState(State.CLOSED);
});

packetTest("urgent pointer at a shut window: told (MUST-66)", { profile: "tiny" }, (rig) => {
  const peer = passive(rig);
  peer.send({ data: 1024 });
  peer.expect({ win: 0 });
  peer.events();
  peer.send({ flags: "UA", urg: 10, seq: 1025, data: 1 });
  peer.expect({ ack: 1025 });
  assert.equal(peer.events() & Event.URGENT, Event.URGENT);
});

packetTest("fin into a shut window: taken once the window opens", { profile: "tiny" }, (rig) => {
  const peer = passive(rig);
  peer.send({ data: 1024 });
  peer.expect({ win: 0 });
  peer.send({ flags: "FA", seq: 1025 });
  peer.expect({ ack: 1025, win: 0 });
  peer.expectState(State.ESTABLISHED);
  peer.read(1024);
  peer.expect({ win: 1024 });
  peer.send({ flags: "FA" });
  peer.expect();
  peer.expectState(State.CLOSE_WAIT);
});

packetTest(
  "out of order: a reply at once that repeats the number, then one for all (SHLD-31)",
  (rig) => {
    const peer = passive(rig);
    peer.send({ seq: 101, data: 100 });
    peer.expect({ ack: 1, immediate: true });
    peer.send({ seq: 201, data: 100 });
    peer.expect({ ack: 1, immediate: true });
    peer.send({ seq: 1, data: 100 });
    peer.expect({ ack: 301, immediate: true });
    peer.read(300);
    assert.equal(rig.used(Pool.REASSEMBLY), 0);
  },
);

packetTest("out of order: several ranges, filled in any order", (rig) => {
  const peer = passive(rig);
  const ranges = [401, 101, 701, 201, 601];
  for (const seq of ranges) {
    peer.send({ seq, data: 50 });
    peer.expect({ ack: 1 });
  }
  for (const [seq, data, ack] of [
    [1, 100, 151],
    [151, 50, 251],
    [251, 150, 451],
    [451, 150, 651],
    [651, 50, 751],
  ] as const) {
    peer.send({ seq, data });
    peer.expect({ ack, immediate: true });
  }
  peer.read(750);
  assert.equal(rig.used(Pool.REASSEMBLY), 0);
});

packetTest("out of order: overlapping ranges are one", (rig) => {
  const peer = passive(rig);
  for (const [seq, data] of [
    [101, 100],
    [151, 100],
    [50, 60],
    [120, 10],
  ] as const) {
    peer.send({ seq, data });
    peer.expect({ ack: 1 });
  }
  peer.send({ seq: 1, data: 49 });
  peer.expect({ ack: 251 });
  peer.read(250);
});

packetTest("out of order: a segment that covers a hole and more", (rig) => {
  const peer = passive(rig);
  peer.send({ seq: 101, data: 50 });
  peer.expect({ ack: 1 });
  peer.send({ seq: 1, data: 300 });
  peer.expect({ ack: 301 });
  peer.read(300);
  assert.equal(rig.used(Pool.REASSEMBLY), 0);
});

packetTest(
  "out of order: more ranges than a block holds are dropped, counted, and come again",
  (rig) => {
    const peer = passive(rig);
    for (let i = 0; i < 8; i++) {
      peer.send({ seq: 101 + i * 100, data: 50 });
      peer.expect({ ack: 1 });
    }
    assert.equal(rig.counter(Counter.TCP_OUT_OF_ORDER), 5);
    assert.equal(rig.counter(Counter.TCP_OUT_OF_ORDER_DROPS), 3);
    peer.send({ seq: 1, data: 1000 });
    peer.expect({ ack: 1001 });
    peer.read(1000);
  },
);

packetTest("out of order without a free block: in order goes on", { profile: "esp32" }, (rig) => {
  const blocks = rig.pool(Pool.REASSEMBLY).capacity;
  const peers = Array.from({ length: blocks + 1 }, (_, i) => passive(rig, { peerPort: 2000 + i }));
  for (const peer of peers) {
    peer.send({ seq: 101, data: 50 });
    peer.expect({ ack: 1 });
  }
  assert.equal(rig.counter(Counter.TCP_OUT_OF_ORDER_DROPS), 1);
  const last = peers.at(-1)!;
  last.send({ data: 100 });
  last.expectAfter(40, { ack: 101 });
  last.send({ data: 50 });
  last.expectAfter(40, { ack: 151 });
  last.read(150);
});

packetTest("fin early with data: kept, and taken when the hole is filled", (rig) => {
  const peer = passive(rig);
  peer.send({ flags: "FA", seq: 101, data: 100 });
  peer.expect({ ack: 1 });
  peer.expectState(State.ESTABLISHED);
  peer.send({ seq: 1, data: 100 });
  peer.expect({ ack: 202 });
  peer.expectState(State.CLOSE_WAIT);
  peer.read(200);
  assert.equal(rig.call.receiveSpan(peer.handle), 0);
  assert.equal(rig.used(Pool.REASSEMBLY), 0);
});

packetTest("fin early behind kept data: taken when the hole is filled", (rig) => {
  const peer = passive(rig);
  peer.send({ seq: 101, data: 100 });
  peer.expect({ ack: 1 });
  peer.send({ flags: "FA", seq: 201 });
  peer.expect({ ack: 1 });
  peer.send({ seq: 1, data: 100 });
  peer.expect({ ack: 202 });
  peer.expectState(State.CLOSE_WAIT);
  peer.read(200);
});

packetTest("fin early, then data up to it in order: the fin is taken with the last byte", (rig) => {
  const peer = passive(rig);
  peer.send({ flags: "FA", seq: 101, data: 50 });
  peer.expect({ ack: 1 });
  peer.send({ seq: 1, data: 60 });
  rig.sent.splice(0);
  peer.send({ seq: 61, data: 40 });
  peer.expect({ ack: 152 });
  peer.expectState(State.CLOSE_WAIT);
  peer.read(150);
});

packetTest("out of order in FIN-WAIT-2: kept as well", (rig) => {
  const peer = passive(rig);
  shutdown(peer);
  peer.send();
  peer.send({ seq: 51, data: 50 });
  peer.expect({ ack: 1 });
  peer.send({ seq: 1, data: 50 });
  peer.expect({ ack: 101 });
  peer.read(100);
});

packetTest("rst with holes open: the block comes back", (rig) => {
  const peer = passive(rig);
  peer.send({ seq: 51, data: 50 });
  peer.expect({ ack: 1 });
  peer.send({ flags: "R", seq: 1 });
  assert.equal(rig.used(Pool.REASSEMBLY), 0);
  peer.expectState(State.CLOSED);
});

packetTest(
  "out of order in tiny: not kept, told at once, in order goes on",
  { profile: "tiny" },
  (rig) => {
    const peer = passive(rig, { iss: 0xffffffff - 600 });
    for (let at = 1; at < 3000; at += 300) {
      peer.send({ seq: at + 150, data: 150 });
      peer.expect({ ack: at, immediate: true });
      peer.send({ seq: at, data: 150 });
      peer.expectAfter(40, { ack: at + 150 });
      peer.send({ seq: at + 150, data: 150 });
      peer.expectAfter(40, { ack: at + 300 });
      peer.seq = at + 300;
      peer.read(300);
      rig.sent.splice(0); // window updates of small rings
    }
    assert.equal(rig.counter(Counter.TCP_OUT_OF_ORDER_DROPS), 10);
  },
);

onAllProfiles(
  "a stream across the wrap of the peer's numbers, in and out of order",
  { needs: "reassembly" },
  (rig) => {
    const peer = passive(rig, { iss: 0xffffffff - 600 });
    for (let at = 1; at < 3000; at += 300) {
      peer.send({ seq: at + 150, data: 150 });
      peer.expect({ ack: at, immediate: true });
      peer.send({ seq: at, data: 150 });
      peer.expect({ ack: at + 300, immediate: true });
      peer.seq = at + 300;
      peer.read(300);
      rig.sent.splice(0); // window updates of small rings
    }
  },
);

packetTest("segment without ack in ESTABLISHED: dropped", (rig) => {
  const peer = passive(rig);
  peer.send({ flags: "P", seq: 1, data: 10 });
  rig.advance(100);
  rig.expectNothing();
  assert.equal(rig.counter(Counter.DROP_TCP_NO_ACK), 1);
});

packetTest("the app never reads: window 0, still open (MAY-8)", { profile: "tiny" }, (rig) => {
  const peer = passive(rig);
  peer.send({ data: 1024 });
  peer.expect({ win: 0 });
  for (let hours = 0; hours < 5; hours++) {
    rig.advance(3_600_000);
    peer.send({ seq: 1025, data: 1 });
    peer.expect({ ack: 1025, win: 0 });
  }
  peer.read(1024);
  peer.expect({ win: 1024 });
});

packetTest("old data with fin, twice in a row: acknowledged each time", (rig) => {
  const peer = passive(rig);
  peer.send({ flags: "FA", data: 50 });
  peer.expect();
  for (let again = 0; again < 2; again++) {
    rig.advance(20);
    peer.send({ flags: "FA", seq: 1, data: 50 });
    peer.expect({ immediate: true });
  }
  peer.read(50);
});

packetTest("an ACK one beyond a shut window: not acceptable", { profile: "tiny" }, (rig) => {
  const peer = passive(rig);
  peer.send({ data: 1024 });
  peer.expect({ win: 0 });
  peer.send({ seq: 1026 });
  peer.expect({ win: 0 });
  assert.equal(rig.counter(Counter.DROP_TCP_WINDOW), 1);
});

packetTest("a window that opens by exactly two segments is told at once", (rig) => {
  const peer = passive(rig);
  for (let i = 0; i < 4; i++) peer.send({ data: 1460 });
  rig.advance(40);
  rig.sent.splice(0);
  const shown = rig.info(peer.handle, "rcvWnd");
  const ring = Math.min(rig.core.constant(Constant.RECEIVE_RING_BYTES), 65_535);
  peer.read(2 * 1460 - 1 - (ring - shown - 4 * 1460));
  rig.expectNothing("a byte less than two segments");
  peer.read(1);
  peer.expect({ win: shown + 2 * 1460 });
});

onAllProfiles(
  "holes are filled wherever the numbers are, and no FIN is seen",
  { needs: "reassembly" },
  (rig) => {
    for (const [i, iss] of [0x3fffffff, 0x7fffffff, 0xbfffffff, 0xffffffff].entries()) {
      const peer = passive(rig, { iss, peerPort: 2000 + i });
      peer.send({ seq: 11, data: 10 });
      peer.expect();
      peer.seq = 21;
      peer.send({ seq: 1, data: 10 });
      peer.expect({ ack: 21 });
      peer.expectState(State.ESTABLISHED);
      peer.read(20);
      rig.call.abort(peer.handle);
      rig.pump();
      peer.expect({ flags: "RA", ack: 21 });
    }
  },
);

onAllProfiles(
  "data across the left edge: nothing behind its text gets into the ring",
  { needs: "reassembly" },
  (rig) => {
    const peer = passive(rig);
    peer.send({ data: 100 });
    peer.expectAfter(40);
    peer.send({ seq: 121, data: 20 });
    peer.expect();
    peer.seq = 141;
    peer.send({ seq: 91, data: 30 });
    peer.expect();
    peer.read(140);
  },
);
