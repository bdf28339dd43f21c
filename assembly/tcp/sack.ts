// Selective acknowledgment, the receiver's side (RFC 2018, 2883): which blocks the next segment
// reports. Output: what build.ts puts behind the other options.

import { put32 } from "../bytes";
import { SACK } from "../config";
import { smaller } from "../order";
import { putRanges, rangeCount } from "./reassembly";
import { hasOption, hasSack, tcb, TIMESTAMPS } from "./tcb";

// What the current segment brought once more: [duplicateStart, duplicateEnd); scratch of one call.
let duplicateStart: u32 = 0;
let duplicateEnd: u32 = 0;

/** The current segment brought [start, end) once more: the next segment says so. */
export function noteDuplicate(start: u32, end: u32): void {
  if (!hasSack()) return;
  duplicateStart = start;
  duplicateEnd = end;
}

/** It is told by now, or never will be. */
export function forgetDuplicate(): void {
  duplicateEnd = duplicateStart;
}

/** True if there is a duplicate to report. */
export function hasDuplicate(): bool {
  return SACK && duplicateStart != duplicateEnd;
}

/** Blocks of the next segment: what 40 bytes of options have room for. */
export function sackCount(): u32 {
  const room: u32 = hasOption(tcb, TIMESTAMPS) ? 3 : 4;
  return smaller(rangeCount() + u32(hasDuplicate()), room);
}

/** Bytes that they take of a segment. */
export function sackBytes(): u32 {
  const count = hasSack() ? sackCount() : 0;
  return count == 0 ? 0 : 4 + 8 * count;
}

/** Writes the blocks; the duplicate is told once. */
export function putSack(p: usize, count: u32): void {
  if (hasDuplicate()) {
    put32(p, duplicateStart);
    put32(p + 4, duplicateEnd);
    forgetDuplicate();
    p += 8;
    count--;
  }
  putRanges(p, count);
}
