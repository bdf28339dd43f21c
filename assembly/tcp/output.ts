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
import { clear, Flag, has, select, set, tcb } from "./tcb";

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
    select(node);
    n = segmentOf(iface);
  }
  return n;
}

/** The first connection that is ready on an interface (or LOOPBACK), or -1. */
export function firstReady(iface: u32): i32 {
  return listFirst(READY_HEAD + iface);
}

function segmentOf(iface: u32): u32 {
  if (!decide()) return 0;
  let neighbour: u32 = 0;
  if (iface != LOOPBACK) {
    const i = neighbourTo(iface, tcb, tcb.neighbour, 0);
    if (i < 0) {
      noRoute();
      return 0;
    }
    tcb.neighbour = <u16>i;
    if (!isKnown(i)) {
      waitFor(i);
      return 0;
    }
    neighbour = i;
  }
  return emit(iface, neighbour);
}

/** Chooses what to send; false: nothing. */
function decide(): bool {
  outSeq = tcb.sndNxt;
  outLength = 0;
  outFlags = ACK;
  outRepair = false;
  if (has(Flag.RESET)) {
    outSeq = bareSeq();
    outFlags = RST | ACK;
    return true;
  }
  const state = <u32>tcb.state;
  if (isIn(state, OPENING_STATES)) {
    outSeq = tcb.iss;
    outFlags = state == State.SYN_SENT ? SYN : SYN | ACK;
    return has(Flag.SYN_DUE | Flag.ACK_NOW);
  }
  if (isIn(state, SENDING_STATES)) {
    if (decideRepair() || decideNew()) return true;
    outSeq = bareSeq();
  }
  // FIN-WAIT-2 and TIME-WAIT have nothing but this; CLOSED and LISTEN not even this.
  return has(Flag.ACK_NOW);
}

/** Something sent before, from sndRtx on, as far as the congestion window allows. */
function decideRepair(): bool {
  if (!seqLt(tcb.sndRtx, tcb.rtxEnd)) return false;
  const first = tcb.sndRtx == tcb.sndUna;
  const finOut = has(Flag.FIN_SENT);
  const data = seqMin(seqMin(tcb.sndEnd, tcb.sndNxt), tcb.rtxEnd);
  let length: u32 = seqLt(tcb.sndRtx, data) ? smaller(data - tcb.sndRtx, tcb.sndMss) : 0;
  const window = tcb.sndUna + tcb.sndWnd - tcb.sndRtx;
  if (<i32>window < <i32>length) length = <i32>window > 0 ? window : first ? 1 : 0;
  const fin = finOut && tcb.sndRtx + length == tcb.sndEnd;
  if (length == 0 && !fin) {
    if (!seqLt(tcb.sndRtx, data)) tcb.sndRtx = tcb.rtxEnd;
    return false;
  }
  if (!first && seqGt(tcb.sndRtx + length, tcb.sndUna + tcb.cwnd)) return false;
  outSeq = tcb.sndRtx;
  outLength = length;
  if (fin) outFlags |= FIN;
  if (outSeq + length == tcb.sndEnd) outFlags |= PSH; // MUST-61
  outRepair = true;
  return true;
}

/** New data and FIN, within the windows, not in small pieces (section 3.8.6.2.1, 3.7.4). */
function decideNew(): bool {
  const waiting: i32 = has(Flag.FIN_SENT) ? -1 : <i32>(tcb.sndEnd - tcb.sndNxt);
  const probe = has(Flag.PROBE); // until something leaves
  if (probe && tcb.sndUna != tcb.sndNxt) return decideProbe();
  const fin = has(Flag.FIN_QUEUED);
  if (waiting < 0 || (waiting == 0 && !fin)) return false;
  if (tcb.sndUna == tcb.sndNxt) restartAfterIdle();
  const offered = <i32>(tcb.sndUna + tcb.sndWnd - tcb.sndNxt);
  const allowed = lower(offered, <i32>(congestionEdge() - tcb.sndNxt));
  let length = lower(waiting, lower(atLeastZero(allowed), tcb.sndMss));
  const last = length == waiting;
  let sendFin: bool = fin && last && allowed > length;
  const idle = tcb.sndUna == tcb.sndNxt;
  let now = sendFin || length == <i32>tcb.sndMss;
  if (length > 0 && !now) {
    if (last) now = idle || tcb.noDelay != 0 || fin;
    else now = <u32>length >= tcb.maxSndWnd >> 1 && offered == length;
  }
  if (!now && probe) {
    // The override: after the timer anything may go, into a closed window one byte.
    length = waiting > 0 ? larger(length, 1) : 0;
    sendFin = waiting == 0;
    now = true;
    count(Counter.TCP_PROBES);
  }
  if (!now) {
    if (idle && !has(Flag.TIMER)) startProbing();
    return false;
  }
  outLength = length;
  if (<i32>length == waiting) outFlags |= PSH;
  if (sendFin) outFlags |= FIN;
  return true;
}

/** The first byte in flight again, to see whether the closed window has opened. */
function decideProbe(): bool {
  outSeq = tcb.sndUna;
  outRepair = true;
  if (seqLt(tcb.sndUna, tcb.sndEnd)) outLength = 1;
  else outFlags |= FIN;
  count(Counter.TCP_PROBES);
  return true;
}

/** Section 3.8.6.1: data wait, nothing is in flight, the window is shut or too small. */
function startProbing(): void {
  tcb.progressMs = globals.nowMs;
  set(Flag.PERSIST);
  startRto();
}

function emit(iface: u32, neighbour: u32): u32 {
  const flags = outLength == 0 ? outFlags & ~PSH : outFlags;
  buildFor(outSeq, flags);
  if (outLength > 0) {
    assert(<u32>tcb.sendRing != NO_RING);
    ringRead(ringAt(tcb.sendRing), outSeq, buildData(), outLength);
  }
  acknowledged();
  const reset = (flags & RST) != 0;
  if (!reset) account(flags);
  const n = buildSend(iface, neighbour, tcb, outLength, tcb.ttl, tcb.dscp);
  if (reset) {
    count(Counter.TCP_RESETS_SENT);
    release();
  } else if ((flags & SYN) == 0) {
    makeReady(); // there may be more
  }
  return n;
}

/** Moves the send variables past what was just built, and sees to the timer. */
function account(flags: u32): void {
  const numbers = outLength + (flags & FIN ? 1 : 0);
  if (flags & SYN) {
    clear(Flag.SYN_DUE);
    if (tcb.retries == 0) startTiming(tcb.iss + 1);
    tcb.sndNxt = tcb.iss + 1;
    startRto();
    return;
  }
  if (numbers == 0) return;
  clear(Flag.PROBE);
  if (outRepair) {
    clear(Flag.TIMING); // Karn
    if (outSeq == tcb.sndRtx) tcb.sndRtx += numbers;
    count(
      FAST_RECOVERY && has(Flag.RECOVERY)
        ? Counter.TCP_FAST_RETRANSMITS
        : Counter.TCP_TIMEOUT_RETRANSMITS,
    );
  } else {
    if (tcb.sndUna == tcb.sndNxt && !has(Flag.PERSIST)) {
      tcb.progressMs = globals.nowMs;
      tcb.retries = 0;
      clear(Flag.TIMER); // it may have stood for a route that was missing
    }
    tcb.sndNxt += numbers;
    if (flags & FIN) set(Flag.FIN_SENT);
    if (!has(Flag.LOSS | Flag.RECOVERY)) startTiming(tcb.sndNxt);
  }
  if (!has(Flag.TIMER) || (has(Flag.PERSIST) && tcb.sndWnd != 0)) {
    if (tcb.sndWnd == 0) set(Flag.PERSIST);
    else clear(Flag.PERSIST);
    startRto();
  }
}
