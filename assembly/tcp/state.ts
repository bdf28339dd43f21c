// Every change of state goes through here: trace, stamp, events.

import { AGE_LIMIT_MS, CACHES } from "../config";
import { Event, State } from "../constants";
import { handleOf, raise } from "../event";
import { globals } from "../globals";
import { both } from "../order";
import { Flag, has, portsOf, tcb, tcbNode } from "./tcb";
import { trace } from "../trace";

/** SYN-SENT and SYN-RECEIVED: nothing of ours is acknowledged yet. */
export const OPENING_STATES: u32 = (1 << State.SYN_SENT) | (1 << State.SYN_RECEIVED);

/** States in which the user may send. */
export const OPEN_STATES: u32 = (1 << State.ESTABLISHED) | (1 << State.CLOSE_WAIT);

/** States in which our data or our FIN may be on the way: those, and those that wait for the ACK
 * of our FIN. Not FIN-WAIT-2 and TIME-WAIT, which have it. */
export const SENDING_STATES: u32 =
  OPEN_STATES | (1 << State.FIN_WAIT_1) | (1 << State.CLOSING) | (1 << State.LAST_ACK);

/** True if the current connection is in a state. */
export function isState(state: u32): bool {
  return <u32>tcb.state == state;
}

/** True if it is in one of a set of states: one bit each, 1 << State. */
export function inStates(set: u32): bool {
  return ((set >> tcb.state) & 1) != 0;
}

/** True for the handshake of a passive open in a TCB, where there is no SYN cache. */
export function isHalfOpen(): bool {
  return !CACHES && both(isState(State.SYN_RECEIVED), !has(Flag.ACTIVE));
}

/** True while nothing of ours is in flight. */
export function isAllAcknowledged(): bool {
  return tcb.sndUna == tcb.sndNxt;
}

/** The peer makes progress, or starts to: R2 and the limit of orphans count from here. */
export function noteProgress(): void {
  tcb.progressMs = globals.nowMs;
}

/** Moves a connection to a state. CLOSED is announced when both sides are done (TIME-WAIT). */
export function enter(to: u32, cause: u32): void {
  const node = tcbNode;
  trace(has(Flag.OWNED) ? handleOf(node) : 0, tcb.state, to, cause, portsOf(tcb));
  tcb.state = <u8>to;
  tcb.changedMs = globals.nowMs;
  if (to == State.TIME_WAIT) raise(node, Event.CLOSED);
}

/** Adds event bits of a connection. */
export function tell(bits: u32): void {
  raise(tcbNode, bits);
}

/** A stamp that never gets so old that it would look young after a wrap. */
export function age(stampMs: u32): u32 {
  const now = globals.nowMs;
  return now - stampMs > AGE_LIMIT_MS ? now - AGE_LIMIT_MS : stampMs;
}
