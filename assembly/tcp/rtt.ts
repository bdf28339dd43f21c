// The retransmission timeout (RFC 6298), from microsecond samples.

import { INITIAL_RTO_MS, MAXIMUM_RTO_MS, SYN_LOST_RTO_MS } from "../config";
import { State } from "../constants";
import { globals } from "../globals";
import { larger, smaller } from "../order";
import { clear, Flag, has, set, tcb } from "./tcb";

/** Takes a sample into SRTT and RTTVAR (sections 2.2 and 2.3). */
export function sampleRtt(us: u32): void {
  const r = larger(1, smaller(us, MAXIMUM_RTO_MS * 1000));
  if (tcb.srttUs == 0) {
    tcb.srttUs = r;
    tcb.rttvarUs = r >> 1;
  } else {
    const off = r > tcb.srttUs ? r - tcb.srttUs : tcb.srttUs - r;
    tcb.rttvarUs = tcb.rttvarUs - (tcb.rttvarUs >> 2) + (off >> 2);
    tcb.srttUs = larger(1, tcb.srttUs - (tcb.srttUs >> 3) + (r >> 3));
  }
  clear(Flag.SYN_LOST);
  tcb.backoff = 0; // section 5: only a new sample takes the back-off away
}

/** RTO in ms with its back-off. The clock's granularity G is 1 ms (sections 2.3, 2.4, 2.5, 5.5).
 * Deviation: the lower bound is 200 ms, not 1 s; an option. */
export function rto(): u32 {
  // Section 5.7: 3 s once the connection is open; the SYN itself backs off from 1 s.
  const lost = has(Flag.SYN_LOST) && <u32>tcb.state >= <u32>State.ESTABLISHED;
  let ms = lost ? SYN_LOST_RTO_MS : INITIAL_RTO_MS;
  if (tcb.srttUs != 0) {
    ms = (tcb.srttUs + larger(1000, tcb.rttvarUs << 2) + 999) / 1000;
    ms = larger(ms, globals.minimumRtoMs);
  }
  return smaller(MAXIMUM_RTO_MS, ms << smaller(tcb.backoff, 16));
}

/** The segment that was being timed is acknowledged. */
export function endTiming(): void {
  clear(Flag.TIMING);
  sampleRtt(globals.nowUs - tcb.rttStartUs);
}

/** Starts timing a segment that ends before seq, unless one is being timed. */
export function startTiming(seq: u32): void {
  if (has(Flag.TIMING)) return;
  set(Flag.TIMING);
  tcb.rttSeq = seq;
  tcb.rttStartUs = globals.nowUs;
}
