// Out-of-order data: the bytes lie in the receive ring already, at their place; a block lent for
// as long as there are holes remembers which ranges are there (sorted, disjoint), and the FIN.
//
//   range 0: start, end | ... | range 4 | FIN's number | count 1, FIN known 1, newest 1 (48 bytes)

import { RANGE_COUNT, REASSEMBLY_COUNT } from "../config";
import { Pool } from "../constants";
import { REASSEMBLIES, REASSEMBLY_BYTES, REASSEMBLY_NODE } from "../memory";
import { claim, releaseWarm } from "../pool";
import { seqGeq, seqLeq, seqLt, seqMax, seqMin } from "./seq";
import { tcb } from "./tcb";

/** No block: the field of a connection without holes. A block is known by its node. */
export const NO_BLOCK: u32 = 0;

const FIN_AT: usize = 40;
const COUNT_AT: usize = 44;
const HAS_FIN_AT: usize = 45;

if (RANGE_COUNT * 8 + 8 != REASSEMBLY_BYTES) ERROR("REASSEMBLY_BYTES");
if (REASSEMBLY_COUNT < 1) ERROR("one reassembly block at least");

function blockOf(): usize {
  return (
    REASSEMBLIES -
    <usize>REASSEMBLY_NODE * REASSEMBLY_BYTES +
    <usize>tcb.reassembly * REASSEMBLY_BYTES
  );
}

function startOf(block: usize, i: u32): u32 {
  return load<u32>(block + ((<usize>i) << 3));
}

function endOf(block: usize, i: u32): u32 {
  return load<u32>(block + ((<usize>i) << 3), 4);
}

function setRange(block: usize, i: u32, start: u32, end: u32): void {
  store<u32>(block + ((<usize>i) << 3), start);
  store<u32>(block + ((<usize>i) << 3), end, 4);
}

function countOf(block: usize): u32 {
  return <u32>load<u8>(block, COUNT_AT);
}

/** True while the connection has holes. */
export function hasHoles(): bool {
  return <u32>tcb.reassembly != NO_BLOCK;
}

export function releaseBlock(): void {
  releaseWarm(Pool.REASSEMBLY, tcb.reassembly);
  tcb.reassembly = <u16>NO_BLOCK;
}

function removeRange(block: usize, i: u32): void {
  const count = countOf(block) - 1;
  for (let k = i; k < count; k++) setRange(block, k, startOf(block, k + 1), endOf(block, k + 1));
  store<u8>(block, count, COUNT_AT);
}

/** Remembers [start, end) beyond RCV.NXT; false if there is no room: the bytes were not kept. */
export function keepRange(start: u32, end: u32): bool {
  if (!hasHoles()) {
    const node = claim(Pool.REASSEMBLY);
    if (node < 0) return false;
    tcb.reassembly = <u16>node;
    memory.fill(blockOf(), 0, REASSEMBLY_BYTES);
  }
  const block = blockOf();
  // Swallow every range that touches the new one, then put the sum in its place.
  let i: u32 = 0;
  while (i < countOf(block) && seqLt(endOf(block, i), start)) i++;
  let first = start;
  let last = end;
  while (i < countOf(block) && seqLeq(startOf(block, i), last)) {
    first = seqMin(first, startOf(block, i));
    last = seqMax(last, endOf(block, i));
    removeRange(block, i);
  }
  const count = countOf(block);
  if (count == RANGE_COUNT) return false;
  for (let k = count; k > i; k--) setRange(block, k, startOf(block, k - 1), endOf(block, k - 1));
  setRange(block, i, first, last);
  store<u8>(block, count + 1, COUNT_AT);
  return true;
}

/** Remembers the number of a FIN that came early. The block exists or there is nothing to keep. */
export function keepFin(seq: u32): void {
  if (!hasHoles()) return;
  store<u32>(blockOf(), seq, FIN_AT);
  store<u8>(blockOf(), 1, HAS_FIN_AT);
}

/** Where RCV.NXT moves to, when it stands at next now; gives the block back when no hole is left. */
export function joinRanges(next: u32): u32 {
  const block = blockOf();
  while (countOf(block) > 0 && seqLeq(startOf(block, 0), next)) {
    next = seqMax(next, endOf(block, 0));
    removeRange(block, 0);
  }
  return next;
}

/** True if the early FIN is next, now that RCV.NXT stands at next. */
export function finIsNext(next: u32): bool {
  const block = blockOf();
  return load<u8>(block, HAS_FIN_AT) != 0 && load<u32>(block, FIN_AT) == next;
}

/** Gives the block back once nothing is left in it. */
export function releaseIfWhole(): void {
  const block = blockOf();
  const finAhead = load<u8>(block, HAS_FIN_AT) != 0 && seqGeq(load<u32>(block, FIN_AT), tcb.rcvNxt);
  if (countOf(block) == 0 && !finAhead) releaseBlock();
}
