// Parting in good order: neighbours hear that our services are gone, and servers get their leases back,
// before the links are closed. All of it in bounded time: nobody may be there to hear.

import type { Clock } from "../link/clock.js";

/** What is done at parting. */
export interface Parting {
  readonly clock: Clock;
  after(delayMs: number, callback: () => void): () => void;
  /** Tells of no service any more; false: it told of none. */
  silence(): boolean;
  /** Gives the leases back. */
  release(): void;
  /** No lease is being given back any more. */
  released(): boolean;
}

/** What has been said must leave before the address goes from which it is said. */
const GOODBYE_MS = 20;
const LOOK_MS = 10;

export function withdraw(parting: Parting, done: () => void, withinMs: number): void {
  const deadlineMs = parting.clock.now() + withinMs;
  const look = (): void => {
    if (parting.released() || parting.clock.now() >= deadlineMs) done();
    else parting.after(LOOK_MS, look);
  };
  if (!parting.silence() && parting.released()) {
    parting.after(0, done);
    return;
  }
  parting.after(GOODBYE_MS, () => {
    parting.release();
    // One more turn, so that the last of it leaves.
    parting.after(LOOK_MS, look);
  });
}
