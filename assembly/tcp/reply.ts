// Immediate replies: RST and ACK that answer the current segment at once, in TX_FRAME.

import { EXTENSIONS } from "../config";
import { interfaceOf } from "./route";
import { Counter } from "../constants";
import { count } from "../counter";
import { globals } from "../globals";
import { ACK, RST, SYN } from "../wire/tcp";
import { buildHeader, buildReply, buildSynOptions, buildTimestamps } from "./build";
import { NO_SCALE, segAck, segDataLength, segHas, segLen, segSeq } from "./segment";
import { timestampOffset } from "./isn";
import { Endpoint, Flag, SCALED, TIMESTAMPS, Tcb, clear, has, hasOption, set, tuple } from "./tcb";
import { RECEIVE_SCALE, advertise, receiveMss } from "./window";
import { schedule } from "./schedule";
import { seqMin } from "./seq";

/** RFC 9293 3.10.7.1: a reset that the sender of the current segment believes; none for a RST. */
export function replyReset(): u32 {
  if (segHas(RST)) return 0;
  if (segHas(ACK)) buildHeader(tuple, segAck, 0, RST, 0);
  else buildHeader(tuple, 0, segSeq + segLen, RST | ACK, 0);
  count(Counter.TCP_RESETS_SENT);
  return buildReply(tuple, globals.ttl);
}

/** The number of a segment without data: SND.NXT, but inside the peer's window. After a probe of a
 * closed window SND.NXT lies beyond it, and a peer true to section 3.4 would drop the segment. */
export function bareSeq(t: Tcb): u32 {
  return seqMin(t.sndNxt, t.sndUna + t.sndWnd);
}

/** An acknowledgment at once: <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK>. */
export function replyAck(t: Tcb): u32 {
  return reply(t, bareSeq(t), ACK);
}

/** SYN+ACK at once, in SYN-RECEIVED of an active open. */
export function replySynAck(t: Tcb): u32 {
  return reply(t, t.iss, SYN | ACK);
}

function reply(t: Tcb, seq: u32, flags: u32): u32 {
  buildFor(t, seq, flags);
  acknowledged(t);
  return buildReply(t, t.ttl);
}

/** RFC 5961 section 7: a challenge ACK, one in CHALLENGE_ACK_MS for each connection. */
export function replyChallenge(t: Tcb): u32 {
  if (has(t, Flag.CHALLENGED) && globals.nowMs - t.challengeMs < globals.challengeAckMs) {
    count(Counter.TCP_CHALLENGE_THROTTLED);
    return 0;
  }
  set(t, Flag.CHALLENGED);
  t.challengeMs = globals.nowMs;
  count(Counter.TCP_CHALLENGE_ACKS);
  return replyAck(t);
}

/** An unacceptable segment is answered: data always (our acknowledgment was lost), the rest throttled. */
export function replyUnacceptable(t: Tcb): u32 {
  return segDataLength > 0 ? replyAck(t) : replyChallenge(t);
}

/** Header and options of a segment of this connection; a SYN carries MSS and offers. */
export function buildFor(t: Tcb, seq: u32, flags: u32): void {
  buildHeader(t, seq, t.rcvNxt, flags, advertise(t));
  if (flags & SYN) {
    const scaled = flags & ACK ? hasOption(t, SCALED) : EXTENSIONS && globals.windowScale != 0;
    buildSynOptions(receiveMss(interfaceOf(t)), scaled ? RECEIVE_SCALE : NO_SCALE);
  }
  if (hasOption(t, TIMESTAMPS)) buildTimestamps(t.tsOffset, flags & ACK ? t.tsRecent : 0);
}

/** Header and timestamps of a segment for a record that is no TCB. */
export function buildBrief(e: Endpoint, seq: u32, ack: u32, flags: u32, window: u32): void {
  buildHeader(e, seq, ack, flags, window);
  if (hasOption(e, TIMESTAMPS)) buildTimestamps(timestampOffset(e), e.tsRecent);
}

/** The segment just built tells the peer RCV.NXT: nothing is owed any more. */
export function acknowledged(t: Tcb): void {
  t.rcvAcked = t.rcvNxt;
  if (!has(t, Flag.ACK_NOW | Flag.ACK_DELAYED)) return;
  const delayed = has(t, Flag.ACK_DELAYED);
  clear(t, Flag.ACK_NOW | Flag.ACK_DELAYED);
  if (delayed) schedule(t);
}
