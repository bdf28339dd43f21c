// Bytes that have come from elsewhere and wait to be read: as a receive ring, with an end.

import { copyBytes } from "../../core/copyBytes.js";

/** With more than that, no more is asked for. */
const MOST_BYTES = 256 * 1024;

export interface Arrived {
  add(bytes: Uint8Array): void;
  /** Nothing follows. */
  end(): void;
  /** Bytes of the first piece; 0: the end; -1: nothing now. */
  available(): number;
  /** n > 0: bytes copied; 0: the end; -1: nothing now. */
  read(into: Uint8Array): number;
  discard(limit: number): number;
  /** Resolves when there is room for more. */
  room(): Promise<void>;
}

export function createArrived(): Arrived {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  let hasEnded = false;
  let wake: (() => void) | null = null;

  /** Takes up to `limit` bytes, and shows each piece of them. */
  function take(limit: number, see: (piece: Uint8Array, at: number) => void): number {
    let done = 0;
    while (done < limit && pieces.length > 0) {
      const first = pieces[0]!;
      const length = Math.min(first.length, limit - done);
      see(first.subarray(0, length), done);
      if (length === first.length) pieces.shift();
      else pieces[0] = first.subarray(length);
      done += length;
    }
    bytes -= done;
    if (bytes < MOST_BYTES) {
      wake?.();
      wake = null;
    }
    return done > 0 || limit === 0 ? done : hasEnded ? 0 : -1;
  }

  return {
    add(piece) {
      if (hasEnded) return;
      pieces.push(piece);
      bytes += piece.length;
    },
    end() {
      hasEnded = true;
      wake?.();
      wake = null;
    },
    available: () => pieces[0]?.length ?? (hasEnded ? 0 : -1),
    read: (into) => take(into.length, (piece, at) => copyBytes(into, at, piece, 0, piece.length)),
    discard: (limit) => take(limit, () => undefined),
    room() {
      if (bytes < MOST_BYTES || hasEnded) return Promise.resolve();
      return new Promise((resolve) => (wake = resolve));
    },
  };
}
