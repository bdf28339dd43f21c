// Captures for tests, byte by byte: pcap and pcapng in both byte orders and several resolutions.

export interface Recorded {
  /** Microseconds since 1970. */
  timeUs: number;
  bytes: Uint8Array;
  /** On the wire, if more than was kept. */
  length?: number;
}

export interface PcapShape {
  little?: boolean;
  nanoseconds?: boolean;
  linkType?: number;
}

/** A frame of so many bytes between two stations. */
export function frameOf(bytes: number, source = "02:00:00:00:00:01", seed = 0): Uint8Array {
  const frame = Uint8Array.from({ length: bytes }, (_, i) => (i + seed) & 255);
  frame.set([0x02, 0, 0, 0, 0, 0x99]);
  frame.set(
    source.split(":").map((part) => parseInt(part, 16)),
    6,
  );
  return frame;
}

type Writer = (value: number) => Buffer;

function numbers(little: boolean): { u16: Writer; u32: Writer } {
  const write = (bytes: number) => (value: number) => {
    const buffer = Buffer.alloc(bytes);
    if (little) buffer.writeUIntLE(value, 0, bytes);
    else buffer.writeUIntBE(value, 0, bytes);
    return buffer;
  };
  return { u16: write(2), u32: write(4) };
}

export function pcapOf(frames: readonly Recorded[], shape: PcapShape = {}): Buffer {
  const { little = true, nanoseconds = false, linkType = 1 } = shape;
  const { u16, u32 } = numbers(little);
  const header = [
    u32(nanoseconds ? 0xa1b23c4d : 0xa1b2c3d4),
    u16(2),
    u16(4),
    u32(0),
    u32(0),
    u32(262_144),
    u32(linkType),
  ];
  const records = frames.flatMap(({ timeUs, bytes, length = bytes.length }) => [
    u32(Math.floor(timeUs / 1e6)),
    u32(Math.round((timeUs % 1e6) * (nanoseconds ? 1000 : 1))),
    u32(bytes.length),
    u32(length),
    bytes,
  ]);
  return Buffer.concat([...header, ...records]);
}

export interface PcapngShape {
  little?: boolean;
  /** Option if_tsresol; without it microseconds. */
  resolution?: number;
  offsetSeconds?: number;
  linkType?: number;
  kind?: "enhanced" | "simple" | "old";
}

/** One section, one interface, a block that nobody knows, and the frames. */
export function pcapngOf(frames: readonly Recorded[], shape: PcapngShape = {}): Buffer {
  const { little = true, resolution, offsetSeconds, linkType = 1, kind = "enhanced" } = shape;
  const { u16, u32 } = numbers(little);
  const ticks = resolution === undefined ? 1e6 : ticksOf(resolution);

  function block(type: number, ...body: Uint8Array[]): Buffer {
    const inside = Buffer.concat(body);
    const padded = Buffer.concat([inside, Buffer.alloc(-inside.length & 3)]);
    const bytes = u32(12 + padded.length);
    return Buffer.concat([u32(type), bytes, padded, bytes]);
  }

  const options = [
    ...(resolution === undefined ? [] : [u16(9), u16(1), Buffer.from([resolution, 0, 0, 0])]),
    ...(offsetSeconds === undefined ? [] : [u16(14), u16(8), wide(offsetSeconds, little)]),
    u16(0),
    u16(0),
  ];
  const packets = frames.map(({ timeUs, bytes, length = bytes.length }) => {
    if (kind === "simple") return block(3, u32(length), bytes);
    const since = BigInt(timeUs) - BigInt(offsetSeconds ?? 0) * 1_000_000n;
    const count = (since * BigInt(ticks)) / 1_000_000n;
    const time = [u32(Number(count >> 32n)), u32(Number(count & 0xffff_ffffn))];
    const sizes = [u32(bytes.length), u32(length)];
    if (kind === "old") return block(2, u16(0), u16(0), ...time, ...sizes, bytes);
    return block(6, u32(0), ...time, ...sizes, bytes);
  });
  return Buffer.concat([
    block(0x0a0d0d0a, u32(0x1a2b3c4d), u16(1), u16(0), u32(0xffffffff), u32(0xffffffff)),
    block(1, u16(linkType), u16(0), u32(0), ...options),
    block(0xbad, Buffer.from("of no concern")),
    ...packets,
  ]);
}

function ticksOf(resolution: number): number {
  return resolution & 0x80 ? 2 ** (resolution & 0x7f) : 10 ** resolution;
}

function wide(value: number, little: boolean): Buffer {
  const buffer = Buffer.alloc(8);
  if (little) buffer.writeBigInt64LE(BigInt(value));
  else buffer.writeBigInt64BE(BigInt(value));
  return buffer;
}
