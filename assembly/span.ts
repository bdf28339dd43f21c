// The last span: where a user may write or read until the next call, and whose it is. commit and
// consume must fit it, once.

import { globals } from "./globals";
import { both } from "./order";

/** Of the owner: a bit beside its handle that tells receiving from sending. */
export const RECEIVING: u32 = 0x80000000;

/** Tells the host of length bytes at p; returns length. owner: its handle, and RECEIVING. */
export function span(owner: u32, p: usize, length: u32): i32 {
  globals.spanOwner = owner;
  globals.spanLength = length;
  globals.spanPointer = <u32>p;
  return <i32>length;
}

/** True if length bytes may be taken off the last span, which was this owner's: once. */
export function takeSpan(owner: u32, length: u32): bool {
  const mine = both(globals.spanOwner == owner, length <= globals.spanLength);
  if (mine) globals.spanOwner = 0;
  return mine;
}
