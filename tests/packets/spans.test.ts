// SEND and RECEIVE as spans (RFC 9293 sections 3.10.2 and 3.10.3): what may be committed and
// consumed, and where spans lie.

import assert from "node:assert/strict";
import { Constant, Errno, Pool } from "../../host/core/generated/abi.js";
import { passive, shutdown, State } from "./support/peer.js";
import { onAllProfiles, packetTest } from "./support/rig.js";

const { EAGAIN, EINVAL } = Errno;

packetTest("commit without a span, too long, twice, or of another handle: EINVAL", (rig) => {
  const one = passive(rig, { peerPort: 2000 });
  const two = passive(rig, { peerPort: 2001 });
  assert.equal(rig.call.commit(one.handle, 1), -EINVAL);
  const room = rig.call.sendSpan(one.handle);
  assert.equal(rig.call.commit(two.handle, 1), -EINVAL);
  rig.call.sendSpan(one.handle);
  assert.equal(rig.call.commit(one.handle, room + 1), -EINVAL);
  rig.call.sendSpan(one.handle);
  assert.equal(rig.call.commit(one.handle, -1), -EINVAL);
  rig.call.sendSpan(one.handle);
  assert.equal(rig.call.commit(one.handle, 0), 0);
  assert.equal(rig.call.commit(one.handle, 0), -EINVAL, "each span once");
  rig.pump();
  rig.expectNothing();
});

packetTest("consume without a span, too long, twice, or of another handle: EINVAL", (rig) => {
  const one = passive(rig, { peerPort: 2000 });
  const two = passive(rig, { peerPort: 2001 });
  one.send({ data: 50 });
  one.expectAfter(40);
  assert.equal(rig.call.consume(one.handle, 1), -EINVAL);
  assert.equal(rig.call.receiveSpan(one.handle), 50);
  assert.equal(rig.call.consume(two.handle, 1), -EINVAL);
  rig.call.receiveSpan(one.handle);
  assert.equal(rig.call.consume(one.handle, 51), -EINVAL);
  rig.call.receiveSpan(one.handle);
  assert.equal(rig.call.commit(one.handle, 10), -EINVAL, "a receive span is no send span");
  one.read(50);
});

packetTest("a send span is void once a receive span was asked for", (rig) => {
  const peer = passive(rig);
  assert.ok(rig.call.sendSpan(peer.handle) > 0);
  rig.call.receiveSpan(peer.handle);
  assert.equal(rig.call.commit(peer.handle, 1), -EINVAL);
});

packetTest("a span in part: the rest is there again", (rig) => {
  const peer = passive(rig);
  peer.send({ data: 100 });
  peer.expectAfter(40);
  peer.read(30);
  assert.equal(rig.call.receiveSpan(peer.handle), 70);
  peer.read(70);
  assert.equal(rig.call.receiveSpan(peer.handle), -EAGAIN);
});

onAllProfiles("spans at the end of a ring: two of them for what wraps", (rig) => {
  const peer = passive(rig, { mss: 500 });
  for (let round = 0; round < 12; round++) {
    peer.write(300);
    peer.expect({ flags: "PA", len: 300 });
    peer.send({ data: 300 });
    rig.advance(40);
    rig.sent.splice(0);
    peer.read(300);
    rig.sent.splice(0);
  }
});

packetTest("spans of different connections lie in memory and do not overlap", (rig) => {
  const spans: [number, number][] = [];
  const peers = Array.from({ length: 8 }, (_, i) => passive(rig, { peerPort: 2000 + i }));
  for (const peer of peers) {
    const room = rig.call.sendSpan(peer.handle);
    const at = rig.core.spanPointer();
    assert.ok(at > 0 && at + room <= rig.core.constant(Constant.MEMORY_BYTES));
    for (const [start, end] of spans) assert.ok(at >= end || at + room <= start);
    spans.push([at, at + room]);
  }
  assert.equal(spans.length, 8);
});

packetTest("a send span of which nothing is written: the ring comes back at once", (rig) => {
  const peer = passive(rig);
  rig.call.sendSpan(peer.handle);
  assert.equal(rig.used(Pool.SEND_RING), 1);
  assert.equal(rig.call.commit(peer.handle, 0), 0);
  assert.equal(rig.used(Pool.SEND_RING), 0);
});

packetTest("a send span asked for and not used: the ring comes back with the connection", (rig) => {
  const peer = passive(rig);
  rig.call.sendSpan(peer.handle);
  assert.equal(rig.used(Pool.SEND_RING), 1);
  rig.call.close(peer.handle);
  rig.pump();
  peer.expect({ flags: "FA" });
  peer.send();
  peer.send({ flags: "FA" });
  peer.expect();
  assert.equal(rig.used(Pool.SEND_RING), 0);
});

packetTest(
  "shutdown between a send span and its commit: EINVAL, the FIN's number stands",
  (rig) => {
    const peer = passive(rig);
    assert.ok(rig.call.sendSpan(peer.handle) > 0);
    shutdown(peer);
    assert.equal(rig.call.commit(peer.handle, 50), -Errno.EINVAL);
    rig.expectNothing("nothing behind the FIN");
    peer.send();
    peer.expectState(State.FIN_WAIT_2);
  },
);

packetTest("a receive span is void once a send span was refused", (rig) => {
  const peer = passive(rig);
  peer.send({ data: 10 });
  peer.expectAfter(40);
  rig.call.shutdown(peer.handle);
  rig.pump();
  peer.expect({ flags: "FA" });
  assert.equal(rig.call.receiveSpan(peer.handle), 10);
  assert.equal(rig.call.sendSpan(peer.handle), -Errno.EPIPE);
  assert.equal(rig.call.consume(peer.handle, 10), -Errno.EINVAL);
  peer.read(10);
});
