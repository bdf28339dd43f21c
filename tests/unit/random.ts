// Pseudo-random numbers for the specs: the same in every run, so that a failure comes back.

let state: u32 = 1;

export function reseed(seed: u32): void {
  state = seed | 1;
}

export function random(): u32 {
  state ^= state << 13;
  state ^= state >> 17;
  state ^= state << 5;
  return state * 0x9e3779b1;
}

/** 0 to limit - 1. */
export function below(limit: u32): u32 {
  return <u32>((<u64>random() * <u64>limit) >> 32);
}
