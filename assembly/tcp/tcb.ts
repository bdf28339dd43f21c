// The transmission control block (RFC 9293 section 3.3.1) and the endpoint that TCBs, SYN-cache
// entries and TIME-WAIT entries begin with. A record's pointer stands behind its remote address,
// which so has the size the build asks for:
//
//   remote address 4 or 16 | <- pointer | ports | local address number | ...

import { ADDRESS_BYTES, TCBS, TCB_BYTES } from "../memory";

/** Flags of a connection. */
export const enum Flag {
  /** Our side has closed: FIN follows the last byte queued. */
  FIN_QUEUED = 1 << 0,
  /** The FIN has left at least once. */
  FIN_SENT = 1 << 1,
  /** The user holds a handle. */
  OWNED = 1 << 2,
  /** In the accept queue of its listener. */
  QUEUED = 1 << 3,
  /** An acknowledgment is to leave with the next transmit. */
  ACK_NOW = 1 << 4,
  /** An acknowledgment waits for ackMs. */
  ACK_DELAYED = 1 << 5,
  /** timerMs is armed: retransmission, probe, or TIME-WAIT. */
  TIMER = 1 << 6,
  /** timerMs is the zero-window probe's. */
  PERSIST = 1 << 7,
  /** lifeMs is armed: an orphan's or FIN-WAIT-2's limit. */
  LIFE = 1 << 8,
  /** A RST is to leave, then the record goes. */
  RESET = 1 << 9,
  /** SYN or SYN+ACK is to leave. */
  SYN_DUE = 1 << 10,
  /** A probe is to leave. */
  PROBE = 1 << 11,
  /** Fast recovery (RFC 6582). */
  RECOVERY = 1 << 12,
  /** Repair after a timeout: everything up to recover is sent again as cwnd allows. */
  LOSS = 1 << 13,
  /** A segment is being timed (RFC 6298 section 3). */
  TIMING = 1 << 14,
  /** A SYN was lost: RTO of 3 s and a window of one segment (RFC 6298 5.7, RFC 5681 3.1). */
  SYN_LOST = 1 << 15,
  /** Timestamps are in use (RFC 7323). */
  TIMESTAMPS = 1 << 16,
  /** Both windows are scaled. */
  SCALED = 1 << 17,
  /** The peer is this stack. */
  LOCAL = 1 << 18,
  /** A span came back short: WRITABLE is owed. */
  WANTS_SPACE = 1 << 19,
  /** Waits for a send ring. */
  WANTS_RING = 1 << 20,
  /** Nagle's algorithm is off. */
  NO_DELAY = 1 << 21,
  /** Opened by connect. */
  ACTIVE = 1 << 22,
  /** tsRecent holds a value. */
  TS_RECENT = 1 << 23,
  /** A challenge ACK was sent at challengeMs. */
  CHALLENGED = 1 << 24,
  /** PSH and URG: urgent data are announced up to rcvUp. */
  URGENT = 1 << 25,
}

/** What the three kinds of record begin with: enough to find and to answer. */
@unmanaged
export class Endpoint {
  localPort: u16;
  remotePort: u16;
  /** Number of the local address. */
  address: u8;
}


@unmanaged
export class Tcb extends Endpoint {
  state: u8;
  /** Rings and blocks, lent while needed; NO_RING: none. */
  sendRing: u16;
  receiveRing: u16;
  reassembly: u16;
  /** Recovery block: the place for SACK's scoreboard. */
  recovery: u16;
  /** Where the next hop was in the neighbour cache last time. */
  neighbour: u16;
  flags: u32;

  // Send sequence variables.
  iss: u32;
  sndUna: u32;
  sndNxt: u32;
  /** Next number to be sent again, below rtxEnd; sndNxt never rolls back. */
  sndRtx: u32;
  rtxEnd: u32;
  /** Behind the last byte queued; the FIN's number once it is queued. */
  sndEnd: u32;
  sndWnd: u32;
  sndWl1: u32;
  sndWl2: u32;
  maxSndWnd: u32;
  sndUp: u32;

  // Receive sequence variables.
  irs: u32;
  rcvNxt: u32;
  /** Next byte the user reads. */
  rcvRead: u32;
  /** Right edge of the window advertised: never moves back. */
  rcvAdv: u32;
  /** RCV.NXT in the last acknowledgment sent (Last.ACK.sent). */
  rcvAcked: u32;
  rcvUp: u32;

  // Congestion control (RFC 5681, 6582), bytes.
  cwnd: u32;
  ssthresh: u32;
  recover: u32;
  bytesAcked: u32;

  // Round-trip time (RFC 6298), microseconds.
  srttUs: u32;
  rttvarUs: u32;
  rttSeq: u32;
  rttStartUs: u32;

  // Timestamps (RFC 7323).
  tsRecent: u32;
  tsRecentMs: u32;
  tsOffset: u32;

  // Deadlines, ms; each armed by its flag.
  timerMs: u32;
  ackMs: u32;
  lifeMs: u32;

  /** Last progress of the peer: new data acknowledged, or the first byte sent after silence. */
  progressMs: u32;
  /** Last change of state. */
  changedMs: u32;
  /** Last challenge ACK. */
  challengeMs: u32;

  /** Largest segment sent, options deducted. */
  sndMss: u16;
  r2Seconds: u16;
  listener: u8;
  /** Retransmissions or unanswered probes in a row. */
  retries: u8;
  /** Doublings of the RTO. */
  backoff: u8;
  dupAcks: u8;
  sndScale: u8;
  /** Errno for takeError. */
  error: u8;
  ttl: u8;
  dscp: u8;
}

if (<u32>offsetof<Tcb>() + ADDRESS_BYTES != TCB_BYTES) ERROR("TCB_BYTES does not fit class Tcb");

export function tcbAt(i: u32): Tcb {
  return changetype<Tcb>(TCBS + ADDRESS_BYTES + <usize>i * TCB_BYTES);
}

/** The record's number: its node in the link arrays, its timer, its hash number. */
export function nodeOfTcb(t: Tcb): u32 {
  return <u32>(changetype<usize>(t) - ADDRESS_BYTES - TCBS) / TCB_BYTES;
}

/** The remote address of any of the three records. */
export function remoteOf(record: usize): usize {
  return record - ADDRESS_BYTES;
}

export function remoteAddress(t: Tcb): usize {
  return remoteOf(changetype<usize>(t));
}

export function has(t: Tcb, flags: u32): bool {
  return (t.flags & flags) != 0;
}

export function set(t: Tcb, flags: u32): void {
  t.flags |= flags;
}

export function clear(t: Tcb, flags: u32): void {
  t.flags &= ~flags;
}

/** True for records on the free list. */
export function isFreeTcb(t: Tcb): bool {
  return t.localPort == 0;
}
