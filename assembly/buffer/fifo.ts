// Free numbers 0..count-1 in first-in first-out order: {head u16, tail u16, next u16[count]}.
// First-in first-out, so that what was just freed is the last to be handed out again.

const NONE: u32 = 0xffff;

function next(base: usize, i: u32): usize {
  return base + 4 + ((<usize>i) << 1);
}

/** All numbers free. */
export function fifoReset(base: usize, count: u32): void {
  for (let i: u32 = 0; i < count; i++) store<u16>(next(base, i), i + 1 == count ? NONE : i + 1);
  store<u16>(base, 0);
  store<u16>(base, count - 1, 2);
}

export function fifoEmpty(base: usize): bool {
  return load<u16>(base) == <u16>NONE;
}

/** Takes the number freed longest ago; the caller has asked fifoEmpty. */
export function fifoTake(base: usize): u32 {
  const i = <u32>load<u16>(base);
  assert(i != NONE);
  store<u16>(base, load<u16>(next(base, i)));
  return i;
}

export function fifoGive(base: usize, i: u32): void {
  store<u16>(next(base, i), NONE);
  if (fifoEmpty(base)) store<u16>(base, i);
  else store<u16>(next(base, <u32>load<u16>(base, 2)), i);
  store<u16>(base, i, 2);
}
