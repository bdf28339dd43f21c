// Bounds what looking at a stack may cost: under many requests some get what was taken a moment ago.

import type { Clock } from "../../../link/clock.js";

/** At most one part in so many of the time goes into it. */
const REUSE_FACTOR = 10;

export function reuse<Taken>(clock: Clock, take: () => Taken): () => Taken {
  let last: { readonly taken: Taken } | undefined;
  let freshUntilMs = 0;

  return () => {
    const beforeMs = clock.now();
    if (last !== undefined && beforeMs < freshUntilMs) return last.taken;
    last = { taken: take() };
    const afterMs = clock.now();
    freshUntilMs = afterMs + REUSE_FACTOR * (afterMs - beforeMs);
    return last.taken;
  };
}
