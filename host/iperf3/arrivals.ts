// What became of the datagrams of one UDP stream, counted by their numbers as iperf3 does: a gap is a loss until the
// missing one comes after all; and the jitter of RFC 3550 section 6.4.1.

import type { Head } from "./datagrams.js";

export interface Arrivals {
  readonly lost: number;
  /** The highest number that has come. */
  readonly packets: number;
  readonly outOfOrder: number;
  readonly jitterMs: number;
  arrived(head: Head, nowMs: number): void;
  /** What came until now does not count. */
  forget(): void;
}

export function createArrivals(): Arrivals {
  let highest = 0;
  let lost = 0;
  let outOfOrder = 0;
  let jitterMs = 0;
  let transitMs: number | null = null;
  let before = { highest: 0, lost: 0, outOfOrder: 0 };
  return {
    get lost() {
      return Math.max(0, lost - before.lost);
    },
    get packets() {
      return highest - before.highest;
    },
    get outOfOrder() {
      return outOfOrder - before.outOfOrder;
    },
    get jitterMs() {
      return jitterMs;
    },
    arrived({ sentMs, number }, nowMs) {
      if (number > highest) {
        lost += number - highest - 1;
        highest = number;
      } else {
        outOfOrder++;
        if (lost > 0) lost--;
      }
      // Only differences count, so the two clocks need not agree.
      const nowTransitMs = nowMs - sentMs;
      const change = Math.abs(nowTransitMs - (transitMs ?? nowTransitMs));
      transitMs = nowTransitMs;
      jitterMs += (change - jitterMs) / 16;
    },
    forget() {
      before = { highest, lost, outOfOrder };
      jitterMs = 0;
    },
  };
}
