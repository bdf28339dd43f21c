// The current segment: parsed once, then read by every step of 3.10.7. Scratch of one call; its
// 4-tuple is in tcb.tuple.
// Input: a TCP header and what follows in RX_FRAME; its options parsed here (RFC 9293 3.1, 7323).

import { get16, get32, get8 } from "../bytes";
import { EXTENSIONS, ONE_ADDRESS, SACK, SPEED, USER_TIMEOUTS } from "../config";
import { Counter } from "../constants";
import { count } from "../counter";
import { putV4 } from "../ip/addressing";
import { smaller } from "../order";
import { remoteOf, setPorts, tuple } from "./tcb";
import {
  FIN,
  OPTION_END,
  OPTION_MSS,
  OPTION_NOP,
  OPTION_SACK,
  OPTION_SACK_PERMITTED,
  OPTION_SCALE,
  OPTION_TIMESTAMPS,
  OPTION_USER_TIMEOUT,
  SYN,
  TCP_BYTES,
  tcpAcknowledgment,
  tcpFlags,
  tcpPorts,
  tcpSequence,
  tcpUrgentPointer,
  tcpWindow,
} from "../wire/tcp";

/** Options whose length is known: one bit each. */
const KNOWN: u32 =
  (1 << OPTION_MSS) |
  (1 << OPTION_SCALE) |
  (1 << OPTION_TIMESTAMPS) |
  (SACK ? (1 << OPTION_SACK_PERMITTED) | (1 << OPTION_SACK) : 0) |
  (USER_TIMEOUTS ? 1 << OPTION_USER_TIMEOUT : 0);

/** No window scale option. */
export const NO_SCALE: u32 = 0xffffffff;

export let segInterface: u32 = 0;
export let segSeq: u32 = 0;
export let segAck: u32 = 0;
export let segFlags: u32 = 0;
export let segWnd: u32 = 0;
/** Behind the urgent data: SEG.SEQ + SEG.UP, before anything is cut off. */
export let segUp: u32 = 0;
/** Sequence numbers it occupies: data, SYN and FIN. */
export let segLen: u32 = 0;
export let segData: usize = 0;
export let segDataLength: u32 = 0;

// Options; MSS 0: none.
export let segMss: u32 = 0;
export let segScale: u32 = 0;
export let segHasTimestamps: bool = false;
export let segTsVal: u32 = 0;
export let segTsEcr: u32 = 0;
export let segSackPermitted: bool = false;
/** SACK blocks, and bytes of them; 0: none. */
export let segSack: usize = 0;
export let segSackBytes: u32 = 0;
/** The peer's user timeout as it stands there: minutes with the top bit, else seconds; 0: none. */
export let segUserTimeout: u32 = 0;

export function segHas(flag: u32): bool {
  return (segFlags & flag) != 0;
}

/** Takes a segment of len bytes at p apart; the caller has checked length and header, the bytes in front
 * of the data. */
export function parseSegment(
  iface: u32,
  address: u32,
  remoteV4: u32,
  p: usize,
  header: u32,
  len: u32,
): void {
  segInterface = iface;
  putV4(remoteOf(tuple), remoteV4);
  if (!ONE_ADDRESS) tuple.address = <u8>address;
  setPorts(tuple, tcpPorts(p));
  segSeq = tcpSequence(p);
  segAck = tcpAcknowledgment(p);
  segFlags = tcpFlags(p);
  segWnd = tcpWindow(p);
  segUp = segSeq + tcpUrgentPointer(p);
  segData = p + header;
  segDataLength = len - header;
  segLen = segDataLength + (segFlags & FIN) + ((segFlags & SYN) >> 1);
  segMss = 0;
  segScale = NO_SCALE;
  segHasTimestamps = false;
  segSackPermitted = false;
  segSackBytes = 0;
  if (USER_TIMEOUTS) segUserTimeout = 0;
  segTsVal = 0; // may end up in a record, where nothing of another call belongs
  // The usual case first: two NOPs and timestamps, aligned (RFC 7323 appendix A).
  if (SPEED && header == TCP_BYTES + 12 && get32(p + TCP_BYTES) == 0x0101080a)
    takeTimestamps(p + 24);
  else parseOptions(p + TCP_BYTES, p + header);
}

function takeTimestamps(p: usize): void {
  segHasTimestamps = true;
  segTsVal = get32(p);
  segTsEcr = get32(p + 4);
}

/** Kinds we know, with the one length each may have; others are skipped by theirs (MUST-6). */
function parseOptions(p: usize, end: usize): void {
  while (p < end) {
    const kind = get8(p);
    if (kind == OPTION_END) return;
    if (kind == OPTION_NOP) {
      p++;
      continue;
    }
    // MUST-7: a length that cannot be ends the options, not the segment.
    const length = get8(p + 1);
    if (length < 2 || p + length > end) {
      count(Counter.TCP_BAD_OPTION);
      return;
    }
    takeOption(get16(p), p + 2);
    p += length;
  }
}

/** kind: with its length in the lower byte. Those of a SYN are read for a SYN alone. */
function takeOption(kind: u32, p: usize): void {
  if (kind == ((OPTION_MSS << 8) | 4)) segMss = get16(p);
  else if (kind == ((OPTION_SCALE << 8) | 3)) {
    if (EXTENSIONS) segScale = smaller(get8(p), 14); // RFC 7323 section 2.3: more counts as 14
  } else if (kind == ((OPTION_TIMESTAMPS << 8) | 10)) {
    if (EXTENSIONS) takeTimestamps(p);
  } else if (SACK && kind == ((OPTION_SACK_PERMITTED << 8) | 2)) segSackPermitted = true;
  else if (SACK && (kind & 0xff07) == ((OPTION_SACK << 8) | 2) && (kind & 0xff) > 2) {
    segSack = p;
    segSackBytes = (kind & 0xff) - 2;
  } else if (USER_TIMEOUTS && kind == ((OPTION_USER_TIMEOUT << 8) | 4)) segUserTimeout = get16(p);
  else if (kind >> 8 <= 31 && (KNOWN >> (kind >> 8)) & 1) count(Counter.TCP_BAD_OPTION);
}

/** Makes the window field of a SYN one that can be scaled like any other. */
export function descale(bits: u32): void {
  segWnd >>= bits;
}

/** An early FIN has become the end of the segment. */
export function addFin(): void {
  segFlags |= FIN;
}

/** Takes the SYN off the front: what follows is text. */
export function trimSyn(): void {
  segFlags &= ~SYN;
  segSeq += 1;
  segLen -= 1;
}

/** Cuts n sequence numbers off the front of a segment without SYN: what was received before. */
export function trimFront(n: u32): void {
  segSeq += n;
  segLen -= n;
  const data = smaller(n, segDataLength);
  segData += data;
  segDataLength -= data;
  if (n > data) segFlags &= ~FIN;
}

/** Cuts n sequence numbers off the end: what lies beyond the window. */
export function trimBack(n: u32): void {
  segLen -= n;
  if (n > 0 && segHas(FIN)) {
    segFlags &= ~FIN;
    n -= 1;
  }
  segDataLength -= n;
}
