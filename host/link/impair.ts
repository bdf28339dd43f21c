// Makes a link as bad as asked for: loss, delay, duplicates, reordering and a limited rate, in
// both directions. Faults come from a seed and times from a clock, so under a virtual clock a run
// repeats exactly.

import { realClock, type Clock } from "./clock.js";
import { ETHERNET_HEADER_BYTES, type Link } from "./link.js";
import { createLane, type FaultCounts, type Faults } from "./lane.js";

export interface Impairments {
  /** Probability that a frame is lost, 0 to 1. */
  loss?: number;
  /** Every frame arrives this much later, ms. */
  delay?: number;
  /** Probability that a frame arrives twice. */
  duplicate?: number;
  /** Probability that a frame is held back, so that later ones overtake it. */
  reorder?: number;
  /** How long it is held back, ms. Default 5. */
  reorderDelay?: number;
  /** Bits per second; default: no limit. */
  rate?: number;
  /** Frames held per direction at most; what comes then is lost. Default 1000. */
  limit?: number;
  /** Default 1. */
  seed?: number;
  /** Default: the machine's. */
  clock?: Clock;
}

export interface ImpairedLink extends Link {
  readonly framesLost: number;
  readonly framesDuplicated: number;
  readonly framesReordered: number;
}

const NO_FAULTS: Faults = {
  loss: 0,
  delay: 0,
  duplicate: 0,
  reorder: 0,
  reorderDelay: 5,
  rate: Infinity,
  limit: 1000,
};

/** Makes the two directions' faults differ. */
const OTHER_LANE = 0x5bd1e995;

export function impair(link: Link, impairments: Impairments = {}): ImpairedLink {
  const { clock = realClock, seed = 1, ...asked } = impairments;
  const faults = { ...NO_FAULTS, ...asked };
  const counts: FaultCounts = { framesLost: 0, framesDuplicated: 0, framesReordered: 0 };
  const scratch = new Uint8Array(link.mtu + ETHERNET_HEADER_BYTES);
  let outerReadable: (() => void) | null = null;
  let outerWritable: (() => void) | null = null;
  let closed = false;

  const rx = createLane(faults, seed, clock, counts, () => outerReadable?.());
  const tx = createLane(faults, seed ^ OTHER_LANE, clock, counts, send);

  /** Passes on what is due; a refused frame waits for the inner link's onWritable. */
  function send(): void {
    for (let bytes; (bytes = tx.due()); tx.shift()) if (!link.write(bytes)) return;
    tx.arm();
  }

  link.onReadable = () => {
    fill();
    if (rx.due()) outerReadable?.();
    else rx.arm();
  };
  link.onWritable = () => {
    send();
    outerWritable?.();
  };

  function fill(): void {
    for (let length; (length = link.read(scratch)) > 0;) rx.enter(scratch.subarray(0, length));
  }

  return {
    mtu: link.mtu,
    offload: link.offload,
    sharedSource: link.sharedSource,
    get onReadable() {
      return outerReadable;
    },
    set onReadable(handler) {
      outerReadable = handler;
    },
    get onWritable() {
      return outerWritable;
    },
    set onWritable(handler) {
      outerWritable = handler;
    },
    get framesLost() {
      return counts.framesLost;
    },
    get framesDuplicated() {
      return counts.framesDuplicated;
    },
    get framesReordered() {
      return counts.framesReordered;
    },
    read(into) {
      fill();
      const bytes = rx.due();
      if (!bytes) {
        rx.arm();
        return 0;
      }
      rx.shift();
      const length = Math.min(bytes.length, into.length);
      into.set(bytes.subarray(0, length));
      return length;
    },
    write(frame) {
      if (closed) return true;
      tx.enter(frame);
      send();
      return true;
    },
    close() {
      closed = true;
      rx.clear();
      tx.clear();
      link.close();
    },
  };
}
