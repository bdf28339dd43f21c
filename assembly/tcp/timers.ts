// What happens when a connection's time has come (RFC 9293 3.10.8): delayed acknowledgment,
// retransmission, probe, 2 x MSL, and the limits of orphans and of FIN-WAIT-2.

import { R1_RETRIES } from "../config";
import { Cause, Counter, Errno, Event, State } from "../constants";
import { count } from "../counter";
import { globals } from "../globals";
import { raise } from "../event";
import { recheck } from "../link/neighbour";
import { onTimeout } from "./congestion";
import { discard, resetAndForget } from "./abandon";
import { end, release } from "./pool";
import { firstWaiter, makeReady, unready } from "./ready";
import { rto } from "./rtt";
import { schedule, startTimer } from "./schedule";
import { Flag, Tcb, clear, has, nodeOfTcb, set, tcbAt } from "./tcb";

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

/** True: the connection is gone. */
function timerEnds(t: Tcb): bool {
  switch (<u32>t.state) {
    case State.CLOSED:
    case State.LISTEN:
    case State.FIN_WAIT_2:
      return false;
    case State.TIME_WAIT:
      end(t, 0, Cause.TIMEOUT);
      return true;
    case State.SYN_SENT:
    case State.SYN_RECEIVED:
      return synTimeout(t);
    case State.ESTABLISHED:
    case State.CLOSE_WAIT:
    case State.FIN_WAIT_1:
    case State.CLOSING:
    case State.LAST_ACK:
      return has(t, Flag.PERSIST) ? persistTimeout(t) : dataTimeout(t);
    default:
      return false;
  }
}

/** RFC 9293 section 3.8.3: R2 in time without progress. */
function isPastR2(t: Tcb, seconds: u32): bool {
  return globals.nowMs - t.progressMs >= seconds * 1000;
}

function backOff(t: Tcb): void {
  if (t.backoff < 16) t.backoff += 1;
  if (t.retries < 255) t.retries += 1;
}

function timedOut(t: Tcb): bool {
  count(Counter.TCP_TIMEOUTS);
  end(t, t.error == Errno.EHOSTUNREACH ? Errno.EHOSTUNREACH : Errno.ETIMEDOUT, Cause.TIMEOUT);
  return true;
}

function synTimeout(t: Tcb): bool {
  if (isPastR2(t, globals.synR2Seconds)) return timedOut(t);
  backOff(t);
  clear(t, Flag.TIMING);
  set(t, Flag.SYN_DUE | Flag.SYN_LOST);
  startTimer(t, rto(t));
  makeReady(t);
  return false;
}

function dataTimeout(t: Tcb): bool {
  if (t.sndUna == t.sndNxt) {
    makeReady(t); // nothing in flight: there was no way for what waits, so it tries again
    return false;
  }
  if (isPastR2(t, t.r2Seconds)) return timedOut(t);
  onTimeout(t);
  backOff(t);
  if (<u32>t.retries == R1_RETRIES) {
    raise(nodeOfTcb(t), Event.TROUBLE);
    recheck(t.neighbour);
  }
  clear(t, Flag.TIMING);
  startTimer(t, rto(t));
  makeReady(t);
  return false;
}

/** Section 3.8.6.1: probes go on for as long as they are answered. */
function persistTimeout(t: Tcb): bool {
  if (isPastR2(t, t.r2Seconds) && <u32>t.retries >= R1_RETRIES) return timedOut(t);
  backOff(t);
  set(t, Flag.PROBE);
  startTimer(t, rto(t));
  makeReady(t);
  return false;
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
    if (has(t, Flag.RESET)) {
      release(t);
    } else if (<u32>t.state == State.SYN_SENT) {
      end(t, Errno.EHOSTUNREACH, Cause.UNREACHABLE);
    } else {
      t.error = <u8>Errno.EHOSTUNREACH;
      raise(node, Event.SOFT_ERROR);
      if (!has(t, Flag.TIMER)) startTimer(t, rto(t));
    }
  }
}
