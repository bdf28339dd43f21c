// Counts requests and answers, and what ping says of them at the end.

import type { Clock } from "../link/clock.js";
import type { EchoAnswer } from "./echo.js";

export interface Summary {
  readonly transmitted: number;
  readonly received: number;
  readonly duplicates: number;
  readonly errors: number;
  readonly lossPercent: number;
  /** From the first request to the end. */
  readonly timeMs: number;
  /** Round trips; 0 without an answer. */
  readonly minMs: number;
  readonly avgMs: number;
  readonly maxMs: number;
  /** Standard deviation. */
  readonly mdevMs: number;
}

export interface Tally {
  readonly sent: number;
  sending(): void;
  answer(answer: EchoAnswer): void;
  summary(): Summary;
}

export function createTally(clock: Clock): Tally {
  const startMs = clock.now();
  const times = { count: 0, sum: 0, squares: 0, min: Infinity, max: 0 };
  let sent = 0;
  let received = 0;
  let duplicates = 0;
  let errors = 0;

  function take(ms: number): void {
    times.count++;
    times.sum += ms;
    times.squares += ms * ms;
    times.min = Math.min(times.min, ms);
    times.max = Math.max(times.max, ms);
  }

  return {
    get sent() {
      return sent;
    },
    sending: () => void sent++,
    answer({ error, again, ms }) {
      if (error !== null) errors++;
      else if (again) duplicates++;
      else received++;
      if (error === null) take(ms);
    },
    summary() {
      const average = times.count === 0 ? 0 : times.sum / times.count;
      const spread = times.count === 0 ? 0 : times.squares / times.count - average * average;
      return {
        transmitted: sent,
        received,
        duplicates,
        errors,
        lossPercent: sent === 0 ? 0 : (100 * (sent - received)) / sent,
        timeMs: clock.now() - startMs,
        minMs: times.count === 0 ? 0 : times.min,
        avgMs: average,
        maxMs: times.max,
        mdevMs: Math.sqrt(Math.max(0, spread)),
      };
    },
  };
}
