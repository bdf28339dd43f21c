// The core's memory as pages in runs, those of zeros left out: of the 139 MiB of desktop an idle stack has used one.
//
//   u32 runs | runs x (u32 first page, u32 pages) | the bytes of all runs; little-endian

import { snapshotError } from "./errors.js";

export const PAGE_BYTES = 4096;

/** Bytes from one place to before another. */
export interface ByteRange {
  readonly from: number;
  readonly to: number;
}

interface Run {
  readonly first: number;
  readonly count: number;
}

/** Every page below `bytes` that is not all zeros; `within`: of those that these ranges touch, which are in order. */
export function packPages(
  memory: Uint8Array,
  bytes: number,
  within: readonly ByteRange[] = [{ from: 0, to: bytes }],
): Buffer {
  return Buffer.concat(pageParts(memory, bytes, within));
}

/** The same in parts, which are of `memory` itself. */
export function pageParts(
  memory: Uint8Array,
  bytes: number,
  within: readonly ByteRange[],
): Uint8Array[] {
  const runs = findRuns(memory, bytes, within);
  const head = Buffer.alloc(4 + 8 * runs.length);
  head.writeUInt32LE(runs.length);
  runs.forEach(({ first, count }, i) => {
    head.writeUInt32LE(first, 4 + 8 * i);
    head.writeUInt32LE(count, 8 + 8 * i);
  });
  return [head, ...runs.map((run) => bytesOf(memory, run, bytes))];
}

/** Makes memory what was packed; a page that is zero already is not touched, so that it costs nothing. */
export function unpackPages(packed: Buffer, memory: Uint8Array, bytes: number): void {
  const runs = readRuns(packed, bytes);
  let at = 4 + 8 * runs.length;
  let cleared = 0;
  for (const run of runs) {
    clear(memory, cleared, run.first, bytes);
    const target = bytesOf(memory, run, bytes);
    target.set(packed.subarray(at, at + target.length));
    at += target.length;
    cleared = run.first + run.count;
  }
  clear(memory, cleared, Math.ceil(bytes / PAGE_BYTES), bytes);
}

/** The largest that packPages() makes of so much memory. */
export function mostPacked(bytes: number): number {
  return 4 + 8 * (Math.ceil(bytes / PAGE_BYTES / 2) + 1) + bytes;
}

/** Most pages are zeros: behind one, so many are looked at together. */
const STRIDE = 16;
const ZEROS = Buffer.alloc(STRIDE * PAGE_BYTES);

function isZero(memory: Buffer, page: number, bytes: number, count = 1): boolean {
  const from = page * PAGE_BYTES;
  const to = Math.min(from + count * PAGE_BYTES, bytes);
  return memory.compare(ZEROS, 0, to - from, from, to) === 0;
}

const asBuffer = (memory: Uint8Array) =>
  Buffer.from(memory.buffer, memory.byteOffset, memory.byteLength);

function findRuns(memory: Uint8Array, bytes: number, within: readonly ByteRange[]): Run[] {
  const buffer = asBuffer(memory);
  const runs: Run[] = [];
  let next = 0;
  for (const { from, to } of within) {
    const pages = Math.ceil(to / PAGE_BYTES);
    for (let page = Math.max(next, Math.floor(from / PAGE_BYTES)); page < pages;) {
      const first = page;
      while (page < pages && !isZero(buffer, page, bytes)) page++;
      if (page > first) runs.push({ first, count: page - first });
      else page += isZero(buffer, page, bytes, STRIDE) ? STRIDE : 1;
    }
    next = Math.max(next, pages);
  }
  return runs;
}

function bytesOf(memory: Uint8Array, { first, count }: Run, bytes: number): Uint8Array {
  return memory.subarray(first * PAGE_BYTES, Math.min((first + count) * PAGE_BYTES, bytes));
}

function clear(memory: Uint8Array, from: number, to: number, bytes: number): void {
  const buffer = asBuffer(memory);
  for (let page = from; page < to; page++) {
    if (!isZero(buffer, page, bytes)) bytesOf(memory, { first: page, count: 1 }, bytes).fill(0);
  }
}

/** In order, within memory, and with as many bytes as they say. */
function readRuns(packed: Buffer, bytes: number): Run[] {
  const corrupt = (): never => {
    throw snapshotError("ERR_SNAPSHOT_CORRUPT", "its pages do not fit the memory of its build");
  };
  const length = packed.length < 4 ? 0 : packed.readUInt32LE(0);
  if (packed.length < 4 + 8 * length) corrupt();
  const runs = Array.from({ length }, (_, i) => ({
    first: packed.readUInt32LE(4 + 8 * i),
    count: packed.readUInt32LE(8 + 8 * i),
  }));
  const pages = Math.ceil(bytes / PAGE_BYTES);
  let next = 0;
  let sum = 4 + 8 * length;
  for (const { first, count } of runs) {
    if (first < next || count === 0 || first + count > pages) corrupt();
    next = first + count;
    sum += Math.min(next * PAGE_BYTES, bytes) - first * PAGE_BYTES;
  }
  if (sum !== packed.length) corrupt();
  return runs;
}
