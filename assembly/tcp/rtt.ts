// The retransmission timeout (RFC 6298), from microsecond samples.

import { INITIAL_RTO_MS, MAXIMUM_RTO_MS, SYN_LOST_RTO_MS } from "../config";
import { globals } from "../globals";
import { both, larger, smaller } from "../order";
import { inStates, OPENING_STATES } from "./state";
import { clear, Flag, has, set, tcb } from "./tcb";

/** Takes a sample into SRTT and RTTVAR (sections 2.2 and 2.3). */
export function sampleRtt(us: u32): void {
  const r = larger(1, smaller(us, MAXIMUM_RTO_MS * 1000));
  const srtt = tcb.srttUs;
  const off = <i32>(r - srtt);
  if (srtt == 0) {
    tcb.srttUs = r;
    tcb.rttvarUs = r >> 1;
  } else {
    tcb.srttUs = srtt + (off >> 3);
    tcb.rttvarUs += (<i32>(abs(off) - tcb.rttvarUs)) >> 2;
  }
  clear(Flag.SYN_LOST);
  tcb.backoff = 0; // section 5: only a new sample takes the back-off away
}

/** RTO in ms with its back-off. The clock's granularity G is 1 ms (sections 2.3, 2.4, 2.5, 5.5).
 * Deviation: the lower bound is 200 ms, not 1 s; an option. */
export function rto(): u32 {
  // Section 5.7: 3 s once the connection is open; the SYN itself backs off from 1 s.
  const lost = both(has(Flag.SYN_LOST), !inStates(OPENING_STATES));
  let ms = lost ? SYN_LOST_RTO_MS : INITIAL_RTO_MS;
  if (tcb.srttUs != 0) {
    ms = (tcb.srttUs + larger(1000, tcb.rttvarUs << 2) + 999) / 1000;
    ms = smaller(MAXIMUM_RTO_MS, larger(ms, globals.minimumRtoMs)); // 16 doublings fit 32 bits
  }
  return smaller(MAXIMUM_RTO_MS, ms << tcb.backoff);
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
