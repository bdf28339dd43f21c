// What happens when a connection's time has come (RFC 9293 3.10.8): delayed acknowledgment,
// retransmission, probe, 2 x MSL, and the limits of orphans and of FIN-WAIT-2.

import { DEFAULT_MSS, PATH_MTU, R1_RETRIES } from "../config";
import { Cause, Counter, Errno, Event, State } from "../constants";
import { count } from "../counter";
import { elapsed, globals } from "../globals";
import { recheck } from "../link/neighbour";
import { both, either, smaller } from "../order";
import { discard, resetAndForget } from "./abandon";
import { flight, onTimeout } from "./congestion";
import { end } from "./pool";
import { makeReady, oweAckNow } from "./ready";
import { rto } from "./rtt";
import { isWaiting, schedule, startTimer } from "./schedule";
import {
  inStates,
  isHalfOpen,
  isAllAcknowledged,
  isState,
  noteProgress,
  OPENING_STATES,
  tell,
} from "./state";
import { clear, Flag, has, select, set, tcb } from "./tcb";
import { fitPath, noRoute, PLAIN_MTU } from "./unreachable";
import { watchEnds } from "./watch";
import { TIMESTAMP_BYTES } from "../wire/tcp";

/** True if the deadline that a flag arms has come. */
function isDue(flag: u32, deadlineMs: u32): bool {
  return both(has(flag), <i32>(deadlineMs - globals.nowMs) <= 0);
}

/** The timer node of a connection expired: it stood for the earliest of its deadlines. */
export function tcbExpired(node: u32): void {
  select(node);
  if (isDue(Flag.ACK_DELAYED, tcb.ackMs)) {
    clear(Flag.ACK_DELAYED);
    oweAckNow();
  }
  if (isDue(Flag.LIFE, tcb.lifeMs) && lifeEnds()) return;
  if (isDue(Flag.TIMER, tcb.timerMs)) {
    clear(Flag.TIMER);
    if (timerEnds()) return;
  }
  schedule();
}

/** True: the connection is gone. */
function timerEnds(): bool {
  if (isState(State.TIME_WAIT)) {
    end(0, Cause.TIMEOUT);
    return true;
  }
  const passive = isHalfOpen();
  if (passive && <u32>tcb.retries >= <u32>globals.synAckRetries) {
    count(Counter.TCP_HANDSHAKE_TIMEOUTS);
    resetAndForget(Cause.TIMEOUT);
    return true;
  }
  const opening = inStates(OPENING_STATES);
  const probing = has(Flag.PERSIST);
  const waits = isWaiting();
  // Nothing is in flight: there was no way for what waits (noRoute).
  const idle = both(!opening, isAllAcknowledged());
  // RFC 9293 section 3.8.3: R2 in time without progress. Section 3.8.6.1: probes go on for as long
  // as they are answered; an acknowledgment alone waits as long as it must.
  const limit = <u32>(opening ? globals.synR2Seconds : tcb.r2Seconds) * 1000;
  let over: bool = both(!passive, elapsed(tcb.progressMs) >= limit);
  if (probing) over = both(over, <u32>tcb.retries >= R1_RETRIES);
  else if (idle) over = both(over, waits);
  else over = both(over, tcb.retries != 0); // a host that slept through R2 tries once
  if (over) return timedOut();
  if (probing) {
    set(Flag.PROBE);
    count(Counter.TCP_PROBES);
  } else if (opening) synTimeout();
  else if (!idle) dataTimeout();
  else if (!waits) {
    noteProgress();
    if (!has(Flag.ACK_NOW)) {
      tcb.backoff = 0;
      return false;
    }
  }
  // Something is to leave again, and later each time.
  if (tcb.backoff < 16) tcb.backoff += 1;
  // What waits for a way is no retransmission: meanwhile keepalive counts its probes.
  if (both(either(!idle, probing), tcb.retries < 255)) tcb.retries += 1;
  // RFC 9293 section 3.10.8: the user timeout ends it when it expires, not at the next try. If it has
  // expired already, this try gets its time.
  const left = limit - elapsed(tcb.progressMs);
  startTimer(either(passive, probing) ? rto() : smaller(rto() - 1, left - 1) + 1);
  makeReady();
  return false;
}

function timedOut(): bool {
  count(Counter.TCP_TIMEOUTS);
  const unreachable = <u32>tcb.error == Errno.EHOSTUNREACH;
  end(unreachable ? Errno.EHOSTUNREACH : Errno.ETIMEDOUT, Cause.TIMEOUT);
  return true;
}

function synTimeout(): void {
  clear(Flag.TIMING); // Karn
  set(tcb.sndNxt == tcb.iss ? Flag.SYN_DUE : Flag.SYN_DUE | Flag.SYN_LOST);
}

function dataTimeout(): void {
  const retries = <u32>tcb.retries;
  // RFC 4821 section 7.7: what does not arrive may be too long for a path whose routers do not say so.
  const long = flight() > DEFAULT_MSS - TIMESTAMP_BYTES;
  if (PATH_MTU && both(retries == R1_RETRIES, long)) fitPath(PLAIN_MTU);
  onTimeout();
  if (retries != R1_RETRIES - 1) return;
  tell(Event.TROUBLE);
  recheck(tcb.neighbour);
}

/** An orphan lives on while the peer makes progress. Deviation: 60 s without, even below R2. */
function lifeEnds(): bool {
  if (has(Flag.OWNED | Flag.QUEUED)) return watchEnds();
  const finished = isState(State.FIN_WAIT_2);
  const since = finished ? tcb.changedMs : tcb.progressMs;
  const limit = <u32>globals.orphanSeconds * 1000;
  if (elapsed(since) < limit) {
    tcb.lifeMs = since + limit;
    return false;
  }
  count(Counter.TCP_TIMEOUTS);
  // In FIN-WAIT-2 everything of ours has arrived: no RST is needed.
  if (finished) discard(Cause.TIMEOUT);
  else resetAndForget(Cause.TIMEOUT);
  return true;
}

/** The next hop of a connection does not answer: it tries again later, or never will. */
export function nextHopFailed(node: u32): void {
  select(node);
  if (isState(State.SYN_SENT)) end(Errno.EHOSTUNREACH, Cause.UNREACHABLE);
  else noRoute();
}
