// ARP (RFC 826, RFC 1122 section 2.3.2) and address conflicts (RFC 5227).

import assert from "node:assert/strict";
import { AddressState, Counter, Errno, Event, Pool } from "../../host/core/generated/abi.js";
import {
  arpFrame,
  BROADCAST_MAC,
  OUR_ADDRESS,
  OUR_MAC,
  peerAddress,
  peerMac,
} from "./support/frame.js";
import {
  bystander,
  greet,
  makePeer,
  passive,
  type Peer,
  State,
  stillWorks,
} from "./support/peer.js";
import { packetTest, type Rig } from "./support/rig.js";

const QUIET = { answersArp: false };
const ZERO = [0, 0, 0, 0];

function connectTo(rig: Rig, peer: Peer): void {
  rig.putAddress(peer.address);
  peer.handle = rig.call.connect(4, peer.peerPort, 0, 80);
  assert.ok(peer.handle > 0);
  rig.pump();
}

const answer = (rig: Rig, peer = 10, fields = {}) =>
  rig.inject(arpFrame(peer, { operation: 2, targetMac: OUR_MAC, ...fields }));

packetTest("request for our address: a unicast reply with the fields swapped", (rig) => {
  rig.inject(arpFrame(10));
  const reply = rig.expectArp({
    operation: 2,
    senderMac: OUR_MAC,
    sender: OUR_ADDRESS,
    targetMac: peerMac(10),
    target: peerAddress(10),
    toMac: peerMac(10),
    fromMac: OUR_MAC,
  });
  assert.equal(reply.kind, "arp");
});

packetTest("request for another address: silence, and nothing is learnt", (rig) => {
  rig.inject(arpFrame(10, { target: peerAddress(99) }));
  rig.expectNothing();
  assert.equal(rig.used(Pool.NEIGHBOUR), 0);
});

packetTest("request for our address: the asker is known from then on", QUIET, (rig) => {
  greet(rig);
  const peer = makePeer(rig);
  connectTo(rig, peer);
  peer.expect({ flags: "S" });
});

packetTest("a new address: announced once (RFC 826, gratuitous)", { configured: false }, (rig) => {
  rig.putAddress(OUR_ADDRESS);
  assert.ok(rig.call.addressAdd(0, 4, 24, 0) > 0);
  rig.pump();
  rig.expectArp({ operation: 1, sender: OUR_ADDRESS, target: OUR_ADDRESS, toMac: BROADCAST_MAC });
});

packetTest("unknown next hop: a broadcast request, the SYN after the answer", QUIET, (rig) => {
  const peer = makePeer(rig);
  connectTo(rig, peer);
  rig.expectArp({
    operation: 1,
    sender: OUR_ADDRESS,
    target: peerAddress(10),
    targetMac: [0, 0, 0, 0, 0, 0],
    toMac: BROADCAST_MAC,
  });
  rig.expectNothing();
  answer(rig);
  const syn = peer.expect({ flags: "S" });
  assert.deepEqual(syn.toMac, peerMac(10));
});

packetTest("requests: one a second, three in all, then EHOSTUNREACH", QUIET, (rig) => {
  const peer = makePeer(rig);
  connectTo(rig, peer);
  rig.expectArp({ operation: 1 });
  for (let again = 0; again < 2; again++) {
    rig.advance(999);
    rig.expectNothing();
    rig.advance(1);
    rig.expectArp({ operation: 1 });
  }
  rig.advance(1000);
  rig.expectNothing();
  peer.expectState(State.CLOSED);
  assert.ok(peer.events() & Event.ERROR);
  assert.equal(rig.error(peer.handle), Errno.EHOSTUNREACH);
});

packetTest(
  "several connections wait for the same next hop: one request, all leave",
  QUIET,
  (rig) => {
    const peers = [2000, 2001, 2002].map((peerPort) => makePeer(rig, { peerPort }));
    for (const peer of peers) connectTo(rig, peer);
    rig.expectArp({ operation: 1 });
    rig.expectNothing();
    answer(rig);
    for (const peer of peers) peer.expect({ flags: "S" });
  },
);

packetTest(
  "an established connection whose next hop falls silent: a soft error, it lives on",
  QUIET,
  (rig) => {
    const peer = passive(rig);
    peer.write(10);
    rig.expectArp({ operation: 1 });
    rig.advance(3100);
    rig.sent.splice(0);
    assert.equal(peer.events() & Event.SOFT_ERROR, Event.SOFT_ERROR);
    assert.equal(rig.error(peer.handle), Errno.EHOSTUNREACH);
    peer.expectState(State.ESTABLISHED);
    rig.advance(3000);
    answer(rig);
    rig.advance(1000);
    assert.ok(rig.sent.some(({ view }) => view.kind === "tcp" && view.data.length === 10));
    rig.sent.splice(0);
  },
);

packetTest("reply that nobody asked for: dropped, nothing is learnt", (rig) => {
  answer(rig);
  assert.equal(rig.used(Pool.NEIGHBOUR), 0);
  assert.equal(rig.counter(Counter.DROP_ARP_UNSOLICITED), 1);
});

packetTest("reply that nobody asked for about a known neighbour: its MAC stays", QUIET, (rig) => {
  const peer = passive(rig);
  greet(rig);
  answer(rig, 66, { sender: peerAddress(10), senderMac: peerMac(66) });
  peer.write(10);
  assert.deepEqual(peer.expect({ flags: "PA", len: 10 }).toMac, peerMac(10));
});

packetTest(
  "request from a known neighbour with a new MAC: used from then on (RFC 826)",
  QUIET,
  (rig) => {
    const peer = passive(rig);
    greet(rig);
    rig.inject(arpFrame(10, { senderMac: peerMac(77), target: peerAddress(12) }));
    rig.expectNothing();
    peer.write(10);
    assert.deepEqual(peer.expect({ flags: "PA", len: 10 }).toMac, peerMac(77));
  },
);

packetTest(
  "a neighbour in use for a minute: asked again by unicast (RFC 1122 2.3.2.1)",
  QUIET,
  (rig) => {
    const peer = passive(rig);
    greet(rig);
    rig.advance(60_000);
    peer.write(10);
    peer.expect({ flags: "PA", len: 10 });
    peer.send();
    rig.pump();
    rig.expectArp({ operation: 1, toMac: peerMac(10), target: peerAddress(10) });
    answer(rig);
    rig.advance(5000);
    rig.expectNothing();
  },
);

packetTest(
  "a neighbour that moved silently: forgotten, asked by broadcast, found",
  QUIET,
  (rig) => {
    const peer = passive(rig);
    greet(rig);
    rig.advance(60_000);
    peer.write(10);
    rig.advance(4000);
    const requests = rig.sent.splice(0).filter(({ view }) => view.kind === "arp");
    assert.ok(requests.length >= 3);
    rig.advance(3000);
    rig.sent.splice(0);
    answer(rig, 10, { senderMac: peerMac(88) });
    rig.advance(10_000);
    const last = rig.sent.splice(0).at(-1)?.view;
    assert.ok(last?.kind === "tcp");
    assert.deepEqual(last.toMac, peerMac(88));
  },
);

packetTest("a full cache: the neighbour unused longest makes room", { profile: "tiny" }, (rig) => {
  const capacity = rig.pool(Pool.NEIGHBOUR).capacity;
  const live = bystander(rig);
  stillWorks(live);
  rig.advance(70_000);
  for (let i = 0; i < capacity + 2; i++) {
    rig.inject(arpFrame(20 + i));
    rig.expectArp({ operation: 2 });
    rig.advance(10);
  }
  assert.equal(rig.used(Pool.NEIGHBOUR), capacity);
  stillWorks(live);
});

for (const profile of ["tiny", "esp32"] as const) {
  packetTest("data to each neighbour of a full cache", { profile }, (rig) => {
    const capacity = rig.pool(Pool.NEIGHBOUR).capacity;
    for (let i = 0; i < capacity; i++) {
      const peer = passive(rig, { peer: 10 + i });
      peer.write(10);
      peer.expect({ flags: "PA", len: 10 });
      rig.call.abort(peer.handle);
      rig.pump();
      peer.expect({ flags: "RA" });
    }
    assert.equal(rig.used(Pool.NEIGHBOUR), capacity);
  });
}

packetTest(
  "an ACK that waited for ARP and left: the next timeout is as long as ever",
  QUIET,
  (rig) => {
    const peer = passive(rig);
    peer.send({ data: 10 });
    rig.advance(5000);
    assert.ok(rig.sent.splice(0).every(({ view }) => view.kind === "arp"));
    assert.ok(rig.info(peer.handle, "rtoMs") > 200);
    greet(rig);
    rig.advance(60_000);
    peer.expect({ ack: 11 });
    assert.equal(rig.info(peer.handle, "rtoMs"), 200);
    greet(rig);
    peer.write(10);
    peer.expect({ flags: "PA", len: 10 });
    peer.expectAfter(200, { flags: "PA", seq: 1, len: 10 });
  },
);

packetTest("requests with a sender from another network: answered, not learnt", (rig) => {
  rig.inject(arpFrame(10, { sender: [203, 0, 113, 9] }));
  rig.expectArp({ operation: 2 });
  assert.equal(rig.used(Pool.NEIGHBOUR), 0);
});

packetTest("a probe for our address (sender 0): answered, not learnt", (rig) => {
  rig.inject(arpFrame(10, { sender: ZERO }));
  rig.expectArp({ operation: 2, target: ZERO });
  assert.equal(rig.used(Pool.NEIGHBOUR), 0);
});

// ---- Conflict detection (RFC 5227) ----

const DETECT = { configured: false, answersArp: false, router: 0 };

function claim(rig: Rig): number {
  rig.putAddress(OUR_ADDRESS);
  const handle = rig.call.addressAdd(0, 4, 24, 1);
  assert.ok(handle > 0);
  return handle;
}

const stateOf = (rig: Rig, handle: number) => rig.addressState(handle);

/** Lets three probes and the announcements pass. */
function settled(rig: Rig): number {
  const handle = claim(rig);
  rig.advance(20_000);
  rig.sent.splice(0);
  assert.equal(stateOf(rig, handle), AddressState.VALID);
  rig.call.takeEvents(handle);
  return handle;
}

packetTest(
  "address with detection: three probes, 2 s, two announcements 2 s apart",
  DETECT,
  (rig) => {
    const handle = claim(rig);
    assert.equal(stateOf(rig, handle), AddressState.TENTATIVE);
    rig.advance(20_000);
    const views = rig.sent.splice(0);
    const times = views.map(({ atMs }) => atMs);
    const arps = views.map(({ view }) => (view.kind === "arp" ? view : assert.fail()));
    assert.equal(arps.length, 5);
    for (const probe of arps.slice(0, 3)) {
      assert.deepEqual([probe.sender, probe.target, probe.senderMac], [ZERO, OUR_ADDRESS, OUR_MAC]);
      assert.deepEqual(probe.targetMac, [0, 0, 0, 0, 0, 0]);
    }
    for (const announcement of arps.slice(3)) assert.deepEqual(announcement.sender, OUR_ADDRESS);
    const [first, second, third, fourth, fifth] = times as [number, number, number, number, number];
    assert.ok(first <= 1000, "the first within a second");
    for (const gap of [second - first, third - second])
      assert.ok(gap >= 1000 && gap <= 2000, `${gap}`);
    assert.equal(fourth - third, 2000);
    assert.equal(fifth - fourth, 2000);
    assert.equal(rig.call.takeEvents(handle), Event.ADDRESS);
    assert.equal(stateOf(rig, handle), AddressState.VALID);
  },
);

packetTest("tentative address: not used, requests for it not answered", DETECT, (rig) => {
  const handle = claim(rig);
  rig.inject(arpFrame(10));
  assert.equal(rig.call.listen(handle, 80, 1), -Errno.EADDRNOTAVAIL);
  rig.putAddress(peerAddress(10));
  assert.equal(rig.call.connect(4, 7, handle, 0), -Errno.EADDRNOTAVAIL);
  assert.equal(rig.counter(Counter.ARP_REPLIES), 0);
  rig.advance(20_000);
  rig.sent.splice(0);
});

for (const [what, fields] of [
  ["a reply from another station", { operation: 2, sender: OUR_ADDRESS }],
  [
    "a request from another station",
    { operation: 1, sender: OUR_ADDRESS, target: peerAddress(12) },
  ],
  ["a probe of another station", { operation: 1, sender: ZERO, target: OUR_ADDRESS }],
] as const) {
  packetTest(`tentative address, ${what}: duplicate, never used`, DETECT, (rig) => {
    const handle = claim(rig);
    rig.advance(1500);
    rig.sent.splice(0);
    rig.inject(arpFrame(10, { ...fields, sender: [...fields.sender] }));
    assert.equal(stateOf(rig, handle), AddressState.DUPLICATE);
    assert.equal(rig.call.takeEvents(handle), Event.ADDRESS);
    rig.advance(30_000);
    rig.expectNothing();
    rig.inject(arpFrame(10));
    rig.expectNothing("no reply for an address that is not ours");
  });
}

packetTest("conflict with an address in use: defended, at most once in 10 s", DETECT, (rig) => {
  const handle = settled(rig);
  const attack = () =>
    rig.inject(arpFrame(10, { operation: 1, sender: OUR_ADDRESS, target: OUR_ADDRESS }));
  attack();
  rig.expectArp({ operation: 1, sender: OUR_ADDRESS, target: OUR_ADDRESS });
  assert.equal(rig.call.takeEvents(handle), Event.ADDRESS);
  rig.advance(9000);
  attack();
  rig.expectNothing("not within 10 s");
  rig.advance(1001);
  attack();
  rig.expectArp({ operation: 1, sender: OUR_ADDRESS });
  assert.equal(stateOf(rig, handle), AddressState.VALID);
  assert.equal(rig.counter(Counter.ARP_CONFLICT), 3);
});

packetTest("our own probe come back: no conflict", DETECT, (rig) => {
  const handle = claim(rig);
  rig.advance(1000);
  const own = rig.sent.splice(0)[0]!.view.frame;
  rig.inject(own);
  rig.advance(20_000);
  rig.sent.splice(0);
  assert.equal(stateOf(rig, handle), AddressState.VALID);
});

packetTest("address without detection: a conflict is counted, nothing else", (rig) => {
  rig.inject(arpFrame(10, { operation: 2, sender: OUR_ADDRESS }));
  rig.expectNothing();
  assert.equal(rig.counter(Counter.ARP_CONFLICT), 1);
  assert.equal(rig.used(Pool.NEIGHBOUR), 0);
});

packetTest("no probes when idle", DETECT, (rig) => {
  settled(rig);
  rig.advance(3_600_000);
  rig.expectNothing();
});

packetTest(
  "write to a neighbour that never answers: ESTABLISHED below R2, then the end",
  QUIET,
  (rig) => {
    const peer = passive(rig);
    peer.write(10);
    rig.advance(95_000);
    peer.expectState(State.ESTABLISHED);
    rig.advance(105_000);
    for (const { view } of rig.sent.splice(0)) assert.equal(view.kind, "arp");
    peer.expectState(State.CLOSED);
    assert.equal(rig.error(peer.handle), Errno.EHOSTUNREACH);
  },
);

packetTest(
  "syns from as many strangers as the cache holds: the MAC of a live peer stays",
  { profile: "tiny" },
  (rig) => {
    const peer = passive(rig);
    peer.write(10);
    peer.expect({ flags: "PA", len: 10 });
    peer.send();
    rig.advance(500);
    for (let i = 0; i < rig.pool(Pool.NEIGHBOUR).capacity; i++) {
      makePeer(rig, { peer: 20 + i, peerPort: 1 }).sendSyn();
    }
    rig.advance(1500); // SYN+ACKs are due again: each needs a neighbour
    rig.sent.splice(0);
    const asked = rig.counter(Counter.ARP_REQUESTS);
    peer.write(10);
    peer.expect({ flags: "PA", len: 10 });
    assert.equal(rig.counter(Counter.ARP_REQUESTS), asked);
    peer.send();
  },
);

packetTest("shutdown to a neighbour that never answers: the end at R2", QUIET, (rig) => {
  const peer = passive(rig);
  assert.equal(rig.call.shutdown(peer.handle), 0);
  rig.advance(95_000);
  peer.expectState(State.FIN_WAIT_1);
  rig.advance(105_000);
  for (const { view } of rig.sent.splice(0)) assert.equal(view.kind, "arp");
  peer.expectState(State.CLOSED);
});

packetTest(
  "an ACK waits for a neighbour that never answers: no end, nothing is lost",
  QUIET,
  (rig) => {
    const peer = passive(rig);
    peer.send({ data: 10 });
    rig.advance(3_600_000);
    for (const { view } of rig.sent.splice(0)) assert.equal(view.kind, "arp");
    peer.expectState(State.ESTABLISHED);
    peer.read(10);
  },
);

packetTest(
  "write after an ACK has waited for the neighbour for long: R2 counts from the write",
  QUIET,
  (rig) => {
    const peer = passive(rig);
    peer.send({ data: 10 });
    rig.advance(200_000);
    peer.write(10);
    rig.advance(35_000);
    peer.expectState(State.ESTABLISHED);
    rig.advance(165_000);
    for (const { view } of rig.sent.splice(0)) assert.equal(view.kind, "arp");
    peer.expectState(State.CLOSED);
  },
);
