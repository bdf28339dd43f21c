// Immediate replies: RST and ACK that answer the current segment at once, in TX_FRAME.

import { EXTENSIONS, SACK, USER_TIMEOUTS } from "../config";
import { Counter } from "../constants";
import { count } from "../counter";
import { defaultHops, elapsed, globals } from "../globals";
import { both } from "../order";
import {
  buildUserTimeout,
  buildHeader,
  buildReply,
  buildSack,
  buildSynOptions,
  lowerSynMss,
  buildTimestamps,
  buildUrgent,
} from "./build";
import { timestampOffset } from "./isn";
import { interfaceOf, interfaceTo } from "./route";
import { schedule } from "./schedule";
import {
  NO_SCALE,
  segAck,
  segDataLength,
  segHas,
  segLen,
  segSackPermitted,
  segScale,
  segSeq,
} from "./segment";
import { seqLt, seqMin } from "./seq";
import {
  clear,
  Endpoint,
  Flag,
  has,
  hasOption,
  hasSack,
  SACKS,
  SCALED,
  set,
  Tcb,
  tcb,
  TIMESTAMPS,
  tuple,
} from "./tcb";
import { advertise } from "./window";
import { addUserTimeout } from "./userTimeout";
import { ACK, RST, SYN, URG } from "../wire/tcp";

/** TTL of a connection, and DSCP in the upper half, as they lie in its record. */
export function hops(): u32 {
  return load<u32>(changetype<usize>(tcb), offsetof<Tcb>("ttl"));
}

if (offsetof<Tcb>("dscp") != offsetof<Tcb>("ttl") + 2) ERROR("TTL and DSCP are read in one");

/** RFC 9293 3.10.7.1: a reset that the sender of the current segment believes; none for a RST. */
export function replyReset(): u32 {
  if (segHas(RST)) return 0;
  const ack = segHas(ACK);
  buildHeader(tuple, ack ? segAck : 0, segSeq + segLen, ack ? RST : RST | ACK, 0);
  count(Counter.TCP_RESETS_SENT);
  return buildReply(tuple, defaultHops());
}

/** The number of a segment without data: SND.NXT, but inside the peer's window. After a probe of a
 * closed window SND.NXT lies beyond it, and a peer true to section 3.4 would drop the segment. A SYN
 * in flight needs no window. */
export function bareSeq(): u32 {
  if (tcb.sndUna == tcb.iss) return tcb.sndNxt;
  return seqMin(tcb.sndNxt, tcb.sndUna + tcb.sndWnd);
}

/** An acknowledgment at once: <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK>. */
export function replyAck(): u32 {
  return reply(bareSeq(), ACK);
}

/** SYN+ACK at once, in SYN-RECEIVED of an active open. */
export function replySynAck(): u32 {
  return reply(tcb.iss, SYN | ACK);
}

function reply(seq: u32, flags: u32): u32 {
  buildFor(seq, flags);
  if (USER_TIMEOUTS) addUserTimeout(flags);
  acknowledged();
  return buildReply(tcb, hops());
}

/** RFC 5961 section 7: a challenge ACK, one in CHALLENGE_ACK_MS for each connection. */
export function replyChallenge(): u32 {
  if (has(Flag.CHALLENGED) && elapsed(tcb.challengeMs) < <u32>globals.challengeAckMs) {
    count(Counter.TCP_CHALLENGE_THROTTLED);
    return 0;
  }
  set(Flag.CHALLENGED);
  tcb.challengeMs = globals.nowMs;
  count(Counter.TCP_CHALLENGE_ACKS);
  return replyAck();
}

/** An unacceptable segment is answered: data always (our acknowledgment was lost), the rest throttled. */
export function replyUnacceptable(): u32 {
  return segDataLength > 0 ? replyAck() : replyChallenge();
}

/** Endpoint.options for what the current SYN offers and we offer too: scale (RFC 7323 section 2.2) and
 * selective acknowledgments (RFC 2018 section 2). */
export function agreed(): u32 {
  if (!EXTENSIONS) return 0;
  let options = both(segScale != NO_SCALE, globals.windowScale != 0) ? SCALED | segScale : 0;
  if (SACK && both(segSackPermitted, globals.sack != 0)) options |= SACKS;
  return options;
}

/** True if a segment from seq on lies in front of the end of urgent data. */
function isUrgent(seq: u32, flags: u32): bool {
  return has(Flag.SENDS_URGENT) && (flags & (SYN | RST)) == 0 && seqLt(seq, tcb.sndUp);
}

/** Header and options of a segment of this connection; a SYN carries MSS and offers. */
export function buildFor(seq: u32, flags: u32): void {
  const urgent = isUrgent(seq, flags);
  buildHeader(tcb, seq, tcb.rcvNxt, urgent ? flags | URG : flags, advertise());
  if (urgent) buildUrgent(tcb.sndUp - seq);
  if (flags & SYN) {
    const answer = (flags & ACK) != 0;
    const scaled = answer ? hasOption(tcb, SCALED) : globals.windowScale != 0;
    const sack = answer ? hasSack() : SACK && globals.sack != 0;
    buildSynOptions(interfaceOf(), scaled, sack);
    // Until the peer's is known, sndMss is what the user wants at most.
    if (EXTENSIONS && !answer) lowerSynMss(tcb.sndMss);
  }
  if (hasOption(tcb, TIMESTAMPS)) buildTimestamps(tcb.tsOffset, flags & ACK ? tcb.tsRecent : 0);
  if (!(flags & (SYN | RST)) && hasSack()) buildSack();
}

/** Header and options of a segment for a record that is no TCB. */
export function buildBrief(e: Endpoint, seq: u32, ack: u32, flags: u32, window: u32): void {
  buildHeader(e, seq, ack, flags, window);
  if (flags & SYN) buildSynOptions(interfaceTo(e), hasOption(e, SCALED), hasOption(e, SACKS));
  if (hasOption(e, TIMESTAMPS)) buildTimestamps(timestampOffset(e), e.tsRecent);
  if (USER_TIMEOUTS && flags & SYN && globals.userTimeout) buildUserTimeout(globals.r2Seconds);
}

/** The segment just built tells the peer RCV.NXT: nothing is owed any more. */
export function acknowledged(): void {
  tcb.rcvAcked = tcb.rcvNxt;
  if (!has(Flag.ACK_NOW | Flag.ACK_DELAYED)) return;
  const delayed = has(Flag.ACK_DELAYED);
  clear(Flag.ACK_NOW | Flag.ACK_DELAYED);
  if (delayed) schedule();
}
