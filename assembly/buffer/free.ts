// Free numbers 0..count-1, the last one freed first: {first u16, next u16[count]}. Last freed first,
// because its memory is warm, and rings never used cost no page.

const NONE: u32 = 0xffff;

function next(base: usize, i: u32): usize {
  return base + 2 + ((<usize>i) << 1);
}

/** All numbers free, 0 first. */
export function freeReset(base: usize, count: u32): void {
  for (let i: u32 = 0; i < count; i++) store<u16>(next(base, i), i + 1 == count ? NONE : i + 1);
  store<u16>(base, 0);
}

export function freeEmpty(base: usize): bool {
  return load<u16>(base) == <u16>NONE;
}

/** Takes a free number; the caller has asked freeEmpty. */
export function freeTake(base: usize): u32 {
  const i = <u32>load<u16>(base);
  assert(i != NONE);
  store<u16>(base, load<u16>(next(base, i)));
  return i;
}

export function freeGive(base: usize, i: u32): void {
  store<u16>(next(base, i), load<u16>(base));
  store<u16>(base, i);
}
