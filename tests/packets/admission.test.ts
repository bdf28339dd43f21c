// Admission: backlog, full pools, the limit per source. A full pool slows the newcomer and never
// harms a live connection.

import assert from "node:assert/strict";
import { Constant, Counter, Event, Option, Pool } from "../../host/core/generated/abi.js";
import {
  Errno,
  listenerOn,
  makePeer,
  passive,
  queued,
  reach,
  shutdown,
  State,
  stillWorks,
  synReceived,
} from "./support/peer.js";
import { packetTest } from "./support/rig.js";
import { bindTo } from "./support/sockets.js";

packetTest("syn in LISTEN with a full accept queue: dropped, and counted", (rig) => {
  const first = queued(rig, { backlog: 1, peerPort: 2000 });
  const second = makePeer(rig, { peerPort: 2001 });
  second.sendSyn();
  rig.expectNothing();
  assert.equal(rig.counter(Counter.TCP_BACKLOG_DROPS), 1);
  assert.ok(rig.call.accept(first.listener) > 0);
  second.seq = 0;
  second.sendSyn();
  second.expect({ flags: "SA" });
});

packetTest("syn in LISTEN with a full accept queue: RST with RESET_WHEN_FULL", (rig) => {
  const first = queued(rig, { backlog: 1, peerPort: 2000 });
  assert.equal(rig.call.setOption(first.listener, Option.RESET_WHEN_FULL, 1), 0);
  const second = makePeer(rig, { peerPort: 2001 });
  second.sendSyn();
  second.expect({ flags: "RA", seq: 0 });
});

packetTest(
  "ack in SYN-RECEIVED with a full accept queue: unacknowledged, the peer tries again",
  (rig) => {
    const one = synReceived(rig, { backlog: 1, peerPort: 2000 });
    const two = synReceived(rig, { backlog: 1, peerPort: 2001 });
    one.send();
    two.send({ data: 10 });
    rig.expectNothing();
    assert.equal(rig.used(Pool.TCB), 1);
    assert.ok(rig.call.accept(one.listener) > 0);
    two.send({ seq: 1, data: 10 });
    two.handle = rig.call.accept(one.listener);
    two.expectAfter(40);
    two.read(10);
  },
);

packetTest(
  "syn in LISTEN without a free TCB: dropped, live connections are not harmed",
  { profile: "tiny" },
  (rig) => {
    const live = Array.from({ length: 4 }, (_, i) => passive(rig, { peerPort: 2000 + i }));
    const late = makePeer(rig, { peerPort: 3000 });
    late.sendSyn();
    rig.expectNothing();
    assert.equal(rig.counter(Counter.TCP_ADMISSION_DROPS), 1);
    for (const peer of live) stillWorks(peer);
    rig.putAddress(live[0]!.address);
    assert.equal(rig.call.connect(4, 99, 0, 0), -Errno.ENOBUFS);
  },
);

packetTest(
  "syn in LISTEN without a free TCB: RST with RESET_WHEN_FULL",
  { profile: "tiny" },
  (rig) => {
    for (let i = 0; i < 4; i++) passive(rig, { peerPort: 2000 + i });
    rig.call.setOption(listenerOn(rig), Option.RESET_WHEN_FULL, 1);
    const late = makePeer(rig, { peerPort: 3000 });
    late.sendSyn();
    late.expect({ flags: "RA", seq: 0 });
  },
);

packetTest("syn in LISTEN when a TCB has come free: admitted", { profile: "tiny" }, (rig) => {
  const [first] = Array.from({ length: 4 }, (_, i) => passive(rig, { peerPort: 2000 + i }));
  rig.call.abort(first!.handle);
  rig.pump();
  first!.expect({ flags: "RA", seq: 1 });
  passive(rig, { peerPort: 3000 }).expectState(State.ESTABLISHED);
});

packetTest(
  "syn in LISTEN: a connection that is over gives its record when the pool needs it",
  { profile: "tiny" },
  (rig) => {
    const [first] = Array.from({ length: 4 }, (_, i) => passive(rig, { peerPort: 2000 + i }));
    first!.send({ flags: "R" });
    first!.expectState(State.CLOSED);
    const early = makePeer(rig, { peerPort: 3000 });
    early.sendSyn();
    rig.expectNothing("the owner has not been told yet");
    assert.ok(first!.events() & Event.ERROR);
    const next = passive(rig, { peerPort: 3000 });
    assert.equal(rig.state(first!.handle), -Errno.EBADF);
    next.expectState(State.ESTABLISHED);
  },
);

packetTest(
  "syn in LISTEN without a free receive ring: dropped until one comes back",
  { profile: "esp32" },
  (rig) => {
    const rings = rig.pool(Pool.RECEIVE_RING).capacity;
    assert.ok(rings < rig.core.constant(Constant.TCBS));
    const live = Array.from({ length: rings }, (_, i) => passive(rig, { peerPort: 2000 + i }));
    const late = makePeer(rig, { peerPort: 3000 });
    late.sendSyn();
    rig.expectNothing();
    // A connection whose peer has closed, and that is read to its end, needs no ring.
    live[0]!.send({ flags: "FA" });
    live[0]!.expect();
    assert.equal(rig.used(Pool.RECEIVE_RING), rings - 1);
    passive(rig, { peerPort: 3001 }).expectState(State.ESTABLISHED);
    live[0]!.expectState(State.CLOSE_WAIT);
  },
);

packetTest(
  "ack in SYN-RECEIVED when the rings have run out: unacknowledged until one is free",
  { profile: "esp32" },
  (rig) => {
    const half = synReceived(rig, { peerPort: 3000 });
    const rings = rig.pool(Pool.RECEIVE_RING).capacity;
    const live = Array.from({ length: rings }, (_, i) => passive(rig, { peerPort: 2000 + i }));
    half.send();
    rig.expectNothing();
    rig.call.abort(live[0]!.handle);
    rig.pump();
    live[0]!.expect({ flags: "RA", seq: 1 });
    half.send();
    assert.ok(rig.call.accept(half.listener) > 0);
  },
);

packetTest("syn in LISTEN above the limit of its source: dropped, other sources are not", (rig) => {
  const listener = listenerOn(rig);
  assert.equal(rig.call.setOption(listener, Option.SOURCE_LIMIT, 2), 0);
  passive(rig, { peerPort: 2000 });
  synReceived(rig, { peerPort: 2001 });
  const third = makePeer(rig, { peerPort: 2002 });
  third.sendSyn();
  rig.expectNothing();
  assert.equal(rig.counter(Counter.TCP_SOURCE_LIMIT_DROPS), 1);
  passive(rig, { peer: 12, peerPort: 2002 }).expectState(State.ESTABLISHED);
});

packetTest("syn in LISTEN above the limit of its source: RST with RESET_WHEN_FULL", (rig) => {
  const listener = listenerOn(rig);
  rig.call.setOption(listener, Option.SOURCE_LIMIT, 1);
  rig.call.setOption(listener, Option.RESET_WHEN_FULL, 1);
  passive(rig, { peerPort: 2000 });
  const second = makePeer(rig, { peerPort: 2001 });
  second.sendSyn();
  second.expect({ flags: "RA", seq: 0 });
});

packetTest("the limit per source is half the TCBs by default", (rig) => {
  assert.equal(rig.option(listenerOn(rig), Option.SOURCE_LIMIT), 512);
});

for (const profile of ["tiny", "esp32"] as const) {
  packetTest("there is no limit per source in a small pool", { profile }, (rig) => {
    const listener = listenerOn(rig);
    assert.equal(rig.option(listener, Option.SOURCE_LIMIT), 0);
    assert.equal(rig.call.setOption(listener, Option.SOURCE_LIMIT, 1), -Errno.ENOPROTOOPT);
  });
}

packetTest("syn flood: the cache is bounded, silent, and drains", { profile: "esp32" }, (rig) => {
  const listener = listenerOn(rig);
  const capacity = rig.pool(Pool.SYN_CACHE).capacity;
  for (let i = 0; i < 500; i++)
    makePeer(rig, { peer: 20 + (i % 200), peerPort: 5000 + i }).sendSyn();
  assert.equal(rig.sent.splice(0).length, capacity);
  assert.equal(rig.used(Pool.SYN_CACHE), capacity);
  rig.advance(16_000);
  rig.sent.splice(0);
  assert.equal(rig.used(Pool.SYN_CACHE), 0);
  passive(rig).expectState(State.ESTABLISHED);
  assert.equal(rig.state(listener), State.LISTEN);
});

packetTest(
  "sendSpan without a free send ring: ENOBUFS, then WRITABLE",
  { profile: "esp32" },
  (rig) => {
    const rings = rig.pool(Pool.SEND_RING).capacity;
    const live = Array.from({ length: rings }, (_, i) => passive(rig, { peerPort: 2000 + i }));
    for (const peer of live) {
      peer.write(10);
      peer.expect({ flags: "PA", len: 10 });
    }
    // One more record, without a ring to receive: possible once a receive ring is given back.
    live[0]!.send({ flags: "FA" });
    live[0]!.expect({ seq: 11 });
    const more = passive(rig, { peerPort: 3000 });
    assert.equal(rig.used(Pool.SEND_RING), rings - 1);
    more.write(10);
    more.expect({ flags: "PA", len: 10 });
    assert.equal(rig.call.sendSpan(live[0]!.handle), -Errno.ENOBUFS);
    live[1]!.events();
    live[1]!.send();
    assert.equal(live[0]!.events() & 8, 8, "WRITABLE");
    assert.ok(rig.call.sendSpan(live[0]!.handle) > 0);
  },
);

packetTest(
  "a send ring comes back: WRITABLE for all that wait, whether or not the first of them writes",
  { profile: "esp32" },
  (rig) => {
    const rings = rig.pool(Pool.SEND_RING).capacity;
    const live = Array.from({ length: rings }, (_, i) => passive(rig, { peerPort: 2000 + i }));
    // Two more records: their receive rings come from connections whose peers have closed.
    const more = [0, 1].map((i) => {
      live[i]!.send({ flags: "FA" });
      live[i]!.expect({ flags: "A" });
      return passive(rig, { peerPort: 3000 + i });
    });
    for (const peer of live) {
      peer.write(10);
      peer.expect({ flags: "PA", len: 10 });
    }
    for (const peer of more) {
      assert.equal(rig.call.sendSpan(peer.handle), -Errno.ENOBUFS);
      rig.call.takeEvents(peer.handle);
    }
    live[5]!.send(); // the acknowledgment
    for (const peer of more) assert.equal(rig.call.takeEvents(peer.handle), Event.WRITABLE);
  },
);

packetTest(
  "a socket's send ring comes back: WRITABLE for a connection that waits",
  { profile: "esp32" },
  (rig) => {
    const socket = bindTo(rig, 5000);
    const rings = rig.pool(Pool.SEND_RING).capacity;
    const live = Array.from({ length: rings - 1 }, (_, i) => passive(rig, { peerPort: 2000 + i }));
    for (const peer of live) {
      peer.write(10);
      peer.expect({ flags: "PA", len: 10 });
    }
    assert.ok(rig.call.sendSpan(socket) > 0);
    // One more record: its receive ring comes from a connection whose peer has closed.
    live[0]!.send({ flags: "FA", ack: 1 });
    live[0]!.expect();
    const more = passive(rig, { peerPort: 3000 });
    assert.equal(rig.call.sendSpan(more.handle), -Errno.ENOBUFS);
    rig.call.takeEvents(more.handle);
    rig.call.close(socket);
    assert.equal(rig.call.takeEvents(more.handle), Event.WRITABLE);
    assert.ok(rig.call.sendSpan(more.handle) > 0);
  },
);

packetTest(
  "a connection that is over makes room, once its last bytes were read",
  { profile: "esp32" },
  (rig) => {
    const over = passive(rig, { peerPort: 2000 });
    over.send({ flags: "FA", data: 10 });
    over.expect();
    shutdown(over);
    over.send();
    over.expectState(State.CLOSED);
    over.events();
    const records = rig.pool(Pool.TCB).capacity;
    for (let i = 1; i < records; i++) {
      const held = reach["TIME-WAIT"]!(rig, { peerPort: 2000 + i });
      held.events();
    }
    assert.equal(rig.used(Pool.TCB), records);
    const newcomer = makePeer(rig, { peerPort: 4000 });
    newcomer.sendSyn();
    rig.expectNothing("no record is free");
    over.read(10);
    newcomer.sendSyn("S", { seq: 0 });
    newcomer.expect({ flags: "SA" });
  },
);
