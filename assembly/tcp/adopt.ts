// From the SYN cache to a connection: the ACK has proved the address, now it costs a TCB and a ring.

import { larger, smaller } from "../order";
import { DEFAULT_MSS, MINIMUM_MSS } from "../config";
import { Cause, Counter, Pool, State } from "../constants";
import { count } from "../counter";
import { globals } from "../globals";
import { LOOPBACK } from "../link/interface";
import { TIMESTAMP_BYTES } from "../wire/tcp";
import { RING_BYTES } from "../config";
import { hasFree } from "../pool";
import { startCongestion } from "./congestion";
import { insert } from "./demux";
import { timestampOffset } from "./isn";
import { enqueue, listenerAt } from "./listener";
import { claimTcb, lendReceiveRing } from "./pool";
import { sampleRtt } from "./rtt";
import { segWnd } from "./segment";
import { interfaceOf, interfaceTo } from "./route";
import { SynEntry, dropSynEntry, synRoundTrip } from "./synCache";
import { Flag, TIMESTAMPS, Tcb, copyEndpoint, hasOption, nodeOfTcb, peerScale, set } from "./tcb";
import { initialReceiveWindow, receiveMss } from "./window";

/** Largest segment to send: what the peer's MSS option and our link allow, at most half the send
 * ring (so that two fit), less the options of each segment (RFC 9293 MUST-16). */
export function setSendMss(t: Tcb, offered: u32): void {
  let mss = offered == 0 ? DEFAULT_MSS : larger(offered, MINIMUM_MSS);
  mss = smaller(mss, receiveMss(interfaceOf(t)));
  if (hasOption(t, TIMESTAMPS)) mss -= TIMESTAMP_BYTES;
  t.sndMss = <u16>smaller(mss, RING_BYTES / 2);
}

/** The receive variables once IRS is known; a ring is lent already. */
export function startReceiving(t: Tcb, irs: u32): void {
  t.irs = irs;
  t.rcvNxt = irs + 1;
  t.rcvRead = irs + 1;
  t.rcvAcked = irs + 1;
  t.rcvUp = irs + 1;
  t.rcvAdv = irs + 1 + initialReceiveWindow();
}

/** The send variables of a connection whose SYN has number iss. */
export function startSending(t: Tcb, iss: u32): void {
  t.iss = iss;
  t.sndUna = iss;
  t.sndNxt = iss + 1;
  t.sndRtx = iss + 1;
  t.rtxEnd = iss + 1;
  t.sndEnd = iss + 1;
  t.sndUp = iss;
}

/** A TCB in ESTABLISHED, in its listener's accept queue; null when no TCB or ring is free. */
export function adopt(e: SynEntry): Tcb | null {
  const l = listenerAt(e.listener);
  if (l.queued >= l.backlog || !hasFree(Pool.RECEIVE_RING)) return null;
  const t = claimTcb();
  if (t === null) return null;
  lendReceiveRing(t);
  copyEndpoint(t, e, offsetof<SynEntry>("dueMs"));
  t.retries = 0;
  if (interfaceTo(e) == LOOPBACK) set(t, Flag.LOCAL);
  startSending(t, e.iss);
  startReceiving(t, e.irs);
  if (hasOption(e, TIMESTAMPS)) {
    set(t, Flag.TS_RECENT);
    t.tsRecentMs = globals.nowMs;
    t.tsOffset = timestampOffset(e);
  }
  setSendMss(t, e.mss);
  t.sndUna = e.iss + 1;
  t.sndWnd = segWnd << peerScale(t);
  t.maxSndWnd = larger(e.window, t.sndWnd);
  t.sndWl1 = e.irs;
  t.sndWl2 = e.iss;
  const roundTrip = synRoundTrip(e);
  if (roundTrip >= 0) sampleRtt(t, roundTrip * 1000 + 1);
  else if (e.retries != 0) set(t, Flag.SYN_LOST);
  startCongestion(t);
  dropSynEntry(e, State.ESTABLISHED, Cause.ACK);
  t.state = <u8>State.ESTABLISHED;
  insert(nodeOfTcb(t));
  enqueue(t);
  count(Counter.TCP_PASSIVE_OPENS);
  return t;
}
