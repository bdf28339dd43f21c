// SYN cookies (RFC 4987 section 3.6): while the SYN cache is full, who has an address of its own gets
// in all the same, and nobody else costs anything.

import assert from "node:assert/strict";
import { Counter, Option, Pool } from "../../host/core/generated/abi.js";
import { listenerOn, makePeer, type OpenOptions, type Peer, State } from "./support/peer.js";
import { packetTest, type Rig } from "./support/rig.js";

/** Fills the SYN cache with handshakes that nobody will complete. */
function flood(rig: Rig): void {
  const listener = listenerOn(rig, 80, 64);
  rig.call.setOption(listener, Option.SOURCE_LIMIT, 0);
  const { capacity } = rig.pool(Pool.SYN_CACHE);
  const sources = Array.from({ length: capacity }, (_, i) =>
    makePeer(rig, { peer: 100, peerPort: 10_000 + i }).segment({ flags: "S", ack: 0 }),
  );
  for (const frame of sources) rig.inject(frame);
  rig.sent.splice(0);
  assert.equal(rig.used(Pool.SYN_CACHE), capacity);
}

/** A peer that got a cookie for its SYN. */
function offered(rig: Rig, options: OpenOptions = {}, expected = {}): Peer {
  const peer = makePeer(rig, { peerPort: 2000, ...options });
  peer.listener = listenerOn(rig, 80, 64);
  peer.sendSyn();
  peer.expect({ flags: "SA", seq: undefined, immediate: true, ...expected });
  peer.timestamps = options.ts ?? false;
  return peer;
}

/** The connection that its ACK has opened. */
function accepted(peer: Peer): Peer {
  peer.handle = peer.rig.call.accept(peer.listener);
  assert.ok(peer.handle > 0, `accept: ${peer.handle}`);
  peer.expectState(State.ESTABLISHED);
  return peer;
}

packetTest("a full SYN cache: SYN+ACK with a cookie, and no record; its ACK opens (O10)", (rig) => {
  flood(rig);
  const before = rig.records(Pool.TCB).length;
  const peer = offered(rig);
  assert.equal(rig.records(Pool.TCB).length, before);
  assert.equal(rig.counter(Counter.TCP_COOKIES_SENT), 1);
  peer.send();
  accepted(peer);
  assert.equal(rig.counter(Counter.TCP_COOKIES_TAKEN), 1);
  peer.write(300);
  peer.expect({ flags: "PA", len: 300 });
  peer.send({ data: 20 });
  peer.expectAfter(40, {});
  peer.read(20);
});

for (const [mss, told] of [
  [0, 536],
  [64, 64],
  [535, 256],
  [1000, 536],
  [1460, 1460],
  [9000, 1460],
] as const) {
  packetTest(`a cookie tells a segment size of ${told} for ${mss}`, (rig) => {
    flood(rig);
    const peer = offered(rig, { mss });
    peer.send();
    assert.equal(rig.info(accepted(peer).handle, "sndMss"), told);
  });
}

packetTest("with timestamps a cookie tells scale and SACK, without them there are none", (rig) => {
  flood(rig);
  const bare = offered(
    rig,
    { peerPort: 2000, ws: 7, sack: true },
    { ws: null, ts: null, sackPermitted: false },
  );
  bare.send();
  assert.equal(rig.info(accepted(bare).handle, "sack"), 0);
  assert.equal(rig.info(bare.handle, "sndScale"), 0);
  for (const ws of [0, 7, 14]) {
    const peer = offered(
      rig,
      { peerPort: 2001 + ws, ws, sack: true, ts: true },
      { ws: 0, sackPermitted: true },
    );
    peer.send();
    accepted(peer);
    assert.equal(rig.info(peer.handle, "sack"), 1);
    assert.equal(rig.info(peer.handle, "sndScale"), ws);
    assert.equal(rig.info(peer.handle, "timestamps"), 1);
    peer.write(10);
    peer.expect({ flags: "PA", len: 10 });
    peer.send();
  }
});

packetTest("timestamps of a cookie never run ahead of those that follow", (rig) => {
  flood(rig);
  for (let i = 0; i < 70; i++) {
    const peer = offered(rig, { peerPort: 2000 + i, ws: 14, sack: true, ts: true });
    const first = peer.tsSeen;
    peer.send();
    accepted(peer);
    peer.write(1);
    peer.expect({ flags: "PA", len: 1 });
    assert.ok(((peer.tsSeen - first) | 0) >= 0, `${first} then ${peer.tsSeen}`);
    peer.send();
    rig.call.abort(peer.handle);
    rig.pump();
    rig.sent.splice(0);
    rig.advance(1);
  }
});

packetTest("data with the third segment, and data when that was lost", (rig) => {
  flood(rig);
  const first = offered(rig, { peerPort: 2000 });
  first.send({ data: 30 });
  accepted(first);
  first.expectAfter(40, {});
  first.read(30);
  const second = offered(rig, { peerPort: 2001 });
  rig.advance(100);
  second.send({ data: 30, flags: "PA" });
  accepted(second).read(30);
  rig.advance(40);
  second.expect();
});

packetTest("forged acknowledgments get a RST, whatever they guess", (rig) => {
  flood(rig);
  const peer = offered(rig);
  for (const wrong of [2, 0x1000, 0x1000000, 0x8000000]) {
    peer.send({ ack: wrong });
    peer.expect({ flags: "R", seq: wrong });
  }
  const other = makePeer(rig, { peerPort: 2001 });
  other.ourIss = peer.ourIss;
  other.send({ seq: 1, ack: 1 });
  other.expect({ flags: "R", seq: 1 });
  for (const seq of [0, 1 + 65535]) {
    peer.send({ seq, ack: 1 });
    peer.expect({ flags: "R", seq: 1 });
  }
  assert.equal(rig.counter(Counter.TCP_COOKIES_REFUSED), 7);
  assert.equal(rig.counter(Counter.TCP_COOKIES_TAKEN), 0);
});

packetTest("a cookie is good for a minute at least, and never for more than two", (rig) => {
  flood(rig);
  const early = offered(rig, { peerPort: 2000 });
  const late = offered(rig, { peerPort: 2001 });
  rig.advance(59_000);
  rig.sent.splice(0);
  early.send();
  accepted(early);
  rig.advance(73_000);
  rig.sent.splice(0);
  late.send();
  late.expect({ flags: "R", seq: 1 });
});

packetTest("a cookie that comes once more opens once more, with the same numbers", (rig) => {
  flood(rig);
  const peer = offered(rig);
  peer.send();
  accepted(peer);
  rig.call.abort(peer.handle);
  rig.pump();
  peer.expect({ flags: "RA" });
  peer.send();
  accepted(peer);
  assert.equal(rig.counter(Counter.TCP_COOKIES_TAKEN), 2);
  peer.write(1);
  peer.expect({ flags: "PA", len: 1 });
});

packetTest("a cookie is never sent again", (rig) => {
  flood(rig);
  const peer = offered(rig);
  rig.advance(20_000);
  const mine = rig.sent.filter(
    ({ view }) => view.kind === "tcp" && view.destinationPort === peer.peerPort,
  );
  assert.equal(mine.length, 0);
  rig.sent.splice(0);
});

packetTest("no cookies while the cache has room, nor taken if it was never full", (rig) => {
  const peer = makePeer(rig, { peerPort: 2000 });
  listenerOn(rig);
  peer.send({ seq: 1, ack: 77 });
  peer.expect({ flags: "R", seq: 77 });
  assert.equal(rig.counter(Counter.TCP_COOKIES_REFUSED), 0);
  assert.equal(rig.counter(Counter.TCP_COOKIES_SENT), 0);
});

packetTest("no cookie when the accept queue is full", (rig) => {
  const listener = listenerOn(rig, 80, 1);
  const first = makePeer(rig, { peerPort: 2000 });
  first.listener = listener;
  first.sendSyn();
  first.expect({ flags: "SA", seq: undefined });
  first.send();
  const { capacity } = rig.pool(Pool.SYN_CACHE);
  const other = listenerOn(rig, 81, 8);
  rig.call.setOption(other, Option.SOURCE_LIMIT, 0);
  for (let i = 0; i < capacity; i++) {
    makePeer(rig, { peer: 100, localPort: 81, peerPort: 10_000 + i }).sendSyn();
  }
  rig.sent.splice(0);
  const late = makePeer(rig, { peerPort: 2001 });
  late.sendSyn();
  rig.expectNothing();
  assert.equal(rig.counter(Counter.TCP_BACKLOG_DROPS), 1);
});

packetTest("a good cookie while no record is free: silence, until one is", (rig) => {
  flood(rig);
  const peer = offered(rig);
  rig.call.setOption(listenerOn(rig, 82, 4000), Option.SOURCE_LIMIT, 0);
  const all = rig.pool(Pool.TCB).capacity;
  const opened: number[] = [];
  rig.putAddress([192, 0, 2, 10]);
  for (let i = 0; i < all; i++) opened.push(rig.call.connect(4, 9, 0, 20_000 + i));
  rig.pump();
  rig.sent.splice(0);
  peer.send();
  rig.expectNothing();
  rig.call.abort(opened[0]!);
  peer.send();
  accepted(peer);
  for (const handle of opened.slice(1)) rig.call.abort(handle);
  rig.pump();
  rig.sent.splice(0);
});

packetTest("data beyond what a cookie comes back with: silence, the peer begins again", (rig) => {
  flood(rig);
  const peer = offered(rig);
  for (const seq of [2, 1001, 65535]) peer.send({ seq, ack: 1, data: 10 });
  rig.expectNothing();
  assert.equal(rig.counter(Counter.TCP_OUT_OF_ORDER_DROPS), 3);
  assert.equal(rig.used(Pool.TCB), 0);
  peer.send({ data: 10 });
  accepted(peer).read(10);
  peer.expectAfter(40);
});

packetTest("a cookie opens a connection of the listener that was asked", (rig) => {
  const first = rig.call.listen(0, 79, 4);
  flood(rig);
  const peer = offered(rig);
  peer.send();
  assert.ok(rig.call.accept(first) < 0);
  accepted(peer);
});

packetTest("a cookie lets no source hold more connections than SOURCE_LIMIT", (rig) => {
  flood(rig);
  rig.call.setOption(listenerOn(rig, 80, 64), Option.SOURCE_LIMIT, 4);
  const peers = Array.from({ length: 6 }, (_, i) => offered(rig, { peerPort: 2000 + i }));
  for (const peer of peers) peer.send();
  assert.equal(rig.used(Pool.TCB), 4);
  assert.equal(rig.counter(Counter.TCP_SOURCE_LIMIT_DROPS), 2);
  offered(rig, { peer: 11 }).send();
  assert.equal(rig.used(Pool.TCB), 5);
});

packetTest("the SYN again once there is room: the ACK of the cookie opens all the same", (rig) => {
  flood(rig);
  const peer = offered(rig);
  makePeer(rig, { peer: 100, peerPort: 10_000 }).send({ flags: "R", seq: 1 }); // one entry is free
  peer.send({ flags: "S", seq: 0 });
  rig.take("the SYN+ACK of the entry");
  peer.send({ data: 10 });
  accepted(peer).read(10);
  peer.expectAfter(40);
});
