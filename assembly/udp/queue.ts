// A queue of datagrams in a ring: each lies in one piece behind a Datagram, in multiples of 4 bytes. It
// begins at the ring's start again where that leaves more room than the rest of the ring; a mark says
// so.

import { ringAt } from "../buffer/ring";
import { RING_BYTES } from "../config";
import { Datagram } from "../layout";
import { DATAGRAM_BYTES } from "../memory";
import { both } from "../order";
import { lend, takeBack } from "../tcp/lend";

const MASK: u32 = RING_BYTES - 1;
/** In place of a length: nothing more until the ring's end. */
const MARK: u32 = 0xffff;

/** Part of a socket. */
@unmanaged
export class Queue {
  /** First: where lend() puts it. */
  ring: u16;
  /** Place of the first datagram. */
  at: u16;
  /** Bytes from there to behind the last: fewer than RING_BYTES, or full would look like empty. */
  used: u16;
}

/** A ring for the queue, if it has none; false: none is free. */
export function lendQueue(q: Queue, pool: u32): bool {
  return lend(pool, changetype<usize>(q));
}

export function releaseQueue(q: Queue, pool: u32): void {
  q.used = 0;
  takeBack(pool, changetype<usize>(q));
}

/** The other side's address of a datagram at p. */
export function otherSide(p: usize): usize {
  return p + offsetof<Datagram>();
}

/** Bytes that a datagram of this length takes. */
export function bytesOf(length: u32): u32 {
  return (DATAGRAM_BYTES + length + 3) & ~3;
}

/** Bytes in one piece at what room() has returned; scratch of one call. */
export let roomBytes: u32 = 0;

/** Where the next datagram goes; sets roomBytes. */
export function room(q: Queue): usize {
  if (q.used == 0) q.at = 0;
  const base = ringAt(q.ring);
  const end = <u32>q.at + q.used;
  // Four bytes stay free: see used.
  roomBytes = RING_BYTES - 4 - q.used;
  if (end >= RING_BYTES) return base + (end & MASK);
  const before = <i32>q.at - 4;
  roomBytes -= q.at;
  if (before <= <i32>roomBytes) return base + end;
  roomBytes = before;
  return base;
}

/** A datagram of so many bytes, from bytesOf, stands where room() said. */
export function append(q: Queue, to: usize, bytes: u32): void {
  const base = ringAt(q.ring);
  const end = <u32>q.at + q.used;
  if (both(to == base, (end & MASK) != 0)) {
    store<u16>(base + end, MARK);
    bytes += RING_BYTES - end;
  }
  q.used += <u16>bytes;
}

/** The first datagram, or 0. */
export function first(q: Queue): usize {
  if (q.used == 0) return 0;
  let p = ringAt(q.ring) + q.at;
  if (<u32>load<u16>(p) == MARK) {
    q.used -= <u16>(RING_BYTES - <u32>q.at);
    q.at = 0;
    p = ringAt(q.ring);
  }
  return p;
}

/** Forgets the first datagram, which first() has told. */
export function dropFirst(q: Queue): void {
  const bytes = bytesOf(changetype<Datagram>(first(q)).length);
  q.at = <u16>((<u32>q.at + bytes) & MASK);
  q.used -= <u16>bytes;
}
