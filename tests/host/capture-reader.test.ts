// The reader of captures: every kind of file that it knows, and no file that does it harm.

import assert from "node:assert/strict";
import { test } from "node:test";
import { readCapture, type CaptureError } from "../../host/link/captureReader.js";
import { createPcapngWriter } from "../../host/link/pcapng.js";
import { seededRandom } from "../../host/link/random.js";
import { frameOf, pcapngOf, pcapOf, type Recorded } from "./support/captures.js";

const START_US = 1_700_000_000_123_456;

const recorded: Recorded[] = [
  { timeUs: START_US, bytes: frameOf(60) },
  { timeUs: START_US + 250, bytes: frameOf(61, "02:00:00:00:00:02", 5) },
  { timeUs: START_US + 3_000_000, bytes: frameOf(1514) },
];

/** Everything in it as plain values. */
function framesOf(file: Uint8Array) {
  return [...readCapture(file)].map(({ timeUs, bytes, length }) => {
    return { timeUs, bytes: Buffer.from(bytes), length };
  });
}

function assertRecorded(file: Uint8Array): void {
  const found = framesOf(file);
  assert.equal(found.length, recorded.length);
  found.forEach(({ timeUs, bytes, length }, index) => {
    const wanted = recorded[index]!;
    assert.ok(Math.abs(timeUs - wanted.timeUs) <= 1, `${timeUs} for ${wanted.timeUs}`);
    assert.deepEqual(bytes, Buffer.from(wanted.bytes));
    assert.equal(length, wanted.bytes.length);
  });
}

function errorOf(file: Uint8Array): CaptureError {
  try {
    framesOf(file);
  } catch (error) {
    return error as CaptureError;
  }
  return assert.fail("it was read");
}

for (const little of [true, false]) {
  const order = little ? "little-endian" : "big-endian";
  for (const nanoseconds of [false, true]) {
    test(`pcap, ${order}, ${nanoseconds ? "nanoseconds" : "microseconds"}`, () => {
      assertRecorded(pcapOf(recorded, { little, nanoseconds }));
    });
  }
  // 10^-6 by default, 10^-3 would lose digits: nanoseconds, and 2^-30 of a second.
  for (const resolution of [undefined, 6, 9, 0x80 | 30]) {
    test(`pcapng, ${order}, resolution ${resolution ?? "by default"}`, () => {
      assertRecorded(pcapngOf(recorded, { little, ...(resolution && { resolution }) }));
    });
  }
}

test("pcapng: obsolete packet blocks, and times with an offset", () => {
  assertRecorded(pcapngOf(recorded, { kind: "old" }));
  assertRecorded(pcapngOf(recorded, { offsetSeconds: 1_600_000_000 }));
});

test("pcapng: simple packet blocks have no times", () => {
  const found = framesOf(pcapngOf(recorded, { kind: "simple" }));
  assert.deepEqual(
    found.map(({ timeUs, length }) => [timeUs, length]),
    [60, 61, 1514].map((length) => [0, length]),
  );
});

test("pcapng: a second section, in the other byte order, has interfaces of its own", () => {
  const file = Buffer.concat([
    pcapngOf(recorded.slice(0, 1), { little: true }),
    pcapngOf(recorded.slice(1), { little: false, resolution: 9 }),
  ]);
  assertRecorded(file);
});

test("what tee() writes is read", () => {
  const parts: Buffer[] = [];
  const writer = createPcapngWriter((bytes) => parts.push(Buffer.from(bytes)));
  for (const { bytes, timeUs } of recorded) writer.frame(bytes, "rx", timeUs);
  writer.close();
  assertRecorded(Buffer.concat(parts));
});

test("a view into a larger buffer is read where it lies", () => {
  const file = pcapOf(recorded);
  const larger = Buffer.concat([Buffer.alloc(13, 7), file, Buffer.alloc(9, 7)]);
  assertRecorded(larger.subarray(13, 13 + file.length));
});

test("frames of which only the beginning was kept say so", () => {
  const cut = [{ timeUs: START_US, bytes: frameOf(96), length: 1514 }];
  for (const file of [pcapOf(cut), pcapngOf(cut)]) {
    const [frame] = framesOf(file);
    assert.deepEqual([frame!.bytes.length, frame!.length], [96, 1514]);
  }
});

test("another link type is named, with its place", () => {
  const cases: [Uint8Array, RegExp, number][] = [
    [pcapOf(recorded, { linkType: 113 }), /link type 113 \(Linux cooked\), and only Ethernet/, 20],
    [pcapOf(recorded, { linkType: 101, little: false }), /link type 101 \(raw IP\)/, 20],
    [pcapngOf(recorded, { linkType: 147 }), /link type 147, and only Ethernet/, 36],
  ];
  for (const [file, text, offset] of cases) {
    const error = errorOf(file);
    assert.equal(error.code, "EFTYPE");
    assert.match(error.message, text);
    assert.equal(error.offset, offset);
  }
});

test("what is no capture is named", () => {
  const cases: [string | number[], RegExp][] = [
    ["GET / HTTP/1.1\r\n\r\n", /offset 0: neither pcap nor pcapng: it begins with 47 45 54 20/],
    [[0x1f, 0x8b, 8, 0, 0, 0], /compressed by gzip; unpack it first/],
    [[0x28, 0xb5, 0x2f, 0xfd, 0], /compressed by zstd/],
    [[0x34, 0xcd, 0xb2, 0xa1, 0], /Kuznetzov/],
    [
      [0x0a, 0x0d, 0x0d, 0x0a, ...Array<number>(24).fill(0)],
      /a pcapng section without a byte order/,
    ],
  ];
  for (const [bytes, text] of cases) {
    const error = errorOf(Buffer.from(bytes as string));
    assert.equal(error.code, "EFTYPE");
    assert.match(error.message, text);
  }
  assert.equal(errorOf(Buffer.alloc(0)).code, "ETRUNCATED");
});

test("lengths that lie are named with their place", () => {
  const pcap = pcapOf(recorded);
  pcap.writeUInt32LE(0x7fffffff, 24 + 8);
  assert.match(errorOf(pcap).message, /offset 40: a frame of 2147483647 bytes/);
  const version = pcapOf(recorded);
  version.writeUInt16LE(3, 4);
  assert.match(errorOf(version).message, /offset 4: pcap version 3/);
  const block = pcapngOf(recorded);
  block.writeUInt32LE(13, 28 + 4);
  assert.match(errorOf(block).message, /offset 32: a block of 13 bytes/);
  const trailer = pcapngOf(recorded);
  trailer.writeUInt32LE(32, 24);
  assert.match(
    errorOf(trailer).message,
    /offset 24: a block of 28 bytes that ends with the length 32/,
  );
});

test("a frame of an interface that nobody described is named", () => {
  const file = pcapngOf(recorded);
  // The enhanced packet block behind section (28), interface (24) and unknown block (28).
  file.writeUInt32LE(5, 80 + 8);
  assert.match(errorOf(file).message, /offset 80: a frame of interface 5/);
});

test("cut off anywhere: a clear error or fewer frames, never a crash", () => {
  const some = recorded.slice(0, 2);
  for (const whole of [
    pcapOf(some),
    pcapngOf(some, { resolution: 9 }),
    pcapngOf(some, { little: false }),
  ]) {
    for (let length = 0; length < whole.length; length++) {
      const frames: number[] = [];
      try {
        for (const { bytes } of readCapture(whole.subarray(0, length))) frames.push(bytes.length);
        assert.ok(frames.length < some.length, `all frames in ${length} bytes of ${whole.length}`);
      } catch (error) {
        const { code, offset, message } = error as CaptureError;
        assert.equal(code, "ETRUNCATED", message);
        assert.ok(offset <= length && message.includes(`offset ${offset}:`), message);
      }
      assert.deepEqual(
        frames,
        some.slice(0, frames.length).map(({ bytes }) => bytes.length),
      );
    }
  }
});

test("bytes changed at random: a clear error or frames of bounded size, never a crash", () => {
  const seed = Number(process.env["MOTE_SEED"] ?? 1);
  const random = seededRandom(seed);
  const files = [pcapOf(recorded), pcapngOf(recorded, { resolution: 9, offsetSeconds: 7 })];
  for (let round = 0; round < 4000; round++) {
    const file = Buffer.from(files[round % files.length]!);
    for (let change = 0; change < 1 + random() * 4; change++) {
      // Mostly where the headers are.
      const reach = random() < 0.7 ? 160 : file.length;
      file[Math.floor(random() * reach)] = Math.floor(random() * 256);
    }
    try {
      for (const { bytes, timeUs } of readCapture(file)) {
        assert.ok(bytes.length <= file.length && !Number.isNaN(timeUs), `seed ${seed}`);
      }
    } catch (error) {
      const { code, message } = error as CaptureError;
      assert.match(
        String(code),
        /^(EFTYPE|ETRUNCATED)$/,
        `seed ${seed}, round ${round}: ${message}`,
      );
    }
  }
});
