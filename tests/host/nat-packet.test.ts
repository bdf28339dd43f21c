// Packets as the NAT changes and answers them: checksums against ones that are added up anew.

import assert from "node:assert/strict";
import { test } from "node:test";
import { seededRandom } from "../../host/link/random.js";
import {
  emptyPacket,
  readPacket,
  refusalOf,
  resetFor,
  rewrite,
  TCP,
  UDP,
  unreachableFor,
  type Packet,
} from "../../host/link/nat/packet.js";

function sumOf(bytes: Uint8Array, start = 0): number {
  let sum = start;
  for (let at = 0; at < bytes.length; at += 2) sum += bytes[at]! * 256 + (bytes[at + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return sum;
}

/** Both checksums are right: what they cover adds up to all ones. */
function assertChecksums(frame: Uint8Array): void {
  const ip = Buffer.from(frame.subarray(14));
  const headerBytes = (ip[0]! & 15) * 4;
  assert.equal(sumOf(ip.subarray(0, headerBytes)), 0xffff, "IPv4");
  const payload = ip.subarray(headerBytes, ip.readUInt16BE(2));
  const protocol = ip[9]!;
  if (protocol === UDP && payload.readUInt16BE(6) === 0) return;
  const pseudo = protocol === 1 ? 0 : sumOf(ip.subarray(12, 20), protocol + payload.length);
  assert.equal(sumOf(payload, pseudo), 0xffff, `protocol ${protocol}`);
}

interface Shape {
  protocol: number;
  bytes: number;
  options?: number;
  flags?: number;
  withoutChecksum?: boolean;
}

const random = seededRandom(7);
const byte = () => Math.floor(random() * 256);

/** A frame with random addresses, ports and data, and right checksums. */
function frameOf({ protocol, bytes, options = 0, flags = 0x10, withoutChecksum }: Shape): Buffer {
  const header = 20 + options;
  const transport = protocol === TCP ? 20 : 8;
  const frame = Buffer.from(Uint8Array.from({ length: 14 + header + transport + bytes }, byte));
  frame.writeUInt16BE(0x0800, 12);
  const ip = frame.subarray(14);
  ip[0] = 0x40 | (header / 4);
  ip.writeUInt16BE(ip.length, 2);
  ip.writeUInt16BE(0x4000, 6);
  ip[9] = protocol;
  ip.writeUInt16BE(0, 10);
  ip.writeUInt16BE(~sumOf(ip.subarray(0, header)) & 0xffff, 10);
  const segment = ip.subarray(header);
  const at = protocol === TCP ? 16 : 6;
  if (protocol === TCP) {
    segment[12] = 0x50;
    segment[13] = flags;
  } else segment.writeUInt16BE(segment.length, 4);
  segment.writeUInt16BE(0, at);
  if (withoutChecksum) return frame;
  const pseudo = sumOf(ip.subarray(12, 20), protocol + segment.length);
  segment.writeUInt16BE(~sumOf(segment, pseudo) & 0xffff || 0xffff, at);
  return frame;
}

function read(frame: Uint8Array): Packet {
  const packet = emptyPacket();
  assert.equal(readPacket(frame, frame.length, packet), true);
  return packet;
}

const change = () => ({
  source: Math.floor(random() * 2 ** 32),
  destination: Math.floor(random() * 2 ** 32),
  sourcePort: Math.floor(random() * 65536),
  destinationPort: Math.floor(random() * 65536),
});

for (const [name, protocol] of [
  ["TCP", TCP],
  ["UDP", UDP],
] as const) {
  test(`${name}: addresses and ports changed, checksums stay right, and back again`, () => {
    for (let round = 0; round < 500; round++) {
      const frame = frameOf({ protocol, bytes: round % 50, options: (round % 3) * 4 });
      assertChecksums(frame);
      const before = Buffer.from(frame);
      const packet = { ...read(frame) };
      const to = change();
      rewrite(frame, packet, to);
      assertChecksums(frame);
      const after = read(frame);
      for (const part of ["source", "destination", "sourcePort", "destinationPort"] as const) {
        assert.equal(after[part], to[part], part);
      }
      rewrite(frame, after, packet);
      assert.deepEqual(frame, before);
    }
  });
}

test("UDP without a checksum stays without", () => {
  const frame = frameOf({ protocol: UDP, bytes: 9, withoutChecksum: true });
  rewrite(frame, read(frame), change());
  assert.equal(frame.readUInt16BE(14 + 20 + 6), 0);
  assertChecksums(frame);
});

test("later fragments: addresses alone", () => {
  const frame = frameOf({ protocol: UDP, bytes: 40 });
  frame.writeUInt16BE(0x00b9, 20);
  const packet = read(frame);
  assert.deepEqual([packet.isFragment, packet.first, packet.sourcePort], [true, false, 0]);
  const data = Buffer.from(frame.subarray(34));
  rewrite(frame, packet, change());
  assert.deepEqual(frame.subarray(34), data);
});

test("a RST for a segment with ACK, for a SYN, and for what is longer (RFC 9293 3.5.2)", () => {
  for (const { flags, bytes, adds } of [
    { flags: 0x10, bytes: 5, adds: 0 },
    { flags: 0x02, bytes: 0, adds: 1 },
    { flags: 0x01, bytes: 100, adds: 101 },
  ]) {
    const frame = frameOf({ protocol: TCP, bytes, flags });
    const segment = frame.subarray(34);
    const answer = Buffer.from(resetFor(frame, read(frame)));
    assertChecksums(answer);
    const [to, back] = [read(frame), read(answer)];
    assert.deepEqual(
      [back.source, back.destination, back.sourcePort, back.destinationPort],
      [to.destination, to.source, to.destinationPort, to.sourcePort],
    );
    assert.deepEqual(answer.subarray(0, 6), frame.subarray(6, 12));
    const reset = answer.subarray(34);
    if (flags === 0x10) {
      assert.equal(reset[13], 0x04);
      assert.equal(reset.readUInt32BE(4), segment.readUInt32BE(8));
    } else {
      assert.equal(reset[13], 0x14);
      assert.equal(reset.readUInt32BE(4), 0);
      assert.equal(reset.readUInt32BE(8), (segment.readUInt32BE(4) + adds) >>> 0);
    }
  }
});

test("ICMP errors quote the packet they are about", () => {
  const frame = frameOf({ protocol: UDP, bytes: 100, options: 8 });
  const answer = Buffer.from(unreachableFor(frame, read(frame), 0xc6120001, 13));
  assertChecksums(answer);
  assert.deepEqual([...answer.subarray(34, 36)], [3, 13]);
  assert.deepEqual(answer.subarray(42), frame.subarray(14, 14 + 28 + 8));

  const datagram = change();
  const stations = { from: Uint8Array.of(2, 0, 0, 0, 0, 1), to: Uint8Array.of(2, 0, 0, 0, 0, 2) };
  const late = Buffer.from(refusalOf(stations, datagram));
  assertChecksums(late);
  assert.deepEqual([...late.subarray(0, 12)], [...stations.to, ...stations.from]);
  const quoted = Buffer.concat([late.subarray(0, 14), late.subarray(42)]);
  const { source, destination, sourcePort, destinationPort } = read(quoted);
  assert.deepEqual({ source, destination, sourcePort, destinationPort }, datagram);
});

test("what is no whole IPv4 packet is not read", () => {
  const whole = frameOf({ protocol: TCP, bytes: 10 });
  for (let length = 0; length < whole.length; length++) {
    assert.equal(readPacket(whole, length, emptyPacket()), false, `${length} bytes`);
  }
  const cases: ((frame: Buffer) => void)[] = [
    (frame) => frame.writeUInt16BE(0x0806, 12),
    (frame) => (frame[14] = 0x65),
    (frame) => (frame[14] = 0x44),
    (frame) => frame.writeUInt16BE(19, 16),
    (frame) => frame.writeUInt16BE(39, 16),
  ];
  for (const spoil of cases) {
    const frame = frameOf({ protocol: TCP, bytes: 10 });
    spoil(frame);
    assert.equal(readPacket(frame, frame.length, emptyPacket()), false);
  }
});
