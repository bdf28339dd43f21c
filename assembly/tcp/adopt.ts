// From the SYN cache to a connection: the ACK has proved the address, now it costs a TCB and a ring.

import {
  DEFAULT_MSS,
  EXTENSIONS,
  MINIMUM_MSS,
  PATH_CACHE,
  RING_BYTES,
  USER_TIMEOUTS,
} from "../config";
import { Cause, Counter, State } from "../constants";
import { count } from "../counter";
import { globals } from "../globals";
import { pathMtu } from "../ip/path";
import { isInside } from "../link/interface";
import { either, larger, smaller } from "../order";
import { startCongestion } from "./congestion";
import { forget, insert } from "./demux";
import { initialSequence, timestampOffset } from "./isn";
import { enqueue, listenerAt } from "./listener";
import { claimTcb, lendReceiveRing, receiveRingIsFree } from "./pool";
import { interfaceOf, interfaceTo } from "./route";
import { sampleRtt } from "./rtt";
import { SynEntry, synEntryAt, synRoundTrip, wasRepeated } from "./synCache";
import {
  copyEndpoint,
  Endpoint,
  Flag,
  hasOption,
  portsOf,
  remoteOf,
  set,
  tcb,
  tcbNode,
  TIMESTAMPS,
  tuple,
} from "./tcb";
import { tellUserTimeout } from "./userTimeout";
import { startWatch } from "./watch";
import { initialReceiveWindow, receiveMss } from "./window";
import { trace } from "../trace";
import { IPV4_BYTES } from "../wire/ipv4";
import { TCP_BYTES, TIMESTAMP_BYTES } from "../wire/tcp";

const HEADERS: u32 = IPV4_BYTES + TCP_BYTES;

/** Largest segment, without options, that our link and what is known of the path let through. */
function pathMss(): u32 {
  const mss = receiveMss(interfaceOf());
  return PATH_CACHE ? pathMtu(remoteOf(tcb), mss + HEADERS) - HEADERS : mss;
}

/** The same, less the options of each segment. */
export function largestSegment(): u32 {
  const mss = pathMss();
  return hasOption(tcb, TIMESTAMPS) ? mss - TIMESTAMP_BYTES : mss;
}

/** The MSS of an active open before its peer's is known: what its SYN says (Option.MSS lowers it). */
export function startMss(): void {
  if (EXTENSIONS) tcb.sndMss = <u16>receiveMss(interfaceOf());
  else setSendMss(0);
}

/** Largest segment to send: what the peer's MSS option, the user and our link allow, at most half the
 * send ring (so that two fit), less the options of each segment (RFC 9293 MUST-16). */
export function setSendMss(offered: u32): void {
  let mss = offered == 0 ? DEFAULT_MSS : larger(offered, MINIMUM_MSS);
  mss = smaller(mss, pathMss());
  if (EXTENSIONS && tcb.sndMss != 0) mss = smaller(mss, tcb.sndMss);
  if (hasOption(tcb, TIMESTAMPS)) mss -= TIMESTAMP_BYTES;
  tcb.sndMss = <u16>smaller(mss, RING_BYTES / 2);
}

/** The receive variables once IRS is known; a ring is lent already. */
export function startReceiving(irs: u32): void {
  tcb.irs = irs++;
  tcb.rcvNxt = irs;
  tcb.rcvRead = irs;
  tcb.rcvAcked = irs;
  tcb.rcvAdv = irs + initialReceiveWindow();
}

/** The send variables of a connection whose SYN has number iss. */
export function startSending(iss: u32): void {
  tcb.iss = iss;
  tcb.sndUna = iss;
  tcb.sndNxt = iss;
  tcb.sndEnd = iss + 1;
}

/** What an open begins with: the tuple, sequence numbers, clock, a place in the hash. */
export function startOpening(afterSeq: u32): void {
  copyEndpoint(tcb, tuple, offsetof<Endpoint>("options"));
  if (isInside(interfaceTo(tcb))) set(Flag.LOCAL);
  startSending(initialSequence(tcb, afterSeq));
  if (EXTENSIONS && globals.timestamps) {
    tcb.options = <u8>TIMESTAMPS;
    tcb.tsOffset = timestampOffset(tcb);
  }
  insert(tcbNode);
}

/** Our SYN has left and is acknowledged. */
export function startFlow(): void {
  const first = tcb.sndEnd;
  tcb.sndUna = first;
  tcb.sndNxt = first;
  tcb.sndRtx = first;
  tcb.rtxEnd = first;
  startCongestion();
  if (USER_TIMEOUTS) tellUserTimeout();
}

/** The handshake of a SYN-cache entry is complete: a TCB in ESTABLISHED, in its listener's accept
 * queue, current; false when no TCB or ring is free. */
export function adopt(id: u32): bool {
  if (!takeOver(synEntryAt(id))) return false;
  forget(id, State.ESTABLISHED, Cause.ACK);
  establish();
  return true;
}

/** The same for the handshake of a cookie. */
export function adoptCookie(e: SynEntry): bool {
  if (!takeOver(e)) return false;
  count(Counter.TCP_COOKIES_TAKEN);
  trace(0, State.LISTEN, State.ESTABLISHED, Cause.ACK, portsOf(e));
  establish();
  return true;
}

/** A TCB with what its handshake has left. */
function takeOver(e: SynEntry): bool {
  const l = listenerAt(e.listener);
  if (either(l.queued >= l.backlog, !receiveRingIsFree())) return false;
  if (!claimTcb()) return false;
  lendReceiveRing();
  copyEndpoint(tcb, e, offsetof<SynEntry>("dueMs"));
  tcb.retries = 0;
  if (isInside(interfaceTo(e))) set(Flag.LOCAL);
  startSending(e.iss);
  startReceiving(e.irs);
  if (hasOption(e, TIMESTAMPS)) {
    tcb.tsRecentMs = globals.nowMs;
    tcb.tsOffset = timestampOffset(e);
  }
  setSendMss(e.mss);
  tcb.maxSndWnd = e.window;
  tcb.sndWl1 = e.irs; // older than the current segment, which gives the window
  const roundTrip = synRoundTrip(e);
  if (roundTrip >= 0) sampleRtt(roundTrip * 1000);
  else if (wasRepeated(e)) set(Flag.SYN_LOST);
  startFlow();
  return true;
}

function establish(): void {
  tcb.state = <u8>State.ESTABLISHED;
  insert(tcbNode);
  enqueue();
  startWatch();
  count(Counter.TCP_PASSIVE_OPENS);
}
