// Rings: bytes addressed by sequence number. A byte's place is its number modulo the ring's size,
// so a ring needs no pointers of its own and an out-of-order byte goes straight to its place.

import { RING_BYTES } from "../config";
import { RECEIVE_RING_NODE, ringArea } from "../memory";
import { smaller } from "../order";

/** No ring: the field of a connection that holds none. A ring is known by its node. */
export const NO_RING: u32 = 0;

const MASK: u32 = RING_BYTES - 1;

/** First byte of a ring, for sending or for receiving. */
export function ringAt(ring: u32): usize {
  return ringArea() - <usize>RECEIVE_RING_NODE * RING_BYTES + <usize>ring * RING_BYTES;
}

/** Pointer of the byte with this number. */
export function ringPointer(base: usize, number: u32): usize {
  return base + <usize>(number & MASK);
}

/** How many of len bytes from this number lie in one piece. */
export function ringSpan(number: u32, len: u32): u32 {
  return smaller(len, <u32>RING_BYTES - (number & MASK));
}

export function ringWrite(base: usize, number: u32, from: usize, len: u32): void {
  const first = ringSpan(number, len);
  memory.copy(ringPointer(base, number), from, first);
  memory.copy(base, from + first, len - first);
}

export function ringRead(base: usize, number: u32, to: usize, len: u32): void {
  const first = ringSpan(number, len);
  memory.copy(to, ringPointer(base, number), first);
  memory.copy(to + first, base, len - first);
}
