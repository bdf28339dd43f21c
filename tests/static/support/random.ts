// Pseudo-random numbers from a seed: the same seed gives the same run.

export interface Random {
  /** 0 to 2^32 - 1. */
  word(): number;
  /** 0 to limit - 1. */
  below(limit: number): number;
  /** True in so many of a hundred cases. */
  percent(chance: number): boolean;
  pick<T>(list: readonly [T, ...T[]]): T;
  bytes(length: number): Uint8Array;
}

export function createRandom(seed: number): Random {
  let state = seed >>> 0 || 1;
  const word = () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return Math.imul(state, 0x9e3779b1) >>> 0;
  };
  const below = (limit: number) => Math.floor((word() / 0x100000000) * limit);
  return {
    word,
    below,
    percent: (chance) => below(100) < chance,
    pick: (list) => list[below(list.length)] ?? list[0],
    bytes: (length) => Uint8Array.from({ length }, () => word() >>> 24),
  };
}

/** MOTE_SEED repeats a run; else each run has a seed of its own, which the test prints. */
export function chooseSeed(): number {
  const given = Number(process.env["MOTE_SEED"]);
  return given > 0 ? given >>> 0 : (Date.now() ^ (process.pid << 16)) >>> 0 || 1;
}
