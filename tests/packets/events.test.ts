// Events and errors of a handle, from the first to the one that ends it; stale handles.

import assert from "node:assert/strict";
import { Constant, Errno, Event, Option, Pool, State } from "../../host/core/generated/abi.js";
import { readRecord } from "../../host/core/records.js";
import { listenerOn, passive, queued } from "./support/peer.js";
import { onAllProfiles, packetTest } from "./support/rig.js";

const { EBADF } = Errno;

packetTest("events: each handle is queued once, with all its bits", (rig) => {
  const one = passive(rig, { peerPort: 2000 });
  const two = passive(rig, { peerPort: 2001 });
  while (rig.call.nextEvent() !== 0);
  one.send({ data: 10 });
  two.send({ data: 10 });
  one.send({ flags: "FA" });
  one.expect();
  assert.equal(rig.call.nextEvent(), one.handle);
  assert.equal(rig.call.nextEvent(), two.handle);
  assert.equal(rig.call.nextEvent(), 0);
  assert.equal(one.events(), Event.READABLE | Event.PEER_CLOSED);
  assert.equal(one.events(), 0, "cleared");
  assert.equal(two.events(), Event.READABLE);
  two.expectAfter(40);
});

packetTest("events before accept: told with the handle", (rig) => {
  const peer = queued(rig);
  peer.send({ data: 10 });
  peer.expectAfter(40);
  while (rig.call.nextEvent() !== 0);
  peer.handle = rig.call.accept(peer.listener);
  assert.equal(rig.call.nextEvent(), peer.handle);
  assert.equal(peer.events() & Event.READABLE, Event.READABLE);
  peer.read(10);
});

packetTest("ACCEPT: told again while more wait", (rig) => {
  queued(rig, { peerPort: 2000 });
  queued(rig, { peerPort: 2001 });
  const listener = listenerOn(rig);
  while (rig.call.nextEvent() !== 0);
  rig.call.takeEvents(listener);
  rig.call.accept(listener);
  assert.equal(rig.call.takeEvents(listener), Event.ACCEPT);
  rig.call.accept(listener);
  assert.equal(rig.call.takeEvents(listener), 0);
});

packetTest("urgent pointer: URGENT, and again when it moves on (MUST-32)", (rig) => {
  const peer = passive(rig);
  peer.send({ flags: "UA", urg: 5, data: 10 });
  assert.equal(peer.events() & Event.URGENT, Event.URGENT);
  assert.equal((rig.info(peer.handle, "rcvUp") - peer.iss) | 0, 6);
  peer.send({ flags: "UA", urg: 20, data: 10 });
  assert.equal(peer.events() & Event.URGENT, Event.URGENT);
  rig.advance(40);
  peer.expect();
  peer.read(20);
});

packetTest("urgent pointer again where it was: no news", (rig) => {
  const peer = passive(rig);
  peer.send({ flags: "UA", urg: 100, data: 10 });
  peer.events();
  peer.send({ flags: "UA", urg: 90, data: 10 });
  assert.equal(peer.events() & Event.URGENT, 0);
  rig.advance(40);
  peer.expect();
  peer.read(20);
});

packetTest("urgent pointer of a segment that is partly old: counted from its own number", (rig) => {
  const peer = passive(rig);
  peer.send({ data: 10 });
  peer.expectAfter(40);
  peer.send({ flags: "UA", seq: 1, urg: 15, data: 20 });
  peer.seq = 21;
  rig.advance(40);
  peer.expect();
  assert.equal((rig.info(peer.handle, "rcvUp") - peer.iss) | 0, 16);
  peer.read(20);
});

packetTest("error: 0 when there is none", (rig) => {
  const peer = passive(rig);
  assert.equal(rig.error(peer.handle), 0);
  peer.expectState(State.ESTABLISHED);
});

for (const how of ["close", "abort"] as const) {
  packetTest(`the error of a reset can be read until ${how}, which frees the record`, (rig) => {
    const peer = passive(rig);
    peer.send({ flags: "R" });
    assert.equal(rig.used(Pool.TCB), 1);
    assert.equal(rig.error(peer.handle), Errno.ECONNRESET);
    assert.equal(rig.call[how](peer.handle), 0);
    rig.expectNothing();
    assert.equal(rig.used(Pool.TCB), 0);
    assert.equal(rig.error(peer.handle), -EBADF);
  });
}

onAllProfiles("a stale handle never touches another connection", (rig) => {
  const old = passive(rig, { peerPort: 2000 });
  rig.call.abort(old.handle);
  rig.pump();
  old.expect({ flags: "RA", seq: 1 });
  const tcbs = rig.core.constant(Constant.TCBS);
  const rings = rig.pool(Pool.RECEIVE_RING).capacity;
  const live = Array.from({ length: Math.min(tcbs, rings, 20) }, (_, i) =>
    passive(rig, { peerPort: 3000 + i, backlog: 8 }),
  );
  for (const name of [
    "sendSpan",
    "receiveSpan",
    "shutdown",
    "close",
    "abort",
    "takeEvents",
  ] as const) {
    assert.equal(rig.call[name](old.handle), -EBADF, name);
  }
  for (const name of ["state", "error"] as const) {
    assert.equal(rig[name](old.handle), -EBADF, name);
  }
  assert.equal(readRecord(rig.core, old.handle), null);
  assert.equal(rig.call.commit(old.handle, 0), -EBADF);
  assert.equal(rig.call.setOption(old.handle, Option.TTL, 9), -EBADF);
  rig.pump();
  rig.expectNothing();
  for (const peer of live) peer.expectState(State.ESTABLISHED);
});

packetTest("handles of before initialise stay stale", (rig) => {
  const peer = passive(rig);
  const { call, core } = rig;
  const handles = [peer.handle, peer.listener, rig.address];
  call.initialise();
  core.seed(new Uint8Array(32).fill(7));
  for (const handle of handles) assert.equal(rig.state(handle), -EBADF);
  assert.equal(rig.addressState(rig.address), -EBADF);
});
