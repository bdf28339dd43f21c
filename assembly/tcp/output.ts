// What leaves next: one segment of one connection. Input: the ready lists; output: a frame in
// TX_FRAME. Decide first (repair, new data, FIN, acknowledgment), then find the way, then build.

import { NO_RING, ringAt, ringRead } from "../buffer/ring";
import {
  FAST_RECOVERY,
  NEIGHBOUR_REFRESH_MS,
  RETRANSMIT_TALLIES,
  SACK,
  USER_TIMEOUTS,
} from "../config";
import { Counter, State } from "../constants";
import { count } from "../counter";
import { isKnown, neighbourMac } from "../link/neighbour";
import { atLeastZero, both, either, larger, smaller } from "../order";
import { buildData, buildSend } from "./build";
import { congestionEdge, mayRepairMore, REPAIRS, restartAfterIdle } from "./congestion";
import { endReset } from "./pool";
import { makeReady, waitFor } from "./ready";
import { acknowledged, bareSeq, buildFor, hops } from "./reply";
import { neighbourTo } from "./route";
import { startTiming } from "./rtt";
import { sackBytes } from "./sack";
import { isWaiting, startRto } from "./schedule";
import {
  hasScoreboard,
  highestRange,
  holeEnd,
  noteRescue,
  pipeRoom,
  mayRescue,
  skipSacked,
} from "./scoreboard";
import { seqGeq, seqGt, seqLt, seqMax, seqMin } from "./seq";
import {
  inStates,
  isHalfOpen,
  isAllAcknowledged,
  isState,
  noteProgress,
  OPENING_STATES,
  SENDING_STATES,
} from "./state";
import { clear, countRetransmit, Flag, has, set, tcb } from "./tcb";
import { noRoute } from "./unreachable";
import { addUserTimeout } from "./userTimeout";
import { ACK, FIN, PSH, RST, SYN } from "../wire/tcp";

// What decide() chose; scratch of one call.
let outSeq: u32 = 0;
let outLength: u32 = 0;
let outFlags: u32 = 0;
let outRepair: bool = false;

/** The next segment of the current connection, which is ready on an interface (or LOOPBACK): the frame's
 * length, or 0. */
export function tcpTransmit(iface: u32): u32 {
  if (!decide()) return 0;
  // A handshake has proved nothing yet: it takes no neighbour's place that was used of late.
  const i = neighbourTo(iface, tcb, tcb.neighbour, <u32>isHalfOpen() * NEIGHBOUR_REFRESH_MS);
  if (i < 0) {
    noRoute();
    return 0;
  }
  tcb.neighbour = <u16>i;
  if (!isKnown(i)) {
    waitFor(i);
    return 0;
  }
  return emit(iface, i);
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
  if (inStates(OPENING_STATES)) {
    outSeq = tcb.iss;
    outFlags = isState(State.SYN_SENT) ? SYN : SYN | ACK;
    return has(Flag.SYN_DUE | Flag.ACK_NOW);
  }
  if (inStates(SENDING_STATES)) {
    if (decideRepair() || decideNew()) return true;
    if (SACK && mayRepairMore() && decideMore()) return true;
    outSeq = bareSeq();
  }
  if (has(Flag.KEEP_PROBE)) {
    outSeq = tcb.sndNxt - 1; // a number that has been acknowledged: it must be answered
    return true;
  }
  // FIN-WAIT-2 and TIME-WAIT have nothing but this; CLOSED and LISTEN not even this.
  return has(Flag.ACK_NOW);
}

/** Something sent before, from sndRtx on, as far as the congestion window allows. */
function decideRepair(): bool {
  const at = skipSacked(tcb.sndRtx);
  const left = atLeastZero(holeEnd(at, tcb.rtxEnd) - at);
  if (left == 0) return false;
  const first = at == tcb.sndUna;
  // What of it is data: the rest is the FIN.
  const data = smaller(left, atLeastZero(tcb.sndEnd - at));
  const window = atLeastZero(tcb.sndUna + tcb.sndWnd - at);
  let length = smaller(smaller(data, segmentBytes()), window);
  if (both(first, data != 0)) length = larger(length, 1);
  if (both(at + length == tcb.sndNxt, !has(REPAIRS))) {
    // The window is open again: new data leave with what the last probe showed to be refused.
    const most = segmentBytes();
    const allowed = smaller(window, atLeastZero(congestionEdge() - at));
    const more = smaller(smaller(tcb.sndEnd - at, most), allowed);
    if (either(more == most, at + more == tcb.sndEnd)) length = larger(length, more);
  }
  const fin = both(seqGt(tcb.sndNxt, tcb.sndEnd), at + length == tcb.sndEnd);
  if (either(length != 0, fin)) {
    if (both(!first, isBeyondWindow(at, length))) return false;
    outSeq = at;
    outLength = length;
    outFlags |= <u32>fin * FIN;
    outRepair = true;
    return true;
  }
  if (data == 0) tcb.sndRtx = tcb.rtxEnd;
  return false;
}

/** True if a repair must wait for the congestion window. */
function isBeyondWindow(at: u32, length: u32): bool {
  if (SACK && hasScoreboard()) return pipeRoom() < length;
  return seqGt(at + length, tcb.sndUna + tcb.cwnd);
}

/** Largest segment with the options that it will carry. */
function segmentBytes(): u32 {
  return SACK ? <u32>tcb.sndMss - sackBytes() : tcb.sndMss;
}

/** Holes that are not lost yet, below what the peer has; then the end of the flight, once (RFC 6675
 * section 4, NextSeg rules 3 and 4). */
function decideMore(): bool {
  const edge = highestRange();
  if (seqLt(skipSacked(tcb.sndRtx), edge)) {
    tcb.rtxEnd = seqMax(tcb.rtxEnd, edge);
    return decideRepair();
  }
  // Not what has just been sent again, nor beyond a window that shrank.
  const beyond = seqGt(tcb.sndNxt, tcb.sndUna + tcb.sndWnd);
  if (either(either(beyond, seqGeq(tcb.sndRtx, tcb.sndNxt)), !mayRescue())) return false;
  noteRescue();
  const dataEnd = seqMin(tcb.sndNxt, tcb.sndEnd);
  outSeq = seqMax(dataEnd - segmentBytes(), tcb.sndUna);
  outLength = dataEnd - outSeq;
  if (tcb.sndNxt != dataEnd) outFlags |= FIN;
  outRepair = true;
  return true;
}

/** New data and FIN, within the windows, not in small pieces (section 3.8.6.2.1, 3.7.4). */
function decideNew(): bool {
  const probe = has(Flag.PROBE); // until something leaves
  const idle = isAllAcknowledged();
  if (both(probe, !idle)) return decideProbe();
  if (!isWaiting()) return false;
  if (idle) restartAfterIdle();
  const fin = has(Flag.FIN_QUEUED);
  const waiting = tcb.sndEnd - tcb.sndNxt;
  const offered = atLeastZero(tcb.sndUna + tcb.sndWnd - tcb.sndNxt);
  const allowed = smaller(offered, atLeastZero(congestionEdge() - tcb.sndNxt));
  const most = segmentBytes();
  let length = smaller(waiting, smaller(allowed, most));
  const last = length == waiting;
  let sendFin = both(both(fin, last), allowed > length);
  // Less than a full segment: the last of what waits as Nagle has it, else half the largest window.
  const small = last
    ? either(either(idle, fin), tcb.noDelay != 0)
    : both(length >= tcb.maxSndWnd >> 1, offered == length);
  const full = either(sendFin, length == most);
  if (!either(full, both(length != 0, small))) {
    if (!probe) {
      // A timer may run already: for a route that was missing.
      if (both(idle, !has(Flag.PERSIST))) startProbing();
      return false;
    }
    // The override: after the timer anything may go, into a closed window one byte.
    length = larger(length, smaller(waiting, 1));
    sendFin = waiting == 0;
  }
  outLength = length;
  outFlags |= <u32>sendFin * FIN;
  return true;
}

/** The first byte in flight again, to see whether the closed window has opened. */
function decideProbe(): bool {
  outSeq = tcb.sndUna;
  outRepair = true;
  if (seqLt(tcb.sndUna, tcb.sndEnd)) outLength = 1;
  else outFlags |= FIN;
  return true;
}

/** Section 3.8.6.1: data wait, nothing is in flight, the window is shut or too small. */
function startProbing(): void {
  noteProgress();
  set(Flag.PERSIST);
  startRto();
}

function emit(iface: u32, neighbour: u32): u32 {
  let flags = outFlags;
  if (outLength != 0 && outSeq + outLength == tcb.sndEnd) flags |= PSH; // MUST-61
  buildFor(outSeq, flags);
  if (outLength != 0) {
    assert(<u32>tcb.sendRing != NO_RING);
    ringRead(ringAt(tcb.sendRing), outSeq, buildData(), outLength);
  }
  if (USER_TIMEOUTS && outLength == 0) addUserTimeout(flags);
  acknowledged();
  clear(Flag.KEEP_PROBE);
  const reset = (flags & RST) != 0;
  if (!reset) account(flags);
  const n = buildSend(iface, neighbourMac(neighbour), tcb, outLength, hops());
  if (reset) {
    count(Counter.TCP_RESETS_SENT);
    endReset();
  } else if ((flags & SYN) == 0) makeReady(); // there may be more
  return n;
}

/** Moves the send variables past what was just built, and sees to the timer. */
function account(flags: u32): void {
  const numbers = outLength + (flags & FIN);
  if (flags & SYN) {
    clear(Flag.SYN_DUE);
    if (tcb.retries == 0) startTiming(tcb.sndEnd);
    tcb.sndNxt = tcb.sndEnd;
    startRto();
    return;
  }
  if (numbers == 0) return;
  clear(Flag.PROBE);
  if (outRepair) {
    clear(Flag.TIMING); // Karn
    const end = outSeq + numbers;
    if (outSeq - tcb.sndRtx < tcb.rtxEnd - tcb.sndRtx) tcb.sndRtx = end;
    tcb.sndNxt = seqMax(tcb.sndNxt, end);
    tcb.rtxEnd = seqMax(tcb.rtxEnd, tcb.sndRtx);
    count(
      FAST_RECOVERY && has(Flag.RECOVERY)
        ? Counter.TCP_FAST_RETRANSMITS
        : Counter.TCP_TIMEOUT_RETRANSMITS,
    );
    if (RETRANSMIT_TALLIES) countRetransmit();
  } else {
    if (both(isAllAcknowledged(), !has(Flag.PERSIST))) {
      noteProgress();
      tcb.retries = 0;
      clear(Flag.TIMER); // it may have stood for a route that was missing
    }
    tcb.sndNxt += numbers;
    if (!has(REPAIRS)) startTiming(tcb.sndNxt);
  }
  if (either(!has(Flag.TIMER), both(has(Flag.PERSIST), tcb.sndWnd != 0))) {
    if (tcb.sndWnd == 0) set(Flag.PERSIST);
    else clear(Flag.PERSIST);
    startRto();
  }
}
