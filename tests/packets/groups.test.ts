// Multicast groups and IGMP (RFC 1112, 2236, 3376): what is heard, what routers are told and when.

import assert from "node:assert/strict";
import { Counter, Errno, Pool } from "../../host/core/generated/abi.js";
import { igmpBytes, type IgmpView, ipFrame, PROTOCOL_IGMP } from "./support/frame.js";
import { onAllProfiles, type Rig } from "./support/rig.js";
import { bindTo, datagram, receiveFrom } from "./support/sockets.js";

const GROUP = [239, 1, 2, 3];
const ALL_HOSTS = [224, 0, 0, 1];
const ALL_ROUTERS = [224, 0, 0, 2];
const REPORTS = [224, 0, 0, 22];
const GROUPS = { needs: "sockets" } as const;
const [IS_EXCLUDE, TO_INCLUDE, TO_EXCLUDE] = [2, 3, 4];
const [QUERY, V2_REPORT, V2_LEAVE, V3_REPORT] = [0x11, 0x16, 0x17, 0x22];

const join = (rig: Rig, group: number[], iface = 0) => rig.call.join(iface, rig.putAddress(group));
const leave = (rig: Rig, group: number[], iface = 0) =>
  rig.call.leave(iface, rig.putAddress(group));

function takeReport(rig: Rig): IgmpView {
  const { view } = rig.take("an IGMP message");
  if (view.kind !== "igmp") return rig.fail(`expected IGMP, came ${view.kind}`);
  assert.deepEqual([view.ttl, view.tos], [1, 0xc0]); // RFC 3376 section 4
  const [, a, b, c] = view.destination;
  assert.deepEqual(view.toMac, [1, 0, 0x5e, a! & 127, b, c]);
  return view;
}

/** Version 3: one record. */
function expectRecord(rig: Rig, type: number, group: number[]): void {
  const view = takeReport(rig);
  assert.deepEqual([view.type, view.destination], [V3_REPORT, REPORTS]);
  assert.deepEqual(view.records, [{ type, group }]);
}

const query = (code: number, group: number[], version3: boolean, to = ALL_HOSTS) =>
  ipFrame(254, { protocol: PROTOCOL_IGMP, destination: to, ttl: 1 }, [
    ...igmpBytes(QUERY, code, group, version3),
  ]);

/** Joins, and lets both reports of the change leave. */
function joined(rig: Rig, group: number[]): void {
  assert.equal(join(rig, group), 0);
  rig.pump();
  expectRecord(rig, TO_EXCLUDE, group);
  rig.advance(1000);
  expectRecord(rig, TO_EXCLUDE, group);
}

function left(rig: Rig, group: number[]): void {
  assert.equal(leave(rig, group), 0);
  rig.pump();
  expectRecord(rig, TO_INCLUDE, group);
  rig.advance(1000);
  expectRecord(rig, TO_INCLUDE, group);
}

onAllProfiles("a group is heard while it is joined, and only then", GROUPS, (rig) => {
  const socket = bindTo(rig, 5000);
  const send = () => rig.inject(datagram(10, 7000, 5000, [1], { destination: GROUP }));
  send();
  assert.equal(rig.counter(Counter.DROP_IP_DESTINATION), 1);
  assert.equal(receiveFrom(rig, socket), -Errno.EAGAIN);
  joined(rig, GROUP);
  send();
  assert.deepEqual((receiveFrom(rig, socket) as { data: number[] }).data, [1]);
  left(rig, GROUP);
  send();
  assert.equal(rig.counter(Counter.DROP_IP_DESTINATION), 2);
  rig.call.close(socket);
});

onAllProfiles("224.0.0.1 is always heard, and never reported (RFC 1112)", GROUPS, (rig) => {
  const socket = bindTo(rig, 5000);
  rig.inject(datagram(10, 7000, 5000, [1], { destination: ALL_HOSTS }));
  assert.notEqual(receiveFrom(rig, socket), -Errno.EAGAIN);
  assert.equal(join(rig, ALL_HOSTS), -Errno.EINVAL);
  rig.inject(query(10, [0, 0, 0, 0], true));
  rig.advance(2000);
  rig.expectNothing("no report");
  rig.call.close(socket);
});

onAllProfiles(
  "a group joined twice is left twice; routers hear of the first and the last",
  GROUPS,
  (rig) => {
    joined(rig, GROUP);
    assert.equal(join(rig, GROUP), 0);
    assert.equal(leave(rig, GROUP), 0);
    rig.advance(5000);
    rig.expectNothing("no change");
    left(rig, GROUP);
    assert.equal(rig.used(Pool.GROUP), 0);
    assert.equal(leave(rig, GROUP), -Errno.EADDRNOTAVAIL);
  },
);

onAllProfiles(
  "left before the second report of joining: routers hear of the end",
  GROUPS,
  (rig) => {
    assert.equal(join(rig, GROUP), 0);
    rig.pump();
    expectRecord(rig, TO_EXCLUDE, GROUP);
    left(rig, GROUP);
  },
);

onAllProfiles("a general query: every group, within the time it allows", GROUPS, (rig) => {
  joined(rig, GROUP);
  joined(rig, [239, 1, 2, 4]);
  const before = rig.now();
  rig.inject(query(20, [0, 0, 0, 0], true)); // 2 s
  rig.advance(2000);
  const times = rig.sent.map(({ atMs }) => atMs - before);
  assert.ok(
    times.every((ms) => ms >= 0 && ms <= 2000),
    `${times}`,
  );
  expectRecord(rig, IS_EXCLUDE, GROUP);
  expectRecord(rig, IS_EXCLUDE, [239, 1, 2, 4]);
  rig.advance(20_000);
  rig.expectNothing("one answer a query");
  left(rig, GROUP);
  left(rig, [239, 1, 2, 4]);
});

onAllProfiles(
  "a query's time of 128 and more is a number with an exponent (RFC 3376 4.1.1)",
  GROUPS,
  (rig) => {
    joined(rig, GROUP);
    // 0x9f: (15 | 16) << (1 + 3) tenths: 49.6 s. Some answer in thirty comes after 25.5 s, the most without it.
    let latest = 0;
    for (let i = 0; i < 30; i++) {
      const before = rig.now();
      rig.inject(query(0x9f, [0, 0, 0, 0], true));
      rig.advance(49_600);
      latest = Math.max(latest, rig.sent[0]!.atMs - before);
      expectRecord(rig, IS_EXCLUDE, GROUP);
    }
    assert.ok(latest > 25_500 && latest <= 49_600, `${latest}`);
    left(rig, GROUP);
  },
);

onAllProfiles("a query for one group: only who is in it answers", GROUPS, (rig) => {
  joined(rig, GROUP);
  rig.inject(query(10, [239, 9, 9, 9], true));
  rig.advance(1000);
  rig.expectNothing("not our group");
  rig.inject(query(10, GROUP, true, GROUP));
  rig.advance(1000);
  expectRecord(rig, IS_EXCLUDE, GROUP);
  left(rig, GROUP);
});

onAllProfiles(
  "an older router is spoken to in version 2, until it has been silent for 260 s",
  GROUPS,
  (rig) => {
    joined(rig, GROUP);
    rig.inject(query(10, [0, 0, 0, 0], false));
    rig.advance(1000);
    let view = takeReport(rig);
    assert.deepEqual([view.type, view.group, view.destination], [V2_REPORT, GROUP, GROUP]);
    assert.equal(leave(rig, GROUP), 0);
    rig.pump();
    view = takeReport(rig);
    assert.deepEqual([view.type, view.group, view.destination], [V2_LEAVE, GROUP, ALL_ROUTERS]);
    rig.advance(1000);
    assert.equal(takeReport(rig).type, V2_LEAVE);
    rig.advance(259_000);
    joined(rig, GROUP);
    left(rig, GROUP);
  },
);

onAllProfiles("the link comes up again: its routers hear of every group", GROUPS, (rig) => {
  joined(rig, GROUP);
  rig.call.interfaceLink(0, 0);
  rig.advance(5000);
  rig.call.interfaceLink(0, 1);
  rig.pump();
  expectRecord(rig, TO_EXCLUDE, GROUP);
  rig.advance(1000);
  expectRecord(rig, TO_EXCLUDE, GROUP);
  left(rig, GROUP);
});

onAllProfiles(
  "a report names 0.0.0.0 while the interface has no address (RFC 3376 4.2.13)",
  { ...GROUPS, configured: false },
  (rig) => {
    assert.equal(join(rig, GROUP), 0);
    rig.pump();
    assert.deepEqual(takeReport(rig).source, [0, 0, 0, 0]);
    rig.advance(1000);
    takeReport(rig);
    left(rig, GROUP);
  },
);

onAllProfiles("join and leave: bad arguments, a full pool", GROUPS, (rig) => {
  assert.equal(rig.call.join(0, 16), -Errno.EAFNOSUPPORT);
  assert.equal(rig.call.join(0, 3), -Errno.EINVAL);
  assert.equal(join(rig, [192, 0, 2, 9]), -Errno.EINVAL);
  assert.equal(join(rig, GROUP, 1), -Errno.EINVAL); // not configured
  assert.equal(join(rig, GROUP, -1), -Errno.EINVAL);
  assert.equal(leave(rig, GROUP), -Errno.EADDRNOTAVAIL);
  const groups: number[][] = [];
  for (let i = 0; ; i++) {
    const group = [239, 2, 0, i];
    const result = rig.hold(() => join(rig, group));
    if (result === -Errno.ENOBUFS) break;
    assert.equal(result, 0);
    groups.push(group);
  }
  assert.equal(rig.used(Pool.GROUP), groups.length);
  rig.advance(1000);
  for (const group of groups) assert.equal(leave(rig, group), 0);
  rig.advance(1000);
  assert.equal(rig.used(Pool.GROUP), 0);
  rig.sent.splice(0);
});

onAllProfiles("APP-1 IGMP: zero group, bad times, wrong lengths and checksums", GROUPS, (rig) => {
  joined(rig, GROUP);
  const send = (message: number[]) =>
    rig.inject(ipFrame(254, { protocol: PROTOCOL_IGMP, destination: ALL_HOSTS, ttl: 1 }, message));
  const malformed = () => rig.counter(Counter.DROP_IGMP_MALFORMED);
  send([]);
  send(igmpBytes(QUERY, 10, [0, 0, 0, 0]).slice(0, 7));
  send(igmpBytes(QUERY, 10, [192, 0, 2, 1])); // no group
  send(igmpBytes(QUERY, 10, [0, 0, 0, 0], true).slice(0, 11)); // neither version
  send([...igmpBytes(QUERY, 10, [0, 0, 0, 0]).slice(0, 7), 1]); // checksum
  assert.equal(malformed(), 5);
  send(igmpBytes(V2_REPORT, 0, GROUP)); // another host's
  send(igmpBytes(0x77, 0, GROUP));
  assert.equal(malformed(), 5);
  rig.advance(60_000);
  rig.expectNothing("no answer to any of them");
  send(igmpBytes(QUERY, 0, [0, 0, 0, 0], true)); // no time at all: at once
  rig.advance(0);
  expectRecord(rig, IS_EXCLUDE, GROUP);
  for (let i = 0; i < 100; i++) send(igmpBytes(QUERY, 0, [0, 0, 0, 0], true));
  rig.advance(1000);
  assert.ok(rig.sent.length <= 100); // never more than one for each
  rig.sent.splice(0);
  left(rig, GROUP);
});
