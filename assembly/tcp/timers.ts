// What happens when a connection's time has come (RFC 9293 3.10.8): delayed acknowledgment,
// retransmission, probe, 2 x MSL, and the limits of orphans and of FIN-WAIT-2.

import { R1_RETRIES } from "../config";
import { Cause, Counter, Errno, Event, State } from "../constants";
import { count } from "../counter";
import { elapsed, globals } from "../globals";
import { recheck } from "../link/neighbour";
import { discard, resetAndForget } from "./abandon";
import { onTimeout } from "./congestion";
import { end } from "./pool";
import { firstWaiter, makeReady, unready } from "./ready";
import { isWaiting, schedule, startRto } from "./schedule";
import {
  inStates,
  isAllAcknowledged,
  isState,
  noteProgress,
  OPENING_STATES,
  SENDING_STATES,
  tell,
} from "./state";
import { clear, Flag, has, select, set, tcb } from "./tcb";
import { noRoute } from "./unreachable";

function isDue(deadlineMs: u32): bool {
  return <i32>(deadlineMs - globals.nowMs) <= 0;
}

/** The timer node of a connection expired: it stood for the earliest of its deadlines. */
export function tcbExpired(node: u32): void {
  select(node);
  if (has(Flag.ACK_DELAYED) && isDue(tcb.ackMs)) {
    clear(Flag.ACK_DELAYED);
    set(Flag.ACK_NOW);
    makeReady();
  }
  if (has(Flag.LIFE) && isDue(tcb.lifeMs) && lifeEnds()) return;
  if (has(Flag.TIMER) && isDue(tcb.timerMs)) {
    clear(Flag.TIMER);
    if (timerEnds()) return;
  }
  schedule();
}

/** True: the connection is gone. CLOSED, LISTEN and FIN-WAIT-2 have no such timer. */
function timerEnds(): bool {
  if (inStates(OPENING_STATES)) return synTimeout();
  if (inStates(SENDING_STATES)) {
    return has(Flag.PERSIST) ? persistTimeout() : dataTimeout();
  }
  if (!isState(State.TIME_WAIT)) return false;
  end(0, Cause.TIMEOUT);
  return true;
}

/** RFC 9293 section 3.8.3: R2 in time without progress. */
function isPastR2(seconds: u32): bool {
  return elapsed(tcb.progressMs) >= seconds * 1000;
}

/** Something is to leave again, and later each time. */
function tryAgain(): bool {
  if (tcb.backoff < 16) tcb.backoff += 1;
  if (tcb.retries < 255) tcb.retries += 1;
  startRto();
  makeReady();
  return false;
}

function timedOut(): bool {
  count(Counter.TCP_TIMEOUTS);
  end(tcb.error == Errno.EHOSTUNREACH ? Errno.EHOSTUNREACH : Errno.ETIMEDOUT, Cause.TIMEOUT);
  return true;
}

function synTimeout(): bool {
  if (isPastR2(globals.synR2Seconds)) return timedOut();
  clear(Flag.TIMING);
  set(tcb.sndNxt == tcb.iss ? Flag.SYN_DUE : Flag.SYN_DUE | Flag.SYN_LOST);
  return tryAgain();
}

function dataTimeout(): bool {
  if (isAllAcknowledged()) return waitTimeout();
  if (isPastR2(tcb.r2Seconds)) return timedOut();
  onTimeout();
  if (<u32>tcb.retries == R1_RETRIES - 1) {
    tell(Event.TROUBLE);
    recheck(tcb.neighbour);
  }
  clear(Flag.TIMING);
  return tryAgain();
}

/** Nothing is in flight: there was no way for what waits (noRoute). Data wait until R2. */
function waitTimeout(): bool {
  const waits = isWaiting();
  if (waits && isPastR2(tcb.r2Seconds)) return timedOut();
  if (!waits) noteProgress(); // an acknowledgment alone waits as long as it must
  if (waits || has(Flag.ACK_NOW)) return tryAgain();
  tcb.backoff = 0;
  tcb.retries = 0;
  return false;
}

/** Section 3.8.6.1: probes go on for as long as they are answered. */
function persistTimeout(): bool {
  if (isPastR2(tcb.r2Seconds) && <u32>tcb.retries >= R1_RETRIES) return timedOut();
  set(Flag.PROBE);
  return tryAgain();
}

/** An orphan lives on while the peer makes progress. Deviation: 60 s without, even below R2. */
function lifeEnds(): bool {
  const limit = globals.orphanSeconds * 1000;
  const last = isState(State.FIN_WAIT_2) ? tcb.changedMs : tcb.progressMs;
  const quiet = elapsed(last);
  if (quiet < limit) {
    tcb.lifeMs = last + limit;
    return false;
  }
  count(Counter.TCP_TIMEOUTS);
  // In FIN-WAIT-2 everything of ours has arrived: no RST is needed.
  if (isState(State.FIN_WAIT_2)) discard(Cause.TIMEOUT);
  else resetAndForget(Cause.TIMEOUT);
  return true;
}

/** A next hop that does not answer: what waits for it tries again later, or never will. */
export function neighbourFailed(neighbour: u32): void {
  for (;;) {
    const node = firstWaiter(neighbour);
    if (node < 0) return;
    select(node);
    unready();
    if (isState(State.SYN_SENT)) end(Errno.EHOSTUNREACH, Cause.UNREACHABLE);
    else noRoute();
  }
}
