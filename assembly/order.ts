// The smaller and the larger of two numbers, as calls: the built-in ones are written out at each
// place, which small profiles pay for. Desktop gets them inlined all the same.

export function smaller(a: u32, b: u32): u32 {
  return a < b ? a : b;
}

export function larger(a: u32, b: u32): u32 {
  return a > b ? a : b;
}

/** The smaller of two numbers with a sign. */
export function lower(a: i32, b: i32): i32 {
  return a < b ? a : b;
}

/** A number, or 0 where it is negative. */
export function atLeastZero(a: i32): u32 {
  return a > 0 ? a : 0;
}

/** As &&, but both sides are worked out: shorter than a branch. For conditions that only look. */
// @ts-ignore: decorator
@inline
export function both(a: bool, b: bool): bool {
  return <bool>((<u32>a) & (<u32>b));
}

/** As ||, but both sides are worked out. */
// @ts-ignore: decorator
@inline
export function either(a: bool, b: bool): bool {
  return <bool>((<u32>a) | (<u32>b));
}
