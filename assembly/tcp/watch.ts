// Connections that nothing else would end while their owner holds them: keepalive (RFC 9293 section
// 3.8.4) finds peers that are gone, and a limit on CLOSE-WAIT owners that never close.

import { Cause, Counter, Errno, State } from "../constants";
import { count } from "../counter";
import { elapsed, globals } from "../globals";
import { atLeastZero, both, either, smaller } from "../order";
import { resetOwned } from "./abandon";
import { makeReady } from "./ready";
import { isWaiting, schedule } from "./schedule";
import { inStates, isAllAcknowledged, isState, SENDING_STATES } from "./state";
import { clear, Flag, has, set, tcb } from "./tcb";
import { NEVER } from "../timer/deadline";

/** States in which a peer that is gone would never be missed. */
const WATCHED_STATES: u32 = SENDING_STATES | (1 << State.FIN_WAIT_2);

/** ms until a moment so many seconds after a stamp; 0 when it has passed. */
function left(stampMs: u32, seconds: u32): u32 {
  const past = elapsed(stampMs);
  return seconds * 1000 > past ? seconds * 1000 - past : 0;
}

/** While something is in flight or waits, its retransmissions and probes find out. */
function isIdle(): bool {
  return both(isAllAcknowledged(), !isWaiting());
}

/** ms until the next keepalive probe, or the end of the wait for an answer to the last. */
function keepaliveLeft(): u32 {
  if (!both(tcb.keepAlive != 0, inStates(WATCHED_STATES))) return NEVER;
  if (!isIdle()) return <u32>tcb.keepIdleSeconds * 1000;
  if (tcb.retries == 0) return left(tcb.heardMs, tcb.keepIdleSeconds);
  return atLeastZero(tcb.lifeMs - globals.nowMs);
}

function closeWaitLeft(): u32 {
  const limit = <u32>globals.closeWaitSeconds;
  return both(limit != 0, isState(State.CLOSE_WAIT)) ? left(tcb.changedMs, limit) : NEVER;
}

/** Sets the deadline of the life timer; the caller schedules it. */
export function startLife(ms: u32): void {
  set(Flag.LIFE);
  tcb.lifeMs = globals.nowMs + ms;
}

/** Without progress of the peer a connection ends, that has no owner to end it. */
export function limitLife(): void {
  startLife(<u32>globals.orphanSeconds * 1000);
  schedule();
}

/** Arms the life timer of a connection with an owner for what comes first. */
export function watch(): void {
  if (!has(Flag.OWNED | Flag.QUEUED)) return; // an orphan has its own limit
  const ms = smaller(keepaliveLeft(), closeWaitLeft());
  if (ms == NEVER) clear(Flag.LIFE);
  else startLife(ms);
  schedule();
}

/** The connection is open. */
export function startWatch(): void {
  tcb.heardMs = globals.nowMs;
  watch();
}

/** The peer was heard: probes are answered, also those of before keepalive was switched off. */
export function heard(): void {
  tcb.heardMs = globals.nowMs;
  if (!both(tcb.retries != 0, isIdle())) return;
  tcb.retries = 0;
  watch(); // the idle time may be shorter than what was left to wait
}

/** The life timer of a connection with an owner. True: the connection is over. */
export function watchEnds(): bool {
  const waited = closeWaitLeft() == 0;
  const silent = keepaliveLeft() == 0;
  if (either(waited, both(silent, tcb.retries >= tcb.keepProbes))) {
    count(waited ? Counter.TCP_CLOSE_WAIT_LIMITED : Counter.TCP_TIMEOUTS);
    resetOwned(Errno.ETIMEDOUT, Cause.TIMEOUT);
    return true;
  }
  if (silent) {
    tcb.retries += 1;
    count(Counter.TCP_KEEPALIVE_PROBES);
    startLife(<u32>tcb.keepIntervalSeconds * 1000);
    set(Flag.KEEP_PROBE);
    makeReady();
  }
  watch();
  return false;
}
