// Sequence numbers (RFC 9293 section 3.4): arithmetic modulo 2^32. Windows stay below 2^30, so
// that the comparison of numbers exactly 2^31 apart, true both ways, is never asked.

export function seqLt(a: u32, b: u32): bool {
  return <i32>(a - b) < 0;
}

export function seqLeq(a: u32, b: u32): bool {
  return <i32>(a - b) <= 0;
}

export function seqGt(a: u32, b: u32): bool {
  return <i32>(a - b) > 0;
}

export function seqGeq(a: u32, b: u32): bool {
  return <i32>(a - b) >= 0;
}

export function seqMax(a: u32, b: u32): u32 {
  return seqLt(a, b) ? b : a;
}

export function seqMin(a: u32, b: u32): u32 {
  return seqLt(a, b) ? a : b;
}
