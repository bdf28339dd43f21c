// IPv4 fragments (RFC 791, RFC 815, RFC 1122 section 3.3.2): put together in any order, or not at all.

import assert from "node:assert/strict";
import { Constant, Counter, Pool } from "../../host/core/generated/abi.js";
import { ethernetFrame, icmpFrame, OUR_ADDRESS, udpBytes, word16 } from "./support/frame.js";
import { checksum } from "../static/support/frames.js";
import { onAllProfiles, packetTest, type Rig } from "./support/rig.js";
import { guarded } from "./support/threat.js";
import { bindTo, peer, type Received, receiveFrom } from "./support/sockets.js";

const SOCKETS = { needs: "sockets" } as const;

interface Part {
  offset: number;
  data: Uint8Array;
  more: boolean;
}

interface Header {
  id?: number;
  from?: number;
  protocol?: number;
  options?: number[];
}

/** One fragment as a frame. */
function fragment({ offset, data, more }: Part, header: Header = {}): Uint8Array {
  const { id = 1, from = 10, protocol = 17, options = [] } = header;
  const length = 20 + options.length;
  const bytes = [0x40 | (length / 4), 0, ...word16(length + data.length), ...word16(id)];
  bytes.push(...word16((more ? 0x2000 : 0) | (offset >> 3)), 64, protocol, 0, 0);
  bytes.push(...peer(from), ...OUR_ADDRESS, ...options);
  bytes.splice(10, 2, ...word16(checksum(bytes)));
  return ethernetFrame(from, {}, [...bytes, ...data]);
}

/** A datagram to port 5000 with so many bytes of data, cut at these places. */
function cut(length: number, places: number[], from = 10): Part[] {
  const data = Uint8Array.from({ length }, (_, i) => (i * 3 + (i >> 7)) & 255);
  const fields = { sourcePort: 7, destinationPort: 5000, data };
  const whole = udpBytes(fields, peer(from), OUR_ADDRESS);
  const ends = [...places, whole.length];
  return ends.map((end, i) => {
    const offset = i === 0 ? 0 : ends[i - 1]!;
    return { offset, data: whole.subarray(offset, end), more: end < whole.length };
  });
}

const lengthOf = (came: Received | number) => (typeof came === "number" ? came : came.data.length);

function expectWhole(rig: Rig, socket: number, length: number): void {
  const came = receiveFrom(rig, socket);
  assert.equal(lengthOf(came), length);
  const { data } = came as Received;
  assert.ok(data.every((byte, i) => byte === ((i * 3 + (i >> 7)) & 255)));
  assert.equal(rig.used(Pool.ASSEMBLY), 0);
}

/** All orders of the first n numbers. */
function* orders(n: number, taken: number[] = []): Generator<number[]> {
  if (taken.length === n) yield taken;
  for (let i = 0; i < n; i++) if (!taken.includes(i)) yield* orders(n, [...taken, i]);
}

onAllProfiles(
  "fragments in every order: the datagram (IP4-12 last before first)",
  SOCKETS,
  (rig) => {
    const socket = bindTo(rig, 5000);
    let id = 1;
    for (const places of [[8], [8, 16, 24], [400, 800, 1000], [8, 1000, 1008, 1016]]) {
      const parts = cut(1013, places);
      for (const order of orders(parts.length)) {
        id++;
        for (const i of order) rig.inject(fragment(parts[i]!, { id }));
        expectWhole(rig, socket, 1013);
      }
    }
    rig.call.close(socket);
  },
);

onAllProfiles("the largest datagram that a frame buffer holds", SOCKETS, (rig) => {
  const socket = bindTo(rig, 5000);
  const most = Math.min(rig.core.frameBytes - 34, 65_515) - 8;
  const ring = rig.core.constant(Constant.RECEIVE_RING_BYTES);
  assert.ok(most < ring);
  const places = Array.from({ length: Math.floor((most + 8) / 1400) }, (_, i) => (i + 1) * 1400);
  for (const part of cut(most, places)) rig.inject(fragment(part));
  expectWhole(rig, socket, most);
  // A multiple of 8 more does not fit.
  const longer = cut(most + 8, places);
  for (const part of longer) rig.inject(fragment(part, { id: 2 }));
  assert.equal(lengthOf(receiveFrom(rig, socket)) < 0, true);
  assert.equal(rig.counter(Counter.DROP_IP_FRAGMENT), 1);
  rig.advance(60_000);
  rig.call.close(socket);
});

onAllProfiles("datagrams are told apart by source, protocol and identification", SOCKETS, (rig) => {
  const socket = bindTo(rig, 5000);
  const [head, tail] = cut(100, [48]) as [Part, Part];
  rig.inject(fragment(head, { id: 1 }));
  for (const other of [{ id: 2 }, { id: 1, from: 11 }, { id: 1, protocol: 6 }]) {
    rig.inject(fragment(tail, other));
    assert.ok(lengthOf(receiveFrom(rig, socket)) < 0);
    // Two are kept by the smallest pool: the head again.
    rig.inject(fragment(head, { id: 1 }));
  }
  rig.inject(fragment(tail, { id: 1 }));
  assert.equal(lengthOf(receiveFrom(rig, socket)), 100);
  rig.advance(60_000);
  rig.call.close(socket);
});

onAllProfiles("a fragment twice: taken once (IP4-11 duplicate)", SOCKETS, (rig) => {
  const socket = bindTo(rig, 5000);
  const parts = cut(500, [200, 400]);
  for (const i of [0, 0, 2, 2, 0, 1]) rig.inject(fragment(parts[i]!));
  expectWhole(rig, socket, 500);
  rig.call.close(socket);
});

onAllProfiles(
  "IP4-11 a fragment that overlaps another in part ends the datagram",
  SOCKETS,
  (rig) => {
    const socket = bindTo(rig, 5000);
    const bytes = cut(792, [])[0]!.data;
    const part = (offset: number, end: number, more = true) => ({
      offset,
      data: bytes.subarray(offset, end),
      more,
    });
    const cases: Part[][] = [
      [part(0, 400), part(392, 800, false)],
      [part(400, 800, false), part(0, 408)],
      [part(200, 400), part(0, 800)], // around what is there
      [part(0, 400), part(400, 800), part(320, 400, false)], // an end before what is there
      [part(0, 400), part(720, 800, false), part(480, 560, false)], // another end
      [part(800 - 8, 800, false), part(720, 800)], // beyond the end
    ];
    for (const [id, parts] of cases.entries()) {
      rig.changes();
      for (const each of parts) rig.inject(fragment(each, { id: id + 1 }));
      assert.ok(rig.changes()["drop_ip_fragment"] === 1, `case ${id}`);
      assert.ok(lengthOf(receiveFrom(rig, socket)) < 0, `case ${id}`);
    }
    rig.advance(60_000);
    assert.equal(rig.used(Pool.ASSEMBLY), 0);
    rig.call.close(socket);
  },
);

onAllProfiles("IP4-9 the first fragment is shorter than the header behind it", SOCKETS, (rig) => {
  const socket = bindTo(rig, 5000);
  rig.inject(fragment({ offset: 0, data: Uint8Array.of(1, 2, 3, 4), more: true }));
  assert.equal(rig.counter(Counter.DROP_IP_FRAGMENT), 1, "no multiple of 8");
  // A whole that is shorter than UDP's header, and one shorter than TCP's.
  rig.inject(fragment({ offset: 0, data: new Uint8Array(0), more: false }));
  for (const protocol of [6, 17]) {
    const header = { id: protocol, protocol };
    rig.inject(fragment({ offset: 8, data: Uint8Array.of(1), more: false }, header));
    rig.inject(fragment({ offset: 0, data: new Uint8Array(8), more: true }, header));
  }
  rig.expectNothing();
  assert.ok(lengthOf(receiveFrom(rig, socket)) < 0);
  assert.equal(rig.used(Pool.ASSEMBLY), 0);
  rig.call.close(socket);
});

onAllProfiles("IP4-10 offset and length beyond 65,535", SOCKETS, (rig) => {
  guarded(rig, "IP4-10", Counter.DROP_IP_FRAGMENT, () => {
    for (const offset of [65_528, 65_520, 65_512]) {
      rig.inject(fragment({ offset, data: new Uint8Array(16), more: false }));
      rig.inject(fragment({ offset, data: new Uint8Array(16), more: true }));
    }
  });
});

onAllProfiles("IP4-11 a gap: nothing comes of it", SOCKETS, (rig) => {
  const socket = bindTo(rig, 5000);
  const parts = cut(500, [200, 400]);
  rig.inject(fragment(parts[0]!));
  rig.inject(fragment(parts[2]!));
  assert.ok(lengthOf(receiveFrom(rig, socket)) < 0);
  rig.advance(60_000);
  assert.equal(rig.counter(Counter.IP_REASSEMBLY_TIMEOUTS), 1);
  rig.call.close(socket);
});

onAllProfiles("IP4-13 empty fragments", SOCKETS, (rig) => {
  guarded(rig, "IP4-13", Counter.DROP_IP_FRAGMENT, () => {
    for (const offset of [0, 8, 1000]) {
      rig.inject(fragment({ offset, data: new Uint8Array(0), more: true }));
    }
    rig.inject(fragment({ offset: 8, data: new Uint8Array(0), more: false }));
  });
});

onAllProfiles(
  "IP4-14 a flood of first fragments: the oldest make room, the next are whole",
  SOCKETS,
  (rig) => {
    const socket = bindTo(rig, 5000);
    const { capacity } = rig.pool(Pool.ASSEMBLY);
    for (let id = 1; id <= 5 * capacity; id++) {
      rig.inject(fragment({ offset: 0, data: new Uint8Array(8), more: true }, { id, from: 99 }));
      rig.advance(1);
    }
    assert.equal(rig.used(Pool.ASSEMBLY), capacity);
    for (const part of cut(300, [104])) rig.inject(fragment(part, { id: 7 }));
    assert.equal(lengthOf(receiveFrom(rig, socket)), 300);
    rig.advance(60_000);
    assert.equal(rig.used(Pool.ASSEMBLY), 0);
    rig.call.close(socket);
  },
);

onAllProfiles(
  "IP4-15 the time is over: the room is free, what comes late begins anew",
  SOCKETS,
  (rig) => {
    const socket = bindTo(rig, 5000);
    const [head, tail] = cut(100, [48]) as [Part, Part];
    rig.inject(fragment(head));
    rig.advance(59_999);
    assert.equal(rig.used(Pool.ASSEMBLY), 1);
    rig.advance(1);
    assert.equal(rig.used(Pool.ASSEMBLY), 0);
    rig.inject(fragment(tail));
    assert.ok(lengthOf(receiveFrom(rig, socket)) < 0);
    rig.advance(60_000);
    rig.call.close(socket);
  },
);

onAllProfiles("IP4-16 fragments whose headers have different lengths", SOCKETS, (rig) => {
  const socket = bindTo(rig, 5000);
  const NOPS = [1, 1, 1, 1];
  const parts = cut(500, [200, 400]);
  rig.inject(fragment(parts[0]!, { options: [...NOPS, ...NOPS] }));
  rig.inject(fragment(parts[2]!, { options: NOPS }));
  rig.inject(fragment(parts[1]!));
  expectWhole(rig, socket, 500);
  for (const i of [0, 2]) rig.inject(fragment(parts[i]!, { id: 2 }));
  rig.inject(fragment(parts[1]!, { id: 2, options: [...NOPS, ...NOPS, ...NOPS] }));
  expectWhole(rig, socket, 500);
  rig.call.close(socket);
});

packetTest("an echo request in fragments: answered as far as one packet goes", (rig) => {
  const ping = (length: number, id: number) => {
    const whole = icmpFrame(10, { type: 8, data: new Uint8Array(length).fill(7) }).subarray(34);
    const message = whole.subarray(0, 8 + length);
    rig.inject(
      fragment({ offset: 0, data: message.subarray(0, 800), more: true }, { id, protocol: 1 }),
    );
    rig.inject(
      fragment({ offset: 800, data: message.subarray(800), more: false }, { id, protocol: 1 }),
    );
  };
  ping(1472, 1);
  assert.equal(rig.expectIcmp({ type: 0 }).data.length, 1472);
  ping(1473, 2);
  rig.expectNothing();
  assert.equal(rig.counter(Counter.DROP_ICMP_TYPE), 1);
});

packetTest("a datagram in fragments to nobody: port unreachable quotes its beginning", (rig) => {
  for (const part of cut(100, [48])) rig.inject(fragment(part));
  const { data } = rig.expectIcmp({ type: 3, code: 3 });
  assert.deepEqual([...data.subarray(20, 24)], [...word16(7), ...word16(5000)]);
  assert.deepEqual([...data.subarray(6, 8)], [0, 0], "a whole datagram");
});
