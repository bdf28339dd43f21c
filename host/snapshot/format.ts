// A snapshot as bytes. Whoever reads it learns first whether it is one, then its version, whether all of it is
// there, and whether it is as it was written; what is inside is looked at last.
//
//   8 bytes  magic
//   u32      format version
//   u32      bytes of the whole
//   u32      bytes of the head
//   head     JSON in UTF-8: SnapshotHead
//   memory   pages (pages.ts), deflated
//   32 bytes SHA-256 of all that stands before                              all numbers little-endian

import { createHash } from "node:crypto";
import { deflateSync, inflateSync } from "node:zlib";
import type { SavedHost } from "../core/saved.js";
import { snapshotError } from "./errors.js";
import { mostPacked } from "./pages.js";

/** Raised when a snapshot of before can no longer be read, or one of now not by the reader of before. */
export const FORMAT_VERSION = 1;

/** As PNG has it: not text, and broken by whatever changes the ends of lines. */
const MAGIC = Buffer.from("\x89MoteS\r\n", "latin1");
const FIXED_BYTES = MAGIC.length + 12;
const DIGEST_BYTES = 32;
/** Rings hold what programs send, and a second look saves little of it. */
const LEVEL = 1;

export interface SnapshotHead {
  /** Version of the package that wrote it. */
  readonly version: string;
  readonly profile: string;
  /** null: its module was given by the option wasm. */
  readonly variant: string | null;
  /** SHA-256 of the module, in hex. */
  readonly module: string;
  /** Bytes of memory that the core of this build touches. */
  readonly memoryBytes: number;
  /** ms since 1970, by the machine. */
  readonly takenAtMs: number;
  /** What the core was told last, ms of the stack's clock. */
  readonly toldMs: number;
  readonly host: SavedHost;
}

export interface Snapshot {
  readonly head: SnapshotHead;
  /** As packPages() makes it. */
  readonly pages: Buffer;
}

const sha256 = (...parts: readonly Uint8Array[]): Buffer => {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest();
};

export function encodeSnapshot({ head, pages }: Snapshot): Buffer {
  const text = Buffer.from(JSON.stringify(head, bytesToText));
  const memory = deflateSync(pages, { level: LEVEL });
  const fixed = Buffer.alloc(FIXED_BYTES);
  MAGIC.copy(fixed);
  fixed.writeUInt32LE(FORMAT_VERSION, MAGIC.length);
  fixed.writeUInt32LE(FIXED_BYTES + text.length + memory.length + DIGEST_BYTES, MAGIC.length + 4);
  fixed.writeUInt32LE(text.length, MAGIC.length + 8);
  return Buffer.concat([fixed, text, memory, sha256(fixed, text, memory)]);
}

/** Checks it from outside to inside; the memory is taken out by decodePages(). */
export function decodeHead(bytes: Buffer): SnapshotHead {
  checkWhole(bytes);
  return parseHead(bytes.subarray(FIXED_BYTES, memoryAt(bytes)));
}

/** Of bytes that decodeHead() has taken. */
export function decodePages(bytes: Buffer, memoryBytes: number): Buffer {
  const deflated = bytes.subarray(memoryAt(bytes), bytes.length - DIGEST_BYTES);
  try {
    return inflateSync(deflated, { maxOutputLength: mostPacked(memoryBytes) });
  } catch (cause) {
    throw snapshotError("ERR_SNAPSHOT_CORRUPT", "its memory cannot be inflated", cause);
  }
}

const memoryAt = (bytes: Buffer) => FIXED_BYTES + bytes.readUInt32LE(MAGIC.length + 8);

function checkWhole(bytes: Buffer): void {
  if (!bytes.subarray(0, MAGIC.length).equals(MAGIC)) {
    const isBeginning = bytes.length < MAGIC.length && MAGIC.indexOf(bytes) === 0;
    if (isBeginning) throw truncated(bytes.length);
    throw snapshotError("ERR_SNAPSHOT_FOREIGN", "this is no snapshot of a MoteTCP stack");
  }
  if (bytes.length < FIXED_BYTES) throw truncated(bytes.length);
  const version = bytes.readUInt32LE(MAGIC.length);
  if (version !== FORMAT_VERSION) {
    const text = `it has format version ${version}, and this package reads version ${FORMAT_VERSION}; restore it with the package that wrote it`;
    throw snapshotError("ERR_SNAPSHOT_VERSION", text);
  }
  const whole = bytes.readUInt32LE(MAGIC.length + 4);
  if (bytes.length < whole) throw truncated(bytes.length, whole);
  const content = bytes.subarray(0, bytes.length - DIGEST_BYTES);
  const digest = bytes.subarray(bytes.length - DIGEST_BYTES);
  const fits = bytes.length === whole && memoryAt(bytes) <= content.length;
  if (!fits || !sha256(content).equals(digest)) {
    throw snapshotError("ERR_SNAPSHOT_CORRUPT", "it was changed after it was written");
  }
}

function truncated(length: number, whole?: number): Error {
  const all = whole === undefined ? "" : ` of ${whole}`;
  const text = `it ends after ${length}${all} bytes: it was not written or copied to its end`;
  return snapshotError("ERR_SNAPSHOT_TRUNCATED", text);
}

function parseHead(text: Buffer): SnapshotHead {
  let head: unknown;
  try {
    head = JSON.parse(text.toString("utf8"), textToBytes);
  } catch (cause) {
    throw strangeHead(cause);
  }
  if (!isHead(head)) throw strangeHead();
  return head;
}

const strangeHead = (cause?: unknown): Error =>
  snapshotError("ERR_SNAPSHOT_CORRUPT", "its head is not what this version writes", cause);

const WORDS = ["version", "profile", "module"] as const;
const NUMBERS = ["memoryBytes", "takenAtMs", "toldMs"] as const;
const LISTS = ["interfaces", "listeners", "connections", "sockets"] as const;
const OBJECTS = ["names", "timeOfDay", "trace"] as const;

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null;

/** Only a program that makes its own has one whose digest fits, and a head that does not. */
function isHead(head: unknown): head is SnapshotHead {
  if (!isObject(head) || !isObject(head["host"])) return false;
  const { host } = head;
  return (
    WORDS.every((name) => typeof head[name] === "string") &&
    NUMBERS.every((name) => Number.isFinite(head[name])) &&
    LISTS.every((name) => Array.isArray(host[name])) &&
    OBJECTS.every((name) => isObject(host[name]))
  );
}

// The one field with bytes: a frame.

const FRAME_FIELD = "refused";

const bytesToText = (key: string, value: unknown): unknown =>
  key === FRAME_FIELD && value !== null
    ? Buffer.from(value as Uint8Array).toString("base64")
    : value;

const textToBytes = (key: string, value: unknown): unknown =>
  key === FRAME_FIELD && value !== null ? Buffer.from(value as string, "base64") : value;
