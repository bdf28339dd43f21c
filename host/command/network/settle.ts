// The end of a stack whose connections were closed: it stays until the peers have all that was sent to them, and until
// its own last word has left.

import type { ConnectionInfo } from "../../core/observe.js";
import type { Stack } from "../../core/stack.js";
import { deferred } from "../deferred.js";
import type { Station } from "./station.js";

/** From one look at the connections to the next. */
const LOOK_MS = 10;
/** The last acknowledgment may be a delayed one (40 ms). */
const LAST_WORD_MS = 50;
/** A FIN comes again after 200 ms at the soonest, and TIME-WAIT answers it. */
const TIME_WAIT_MS = 300;
/** A peer that has everything may take so long to close its side. */
const CLOSE_MS = 1_000;
/** After a stop everything may take so long. */
const STOP_MS = 1_000;
/** More than the stack gives a closed connection without progress. */
const MOST_MS = 70_000;

/** Rejects when the link goes while bytes are owed. */
export async function settle(station: Station): Promise<void> {
  const { stack, remote, delayMs, stop, isWire } = station;
  // It lives on, and attends to what was closed; after a stop it is left with it (running.ts).
  if (remote !== undefined) return stop.reason === null ? remote.settled() : undefined;
  const begunMs = stack.clock.now();
  const { promise, resolve } = deferred<void>();
  const look = (): void => {
    const tookMs = stack.clock.now() - begunMs;
    const mostMs = stop.reason === null ? MOST_MS : STOP_MS;
    if (tookMs >= mostMs || !stack.connections().some((one) => isOwed(one, tookMs))) resolve();
    else stack.after(LOOK_MS, look);
  };
  look();
  await Promise.race([promise, unlessDone(station)]);
  // Over a wire the other end hears of the end of this one, and might still wait for an answer to its FIN.
  const isAsked = isWire && stack.connections().some(({ pool }) => pool === "time_wait");
  const lastMs = delayMs + (isAsked ? TIME_WAIT_MS : LAST_WORD_MS);
  await new Promise<void>((done) => stack.after(lastMs, done));
}

/** Rejects when the link has gone, unless all connections have come to their end before. */
export async function unlessDone({ stack, remote, delayMs, failed }: Station): Promise<void> {
  try {
    await failed;
  } catch (error) {
    // What came before the end is still on its way through the stack.
    await new Promise<void>((done) => stack.after(LAST_WORD_MS + delayMs, done));
    if (remote !== undefined || hasOpen(stack)) throw error;
  }
  await new Promise<never>(() => undefined);
}

function hasOpen(stack: Stack): boolean {
  return stack.connections().some((one) => isOwed(one, 0));
}

/** Something is still to be said or heard on it. */
function isOwed({ pool, state }: ConnectionInfo, tookMs: number): boolean {
  if (pool !== "tcb") return false;
  switch (state) {
    case "CLOSED":
    case "LISTEN":
    case "TIME-WAIT":
      return false;
    case "FIN-WAIT-2":
      return tookMs < CLOSE_MS;
    default:
      return true;
  }
}
