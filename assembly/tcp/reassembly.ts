// Out-of-order data: the bytes lie in the receive ring already, at their place; a block lent for
// as long as there are holes remembers which ranges are there: disjoint, the one that grew last
// first, empty ones begin where they end. A FIN is the last number of its range.
//
//   range 0: start, end | ... | range 4 | FIN's number | FIN known 1 (48 bytes)

import { RANGE_COUNT, REASSEMBLY_COUNT } from "../config";
import { put32 } from "../bytes";
import { Pool } from "../constants";
import { REASSEMBLIES, REASSEMBLY_BYTES, REASSEMBLY_NODE } from "../memory";
import { both } from "../order";
import { lend, takeBack } from "./lend";
import { addFin } from "./segment";
import { seqGt, seqLeq, seqMax, seqMin } from "./seq";
import { Tcb, tcb } from "./tcb";

/** No block: the field of a connection without holes. A block is known by its node. */
export const NO_BLOCK: u32 = 0;

const FIN_AT: usize = 40;
const HAS_FIN_AT: usize = 44;

if (RANGE_COUNT * 8 + 8 != REASSEMBLY_BYTES) ERROR("REASSEMBLY_BYTES");
if (REASSEMBLY_COUNT < 1) ERROR("one reassembly block at least");

function blockOf(): usize {
  const first = REASSEMBLIES - <usize>REASSEMBLY_NODE * REASSEMBLY_BYTES;
  return first + <usize>tcb.reassembly * REASSEMBLY_BYTES;
}

/** Where the connection has its block. */
function holder(): usize {
  return changetype<usize>(tcb) + offsetof<Tcb>("reassembly");
}

/** True while the connection has holes. */
export function hasHoles(): bool {
  return <u32>tcb.reassembly != NO_BLOCK;
}

/** Gives the block back, if there is one. */
export function releaseBlock(): void {
  takeBack(Pool.REASSEMBLY, holder());
}

/** Remembers [start, end) beyond RCV.NXT; false if there is no room: the bytes were not kept. */
export function keepRange(start: u32, end: u32): bool {
  if (!hasHoles()) {
    if (!lend(Pool.REASSEMBLY, holder())) return false;
    memory.fill(blockOf(), 0, REASSEMBLY_BYTES);
  }
  // Swallow every range that touches the new one, then put the sum in front of the others, which
  // move up to the first empty place.
  let room = false;
  const block = blockOf();
  for (let range = block; range < block + FIN_AT; range += 8) {
    const first = load<u32>(range);
    const last = load<u32>(range, 4);
    if (first != last) {
      if (seqGt(first, end) || seqGt(start, last)) continue;
      start = seqMin(start, first);
      end = seqMax(end, last);
      store<u32>(range, last);
    }
    room = true;
  }
  for (let range = block; room && start != end; range += 8) {
    const first = load<u32>(range);
    const last = load<u32>(range, 4);
    store<u32>(range, start);
    store<u32>(range, end, 4);
    start = first;
    end = last;
  }
  return room;
}

/** How many ranges are kept: 0 to RANGE_COUNT. */
export function rangeCount(): u32 {
  let count: u32 = 0;
  if (!hasHoles()) return 0;
  const block = blockOf();
  for (let range = block; range < block + FIN_AT; range += 8) {
    if (load<u32>(range) != load<u32>(range, 4)) count++;
  }
  return count;
}

/** Writes the first ranges as a SACK option has them: numbers in network order. */
export function putRanges(to: usize, count: u32): void {
  for (let range = blockOf(); count != 0; range += 8) {
    const first = load<u32>(range);
    const last = load<u32>(range, 4);
    if (first == last) continue;
    put32(to, first);
    put32(to + 4, last);
    to += 8;
    count--;
  }
}

/** True if all of [start, end) is kept already. */
export function isKept(start: u32, end: u32): bool {
  if (!hasHoles()) return false;
  const block = blockOf();
  for (let range = block; range < block + FIN_AT; range += 8) {
    const first = load<u32>(range);
    if (
      both(start - first < load<u32>(range, 4) - first, end - first <= load<u32>(range, 4) - first)
    )
      return true;
  }
  return false;
}

/** Remembers that the number, the last of a range that is kept, is a FIN's. */
export function keepFin(seq: u32): void {
  store<u32>(blockOf(), seq, FIN_AT);
  store<u8>(blockOf(), 1, HAS_FIN_AT);
}

/** Where RCV.NXT moves to, when the current segment ends at next; with an early FIN it ends there.
 * Gives the block back when no hole is left. */
export function joinRanges(next: u32): u32 {
  let left = false;
  const block = blockOf();
  for (let range = block; range < block + FIN_AT; range += 8) {
    const first = load<u32>(range);
    const last = load<u32>(range, 4);
    if (first == last) continue;
    if (seqLeq(first, next)) {
      next = seqMax(next, last);
      store<u32>(range, last);
    } else left = true;
  }
  const fin = load<u32>(block, FIN_AT);
  if (load<u8>(block, HAS_FIN_AT) != 0 && seqGt(next, fin)) {
    addFin();
    next = fin + 1;
    left = false; // beyond a FIN there is nothing
  }
  if (!left) releaseBlock();
  return next;
}
