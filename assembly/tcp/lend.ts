// Rings and blocks: records that connections and sockets hold only while they need them. Where they hold
// one lies its node; 0 (NO_RING, NO_BLOCK): none.

import { RINGS_ARE_FEWER, SERVICES, TCB_COUNT } from "../config";
import { Event, Pool } from "../constants";
import { raise } from "../event";
import { claim, releaseWarm } from "../pool";
import { makeOtherReady } from "./ready";
import { Flag, tcbAt } from "./tcb";

/** Lends a record of a pool to the holder at `at`, unless it has one; false: none is free. */
export function lend(pool: u32, at: usize): bool {
  if (load<u16>(at) == 0) {
    const node = claim(pool);
    if (node < 0) return false;
    store<u16>(at, node);
  }
  return true;
}

/** Takes it back, if there is one. */
export function takeBack(pool: u32, at: usize): void {
  const node = <u32>load<u16>(at);
  if (node == 0) return;
  store<u16>(at, 0);
  releaseWarm(pool, node);
  if (RINGS_ARE_FEWER && pool == Pool.SEND_RING) wakeWaiting();
}

/** Tells all connections that wait for a send ring. */
function wakeWaiting(): void {
  let i: u32 = 0;
  do {
    const other = tcbAt(i);
    if (!(other.flags & Flag.WANTS_RING)) continue;
    other.flags &= ~Flag.WANTS_RING;
    raise(i, Event.WRITABLE);
    if (SERVICES && other.flags & Flag.SERVED) makeOtherReady(i);
  } while (++i < TCB_COUNT);
}
