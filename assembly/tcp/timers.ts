// What happens when a connection's time has come (RFC 9293 3.10.8): delayed acknowledgment,
// retransmission, probe, 2 x MSL, and the limits of orphans and of FIN-WAIT-2.

import { noRoute } from "./unreachable";
import { tell, isIn, OPENING_STATES, SENDING_STATES } from "./state";
import { R1_RETRIES } from "../config";
import { Cause, Counter, Errno, Event, State } from "../constants";
import { count } from "../counter";
import { globals } from "../globals";
import { recheck } from "../link/neighbour";
import { onTimeout } from "./congestion";
import { discard, resetAndForget } from "./abandon";
import { end } from "./pool";
import { firstWaiter, makeReady, unready } from "./ready";
import { isWaiting, schedule, startRto } from "./schedule";
import { Flag, Tcb, clear, has, set, tcbAt } from "./tcb";

function isDue(deadlineMs: u32): bool {
  return <i32>(deadlineMs - globals.nowMs) <= 0;
}

/** The timer node of a connection expired: it stood for the earliest of its deadlines. */
export function tcbExpired(node: u32): void {
  const t = tcbAt(node);
  if (has(t, Flag.ACK_DELAYED) && isDue(t.ackMs)) {
    clear(t, Flag.ACK_DELAYED);
    set(t, Flag.ACK_NOW);
    makeReady(t);
  }
  if (has(t, Flag.LIFE) && isDue(t.lifeMs) && lifeEnds(t)) return;
  if (has(t, Flag.TIMER) && isDue(t.timerMs)) {
    clear(t, Flag.TIMER);
    if (timerEnds(t)) return;
  }
  schedule(t);
}

/** True: the connection is gone. CLOSED, LISTEN and FIN-WAIT-2 have no such timer. */
function timerEnds(t: Tcb): bool {
  const state = <u32>t.state;
  if (isIn(state, OPENING_STATES)) return synTimeout(t);
  if (isIn(state, SENDING_STATES)) {
    return has(t, Flag.PERSIST) ? persistTimeout(t) : dataTimeout(t);
  }
  if (state != State.TIME_WAIT) return false;
  end(t, 0, Cause.TIMEOUT);
  return true;
}

/** RFC 9293 section 3.8.3: R2 in time without progress. */
function isPastR2(t: Tcb, seconds: u32): bool {
  return globals.nowMs - t.progressMs >= seconds * 1000;
}

/** Something is to leave again, and later each time. */
function tryAgain(t: Tcb): bool {
  if (t.backoff < 16) t.backoff += 1;
  if (t.retries < 255) t.retries += 1;
  startRto(t);
  makeReady(t);
  return false;
}

function timedOut(t: Tcb): bool {
  count(Counter.TCP_TIMEOUTS);
  end(t, t.error == Errno.EHOSTUNREACH ? Errno.EHOSTUNREACH : Errno.ETIMEDOUT, Cause.TIMEOUT);
  return true;
}

function synTimeout(t: Tcb): bool {
  if (isPastR2(t, globals.synR2Seconds)) return timedOut(t);
  clear(t, Flag.TIMING);
  set(t, t.sndNxt == t.iss ? Flag.SYN_DUE : Flag.SYN_DUE | Flag.SYN_LOST);
  return tryAgain(t);
}

function dataTimeout(t: Tcb): bool {
  if (t.sndUna == t.sndNxt) return waitTimeout(t);
  if (isPastR2(t, t.r2Seconds)) return timedOut(t);
  onTimeout(t);
  if (<u32>t.retries == R1_RETRIES - 1) {
    tell(t, Event.TROUBLE);
    recheck(t.neighbour);
  }
  clear(t, Flag.TIMING);
  return tryAgain(t);
}

/** Nothing is in flight: there was no way for what waits (noRoute). Data wait until R2. */
function waitTimeout(t: Tcb): bool {
  const waits = isWaiting(t);
  if (waits && isPastR2(t, t.r2Seconds)) return timedOut(t);
  if (!waits) t.progressMs = globals.nowMs; // an acknowledgment alone waits as long as it must
  if (waits || has(t, Flag.ACK_NOW)) return tryAgain(t);
  t.backoff = 0;
  t.retries = 0;
  return false;
}

/** Section 3.8.6.1: probes go on for as long as they are answered. */
function persistTimeout(t: Tcb): bool {
  if (isPastR2(t, t.r2Seconds) && <u32>t.retries >= R1_RETRIES) return timedOut(t);
  set(t, Flag.PROBE);
  return tryAgain(t);
}

/** An orphan lives on while the peer makes progress. Deviation: 60 s without, even below R2. */
function lifeEnds(t: Tcb): bool {
  const limit = globals.orphanSeconds * 1000;
  const last = <u32>t.state == State.FIN_WAIT_2 ? t.changedMs : t.progressMs;
  const quiet = globals.nowMs - last;
  if (quiet < limit) {
    t.lifeMs = last + limit;
    return false;
  }
  count(Counter.TCP_TIMEOUTS);
  // In FIN-WAIT-2 everything of ours has arrived: no RST is needed.
  if (<u32>t.state == State.FIN_WAIT_2) discard(t, Cause.TIMEOUT);
  else resetAndForget(t, Cause.TIMEOUT);
  return true;
}

/** A next hop that does not answer: what waits for it tries again later, or never will. */
export function neighbourFailed(neighbour: u32): void {
  for (;;) {
    const node = firstWaiter(neighbour);
    if (node < 0) return;
    const t = tcbAt(node);
    unready(t);
    if (<u32>t.state == State.SYN_SENT) end(t, Errno.EHOSTUNREACH, Cause.UNREACHABLE);
    else noRoute(t);
  }
}
