// The life of a lease (RFC 2131): from the first question to the end, on time, and what else a client does.

import assert from "node:assert/strict";
import { Constant, Counter, Errno, Event } from "../../host/core/generated/abi.js";
import {
  addresses,
  answer,
  answerFrame,
  answerTo,
  anotherInterface,
  Auto,
  bound,
  dhcpTest,
  EVERYBODY,
  GIVEN,
  isOurs,
  lease,
  leaseAddress,
  leaseState,
  LEASE_SECONDS,
  type Message,
  NOBODY,
  requested,
  SERVER,
  SERVER_ADDRESS,
  State,
  takeAnnouncements,
  takeMessage,
  Type,
} from "./support/dhcp.js";
import { arpFrame, BROADCAST_MAC, OUR_MAC, peerMac, word16, word32 } from "./support/frame.js";
import type { Rig } from "./support/rig.js";

const HOUR = 3_600_000;

/** The events of interface 0 since the last look. */
function leaseEvents(rig: Rig): number {
  let bits = 0;
  for (let handle; (handle = rig.call.nextEvent()) !== 0;) {
    const taken = rig.call.takeEvents(handle);
    if (taken & Event.LEASE) bits |= taken;
  }
  return bits & Event.LEASE;
}

dhcpTest("an address by DHCP, at once: discover, offer, request, ack", (rig) => {
  assert.equal(rig.call.interfaceAuto(0, Auto.DHCP), 0);
  rig.pump();
  const discover = takeMessage(rig, Type.DISCOVER);
  assert.deepEqual([discover.from, discover.to], [NOBODY, EVERYBODY]);
  assert.deepEqual(discover.toMac, BROADCAST_MAC);
  assert.deepEqual([...discover.options.keys()], [53, 61, 57, 55]);
  assert.deepEqual(discover.options.get(57), word16(576));
  assert.deepEqual(discover.options.get(55), [1, 3, 6, 26, 42, 51, 58, 59]);
  assert.ok(discover.broadcast);
  assert.deepEqual([discover.ciaddr, discover.secs, discover.chaddr], [NOBODY, 0, OUR_MAC]);
  answer(rig, discover, Type.OFFER);
  const request = takeMessage(rig, Type.REQUEST);
  assert.deepEqual([request.from, request.to], [NOBODY, EVERYBODY]);
  assert.deepEqual([...request.options.keys()], [53, 61, 57, 55, 50, 54]);
  assert.deepEqual(request.options.get(50), GIVEN);
  assert.deepEqual(request.options.get(54), SERVER_ADDRESS);
  assert.equal(request.xid, discover.xid, "the same question");
  assert.deepEqual([request.ciaddr, request.broadcast], [NOBODY, true]);
  assert.equal(addresses(rig), 0);
  answer(rig, request, Type.ACK);
  assert.equal(rig.now(), 0, "no time has passed");
  assert.equal(leaseState(rig), State.BOUND);
  assert.ok(isOurs(rig, GIVEN));
  assert.equal(takeAnnouncements(rig, GIVEN), 1);
  assert.equal(leaseEvents(rig), Event.LEASE);
  assert.equal(rig.counter(Counter.DHCP_SENT), 2);
});

dhcpTest("what the lease brings: mask, router, name servers, time servers, times", (rig) => {
  bound(rig, {
    1: [255, 255, 240, 0],
    3: [192, 0, 1, 6, 192, 0, 1, 7],
    6: [9, 9, 9, 9, 1, 1, 1, 1, 8, 8, 8, 8],
    42: [192, 0, 2, 123],
    58: word32(1000),
    59: word32(2000),
  });
  assert.deepEqual(leaseAddress(rig, "mask"), [255, 255, 240, 0]);
  assert.deepEqual(leaseAddress(rig, "router"), [192, 0, 1, 6]);
  assert.deepEqual(leaseAddress(rig, "nameServer"), [9, 9, 9, 9]);
  assert.deepEqual(leaseAddress(rig, "nameServer2"), [1, 1, 1, 1]);
  assert.deepEqual(leaseAddress(rig, "timeServer"), [192, 0, 2, 123]);
  assert.deepEqual(leaseAddress(rig, "timeServer2"), NOBODY);
  assert.deepEqual(leaseAddress(rig, "server"), SERVER_ADDRESS);
  const times = [lease(rig, "seconds"), lease(rig, "renewSeconds"), lease(rig, "rebindSeconds")];
  assert.deepEqual(times, [LEASE_SECONDS, 1000, 2000]);
  // The router leads out, and the mask says what is near.
  rig.putAddress([198, 51, 100, 7]);
  const far = rig.call.connect(4, 80, 0, 0);
  assert.ok(far > 0);
  rig.pump();
  const { view } = rig.take("the SYN");
  assert.ok(view.kind === "tcp");
  assert.deepEqual([view.toMac, view.source], [peerMac(6), GIVEN]);
  rig.call.abort(far);
  rig.pump();
});

dhcpTest("a message for all, though there is no address: taken, from a strange network", (rig) => {
  assert.equal(rig.call.interfaceAuto(0, Auto.DHCP), 0);
  rig.pump();
  const discover = takeMessage(rig, Type.DISCOVER);
  const offer = answerFrame(answerTo(discover, Type.OFFER));
  const far = offer.slice();
  far.set([10, 77, 0, 1], 26); // another source; the checksums go with it
  rig.inject(withChecksums(far));
  takeMessage(rig, Type.REQUEST);
  assert.equal(leaseState(rig), State.REQUESTING);
});

/** The IPv4 checksum made right; no UDP checksum. */
function withChecksums(frame: Uint8Array): Uint8Array {
  frame.set([0, 0], 24);
  frame.set([0, 0], 40);
  let sum = 0;
  for (let i = 14; i < 34; i += 2) sum += (frame[i]! << 8) | frame[i + 1]!;
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  frame.set(word16(~sum & 0xffff), 24);
  return frame;
}

/** Whether a moment is within a second of another. */
function isAbout(moment: number, expected: number): boolean {
  return Math.abs(moment - expected) <= 1000;
}

dhcpTest("no server: asked again after 4, 8, 16, 32, 64, 64 s, give or take a second", (rig) => {
  assert.equal(rig.call.interfaceAuto(0, Auto.DHCP), 0);
  rig.advance(320_000);
  const asked: Message[] = [];
  while (rig.sent.length > 0) asked.push(takeMessage(rig, Type.DISCOVER));
  const gaps = asked.slice(1).map(({ atMs }, i) => atMs - asked[i]!.atMs);
  const expected = [4, 8, 16, 32, 64, 64, 64, 64];
  assert.deepEqual(
    gaps.map((gap, i) => isAbout(gap, expected[i]! * 1000)),
    gaps.map(() => true),
    `gaps ${gaps.join(" ")}`,
  );
  assert.ok(gaps.length >= 6);
  assert.ok(
    gaps.some((gap) => gap % 1000 !== 0),
    "they are random",
  );
  assert.equal(new Set(asked.map(({ xid }) => xid)).size, 1, "the same question");
  for (const { secs, atMs } of asked) assert.equal(secs, Math.floor(atMs / 1000));
});

dhcpTest("no server: the host is told once, after the first question", (rig) => {
  assert.equal(rig.call.interfaceAuto(0, Auto.DHCP), 0);
  rig.advance(2000);
  assert.equal(leaseEvents(rig), 0);
  rig.advance(3000);
  assert.equal(leaseEvents(rig), Event.LEASE);
  assert.deepEqual([leaseState(rig), lease(rig, "tries")], [State.SELECTING, 2]);
  rig.advance(200_000);
  assert.equal(leaseEvents(rig), 0);
  rig.sent.splice(0);
});

dhcpTest("a late offer: secs of the request are those of the discover", (rig) => {
  assert.equal(rig.call.interfaceAuto(0, Auto.DHCP), 0);
  rig.advance(14_500);
  const asked = rig.sent.length;
  assert.ok(asked >= 2);
  for (let i = 1; i < asked; i++) takeMessage(rig, Type.DISCOVER);
  const discover = takeMessage(rig, Type.DISCOVER);
  assert.ok(discover.secs >= 10);
  answer(rig, discover, Type.OFFER);
  assert.equal(takeMessage(rig, Type.REQUEST).secs, discover.secs);
});

dhcpTest("an offer, and no ack: the request three times, then from the beginning", (rig) => {
  const request = requested(rig);
  rig.advance(33_000);
  const again = [takeMessage(rig, Type.REQUEST), takeMessage(rig, Type.REQUEST)];
  for (const each of again) {
    assert.deepEqual([each.xid, each.options.get(50)], [request.xid, GIVEN]);
  }
  assert.ok(isAbout(again[0]!.atMs, 4000) && isAbout(again[1]!.atMs - again[0]!.atMs, 8000));
  const discover = takeMessage(rig, Type.DISCOVER);
  assert.ok(isAbout(discover.atMs - again[1]!.atMs, 16_000));
  assert.notEqual(discover.xid, request.xid, "another question");
  rig.sent.splice(0);
});

dhcpTest("the first offer is taken; others are unrelated", (rig) => {
  assert.equal(rig.call.interfaceAuto(0, Auto.DHCP), 0);
  rig.pump();
  const discover = takeMessage(rig, Type.DISCOVER);
  answer(rig, discover, Type.OFFER);
  answer(rig, discover, Type.OFFER, { yiaddr: [192, 0, 2, 88], options: { 54: [192, 0, 2, 9] } });
  assert.deepEqual(takeMessage(rig, Type.REQUEST).options.get(50), GIVEN);
  assert.equal(rig.counter(Counter.DROP_DHCP_UNRELATED), 1);
});

dhcpTest(
  "T1: the server alone is asked, from the address; its ack begins the lease anew",
  (rig) => {
    const request = bound(rig);
    rig.advance(HOUR / 2 - 1 - rig.now());
    rig.expectNothing("nothing before T1");
    rig.advance(1);
    const renewal = takeMessage(rig, Type.REQUEST);
    assert.equal(leaseState(rig), State.RENEWING);
    assert.deepEqual([renewal.from, renewal.to], [GIVEN, SERVER_ADDRESS]);
    assert.deepEqual(renewal.toMac, peerMac(SERVER));
    assert.deepEqual([...renewal.options.keys()], [53, 61, 57, 55]);
    assert.deepEqual([renewal.ciaddr, renewal.broadcast], [GIVEN, false]);
    assert.notEqual(renewal.xid, request.xid);
    answer(rig, renewal, Type.ACK);
    assert.equal(leaseState(rig), State.BOUND);
    assert.equal(lease(rig, "ageSeconds"), 0);
    rig.expectNothing("no announcement: the address has been ours all the time");
    rig.advance(HOUR / 2 - 1);
    rig.expectNothing("nothing before T1");
    rig.advance(1);
    takeMessage(rig, Type.REQUEST);
  },
);

dhcpTest(
  "T1 without an answer: after half of the time to T2, a minute at least; then T2",
  (rig) => {
    bound(rig, { 51: word32(2000), 58: word32(1000), 59: word32(1400) });
    rig.advance(1_399_999 - rig.now());
    const moments: number[] = [];
    while (rig.sent.length > 0) {
      const each = takeMessage(rig, Type.REQUEST);
      assert.deepEqual(each.to, SERVER_ADDRESS);
      moments.push(each.atMs / 1000);
    }
    assert.deepEqual(moments, [1000, 1200, 1300, 1360]);
    rig.advance(1);
    const rebinding = takeMessage(rig, Type.REQUEST);
    assert.equal(leaseState(rig), State.REBINDING);
    assert.deepEqual([rebinding.from, rebinding.to], [GIVEN, EVERYBODY]);
    assert.deepEqual([rebinding.ciaddr, rebinding.broadcast], [GIVEN, false]);
    assert.deepEqual([...rebinding.options.keys()], [53, 61, 57, 55]);
  },
);

dhcpTest("T2: any server may answer", (rig) => {
  bound(rig);
  rig.advance(3_150_000 - rig.now());
  const sent = rig.sent.splice(0, rig.sent.length - 1);
  assert.ok(sent.length > 2);
  const rebinding = takeMessage(rig, Type.REQUEST);
  assert.equal(rebinding.atMs, 3_150_000, "0.875 of the lease");
  answer(rig, rebinding, Type.ACK, { options: { 54: [192, 0, 2, 9] } });
  assert.equal(leaseState(rig), State.BOUND);
  assert.deepEqual(leaseAddress(rig, "server"), [192, 0, 2, 9]);
});

dhcpTest(
  "the lease is over: the address goes on time, its connections end, all begins anew",
  (rig) => {
    bound(rig, { 51: word32(100), 3: [192, 0, 2, 254] });
    leaseEvents(rig);
    rig.putAddress([192, 0, 2, 10]);
    const connection = rig.call.connect(4, 80, 0, 0);
    rig.advance(99_999 - rig.now());
    assert.ok(isOurs(rig, GIVEN));
    rig.sent.splice(0);
    rig.advance(1);
    assert.equal(addresses(rig), 0);
    assert.equal(rig.error(connection), Errno.ECONNABORTED);
    assert.equal(leaseState(rig), State.SELECTING);
    assert.deepEqual([lease(rig, "router"), lease(rig, "seconds")], [0, 0]);
    takeMessage(rig, Type.DISCOVER);
    assert.equal(leaseEvents(rig), Event.LEASE);
    rig.putAddress([192, 0, 2, 10]);
    assert.equal(rig.call.connect(4, 80, 0, 0), -Errno.ENETUNREACH, "nor is there a router");
  },
);

dhcpTest("the lease counts from when it was asked for, not from the answer", (rig) => {
  assert.equal(rig.call.interfaceAuto(0, Auto.DHCP), 0);
  rig.pump();
  const discover = takeMessage(rig, Type.DISCOVER);
  rig.advance(2500);
  answer(rig, discover, Type.OFFER, { options: { 51: word32(100) } });
  const request = takeMessage(rig, Type.REQUEST);
  rig.advance(500);
  answer(rig, request, Type.ACK, { options: { 51: word32(100) } });
  takeAnnouncements(rig, GIVEN);
  rig.advance(50_000 - rig.now());
  assert.equal(takeMessage(rig, Type.REQUEST).atMs, 50_000);
  rig.advance(50_000);
  assert.equal(addresses(rig), 0);
  rig.sent.splice(0);
});

for (const [what, options] of [
  ["absent", {}],
  ["T1 alone", { 58: word32(100) }],
  ["T1 as late as T2", { 58: word32(700), 59: word32(700) }],
  ["T2 as late as the end", { 58: word32(700), 59: word32(1000) }],
  ["T1 > T2 > lease", { 58: word32(3000), 59: word32(2000) }],
  ["T1 0", { 58: word32(0), 59: word32(500) }],
] as const) {
  dhcpTest(`T1 and T2, ${what}: half, and seven eighths`, (rig) => {
    bound(rig, { 51: word32(1000), ...options });
    assert.deepEqual([lease(rig, "renewSeconds"), lease(rig, "rebindSeconds")], [500, 875]);
  });
}

dhcpTest("a lease for ever: nobody is asked again for years", (rig) => {
  bound(rig, { 51: word32(0xffffffff) });
  assert.equal(lease(rig, "seconds"), 0xffffffff);
  for (let days = 0; days < 800; days += 10) rig.advance(10 * 24 * HOUR);
  rig.expectNothing("nothing for 800 days");
  assert.equal(leaseState(rig), State.BOUND);
  assert.ok(isOurs(rig, GIVEN));
});

dhcpTest("a lease longer than timers and the clock: T1 on the second", (rig) => {
  const seconds = 12_000_000; // 139 days; the clock of ms wraps after 50
  bound(rig, { 51: word32(seconds) });
  const almost = (seconds / 2) * 1000 - 1;
  for (let left = almost - rig.now(); left > 0; left -= 10 * 24 * HOUR) {
    rig.advance(Math.min(left, 10 * 24 * HOUR));
  }
  rig.expectNothing("nothing before T1");
  rig.advance(1);
  answer(rig, takeMessage(rig, Type.REQUEST), Type.ACK);
  assert.equal(leaseState(rig), State.BOUND);
});

dhcpTest("the host sleeps past T1 and T2: the state is that of the age", (rig) => {
  bound(rig);
  rig.sleep(3_300_000);
  assert.equal(leaseState(rig), State.REBINDING);
  assert.deepEqual(takeMessage(rig, Type.REQUEST).to, EVERYBODY);
  rig.sleep(HOUR);
  assert.equal(addresses(rig), 0);
  rig.sent.splice(0);
});

dhcpTest("nak to a request: counted, and begun anew after a while", (rig) => {
  const request = requested(rig);
  answer(rig, request, Type.NAK);
  assert.deepEqual([leaseState(rig), rig.counter(Counter.DHCP_NAKS)], [State.INIT, 1]);
  rig.expectNothing("a pause");
  rig.advance(3001);
  assert.notEqual(takeMessage(rig, Type.DISCOVER).xid, request.xid);
});

dhcpTest("nak to a renewal: the address goes at once", (rig) => {
  bound(rig);
  rig.advance(HOUR / 2 - rig.now());
  answer(rig, takeMessage(rig, Type.REQUEST), Type.NAK);
  assert.equal(addresses(rig), 0);
  assert.equal(lease(rig, "router"), 0);
  rig.advance(3001);
  takeMessage(rig, Type.DISCOVER);
});

dhcpTest("naks of another server: unrelated while one is asked", (rig) => {
  const request = requested(rig);
  answer(rig, request, Type.NAK, { options: { 54: [192, 0, 2, 9] } });
  answer(rig, request, Type.ACK, { options: { 54: [192, 0, 2, 9] } });
  assert.equal(leaseState(rig), State.REQUESTING);
  assert.equal(rig.counter(Counter.DROP_DHCP_UNRELATED), 2);
  answer(rig, request, Type.ACK);
  assert.equal(leaseState(rig), State.BOUND);
  takeAnnouncements(rig, GIVEN);
});

dhcpTest(
  "probed before use: three probes, then the address is in use and announced twice",
  (rig) => {
    const request = requested(rig, Auto.DHCP | Auto.PROBE);
    answer(rig, request, Type.ACK);
    assert.equal(leaseState(rig), State.PROBING);
    assert.ok(!isOurs(rig, GIVEN));
    rig.advance(3000);
    assert.ok(!isOurs(rig, GIVEN));
    rig.advance(4500);
    assert.equal(leaseState(rig), State.BOUND);
    assert.equal(leaseEvents(rig), Event.LEASE);
    rig.advance(3000);
    const arps = rig.sent.splice(0).map(({ view }) => (view.kind === "arp" ? view.sender : []));
    assert.deepEqual(arps, [NOBODY, NOBODY, NOBODY, GIVEN, GIVEN]);
  },
);

dhcpTest("another station has the address: decline, and ten seconds later anew", (rig) => {
  const request = requested(rig, Auto.DHCP | Auto.PROBE);
  answer(rig, request, Type.ACK);
  rig.advance(1000);
  rig.sent.splice(0); // the first probe
  rig.inject(arpFrame(77, { operation: 2, sender: GIVEN, target: NOBODY }, { to: OUR_MAC }));
  rig.advance(0);
  const decline = takeMessage(rig, Type.DECLINE);
  assert.deepEqual([...decline.options.keys()], [53, 61, 50, 54]);
  assert.deepEqual([decline.options.get(50), decline.options.get(54)], [GIVEN, SERVER_ADDRESS]);
  assert.deepEqual([decline.from, decline.to], [NOBODY, EVERYBODY]);
  assert.deepEqual([decline.ciaddr, decline.broadcast, decline.secs], [NOBODY, false, 0]);
  assert.equal(rig.counter(Counter.DHCP_CONFLICTS), 1);
  assert.equal(addresses(rig), 0);
  rig.advance(9999);
  rig.expectNothing("ten seconds of silence");
  rig.advance(1);
  takeMessage(rig, Type.DISCOVER);
});

for (const [what, auto] of [
  ["probed", Auto.DHCP | Auto.PROBE],
  ["not probed", Auto.DHCP],
] as const) {
  dhcpTest(
    `a later conflict, ${what}: defended once, given up at the second within 10 s`,
    (rig) => {
      bound(rig, {}, auto);
      rig.sent.splice(0);
      rig.advance(5000);
      rig.sent.splice(0); // its last announcement
      const other = () => rig.inject(arpFrame(77, { operation: 1, sender: GIVEN, target: GIVEN }));
      other();
      assert.equal(takeAnnouncements(rig, GIVEN), 1, "defended");
      rig.advance(10_001);
      other();
      assert.equal(takeAnnouncements(rig, GIVEN), 1, "defended: the last was long ago");
      assert.ok(isOurs(rig, GIVEN));
      rig.advance(9000);
      other();
      rig.advance(0);
      assert.equal(addresses(rig), 0, "given up");
      assert.equal(takeAnnouncements(rig, GIVEN), 0);
      takeMessage(rig, Type.DECLINE);
      rig.advance(10_000);
      takeMessage(rig, Type.DISCOVER);
    },
  );
}

dhcpTest("released: the server is told, then the address goes, and nothing follows", (rig) => {
  bound(rig);
  leaseEvents(rig);
  assert.equal(rig.call.interfaceAuto(0, 0), 0);
  rig.advance(0);
  const release = takeMessage(rig, Type.RELEASE);
  assert.deepEqual([release.from, release.to], [GIVEN, SERVER_ADDRESS]);
  assert.deepEqual([...release.options.keys()], [53, 61, 54]);
  assert.deepEqual([release.ciaddr, release.secs], [GIVEN, 0]);
  assert.deepEqual([leaseState(rig), addresses(rig)], [State.OFF, 0]);
  assert.equal(lease(rig, "router"), 0);
  assert.equal(leaseEvents(rig), Event.LEASE);
  rig.advance(24 * HOUR);
  rig.expectNothing("nothing any more");
});

dhcpTest(
  "released, but the server does not answer ARP: the address goes all the same",
  (rig) => {
    bound(rig);
    assert.equal(rig.call.interfaceAuto(0, 0), 0);
    rig.advance(2999);
    assert.equal(addresses(rig), 1);
    rig.advance(1);
    assert.deepEqual([leaseState(rig), addresses(rig)], [State.OFF, 0]);
    rig.sent.splice(0);
  },
  { answersArp: false },
);

dhcpTest("released with the link down: the address goes, and nothing leaves later", (rig) => {
  bound(rig);
  rig.call.interfaceLink(0, 0);
  assert.equal(rig.call.interfaceAuto(0, 0), 0);
  assert.deepEqual([leaseState(rig), addresses(rig)], [State.OFF, 0]);
  rig.call.interfaceLink(0, 1);
  rig.advance(60_000);
  rig.expectNothing("nothing any more");
});

dhcpTest("released, and asked for again before that has left: begun anew", (rig) => {
  bound(rig);
  rig.hold(() => {
    assert.equal(rig.call.interfaceAuto(0, 0), 0);
    assert.equal(leaseState(rig), State.RELEASING);
    assert.equal(rig.call.interfaceAuto(0, Auto.DHCP), 0);
  });
  takeMessage(rig, Type.DISCOVER);
  assert.equal(addresses(rig), 0);
});

dhcpTest("asked for twice in the same way: nothing changes", (rig) => {
  bound(rig);
  assert.equal(rig.call.interfaceAuto(0, Auto.DHCP), 0);
  rig.advance(0);
  rig.expectNothing("nothing");
  assert.equal(leaseState(rig), State.BOUND);
});

dhcpTest("asked for with other bits: the lease stays", (rig) => {
  bound(rig);
  assert.equal(rig.call.interfaceAuto(0, Auto.DHCP | Auto.LINK_LOCAL | Auto.PROBE), 0);
  rig.advance(10_000);
  rig.expectNothing("nothing");
  assert.deepEqual([leaseState(rig), addresses(rig)], [State.BOUND, 1]);
  assert.equal(rig.call.interfaceAuto(0, Auto.DHCP), 0);
  rig.advance(10_000);
  assert.deepEqual([leaseState(rig), addresses(rig)], [State.BOUND, 1]);
});

dhcpTest("the address of a lease is not the host's to remove", (rig) => {
  bound(rig);
  const before = rig.core.constant(Constant.TCBS) + rig.core.constant(Constant.LISTENERS);
  const slot = before + lease(rig, "local");
  const at = rig.core.constant(Constant.GENERATION_AREA) + 2 * slot;
  const handle = slot | (rig.core.words.getUint16(at, true) << 16);
  assert.equal(rig.call.addressRemove(handle), -Errno.EINVAL);
  assert.ok(isOurs(rig, GIVEN));
});

dhcpTest("bad calls: EINVAL, and EAGAIN before the seed", (rig) => {
  assert.equal(rig.call.interfaceAuto(0, 8), -Errno.EINVAL);
  assert.equal(rig.call.interfaceAuto(0, -1), -Errno.EINVAL);
  assert.equal(rig.call.interfaceAuto(1, Auto.DHCP), -Errno.EINVAL, "not configured");
  assert.equal(rig.call.interfaceAuto(rig.core.interfaces, Auto.DHCP), -Errno.EINVAL);
  assert.equal(rig.call.interfaceAuto(-1, Auto.DHCP), -Errno.EINVAL);
  rig.call.initialise();
  assert.equal(rig.call.interfaceAuto(0, Auto.DHCP), -Errno.EAGAIN);
});

dhcpTest("without DHCP the port is an application's", (rig) => {
  const udp = rig.call.bind(17, 0, 68);
  assert.ok(udp > 0);
  const asked = { xid: 1, chaddr: OUR_MAC } as Message;
  rig.inject(answerFrame(answerTo(asked, Type.OFFER)));
  assert.ok(rig.call.receiveSpan(udp) > 240);
  rig.call.close(udp);
  assert.equal(rig.counter(Counter.DROP_DHCP_UNRELATED), 0);
});

dhcpTest("asked for before the link is up: nothing leaves until it is", (rig) => {
  rig.call.interfaceLink(0, 0);
  assert.equal(rig.call.interfaceAuto(0, Auto.DHCP), 0);
  rig.advance(100_000);
  rig.expectNothing("the link is down");
  assert.equal(leaseEvents(rig), 0, "and nobody is said not to answer");
  rig.call.interfaceLink(0, 1);
  rig.pump();
  assert.equal(takeMessage(rig, Type.DISCOVER).secs, 0);
});

/** A lease, and the link down and up again. */
function rebooting(rig: Rig): Message {
  bound(rig);
  rig.call.interfaceLink(0, 0);
  rig.advance(1000);
  rig.call.interfaceLink(0, 1);
  rig.pump();
  const request = takeMessage(rig, Type.REQUEST);
  assert.equal(leaseState(rig), State.REBOOTING);
  return request;
}

dhcpTest("link down and up: the address is asked for again, and in use meanwhile", (rig) => {
  const request = rebooting(rig);
  assert.deepEqual([request.from, request.to], [NOBODY, EVERYBODY]);
  assert.deepEqual([...request.options.keys()], [53, 61, 57, 55, 50]);
  assert.deepEqual([request.options.get(50), request.ciaddr], [GIVEN, NOBODY]);
  assert.ok(request.broadcast);
  assert.ok(isOurs(rig, GIVEN));
  answer(rig, request, Type.ACK, { options: { 54: [192, 0, 2, 9] } });
  assert.equal(leaseState(rig), State.BOUND);
  assert.deepEqual(leaseAddress(rig, "server"), [192, 0, 2, 9]);
  rig.expectNothing("no announcement");
  rig.advance(HOUR / 2 - 1);
  rig.expectNothing("T1 counts from now on");
});

dhcpTest("link up in another network: nak, and an address of that network", (rig) => {
  answer(rig, rebooting(rig), Type.NAK);
  assert.equal(addresses(rig), 0);
  rig.advance(3001);
  answer(rig, takeMessage(rig, Type.DISCOVER), Type.OFFER, { yiaddr: [10, 0, 0, 9] });
  answer(rig, takeMessage(rig, Type.REQUEST), Type.ACK, { yiaddr: [10, 0, 0, 9] });
  assert.ok(isOurs(rig, [10, 0, 0, 9]));
  takeAnnouncements(rig, [10, 0, 0, 9]);
});

dhcpTest(
  "link up, and nobody answers: others are looked for, the old address stays to its end",
  (rig) => {
    rebooting(rig);
    rig.advance(16_000);
    takeMessage(rig, Type.REQUEST);
    takeMessage(rig, Type.DISCOVER);
    assert.equal(leaseState(rig), State.SELECTING);
    rig.advance(HOUR - 1 - rig.now());
    assert.ok(isOurs(rig, GIVEN));
    rig.sent.splice(0);
    rig.advance(1);
    assert.equal(addresses(rig), 0);
    rig.sent.splice(0);
  },
);

dhcpTest("link up, nobody answers, then another server does: the old address makes room", (rig) => {
  rebooting(rig);
  rig.advance(14_001);
  takeMessage(rig, Type.REQUEST);
  const other = { yiaddr: [192, 0, 2, 99], options: { 54: [192, 0, 2, 9] } };
  answer(rig, takeMessage(rig, Type.DISCOVER), Type.OFFER, other);
  const request = takeMessage(rig, Type.REQUEST);
  assert.ok(isOurs(rig, GIVEN));
  answer(rig, request, Type.ACK, other);
  assert.ok(!isOurs(rig, GIVEN));
  assert.ok(isOurs(rig, [192, 0, 2, 99]));
  assert.equal(addresses(rig), 1);
  takeAnnouncements(rig, [192, 0, 2, 99]);
});

dhcpTest("the lease ends while the link is down", (rig) => {
  bound(rig, { 51: word32(100) });
  rig.call.interfaceLink(0, 0);
  rig.advance(100_000);
  assert.equal(addresses(rig), 0);
  rig.expectNothing("the link is down");
  rig.call.interfaceLink(0, 1);
  rig.pump();
  takeMessage(rig, Type.DISCOVER);
});

dhcpTest("an MTU of the lease: while it lasts, and never above the interface's", (rig) => {
  bound(rig, { 26: word16(1000) });
  assert.deepEqual([lease(rig, "mtu"), lease(rig, "linkMtu")], [1000, 1500]);
  rig.putAddress([192, 0, 2, 10]);
  const connection = rig.call.connect(4, 80, 0, 0);
  rig.pump();
  const { view } = rig.take("the SYN");
  assert.ok(view.kind === "tcp" && view.mss === 960);
  rig.call.abort(connection);
  rig.advance(HOUR / 2 - rig.now());
  answer(rig, takeMessage(rig, Type.REQUEST), Type.ACK, { options: { 26: word16(1200) } });
  assert.equal(lease(rig, "mtu"), 1200, "more than before");
  rig.advance(HOUR / 2);
  answer(rig, takeMessage(rig, Type.REQUEST), Type.ACK);
  assert.equal(lease(rig, "mtu"), 0, "no more");
  rig.putAddress([192, 0, 2, 10]);
  const wide = rig.call.connect(4, 80, 0, 0);
  rig.pump();
  const again = rig.take("the SYN").view;
  assert.ok(again.kind === "tcp" && again.mss === 1460);
  rig.call.abort(wide);
});

for (const mtu of [0, 68, 575, 1500, 9000, 65535]) {
  dhcpTest(`an MTU of ${mtu} in a lease: not taken`, (rig) => {
    bound(rig, { 26: word16(mtu) });
    assert.equal(lease(rig, "mtu"), 0);
  });
}

dhcpTest("the host sets another MTU while the link is down: the lease leaves it", (rig) => {
  bound(rig, { 26: word16(1000) });
  rig.call.interfaceLink(0, 0);
  rig.putAddress(OUR_MAC);
  assert.ok(rig.call.interfaceConfigure(0, 800) > 0);
  rig.call.interfaceLink(0, 1);
  rig.pump();
  answer(rig, takeMessage(rig, Type.REQUEST), Type.ACK);
  rig.putAddress([192, 0, 2, 10]);
  const connection = rig.call.connect(4, 80, 0, 0);
  rig.pump();
  const { view } = rig.take("the SYN");
  assert.ok(view.kind === "tcp" && view.mss === 760);
  rig.call.abort(connection);
});

dhcpTest("a router that the host named stays when the lease names none", (rig) => {
  rig.putAddress([192, 0, 2, 250]);
  assert.equal(rig.call.interfaceRouter(0, 4), 0);
  bound(rig, { 3: undefined });
  assert.equal(lease(rig, "router"), 0);
  rig.putAddress([198, 51, 100, 7]);
  const far = rig.call.connect(4, 80, 0, 0);
  assert.ok(far > 0);
  rig.pump();
  const { view } = rig.take("the SYN");
  assert.deepEqual(view.toMac, peerMac(250));
  rig.call.abort(far);
});

dhcpTest("two interfaces: a lease each, of their own servers", (rig) => {
  const mac = anotherInterface(rig);
  assert.equal(rig.call.interfaceAuto(1, Auto.DHCP), 0);
  rig.pump();
  const discover = takeMessage(rig, Type.DISCOVER);
  assert.deepEqual([discover.interfaceIndex, discover.chaddr], [1, mac]);
  bound(rig);
  const other = { yiaddr: [10, 0, 0, 9], options: { 54: [10, 0, 0, 1], 3: [10, 0, 0, 1] } };
  // The same answer on the wrong interface is unrelated.
  rig.inject(answerFrame(answerTo(discover, Type.OFFER, other)), 0);
  assert.equal(rig.counter(Counter.DROP_DHCP_UNRELATED), 1);
  answer(rig, discover, Type.OFFER, other);
  answer(rig, takeMessage(rig, Type.REQUEST), Type.ACK, other);
  assert.deepEqual([leaseState(rig, 0), leaseState(rig, 1)], [State.BOUND, State.BOUND]);
  assert.ok(isOurs(rig, GIVEN) && isOurs(rig, [10, 0, 0, 9]));
  takeAnnouncements(rig, [10, 0, 0, 9]);
  rig.call.interfaceAuto(1, 0);
  rig.sent.splice(0);
  rig.advance(10_000);
  assert.ok(isOurs(rig, GIVEN) && !isOurs(rig, [10, 0, 0, 9]));
  rig.sent.splice(0);
});

dhcpTest("without a mask: that of the address's class", (rig) => {
  for (const [yiaddr, mask] of [
    [
      [10, 1, 2, 3],
      [255, 0, 0, 0],
    ],
    [
      [172, 16, 2, 3],
      [255, 255, 0, 0],
    ],
    [
      [192, 168, 2, 3],
      [255, 255, 255, 0],
    ],
  ] as const) {
    const fields = { yiaddr: [...yiaddr], options: { 1: undefined } };
    answer(rig, requested(rig, Auto.DHCP, fields), Type.ACK, fields);
    assert.deepEqual(leaseAddress(rig, "mask"), mask);
    rig.call.interfaceAuto(0, 0);
    rig.advance(10_000);
    rig.sent.splice(0);
  }
});

dhcpTest("the pool of addresses is full: no lease, and tried again", (rig) => {
  const room = rig.core.constant(Constant.ADDRESSES) - 1;
  const request = requested(rig);
  const handles = Array.from({ length: room }, (_, i) => {
    rig.putAddress([10, 9, 9, 1 + i]);
    return rig.call.addressAdd(0, 4, 24, 0);
  });
  answer(rig, request, Type.ACK);
  assert.equal(leaseState(rig), State.INIT);
  for (const handle of handles) assert.equal(rig.call.addressRemove(handle), 0);
  rig.sent.splice(0);
  rig.advance(10_000);
  takeMessage(rig, Type.DISCOVER);
});

dhcpTest("the host's name: one label; in every question", (rig) => {
  const put = (name: string) => {
    rig.core.memory.set(Buffer.from(name, "latin1"), rig.core.constant(Constant.NAME_BUFFER));
    return rig.call.hostName(name.length);
  };
  assert.equal(put("Mote-7"), 0);
  const request = requested(rig);
  assert.equal(Buffer.from(request.options.get(12) ?? []).toString(), "Mote-7");
  const long = "x".repeat(63);
  assert.equal(put(long), 0);
  rig.advance(5000);
  const again = takeMessage(rig, Type.REQUEST);
  assert.equal(Buffer.from(again.options.get(12) ?? []).toString(), long);
  assert.deepEqual(again.options.get(50), GIVEN);
  for (const bad of ["", "-a", "a-", "-", "a.b", "a b", "a_b", "a\0", "\u00e9", "x".repeat(64)]) {
    assert.equal(put(bad), -Errno.EINVAL, JSON.stringify(bad));
  }
  for (const good of ["a", "7", "A-b", "0-9", "zZ"]) assert.equal(put(good), 0, good);
  rig.sent.splice(0);
});
