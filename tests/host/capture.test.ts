// tee() and the pcapng writer: the blocks of a capture, read back by hand.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { createVirtualClock } from "../../host/link/clock.js";
import { MemoryLink } from "../../host/link/memory.js";
import { createPcapngWriter } from "../../host/link/pcapng.js";
import { createPcapngFile } from "../../host/link/pcapngFile.js";
import { tee } from "../../host/link/tee.js";

interface Block {
  type: number;
  body: Buffer;
}

/** Splits a capture into blocks; each must carry its length at both ends. */
function blocksOf(file: Buffer): Block[] {
  const blocks = [];
  for (let at = 0; at < file.length;) {
    const total = file.readUInt32LE(at + 4);
    assert.equal(total % 4, 0);
    assert.equal(file.readUInt32LE(at + total - 4), total);
    blocks.push({
      type: file.readUInt32LE(at),
      body: file.subarray(at + 8, at + total - 4),
    });
    at += total;
  }
  return blocks;
}

function optionsOf(bytes: Buffer): Map<number, Buffer> {
  const options = new Map<number, Buffer>();
  for (let at = 0; ;) {
    const [code, length] = [bytes.readUInt16LE(at), bytes.readUInt16LE(at + 2)];
    if (code === 0) return options;
    options.set(code, bytes.subarray(at + 4, at + 4 + length));
    at += 4 + ((length + 3) & ~3);
  }
}

function packetOf({ type, body }: Block) {
  assert.equal(type, 6);
  const length = body.readUInt32LE(12);
  assert.equal(body.readUInt32LE(16), length);
  return {
    interface: body.readUInt32LE(0),
    timeUs: body.readUInt32LE(4) * 2 ** 32 + body.readUInt32LE(8),
    bytes: body.subarray(20, 20 + length),
    flags: optionsOf(body.subarray(20 + ((length + 3) & ~3)))
      .get(2)!
      .readUInt32LE(),
  };
}

function capture() {
  const chunks: Buffer[] = [];
  const writer = createPcapngWriter((bytes) => chunks.push(Buffer.from(bytes)), {
    interfaceName: "mote7",
  });
  return { writer, chunks, bytes: () => Buffer.concat(chunks) };
}

test("a capture begins with its section and one Ethernet interface", () => {
  const { writer, bytes } = capture();
  writer.close();
  const [section, description, ...rest] = blocksOf(bytes());
  assert.equal(rest.length, 0);
  assert.equal(section!.type, 0x0a0d0d0a);
  assert.equal(section!.body.readUInt32LE(0), 0x1a2b3c4d);
  assert.deepEqual([section!.body.readUInt16LE(4), section!.body.readUInt16LE(6)], [1, 0]);
  assert.equal(section!.body.readBigInt64LE(8), -1n);
  assert.equal(description!.type, 1);
  assert.equal(description!.body.readUInt16LE(0), 1, "LINKTYPE_ETHERNET");
  const options = optionsOf(description!.body.subarray(8));
  assert.equal(options.get(2)!.toString(), "mote7");
  assert.deepEqual([...options.get(9)!], [6], "microseconds");
});

test("frames keep bytes, time and direction, whatever their length", () => {
  const { writer, bytes } = capture();
  const timeUs = 1_763_700_000_123_456;
  for (let length = 60; length < 64; length++) {
    writer.frame(Buffer.alloc(length, length), length % 2 ? "tx" : "rx", timeUs + length);
  }
  writer.close();
  const packets = blocksOf(bytes()).slice(2).map(packetOf);
  packets.forEach((packet, index) => {
    const length = 60 + index;
    assert.deepEqual(packet.bytes, Buffer.alloc(length, length));
    assert.equal(packet.timeUs, timeUs + length);
    assert.equal(packet.flags, length % 2 ? 2 : 1);
    assert.equal(packet.interface, 0);
  });
  assert.equal(packets.length, 4);
});

test("a long capture leaves in large writes and loses nothing", () => {
  const { writer, chunks, bytes } = capture();
  for (let i = 0; i < 1000; i++) writer.frame(Buffer.alloc(1514, i), "rx", i);
  writer.close();
  assert.ok(chunks.length < 10, `${chunks.length} writes`);
  const packets = blocksOf(bytes()).slice(2).map(packetOf);
  assert.deepEqual(
    packets.map(({ timeUs }) => timeUs),
    Array.from({ length: 1000 }, (_, i) => i),
  );
});

test("tee records both directions once, and closes the capture with the link", () => {
  const { writer, bytes } = capture();
  const clock = createVirtualClock(5);
  const [a, b] = MemoryLink.pair({ capacity: 1 });
  const link = tee(a, writer, { clock });
  link.write(Buffer.alloc(60, 1));
  assert.equal(link.write(Buffer.alloc(60, 2)), false, "a refused frame is not recorded");
  clock.advance(2);
  b.write(Buffer.alloc(70, 3));
  const into = Buffer.alloc(1514);
  assert.equal(link.read(into), 70);
  assert.equal(link.read(into), 0);
  link.close();
  const packets = blocksOf(bytes()).slice(2).map(packetOf);
  assert.deepEqual(
    packets.map(({ bytes: frame, flags, timeUs }) => [frame.length, frame[0], flags, timeUs]),
    [
      [60, 1, 2, 5000],
      [70, 3, 1, 7000],
    ],
  );
});

test("tee writes out the last frame of an exchange within a second of silence", () => {
  const { writer, bytes } = capture();
  const clock = createVirtualClock(5);
  const [a] = MemoryLink.pair();
  const link = tee(a, writer, { clock });
  link.write(Buffer.alloc(60, 1));
  clock.advance(999);
  assert.equal(bytes().length, 0);
  link.write(Buffer.alloc(60, 2));
  clock.advance(1);
  assert.equal(blocksOf(bytes()).length, 4);
  clock.advance(2000);
  link.write(Buffer.alloc(60, 3));
  clock.advance(1000);
  assert.equal(blocksOf(bytes()).length, 5);
  link.close();
});

test("tee passes handlers on to the link", () => {
  const [a, b] = MemoryLink.pair();
  const link = tee(a, capture().writer);
  let readable = 0;
  link.onReadable = () => readable++;
  b.write(Buffer.alloc(60));
  assert.equal(readable, 1);
  link.close();
});

test("a file holds the whole capture once it is closed", () => {
  const folder = mkdtempSync(join(tmpdir(), "mote-capture-"));
  try {
    const path = join(folder, "frames.pcapng");
    const writer = createPcapngFile(path);
    writer.frame(Buffer.alloc(60, 9), "tx", 1);
    writer.close();
    writer.close();
    const blocks = blocksOf(readFileSync(path));
    assert.deepEqual(
      blocks.map(({ type }) => type),
      [0x0a0d0d0a, 1, 6],
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});
