// The flight recorder: the last of what came into a core, kept in memory of a bounded size. It consists of segments; each
// begins with the memory of its moment, so that a replay can begin there, and the oldest goes when there is no room for
// another block.

import type { Core } from "../core/core.js";
import type { Scope } from "./format.js";
import { endOf, pagesOf, startOf } from "./origin.js";
import { tapeOf, type Taker } from "./tape.js";

const MIB = 1024 * 1024;
/** Memory is taken and given back in blocks of this size: more than comes between the ends of two calls at which it is told. */
const BLOCK_BYTES = 256 * 1024;
/** Of all memory: how much a segment has. Three are always there as a whole. */
const SEGMENTS = 4;
/** Rings of all connections would make each snapshot large: what matters is enough. */
const SCOPE: Scope = "in use";

interface Segment {
  readonly startedAtMs: number;
  /** Of the memory of its moment, with which it begins. */
  readonly pageBytes: number;
  /** Of memory and calls. */
  bytes: number;
  /** Where they are: all but the last are full. */
  readonly blocks: Uint8Array[];
}

/** Of what a segment has: from one place to before another. */
function partsOf({ blocks }: Segment, from: number, to: number): Uint8Array[] {
  const parts = blocks.map((block, i) => {
    const before = i * BLOCK_BYTES;
    return block.subarray(Math.max(0, from - before), Math.max(0, to - before));
  });
  return parts.filter(({ length }) => length > 0);
}

/** What a flight recorder has. */
export interface FlightLevels {
  /** Of calls and memory that it holds. */
  readonly bytes: number;
  readonly mostBytes: number;
  /** When the oldest call that it has was made, ms since 1970; null: it has none, the memory of the core had no room. */
  readonly sinceMs: number | null;
  readonly segments: number;
}

export interface Flight {
  readonly levels: FlightLevels;
  /** A recording of all that it has, up to now, in parts that are valid until the next call of the core. Throws ENOBUFS: it has nothing. */
  dump(): Uint8Array[];
}

/** `onTrap` is called when the core has trapped; what dump() gives then ends with the call that did. */
export function createFlight(core: Core, mib: number, onTrap: (() => void) | null): Flight {
  const tape = tapeOf(core);
  const mostBytes = mib * MIB;
  const segmentBytes = mostBytes / SEGMENTS;
  const free: Uint8Array[] = [];
  // One for all, which the system gives page by page: many would make the collector of garbage count them.
  const arena = new Uint8Array(Math.ceil(mostBytes / BLOCK_BYTES) * BLOCK_BYTES);
  let used = 0;
  const segments: Segment[] = [];
  let held = 0;

  /** Of calls that passed while the memory had no room; the next look is after as many as it all may be. */
  let missedBytes = 0;

  const newest = (): Segment | undefined => segments.at(-1);

  function dropOldest(): void {
    const { blocks } = segments.shift()!;
    free.push(...blocks);
    held -= blocks.length * BLOCK_BYTES;
  }

  function beginSegment(): void {
    missedBytes = 0;
    const pages = pagesOf(core, SCOPE);
    const pageBytes = pages.reduce((sum, { length }) => sum + length, 0);
    // With a block for calls.
    const room = (Math.ceil(pageBytes / BLOCK_BYTES) + 1) * BLOCK_BYTES;
    while (segments.length > 0 && held + room > mostBytes) dropOldest();
    if (room > mostBytes) return;
    const segment = { startedAtMs: Date.now(), pageBytes, bytes: 0, blocks: [] };
    segments.push(segment);
    for (const part of pages) append(segment, part);
  }

  /** Room for a block; the segment that is written is the last to go. */
  function takeBlock(): Uint8Array {
    while (segments.length > 1 && held + BLOCK_BYTES > mostBytes) dropOldest();
    held += BLOCK_BYTES;
    // Blocks of segments that went are used again.
    return free.pop() ?? arena.subarray(used, (used += BLOCK_BYTES));
  }

  function append(segment: Segment, bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;) {
      const used = segment.bytes % BLOCK_BYTES;
      if (used === 0) segment.blocks.push(takeBlock());
      const part = bytes.subarray(at, at + BLOCK_BYTES - used);
      segment.blocks.at(-1)!.set(part, used);
      segment.bytes += part.length;
      at += part.length;
    }
  }

  function isFull({ pageBytes, bytes }: Segment): boolean {
    // Alone, and without room for what may come next.
    if (segments.length === 1 && held + BLOCK_BYTES > mostBytes) return true;
    // Where the memory itself is large, calls get as much room as it has, or snapshots would be all there is to do.
    return bytes >= Math.max(segmentBytes, pageBytes + Math.min(pageBytes, segmentBytes));
  }

  const taker: Taker = {
    take(bytes, isWhole) {
      const segment = newest();
      if (segment === undefined) missedBytes += bytes.length;
      else append(segment, bytes);
      // All that is written has happened, and nothing else has.
      if (!isWhole) return;
      if (segment === undefined ? missedBytes >= mostBytes : isFull(segment)) beginSegment();
    },
    trapped: () => onTrap?.(),
  };

  function dump(): Uint8Array[] {
    tape.flush();
    const [oldest] = segments;
    if (oldest === undefined) throw noRoom(mib);
    const { pageBytes, startedAtMs } = oldest;
    const pages = Buffer.concat(partsOf(oldest, 0, pageBytes));
    const parts = [startOf(core, tape.calls, SCOPE, { pages, startedAtMs })];
    for (const segment of segments)
      parts.push(...partsOf(segment, segment.pageBytes, segment.bytes));
    if (!tape.hasTrapped) parts.push(endOf(core, SCOPE));
    return parts;
  }

  beginSegment();
  tape.add(taker);
  core.onEnd.add(end);

  /** What it has stays until nobody knows the stack any more. */
  function end(): void {
    core.onEnd.delete(end);
    tape.remove(taker);
  }

  return {
    get levels() {
      const sinceMs = segments[0]?.startedAtMs ?? null;
      return { bytes: held, mostBytes, sinceMs, segments: segments.length };
    },
    dump,
  };
}

function noRoom(mib: number): Error {
  const text =
    `recording ENOBUFS: the flight recorder has ${mib} MiB, and what the core's connections hold at a time is more; ` +
    "a larger one keeps it: record: { flight }, or mote serve --flight";
  return Object.assign(new Error(text), { code: "ENOBUFS", syscall: "record" });
}
