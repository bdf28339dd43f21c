// A recording as bytes: which build it is of, then all calls of its core in order, from the first, or from a moment
// whose memory stands before them.
//
//   8 bytes  magic
//   u32      format version
//   u32      bytes of the head
//   head     JSON in UTF-8: RecordingHead
//   memory   where head.snapshot says so: u32 length, pages (snapshot/pages.ts)
//   calls    u8 number in head.calls, from 1; i32 each argument; u32 length and bytes, where it takes some; i32 result
//   end      u8 0, then the SHA-256 of the core's memory                    all numbers little-endian
//
// Version 1 has no head.snapshot, and always begins with the first call.

import { recordingError } from "./errors.js";

/** Raised when a recording of before can no longer be read, or one of now not by the reader of before. */
export const RECORDING_VERSION = 2;

/** Versions that are read. */
const READ: readonly number[] = [1, RECORDING_VERSION];

const MAGIC = Uint8Array.from([0x89, 0x4d, 0x6f, 0x74, 0x65, 0x52, 0x0d, 0x0a]);
export const END = 0;
export const DIGEST_BYTES = 32;

/** What a recording says of itself. */
export interface RecordingHead {
  /** Version of the package that wrote it. */
  readonly version: string;
  /** Profile of the core. */
  readonly profile: string;
  /** null: its module was given by the option wasm. */
  readonly variant: string | null;
  /** SHA-256 of the module, in hex. */
  readonly module: string;
  /** When it began, ms since 1970, by the machine. */
  readonly startedAtMs: number;
  /** Names of the calls, and how many arguments they take: a call's number is its place here, from 1. */
  readonly calls: readonly (readonly [name: string, parameters: number])[];
  /** What memory it begins with: all of it, or all but rings that nobody held. null: it begins with the first call. */
  readonly snapshot: Scope | null;
}

/** Of a memory: all of it, or what matters to what comes next (rings.ts). */
export type Scope = "all" | "in use";

/** All that stands before the calls. */
export function encodeStart(head: RecordingHead, pages: Uint8Array | null): Uint8Array {
  const start = encodeHead(head);
  if (pages === null) return start;
  const bytes = new Uint8Array(start.length + 4 + pages.length);
  bytes.set(start);
  new DataView(bytes.buffer).setUint32(start.length, pages.length, true);
  bytes.set(pages, start.length + 4);
  return bytes;
}

function encodeHead(head: RecordingHead): Uint8Array {
  const text = new TextEncoder().encode(JSON.stringify(head));
  const bytes = new Uint8Array(MAGIC.length + 8 + text.length);
  const words = new DataView(bytes.buffer);
  bytes.set(MAGIC);
  words.setUint32(MAGIC.length, RECORDING_VERSION, true);
  words.setUint32(MAGIC.length + 4, text.length, true);
  bytes.set(text, MAGIC.length + 8);
  return bytes;
}

/** What stands before the calls, and where they begin. */
export interface Start {
  readonly head: RecordingHead;
  /** null: it begins with the first call. */
  readonly pages: Uint8Array | null;
  readonly at: number;
}

/** Throws ERR_RECORDING_FOREIGN, _VERSION, _TRUNCATED, _CORRUPT. */
export function decodeStart(bytes: Uint8Array): Start {
  const fixed = MAGIC.length + 8;
  const isOurs = MAGIC.every((byte, i) => i >= bytes.length || bytes[i] === byte);
  if (!isOurs || bytes.length === 0)
    throw recordingError("ERR_RECORDING_FOREIGN", "this is no recording of a MoteTCP stack");
  if (bytes.length < fixed) throw truncated(bytes.length);
  const words = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const version = words.getUint32(MAGIC.length, true);
  if (!READ.includes(version)) {
    const text = `it has format version ${version}, and this package reads versions ${READ.join(" and ")}; replay it with the package that wrote it`;
    throw recordingError("ERR_RECORDING_VERSION", text);
  }
  const at = fixed + words.getUint32(MAGIC.length + 4, true);
  if (bytes.length < at) throw truncated(bytes.length);
  const head = parseHead(bytes.subarray(fixed, at));
  if (head.snapshot === null) return { head, pages: null, at };
  if (bytes.length < at + 4) throw truncated(bytes.length);
  const end = at + 4 + words.getUint32(at, true);
  if (bytes.length < end) throw truncated(bytes.length);
  return { head, pages: bytes.subarray(at + 4, end), at: end };
}

const truncated = (length: number): Error =>
  recordingError("ERR_RECORDING_TRUNCATED", `it ends after ${length} bytes, before its first call`);

const SCOPES: readonly Scope[] = ["all", "in use"];

function parseHead(text: Uint8Array): RecordingHead {
  try {
    const parsed = JSON.parse(new TextDecoder().decode(text)) as RecordingHead;
    const head = { ...parsed, snapshot: parsed.snapshot ?? null };
    const isWhole =
      typeof head.module === "string" &&
      typeof head.profile === "string" &&
      Array.isArray(head.calls) &&
      head.calls.length < 256 &&
      (head.snapshot === null || SCOPES.includes(head.snapshot)) &&
      head.calls.every(([name, count]) => typeof name === "string" && count >= 0 && count <= 4);
    if (isWhole) return head;
  } catch (cause) {
    throw strangeHead(cause);
  }
  throw strangeHead();
}

const strangeHead = (cause?: unknown): Error =>
  recordingError("ERR_RECORDING_CORRUPT", "its head is not what this version writes", cause);
