// The core's memory, which is not ours: read and written 8 bytes at a time by calls.

import * as core from "./generated/core";

export function read8(at: u32): u32 {
  return (<u32>core.load(at)) & 0xff;
}

export function read16(at: u32): u32 {
  return (<u32>core.load(at)) & 0xffff;
}

export function read32(at: u32): u32 {
  return <u32>core.load(at);
}

/** Copies out of the core's memory; up to 7 bytes behind the last are overwritten, too. */
export function copyOut(from: u32, to: usize, length: u32): void {
  for (let i: u32 = 0; i < length; i += 8) store<u64>(to + i, core.load(from + i));
}

/** Copies into the core's memory, and touches no byte behind the last. */
export function copyIn(from: usize, to: u32, length: u32): void {
  const whole = length & ~7;
  for (let i: u32 = 0; i < whole; i += 8) core.store(to + i, load<u64>(from + i));
  if (whole < length) writeFew(to + whole, load<u64>(from + whole), length - whole);
}

/** Writes the lowest 1 to 7 bytes of a value. */
export function writeFew(at: u32, value: u64, bytes: u32): void {
  const mask = ((<u64>1) << ((<u64>bytes) << 3)) - 1;
  core.store(at, (core.load(at) & ~mask) | (value & mask));
}
