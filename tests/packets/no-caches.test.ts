// Where there is neither a SYN cache nor TIME-WAIT entries (tiny), both stay in their TCBs. When
// records run out the oldest TIME-WAIT, or handshake whose SYN+ACK had to be repeated, makes room.
// What is open is never touched.

import assert from "node:assert/strict";
import { Counter, Option, Pool } from "../../host/core/generated/abi.js";
import {
  Errno,
  greet,
  listenerOn,
  makePeer,
  passive,
  type Peer,
  State,
  synReceived,
  timeWaitEntry,
} from "./support/peer.js";
import { packetTest, type Rig } from "./support/rig.js";

const TINY = { profile: "tiny" } as const;

const states = (rig: Rig) => rig.records(Pool.TCB).map(({ state }) => state);

packetTest("syn in LISTEN: a TCB in SYN-RECEIVED without a handle or a ring", TINY, (rig) => {
  synReceived(rig);
  const [record] = rig.records(Pool.TCB);
  assert.equal(record?.state, State.SYN_RECEIVED);
  assert.equal(record.handle, 0);
  assert.equal(rig.used(Pool.RECEIVE_RING), 0);
});

packetTest("no ack in SYN-RECEIVED: SYN+ACK after 1, 3 and 7 s, RST after 15 s", TINY, (rig) => {
  greet(rig);
  const peer = synReceived(rig);
  for (const ms of [1000, 2000, 4000]) peer.expectAfter(ms, { flags: "SA", seq: 0 });
  peer.expectAfter(8000, { flags: "RA", seq: 1 });
  assert.equal(rig.counter(Counter.TCP_HANDSHAKE_TIMEOUTS), 1);
  assert.equal(rig.used(Pool.TCB), 0);
});

packetTest("syn again in SYN-RECEIVED: SYN+ACK at once, no round trip taken", TINY, (rig) => {
  const peer = synReceived(rig);
  rig.advance(300);
  peer.seq = 0;
  peer.sendSyn();
  peer.expect({ flags: "SA", seq: 0, immediate: true });
  peer.send();
  assert.equal(rig.info(rig.call.accept(peer.listener), "srttUs"), 0);
});

packetTest(
  "ack in SYN-RECEIVED: the round trip of the SYN+ACK is the first sample",
  TINY,
  (rig) => {
    const peer = synReceived(rig);
    rig.advance(300);
    peer.send();
    assert.equal(rig.info(rig.call.accept(peer.listener), "srttUs"), 300_000);
  },
);

packetTest("ack in SYN-RECEIVED with a full accept queue: waits for a place", TINY, (rig) => {
  const first = synReceived(rig, { peerPort: 2000, backlog: 1 });
  const second = synReceived(rig, { peerPort: 2001, backlog: 1 });
  first.send();
  second.send();
  rig.expectNothing();
  assert.equal(rig.counter(Counter.TCP_ADMISSION_DROPS), 1);
  assert.ok(rig.call.accept(first.listener) > 0);
  second.send();
  assert.ok(rig.call.accept(first.listener) > 0);
});

/** As many handshakes as there are records. */
function fill(rig: Rig): Peer[] {
  const all = rig.pool(Pool.TCB).capacity;
  return Array.from({ length: all }, (_, i) => synReceived(rig, { peerPort: 2000 + i }));
}

packetTest(
  "more handshakes than records: the newcomer waits for their first second",
  TINY,
  (rig) => {
    greet(rig);
    const peers = fill(rig);
    const late = makePeer(rig, { peerPort: 3000 });
    late.sendSyn();
    rig.expectNothing();
    assert.equal(rig.counter(Counter.TCP_ADMISSION_DROPS), 1);
    rig.putAddress([192, 0, 2, 10]);
    assert.equal(rig.call.connect(4, 99, 0, 0), -Errno.ENOBUFS);
    for (const peer of peers) peer.send();
    for (const peer of peers) assert.ok(rig.call.accept(peer.listener) > 0);
  },
);

/** The same, once each SYN+ACK had to be repeated. */
function fillAndRepeat(rig: Rig): Peer[] {
  greet(rig);
  const peers = fill(rig);
  rig.advance(1000);
  for (const peer of peers) peer.expect({ flags: "SA", seq: 0 });
  return peers;
}

packetTest("handshakes that do not answer: the oldest makes room (RFC 4987 3.3)", TINY, (rig) => {
  const peers = fillAndRepeat(rig);
  passive(rig, { peerPort: 3000 }).expectState(State.ESTABLISHED);
  peers[1]!.send();
  assert.ok(rig.call.accept(peers[1]!.listener) > 0, "the second is still there");
  peers[0]!.send();
  peers[0]!.expect({ flags: "R", seq: 1 });
});

packetTest("handshakes that do not answer make room for a connect", TINY, (rig) => {
  fillAndRepeat(rig);
  rig.putAddress([192, 0, 2, 10]);
  assert.ok(rig.call.connect(4, 99, 0, 0) > 0);
  assert.equal(states(rig).filter((state) => state === State.SYN_SENT).length, 1);
});

packetTest("what is open never makes room", TINY, (rig) => {
  const all = rig.pool(Pool.TCB).capacity;
  const live = Array.from({ length: all }, (_, i) => passive(rig, { peerPort: 2000 + i }));
  makePeer(rig, { peerPort: 3000 }).sendSyn();
  rig.expectNothing();
  for (const peer of live) peer.expectState(State.ESTABLISHED);
});

packetTest("rst in SYN-RECEIVED: back to LISTEN, exact only (RFC 5961)", TINY, (rig) => {
  const peer = synReceived(rig);
  peer.send({ flags: "R", seq: 2 });
  peer.expect({ flags: "A" });
  assert.equal(rig.used(Pool.TCB), 1);
  peer.send({ flags: "R", seq: 1 });
  rig.expectNothing();
  assert.equal(rig.used(Pool.TCB), 0);
  assert.equal(rig.state(peer.listener), State.LISTEN);
});

packetTest("syn in the window in SYN-RECEIVED: back to LISTEN", TINY, (rig) => {
  const peer = synReceived(rig);
  peer.send({ flags: "S", seq: 5 });
  rig.expectNothing();
  assert.equal(rig.used(Pool.TCB), 0);
});

packetTest("close of a listener, or its link: handshakes go without a word", TINY, (rig) => {
  const first = synReceived(rig);
  rig.call.close(first.listener);
  rig.pump();
  assert.equal(rig.used(Pool.TCB), 0);
  synReceived(rig, { peerPort: 2000, localPort: 81 });
  rig.call.interfaceLink(0, 0);
  rig.call.interfaceLink(0, 1);
  rig.pump();
  rig.expectNothing();
  assert.equal(rig.used(Pool.TCB), 0);
});

packetTest("TIME-WAIT without an owner: 2 MSL in its TCB, again after each FIN", TINY, (rig) => {
  const peer = timeWaitEntry(rig);
  assert.deepEqual(states(rig), [State.TIME_WAIT]);
  rig.advance(59_000);
  peer.send({ flags: "FA", seq: 1 });
  peer.expect({ flags: "A" });
  rig.advance(59_000);
  assert.equal(rig.used(Pool.TCB), 1);
  rig.advance(2000);
  assert.equal(rig.used(Pool.TCB), 0);
});

packetTest("more in TIME-WAIT than records: the oldest makes room", TINY, (rig) => {
  const all = rig.pool(Pool.TCB).capacity;
  const peers = Array.from({ length: all + 1 }, (_, i) =>
    timeWaitEntry(rig, { peerPort: 2000 + i }),
  );
  assert.equal(rig.counter(Counter.TCP_TIME_WAIT_RECYCLED), 1);
  peers[0]!.send({ flags: "FA", seq: 1, ack: 2 });
  peers[0]!.expect({ flags: "R", seq: 2 });
  peers[1]!.send({ flags: "FA", seq: 1 });
  peers[1]!.expect({ flags: "A" });
});

packetTest("TIME-WAIT makes room for a connect and for a listener's newcomer", TINY, (rig) => {
  const all = rig.pool(Pool.TCB).capacity;
  for (let i = 0; i < all; i++) timeWaitEntry(rig, { peerPort: 2000 + i });
  passive(rig, { peerPort: 3000 }).expectState(State.ESTABLISHED);
  rig.putAddress([192, 0, 2, 10]);
  assert.ok(rig.call.connect(4, 99, 0, 0) > 0);
  assert.equal(rig.counter(Counter.TCP_TIME_WAIT_RECYCLED), 2);
});

packetTest("no pool for caches: their options and levels still answer", TINY, (rig) => {
  assert.equal(rig.pool(Pool.SYN_CACHE).capacity, 0);
  assert.equal(rig.pool(Pool.TIME_WAIT).capacity, 0);
  assert.equal(rig.call.setOption(0, Option.SYN_ACK_RETRIES, 1), 0);
  assert.equal(rig.call.setOption(0, Option.SYN_ACK_RETRIES, 8), -Errno.EINVAL);
  listenerOn(rig);
  assert.equal(rig.used(Pool.LISTENER), 1);
});
