// Rings: bytes addressed by sequence number. A byte's place is its number modulo the ring's size,
// so a ring needs no pointers of its own and an out-of-order byte goes straight to its place.

import { Pool } from "../constants";
import { RING_BYTES, RING_COUNT } from "../config";
import { RECEIVE_RING_FREE, SEND_RING_FREE, ringArea } from "../memory";
import { claimed, released } from "../pool";
import { freeEmpty, freeGive, freeTake } from "./free";

/** No ring: the field of a connection that holds none. */
export const NO_RING: u32 = 0xffff;

const MASK: u32 = RING_BYTES - 1;

export function sendRingAt(ring: u32): usize {
  return ringArea() + <usize>ring * RING_BYTES;
}

export function receiveRingAt(ring: u32): usize {
  return ringArea() + <usize>(ring + RING_COUNT) * RING_BYTES;
}

/** Pointer of the byte with this number. */
export function ringPointer(base: usize, number: u32): usize {
  return base + <usize>(number & MASK);
}

/** How many of len bytes from this number lie in one piece. */
export function ringSpan(number: u32, len: u32): u32 {
  return min<u32>(len, <u32>RING_BYTES - (number & MASK));
}

export function ringWrite(base: usize, number: u32, from: usize, len: u32): void {
  const first = ringSpan(number, len);
  memory.copy(ringPointer(base, number), from, first);
  if (first < len) memory.copy(base, from + first, len - first);
}

export function ringRead(base: usize, number: u32, to: usize, len: u32): void {
  const first = ringSpan(number, len);
  memory.copy(to, ringPointer(base, number), first);
  if (first < len) memory.copy(to + first, base, len - first);
}

/** A free send ring, or NO_RING. */
export function claimSendRing(): u32 {
  if (freeEmpty(SEND_RING_FREE)) return NO_RING;
  claimed(Pool.SEND_RING);
  return freeTake(SEND_RING_FREE);
}

export function releaseSendRing(ring: u32): void {
  released(Pool.SEND_RING);
  freeGive(SEND_RING_FREE, ring);
}

export function receiveRingFree(): bool {
  return !freeEmpty(RECEIVE_RING_FREE);
}

/** A free receive ring, or NO_RING. */
export function claimReceiveRing(): u32 {
  if (freeEmpty(RECEIVE_RING_FREE)) return NO_RING;
  claimed(Pool.RECEIVE_RING);
  return freeTake(RECEIVE_RING_FREE);
}

export function releaseReceiveRing(ring: u32): void {
  released(Pool.RECEIVE_RING);
  freeGive(RECEIVE_RING_FREE, ring);
}
