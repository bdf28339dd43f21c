// Reads captures: pcap and pcapng (IETF drafts draft-ietf-opsawg-pcap and -pcapng), in both byte orders, with
// times in micro- or nanoseconds. Input: the bytes of a file; output: its frames, one after another. Every
// length is checked before it is used: a file that is cut off, or no capture, is an error that names the
// place. Uses nothing of Node.

import {
  BLOCK_BYTES,
  BYTE_ORDER_MAGIC,
  DIRECTION_BITS,
  ENHANCED_PACKET,
  FLAG_INBOUND,
  FLAG_OUTBOUND,
  INTERFACE_DESCRIPTION,
  LINKTYPE_ETHERNET,
  OPTION_END,
  OPTION_EPB_FLAGS,
  OPTION_IF_TSOFFSET,
  OPTION_IF_TSRESOL,
  padded,
  SECTION_HEADER,
  SIMPLE_PACKET,
} from "./captureFormat.js";
import type { Direction } from "./pcapng.js";

/** One frame of a capture. */
export interface CapturedFrame {
  /** Microseconds since 1970, with a fraction where the file has finer times. */
  readonly timeUs: number;
  /** A view of the file's bytes. */
  readonly bytes: Uint8Array;
  /** On the wire. More than `bytes` holds: the capture kept only the beginning. */
  readonly length: number;
  /** As pcapng may say: rx was inbound; null: it does not say. */
  readonly direction: Direction | null;
}

/** What is wrong with a capture. */
export interface CaptureError extends Error {
  /** EFTYPE (no capture, or one that is not read), or ETRUNCATED (it ends too early). */
  code: string;
  /** Bytes from the beginning of the file. */
  offset: number;
}

const PCAP_HEADER_BYTES = 24;
const RECORD_HEADER_BYTES = 16;
/** More than any program captures of a packet. */
const MOST_FRAME_BYTES = 262_144;
const MOST_BLOCK_BYTES = 16 * 1024 * 1024;
const MOST_INTERFACES = 1024;

/** Deprecated by the draft, and still written. */
const OLD_PACKET = 2;

const LINK_TYPES: Readonly<Record<number, string>> = {
  0: "BSD loopback",
  9: "PPP",
  101: "raw IP",
  105: "IEEE 802.11",
  108: "OpenBSD loopback",
  113: "Linux cooked",
  127: "IEEE 802.11 with radiotap",
  189: "USB",
  228: "raw IPv4",
  229: "raw IPv6",
  276: "Linux cooked, version 2",
};

/** The first four bytes of pcap, as a number of the file's own byte order: ticks of a second. */
const PCAP_TICKS: ReadonlyMap<number, number> = new Map([
  [0xa1b2c3d4, 1e6],
  [0xa1b23c4d, 1e9],
]);

/** The frames of a capture in the order of the file. Throws a CaptureError where it cannot go on. */
export function* readCapture(file: Uint8Array): Generator<CapturedFrame, void, undefined> {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  if (file.length < 4) throw truncated(0, "a capture has at least 24 bytes", file.length);
  if (view.getUint32(0) === SECTION_HEADER) return yield* readPcapng(view);
  for (const little of [true, false]) {
    const ticks = PCAP_TICKS.get(view.getUint32(0, little));
    if (ticks !== undefined) return yield* readPcap(view, little, ticks);
  }
  throw foreign(0, whatItIs(view.getUint32(0)));
}

function* readPcap(view: DataView, little: boolean, ticks: number): Generator<CapturedFrame> {
  need(view, 0, PCAP_HEADER_BYTES, "the header of a pcap file");
  const major = view.getUint16(4, little);
  if (major !== 2) throw foreign(4, `pcap version ${major}, and only 2 is known`);
  // The upper bits tell of checksums behind the frames, which no stack minds.
  checkLinkType(20, view.getUint32(20, little) & 0xffff);
  for (let at = PCAP_HEADER_BYTES; at < view.byteLength;) {
    need(view, at, RECORD_HEADER_BYTES, "the header of a frame");
    const seconds = view.getUint32(at, little);
    const fraction = view.getUint32(at + 4, little);
    const length = view.getUint32(at + 8, little);
    const timeUs = seconds * 1e6 + (fraction * 1e6) / ticks;
    yield frameAt(view, at + RECORD_HEADER_BYTES, timeUs, length, view.getUint32(at + 12, little));
    at += RECORD_HEADER_BYTES + length;
  }
}

/** What a section says of an interface. */
interface Interface {
  /** Where its block begins. */
  readonly at: number;
  readonly linkType: number;
  /** Bytes kept of a frame; Infinity: all. */
  readonly snapBytes: number;
  readonly ticks: number;
  readonly offsetSeconds: number;
}

function* readPcapng(view: DataView): Generator<CapturedFrame> {
  let little = true;
  let interfaces: Interface[] = [];
  let lastUs = 0;
  for (let at = 0; at < view.byteLength;) {
    need(view, at, BLOCK_BYTES, "a block");
    if (view.getUint32(at) === SECTION_HEADER) {
      little = orderOf(view, at);
      interfaces = [];
    }
    const block = blockAt(view, at, little);
    at = block.end;
    if (block.type === INTERFACE_DESCRIPTION) {
      if (interfaces.length === MOST_INTERFACES) throw foreign(block.at, "too many interfaces");
      interfaces.push(interfaceIn(block));
      continue;
    }
    const frame = frameIn(block, interfaces, lastUs);
    if (frame === null) continue;
    lastUs = frame.timeUs;
    yield frame;
  }
}

interface Block {
  readonly view: DataView;
  readonly little: boolean;
  readonly type: number;
  readonly at: number;
  /** Of what is in it. */
  readonly body: number;
  readonly bodyEnd: number;
  readonly end: number;
}

function orderOf(view: DataView, at: number): boolean {
  for (const little of [true, false]) {
    if (view.getUint32(at + 8, little) === BYTE_ORDER_MAGIC) return little;
  }
  throw foreign(at + 8, "a pcapng section without a byte order");
}

function blockAt(view: DataView, at: number, little: boolean): Block {
  const bytes = view.getUint32(at + 4, little);
  if (bytes < BLOCK_BYTES || bytes % 4 !== 0 || bytes > MOST_BLOCK_BYTES) {
    throw foreign(at + 4, `a block of ${bytes} bytes`);
  }
  need(view, at, bytes, "a block");
  const end = at + bytes;
  const again = view.getUint32(end - 4, little);
  if (again !== bytes) {
    throw foreign(end - 4, `a block of ${bytes} bytes that ends with the length ${again}`);
  }
  const type = view.getUint32(at, little);
  return { view, little, type, at, body: at + 8, bodyEnd: end - 4, end };
}

/** The block holds that many bytes from there. */
function within(block: Block, from: number, bytes: number, what: string): void {
  if (from + bytes > block.bodyEnd) {
    throw foreign(from, `${what} of ${bytes} bytes in a block that ends at ${block.bodyEnd}`);
  }
}

function interfaceIn(block: Block): Interface {
  const { view, little, body } = block;
  within(block, body, 8, "an interface");
  const snap = view.getUint32(body + 4, little);
  let ticks = 1e6;
  let offsetSeconds = 0;
  for (let at = body + 8; at + 4 <= block.bodyEnd;) {
    const code = view.getUint16(at, little);
    const length = view.getUint16(at + 2, little);
    if (code === OPTION_END) break;
    within(block, at + 4, length, "an option");
    if (code === OPTION_IF_TSRESOL && length === 1) ticks = ticksOf(view.getUint8(at + 4));
    if (code === OPTION_IF_TSOFFSET && length === 8) {
      offsetSeconds = Number(view.getBigInt64(at + 4, little));
    }
    at += 4 + padded(length);
  }
  return {
    at: block.at,
    linkType: view.getUint16(body, little),
    snapBytes: snap === 0 ? Infinity : snap,
    ticks,
    offsetSeconds,
  };
}

/** A power of ten, or of two where the highest bit is set. */
function ticksOf(resolution: number): number {
  return resolution & 0x80 ? 2 ** (resolution & 0x7f) : 10 ** resolution;
}

/** null: the block has no frame. */
function frameIn(block: Block, interfaces: Interface[], lastUs: number): CapturedFrame | null {
  const { type, view, little, body } = block;
  if (type === SIMPLE_PACKET) {
    within(block, body, 4, "a frame");
    const known = interfaceOf(block, interfaces, 0);
    const length = view.getUint32(body, little);
    const kept = Math.min(length, known.snapBytes);
    within(block, body + 4, kept, "a frame");
    // It has no time of its own.
    return frameAt(view, body + 4, lastUs, kept, length);
  }
  if (type !== ENHANCED_PACKET && type !== OLD_PACKET) return null;
  within(block, body, 20, "a frame");
  const isOld = type === OLD_PACKET;
  const number = isOld ? view.getUint16(body, little) : view.getUint32(body, little);
  const { ticks, offsetSeconds } = interfaceOf(block, interfaces, number);
  const high = view.getUint32(body + 4, little);
  const low = view.getUint32(body + 8, little);
  const kept = view.getUint32(body + 12, little);
  within(block, body + 20, kept, "a frame");
  const timeUs = microsecondsOf(high, low, ticks) + offsetSeconds * 1e6;
  const frame = frameAt(view, body + 20, timeUs, kept, view.getUint32(body + 16, little));
  return { ...frame, direction: directionIn(block, body + 20 + padded(kept)) };
}

/** From the options of a packet, the first of which is at `at`. */
function directionIn({ view, little, bodyEnd }: Block, from: number): Direction | null {
  for (let at = from; at + 4 <= bodyEnd;) {
    const code = view.getUint16(at, little);
    const length = view.getUint16(at + 2, little);
    if (code === OPTION_END || at + 4 + length > bodyEnd) return null;
    if (code === OPTION_EPB_FLAGS && length === 4) {
      const bits = view.getUint32(at + 4, little) & DIRECTION_BITS;
      return bits === FLAG_INBOUND ? "rx" : bits === FLAG_OUTBOUND ? "tx" : null;
    }
    at += 4 + padded(length);
  }
  return null;
}

/** Whole seconds and the rest apart: the number of ticks alone may be more than a double holds. */
function microsecondsOf(high: number, low: number, ticks: number): number {
  if (!Number.isSafeInteger(ticks)) return ((high * 2 ** 32 + low) / ticks) * 1e6;
  const count = (BigInt(high) << 32n) | BigInt(low);
  const perSecond = BigInt(ticks);
  return Number(count / perSecond) * 1e6 + (Number(count % perSecond) * 1e6) / ticks;
}

function interfaceOf(block: Block, interfaces: Interface[], number: number): Interface {
  const known = interfaces[number];
  if (known === undefined) {
    throw foreign(block.at, `a frame of interface ${number}, which no block before it describes`);
  }
  checkLinkType(known.at + 8, known.linkType);
  return known;
}

function frameAt(
  view: DataView,
  at: number,
  timeUs: number,
  kept: number,
  length: number,
): CapturedFrame {
  if (kept > MOST_FRAME_BYTES) throw foreign(at, `a frame of ${kept} bytes`);
  need(view, at, kept, "a frame");
  const bytes = new Uint8Array(view.buffer, view.byteOffset + at, kept);
  return { timeUs, bytes, length, direction: null };
}

function checkLinkType(at: number, type: number): void {
  if (type === LINKTYPE_ETHERNET) return;
  const name = LINK_TYPES[type];
  const found = name === undefined ? `${type}` : `${type} (${name})`;
  throw foreign(at, `link type ${found}, and only Ethernet (1) is read`);
}

function need(view: DataView, at: number, bytes: number, what: string): void {
  if (at + bytes > view.byteLength) {
    throw truncated(at, `${what} takes ${bytes} bytes`, view.byteLength - at);
  }
}

/** Bytes that people take for a capture. */
function whatItIs(first: number): string {
  if (first >>> 16 === 0x1f8b) return "it is compressed by gzip; unpack it first";
  if (first === 0x28b52ffd) return "it is compressed by zstd; unpack it first";
  if (first === 0xa1b2cd34 || first === 0x34cdb2a1) return "a pcap file of Kuznetzov's kind";
  const hex = first.toString(16).padStart(8, "0");
  return `neither pcap nor pcapng: it begins with ${hex.replace(/..(?=.)/g, "$& ")}`;
}

function foreign(offset: number, what: string): CaptureError {
  return captureError("EFTYPE", offset, what);
}

function truncated(offset: number, what: string, left: number): CaptureError {
  return captureError("ETRUNCATED", offset, `${what}, and ${left} are left: the file is cut off`);
}

function captureError(code: string, offset: number, what: string): CaptureError {
  return Object.assign(new Error(`capture, offset ${offset}: ${what}`), { code, offset });
}
