// The retransmission timeout (RFC 6298), from microsecond samples.

import { larger, smaller } from "../order";
import { INITIAL_RTO_MS, MAXIMUM_RTO_MS, SYN_LOST_RTO_MS } from "../config";
import { State } from "../constants";
import { globals } from "../globals";
import { Flag, Tcb, clear, has, set } from "./tcb";

/** Takes a sample into SRTT and RTTVAR (sections 2.2 and 2.3). */
export function sampleRtt(t: Tcb, us: u32): void {
  const r = larger(1, smaller(us, MAXIMUM_RTO_MS * 1000));
  if (t.srttUs == 0) {
    t.srttUs = r;
    t.rttvarUs = r >> 1;
  } else {
    const off = r > t.srttUs ? r - t.srttUs : t.srttUs - r;
    t.rttvarUs = t.rttvarUs - (t.rttvarUs >> 2) + (off >> 2);
    t.srttUs = larger(1, t.srttUs - (t.srttUs >> 3) + (r >> 3));
  }
  clear(t, Flag.SYN_LOST);
  t.backoff = 0; // section 5: only a new sample takes the back-off away
}

/** RTO in ms with its back-off. The clock's granularity G is 1 ms (sections 2.3, 2.4, 2.5, 5.5).
 * Deviation: the lower bound is 200 ms, not 1 s; an option. */
export function rto(t: Tcb): u32 {
  // Section 5.7: 3 s once the connection is open; the SYN itself backs off from 1 s.
  const lost = has(t, Flag.SYN_LOST) && <u32>t.state >= <u32>State.ESTABLISHED;
  let ms = lost ? SYN_LOST_RTO_MS : INITIAL_RTO_MS;
  if (t.srttUs != 0) {
    ms = (t.srttUs + larger(1000, t.rttvarUs << 2) + 999) / 1000;
    ms = larger(ms, globals.minimumRtoMs);
  }
  return smaller(MAXIMUM_RTO_MS, ms << smaller(t.backoff, 16));
}

/** Starts timing a segment that ends before seq, unless one is being timed. */
export function startTiming(t: Tcb, seq: u32): void {
  if (has(t, Flag.TIMING)) return;
  set(t, Flag.TIMING);
  t.rttSeq = seq;
  t.rttStartUs = globals.nowUs;
}
