// One direction of an impaired link: frames go in, may be lost, doubled or held, and come out when
// the clock has reached their moment.

import type { Clock } from "./clock.js";
import { seededRandom } from "./random.js";

export interface Faults {
  loss: number;
  delay: number;
  duplicate: number;
  reorder: number;
  reorderDelay: number;
  rate: number;
  limit: number;
}

/** Shared by the lanes of a link. */
export interface FaultCounts {
  framesLost: number;
  framesDuplicated: number;
  framesReordered: number;
}

export interface Lane {
  /** Takes a frame into the lane, or loses it. */
  enter(bytes: Uint8Array): void;
  /** The first frame whose moment has come; it stays until shift(). */
  due(): Uint8Array | null;
  shift(): void;
  /** Rings `ready` once, at the moment of the first frame. */
  arm(): void;
  clear(): void;
}

export function createLane(
  faults: Faults,
  seed: number,
  clock: Clock,
  counts: FaultCounts,
  ready: () => void,
): Lane {
  const { loss, delay, duplicate, reorder, reorderDelay, rate, limit } = faults;
  const random = seededRandom(seed);
  /** Ordered by moment, then by arrival. */
  const held: { atMs: number; bytes: Uint8Array }[] = [];
  let lineFreeMs = 0;
  let cancel: (() => void) | null = null;

  function hold(bytes: Uint8Array, atMs: number): void {
    if (held.length >= limit) {
      counts.framesLost++;
      return;
    }
    let at = held.length;
    while (at > 0 && held[at - 1]!.atMs > atMs) at--;
    held.splice(at, 0, { atMs, bytes: Uint8Array.from(bytes) });
  }

  function disarm(): void {
    cancel?.();
    cancel = null;
  }

  return {
    enter(bytes) {
      // Always as many draws per frame, so that one setting does not shift another's faults.
      const [lost, twice, late] = [random() < loss, random() < duplicate, random() < reorder];
      if (lost) {
        counts.framesLost++;
        return;
      }
      lineFreeMs = Math.max(lineFreeMs, clock.now()) + (bytes.length * 8000) / rate;
      const atMs = lineFreeMs + delay;
      if (late) counts.framesReordered++;
      hold(bytes, late ? atMs + reorderDelay : atMs);
      if (twice) {
        counts.framesDuplicated++;
        hold(bytes, atMs);
      }
    },
    due() {
      const first = held[0];
      return first && first.atMs <= clock.now() ? first.bytes : null;
    },
    shift: () => void held.shift(),
    arm() {
      disarm();
      if (held.length === 0) return;
      cancel = clock.after(held[0]!.atMs - clock.now(), () => {
        cancel = null;
        ready();
      });
    },
    clear() {
      held.length = 0;
      disarm();
    },
  };
}
