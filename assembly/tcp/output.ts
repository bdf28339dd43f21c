// What leaves next: one segment of one connection. Input: the ready lists; output: a frame in
// TX_FRAME. Decide first (repair, new data, FIN, acknowledgment), then find the way, then build.

import { OPENING_STATES, SENDING_STATES, isIn } from "./state";
import { noRoute } from "./unreachable";
import { FAST_RECOVERY } from "../config";
import { atLeastZero, larger, lower, smaller } from "../order";
import { Counter, State } from "../constants";
import { count } from "../counter";
import { NO_RING, ringAt, ringRead } from "../buffer/ring";
import { globals } from "../globals";
import { LOOPBACK } from "../link/interface";
import { isKnown } from "../link/neighbour";
import { READY_HEAD } from "../memory";
import { listFirst, listUnlink } from "../buffer/list";
import { ACK, FIN, PSH, RST, SYN } from "../wire/tcp";
import { buildData, buildSend } from "./build";
import { congestionEdge, restartAfterIdle } from "./congestion";
import { release } from "./pool";
import { makeReady, waitFor } from "./ready";
import { acknowledged, bareSeq, buildFor } from "./reply";
import { neighbourTo } from "./route";
import { startTiming } from "./rtt";
import { startRto } from "./schedule";
import { seqGt, seqLt, seqMin } from "./seq";
import { Flag, Tcb, clear, has, set, tcbAt } from "./tcb";

// What decide() chose; scratch of one call.
let outSeq: u32 = 0;
let outLength: u32 = 0;
let outFlags: u32 = 0;
let outRepair: bool = false;

/** The next segment of an interface (or LOOPBACK): the frame's length, or 0. */
export function tcpTransmit(iface: u32): u32 {
  let n: u32 = 0;
  while (n == 0) {
    const node = firstReady(iface);
    if (node < 0) break;
    listUnlink(node);
    n = segmentOf(tcbAt(node), iface);
  }
  return n;
}

/** The first connection that is ready on an interface (or LOOPBACK), or -1. */
export function firstReady(iface: u32): i32 {
  return listFirst(READY_HEAD + iface);
}

function segmentOf(t: Tcb, iface: u32): u32 {
  if (!decide(t)) return 0;
  let neighbour: u32 = 0;
  if (iface != LOOPBACK) {
    const i = neighbourTo(iface, t, t.neighbour, 0);
    if (i < 0) {
      noRoute(t);
      return 0;
    }
    t.neighbour = <u16>i;
    if (!isKnown(i)) {
      waitFor(t, i);
      return 0;
    }
    neighbour = i;
  }
  return emit(t, iface, neighbour);
}

/** Chooses what to send; false: nothing. */
function decide(t: Tcb): bool {
  outSeq = t.sndNxt;
  outLength = 0;
  outFlags = ACK;
  outRepair = false;
  if (has(t, Flag.RESET)) {
    outSeq = bareSeq(t);
    outFlags = RST | ACK;
    return true;
  }
  const state = <u32>t.state;
  if (isIn(state, OPENING_STATES)) {
    outSeq = t.iss;
    outFlags = state == State.SYN_SENT ? SYN : SYN | ACK;
    return has(t, Flag.SYN_DUE | Flag.ACK_NOW);
  }
  if (isIn(state, SENDING_STATES)) {
    if (decideRepair(t) || decideNew(t)) return true;
    outSeq = bareSeq(t);
  }
  // FIN-WAIT-2 and TIME-WAIT have nothing but this; CLOSED and LISTEN not even this.
  return has(t, Flag.ACK_NOW);
}

/** Something sent before, from sndRtx on, as far as the congestion window allows. */
function decideRepair(t: Tcb): bool {
  if (!seqLt(t.sndRtx, t.rtxEnd)) return false;
  const first = t.sndRtx == t.sndUna;
  const finOut = has(t, Flag.FIN_SENT);
  const data = seqMin(seqMin(t.sndEnd, t.sndNxt), t.rtxEnd);
  let length: u32 = seqLt(t.sndRtx, data) ? smaller(data - t.sndRtx, t.sndMss) : 0;
  const window = t.sndUna + t.sndWnd - t.sndRtx;
  if (<i32>window < <i32>length) length = <i32>window > 0 ? window : first ? 1 : 0;
  const fin = finOut && t.sndRtx + length == t.sndEnd;
  if (length == 0 && !fin) {
    if (!seqLt(t.sndRtx, data)) t.sndRtx = t.rtxEnd;
    return false;
  }
  if (!first && seqGt(t.sndRtx + length, t.sndUna + t.cwnd)) return false;
  outSeq = t.sndRtx;
  outLength = length;
  if (fin) outFlags |= FIN;
  if (outSeq + length == t.sndEnd) outFlags |= PSH; // MUST-61
  outRepair = true;
  return true;
}

/** New data and FIN, within the windows, not in small pieces (section 3.8.6.2.1, 3.7.4). */
function decideNew(t: Tcb): bool {
  const waiting: i32 = has(t, Flag.FIN_SENT) ? -1 : <i32>(t.sndEnd - t.sndNxt);
  const probe = has(t, Flag.PROBE); // until something leaves
  if (probe && t.sndUna != t.sndNxt) return decideProbe(t);
  const fin = has(t, Flag.FIN_QUEUED);
  if (waiting < 0 || (waiting == 0 && !fin)) return false;
  if (t.sndUna == t.sndNxt) restartAfterIdle(t);
  const offered = <i32>(t.sndUna + t.sndWnd - t.sndNxt);
  const allowed = lower(offered, <i32>(congestionEdge(t) - t.sndNxt));
  let length = lower(waiting, lower(atLeastZero(allowed), t.sndMss));
  const last = length == waiting;
  let sendFin: bool = fin && last && allowed > length;
  const idle = t.sndUna == t.sndNxt;
  let now = sendFin || length == <i32>t.sndMss;
  if (length > 0 && !now) {
    if (last) now = idle || t.noDelay != 0 || fin;
    else now = <u32>length >= t.maxSndWnd >> 1 && offered == length;
  }
  if (!now && probe) {
    // The override: after the timer anything may go, into a closed window one byte.
    length = waiting > 0 ? larger(length, 1) : 0;
    sendFin = waiting == 0;
    now = true;
    count(Counter.TCP_PROBES);
  }
  if (!now) {
    if (idle && !has(t, Flag.TIMER)) startProbing(t);
    return false;
  }
  outLength = length;
  if (<i32>length == waiting) outFlags |= PSH;
  if (sendFin) outFlags |= FIN;
  return true;
}

/** The first byte in flight again, to see whether the closed window has opened. */
function decideProbe(t: Tcb): bool {
  outSeq = t.sndUna;
  outRepair = true;
  if (seqLt(t.sndUna, t.sndEnd)) outLength = 1;
  else outFlags |= FIN;
  count(Counter.TCP_PROBES);
  return true;
}

/** Section 3.8.6.1: data wait, nothing is in flight, the window is shut or too small. */
function startProbing(t: Tcb): void {
  t.progressMs = globals.nowMs;
  set(t, Flag.PERSIST);
  startRto(t);
}

function emit(t: Tcb, iface: u32, neighbour: u32): u32 {
  const flags = outLength == 0 ? outFlags & ~PSH : outFlags;
  buildFor(t, outSeq, flags);
  if (outLength > 0) {
    assert(<u32>t.sendRing != NO_RING);
    ringRead(ringAt(t.sendRing), outSeq, buildData(), outLength);
  }
  acknowledged(t);
  const reset = (flags & RST) != 0;
  if (!reset) account(t, flags);
  const n = buildSend(iface, neighbour, t, outLength, t.ttl, t.dscp);
  if (reset) {
    count(Counter.TCP_RESETS_SENT);
    release(t);
  } else if ((flags & SYN) == 0) {
    makeReady(t); // there may be more
  }
  return n;
}

/** Moves the send variables past what was just built, and sees to the timer. */
function account(t: Tcb, flags: u32): void {
  const numbers = outLength + (flags & FIN ? 1 : 0);
  if (flags & SYN) {
    clear(t, Flag.SYN_DUE);
    if (t.retries == 0) startTiming(t, t.iss + 1);
    t.sndNxt = t.iss + 1;
    startRto(t);
    return;
  }
  if (numbers == 0) return;
  clear(t, Flag.PROBE);
  if (outRepair) {
    clear(t, Flag.TIMING); // Karn
    if (outSeq == t.sndRtx) t.sndRtx += numbers;
    count(
      FAST_RECOVERY && has(t, Flag.RECOVERY)
        ? Counter.TCP_FAST_RETRANSMITS
        : Counter.TCP_TIMEOUT_RETRANSMITS,
    );
  } else {
    if (t.sndUna == t.sndNxt && !has(t, Flag.PERSIST)) {
      t.progressMs = globals.nowMs;
      t.retries = 0;
      clear(t, Flag.TIMER); // it may have stood for a route that was missing
    }
    t.sndNxt += numbers;
    if (flags & FIN) set(t, Flag.FIN_SENT);
    if (!has(t, Flag.LOSS | Flag.RECOVERY)) startTiming(t, t.sndNxt);
  }
  if (!has(t, Flag.TIMER) || (has(t, Flag.PERSIST) && t.sndWnd != 0)) {
    if (t.sndWnd == 0) set(t, Flag.PERSIST);
    else clear(t, Flag.PERSIST);
    startRto(t);
  }
}
