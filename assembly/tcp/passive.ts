// Passive OPEN: whether a listener admits a SYN (a full pool slows the newcomer and never harms a
// connection that is open), and SYN-RECEIVED in a TCB where there is no SYN cache. Once its SYN+ACK
// had to be repeated, such a TCB makes room when records run out (RFC 4987 3.3); until then the
// newcomer waits.

import { CACHES, COOKIES, SOURCE_LIMITS, SPEED } from "../config";
import { Counter, Pool, State } from "../constants";
import { count } from "../counter";
import { globals } from "../globals";
import { addressEqual } from "../ip/addressing";
import { TIME_WAIT_ID } from "../memory";
import { both } from "../order";
import { hasFree, poolUsed } from "../pool";
import { startOpening } from "./adopt";
import { replyCookie } from "./cookie";
import { recordAt } from "./demux";
import { enqueue, listenerAt } from "./listener";
import { claimTcb, lendReceiveRing, receiveRingIsFree, tcbIsFree } from "./pool";
import { replyReset } from "./reply";
import { startTiming } from "./rtt";
import { startHandshake } from "./synCache";
import { answerSyn } from "./synSent";
import { remoteOf, tcb, tuple } from "./tcb";

/** RFC 9293 3.10.7.2, third: the current segment is a SYN for a listener. Answers SYN+ACK, or
 * nothing. afterSeq: the old connection's SND.NXT, or 0. */
export function synInput(listener: u32, afterSeq: u32): u32 {
  const refusal = refusalOf(listener);
  if (refusal >= 0) {
    if (CACHES && !hasFree(Pool.SYN_CACHE)) {
      globals.synOverflowed = 1;
      globals.synOverflowMs = globals.nowMs;
      // Its number could not be beyond those of a connection before.
      const only = COOKIES && refusal == Counter.TCP_ADMISSION_DROPS && hasRoom();
      if (COOKIES && only && afterSeq == 0) return replyCookie();
    }
    count(refusal);
    return listenerAt(listener).resetWhenFull ? replyReset() : 0;
  }
  return CACHES ? startHandshake(listener, afterSeq) : openPassive(listener, afterSeq);
}

/** The counter of the reason to refuse the current SYN, or -1. */
export function refusalOf(listener: u32): i32 {
  const l = listenerAt(listener);
  if (l.queued >= l.backlog) return Counter.TCP_BACKLOG_DROPS;
  if (!hasRoom()) return Counter.TCP_ADMISSION_DROPS;
  if (sourceIsFull(listener)) return Counter.TCP_SOURCE_LIMIT_DROPS;
  return CACHES && !hasFree(Pool.SYN_CACHE) ? Counter.TCP_ADMISSION_DROPS : -1;
}

/** True if a connection could be opened now. */
function hasRoom(): bool {
  return both(tcbIsFree(), receiveRingIsFree());
}

/** True if the sender of the current segment holds as many connections as one source may. */
export function sourceIsFull(listener: u32): bool {
  const limit = <u32>listenerAt(listener).sourceLimit;
  if (!SOURCE_LIMITS || limit == 0) return false;
  if (SPEED && poolUsed(Pool.TCB) + poolUsed(Pool.SYN_CACHE) < limit) return false;
  let held: u32 = 0;
  let id: u32 = 0;
  do {
    const e = recordAt(id);
    if (e.localPort != 0 && addressEqual(remoteOf(e), remoteOf(tuple))) held++;
  } while (++id < TIME_WAIT_ID);
  return held >= limit;
}

/** The current SYN becomes a connection in SYN-RECEIVED, without a receive ring yet. */
function openPassive(listener: u32, afterSeq: u32): u32 {
  claimTcb();
  tcb.listener = <u8>listener;
  tcb.state = <u8>State.LISTEN;
  startOpening(afterSeq);
  const length = answerSyn();
  startTiming(tcb.sndEnd);
  return length;
}

/** Its ACK has come: false if the queue of its listener is full, or no ring is free. */
export function admit(): bool {
  const l = listenerAt(tcb.listener);
  if (l.queued >= l.backlog || !lendReceiveRing()) return false;
  enqueue();
  count(Counter.TCP_PASSIVE_OPENS);
  return true;
}
