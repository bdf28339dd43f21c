// Sends echo requests at their times and judges what comes back, until the count is reached and the last
// answer is there, or nobody waits any longer.

import type { Stack } from "../core/stack.js";
import { createEchoSender, type EchoAnswer } from "./echo.js";
import { createTally, type Summary } from "./tally.js";

export interface PingPlan {
  readonly address: string;
  readonly count: number;
  readonly intervalMs: number;
  readonly bytes: number;
  readonly timeoutMs: number;
  readonly ttl: number;
}

export interface PingEvents {
  /** The first request is on its way. */
  begun(): void;
  answer(answer: EchoAnswer): void;
  /** It is over. */
  done(summary: Summary): void;
  /** Requests cannot be sent (any more). */
  failed(error: unknown): void;
}

export interface Pinger {
  /** Ends it, with the summary of what was. */
  stop(): void;
}

/** Sequence numbers are 16 bits. */
const SEQUENCES = 65_536;
/** What an answer may take at least, once some have come: twice the slowest, as others do it. */
const LEAST_WAIT_MS = 1_000;

export function startPinger(stack: Stack, plan: PingPlan, events: PingEvents): Pinger {
  const { count, intervalMs, timeoutMs, ttl } = plan;
  const tally = createTally(stack.clock);
  let begun = false;
  let over = false;
  let cancel = (): void => undefined;

  const sender = createEchoSender(stack, plan.address, plan.bytes, (answer) => {
    if (over) return;
    tally.answer(answer);
    events.answer(answer);
    if (tally.sent >= count && sender.waiting() === 0) finish();
  });

  function close(): boolean {
    if (over) return false;
    over = true;
    cancel();
    sender.close();
    return true;
  }

  function finish(): void {
    if (close()) events.done(tally.summary());
  }

  function send(): void {
    if (over) return;
    try {
      // Without room a request is sent at the next time.
      if (sender.send((tally.sent + 1) % SEQUENCES, ttl)) tally.sending();
    } catch (error) {
      if (close()) events.failed(error);
      return;
    }
    if (!begun) events.begun();
    begun = true;
    if (tally.sent < count) cancel = stack.after(intervalMs, send);
    else cancel = stack.after(lastWait(), finish);
  }

  /** How long the last answer is waited for. */
  function lastWait(): number {
    const { received, maxMs } = tally.summary();
    return received === 0 ? timeoutMs : Math.min(timeoutMs, Math.max(LEAST_WAIT_MS, 2 * maxMs));
  }

  send();
  return { stop: finish };
}
