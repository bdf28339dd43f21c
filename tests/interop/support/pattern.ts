// The bytes that transfers carry: pseudo-random, with a prime period, so that neither a lost, a
// doubled nor a misplaced piece of any ring or segment size leaves the SHA-256 as it was.

import { createHash } from "node:crypto";

const PERIOD = 1_000_003;
/** Longest piece that patternAt() gives. */
export const PIECE_BYTES = 65_536;

const bytes = makeBytes();

/** A view of the pattern from `position` on, at most PIECE_BYTES long. */
export function patternAt(position: number, length: number): Uint8Array {
  const start = position % PERIOD;
  return bytes.subarray(start, start + Math.min(length, PIECE_BYTES));
}

/** SHA-256, in hex, of the first `length` bytes. */
export function patternDigest(length: number): string {
  const hash = createHash("sha256");
  let position = 0;
  while (position < length) {
    const piece = patternAt(position, length - position);
    hash.update(piece);
    position += piece.length;
  }
  return hash.digest("hex");
}

function makeBytes(): Uint8Array {
  const made = new Uint8Array(PERIOD + PIECE_BYTES);
  let state = 0x9e3779b9;
  for (let index = 0; index < PERIOD; index++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    made[index] = state >>> 24;
  }
  made.copyWithin(PERIOD, 0, PIECE_BYTES);
  return made;
}
