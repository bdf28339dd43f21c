// The transmission control block (RFC 9293 section 3.3.1) and the endpoint that TCBs, SYN-cache
// entries and TIME-WAIT entries begin with. A record's pointer stands behind its remote address,
// which so has the size the build asks for:
//
//   remote address 4 or 16 | <- pointer | ports | local address number | ...

import { EXTENSIONS, SACK, TCB_COUNT } from "../config";
import { nodeOf } from "../event";
import { ADDRESS_BYTES, ENDPOINT_BYTES, RETRANSMITS, TCB_BYTES, TCBS, TUPLE } from "../memory";

/** Flags of a connection; what small profiles use most first: short constants. */
export const enum Flag {
  /** The user holds a handle. */
  OWNED = 1 << 0,
  /** timerMs is armed: retransmission, probe, or TIME-WAIT. */
  TIMER = 1 << 1,
  /** An acknowledgment is to leave with the next transmit. */
  ACK_NOW = 1 << 2,
  /** An acknowledgment waits for ackMs. */
  ACK_DELAYED = 1 << 3,
  /** A segment is being timed (RFC 6298 section 3). */
  TIMING = 1 << 4,
  /** timerMs is the zero-window probe's. */
  PERSIST = 1 << 5,
  /** In the accept queue of its listener. */
  QUEUED = 1 << 6,
  /** A RST is to leave, then the record goes. */
  RESET = 1 << 7,
  /** Repair after a timeout: everything up to recover is sent again as cwnd allows. */
  LOSS = 1 << 8,
  /** SYN or SYN+ACK is to leave. */
  SYN_DUE = 1 << 9,
  /** lifeMs is armed: the limit of an orphan, of FIN-WAIT-2 or of CLOSE-WAIT, or keepalive. */
  LIFE = 1 << 10,
  /** Our side has closed: FIN follows the last byte queued. */
  FIN_QUEUED = 1 << 11,
  /** A SYN was lost: RTO of 3 s and a window of one segment (RFC 6298 5.7, RFC 5681 3.1). */
  SYN_LOST = 1 << 12,
  /** Opened by connect. */
  ACTIVE = 1 << 13,
  /** sendSpan had no room: WRITABLE is owed. */
  WANTS_SPACE = 1 << 14,
  /** PSH and URG: urgent data are announced up to rcvUp. */
  URGENT = 1 << 15,
  /** A probe is to leave. */
  PROBE = 1 << 16,
  /** A challenge ACK was sent at challengeMs. */
  CHALLENGED = 1 << 17,
  /** Fast recovery (RFC 6582). */
  RECOVERY = 1 << 18,
  /** The peer is this stack. */
  LOCAL = 1 << 19,
  /** Waits for a send ring. */
  WANTS_RING = 1 << 20,
  /** A keepalive probe is to leave. */
  KEEP_PROBE = 1 << 21,
  /** What lies below sndUp is urgent, and not all acknowledged. */
  SENDS_URGENT = 1 << 22,
  /** Its user timeout was set by its user: the peer's says nothing. */
  OWN_TIMEOUT = 1 << 23,
  /** The next acknowledgment without data tells the peer our user timeout. */
  TELLS_TIMEOUT = 1 << 24,
  /** A built-in service has it, that of its listener. Its limits are those of an orphan. */
  SERVED = 1 << 25,
}

/** What the three kinds of record begin with: enough to find, to answer, and to go on from. */
@unmanaged
export class Endpoint {
  localPort: u16;
  remotePort: u16;
  /** Number of the local address. */
  address: u8;
  /** SACKS, TIMESTAMPS, SCALED, and the peer's scale in the lowest four bits (RFC 7323). */
  options: u8;
  /** SYN-cache entries, and what became of them. TIME-WAIT keeps its time in these two bytes. */
  listener: u8;
  /** Retransmissions or unanswered probes in a row; the SYN cache has two bits of its own. */
  retries: u8;
  /** TS.Recent. */
  tsRecent: u32;
}

if (offsetof<Endpoint>() != ENDPOINT_BYTES) ERROR("ENDPOINT_BYTES");

/** Endpoint.options: both sides know selective acknowledgments; timestamps are in use; both windows
 * are scaled. */
export const SACKS: u32 = 0x40;
export const TIMESTAMPS: u32 = 0x20;
export const SCALED: u32 = 0x10;

/** The 4-tuple of the current segment or call: what to look for. */
export const tuple: Endpoint = changetype<Endpoint>(TUPLE + ADDRESS_BYTES);


@unmanaged
export class Tcb extends Endpoint {
  // Send sequence variables.
  iss: u32;
  irs: u32;
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

  flags: u32;
  state: u8;
  /** Doublings of the RTO. */
  backoff: u8;
  dupAcks: u8;
  /** Errno of what ended the connection, or of a soft error since the last progress; 0: none. */
  error: u8;
  /** Largest segment sent, options deducted. */
  sndMss: u16;
  /** Rings and blocks, lent while needed, by their nodes; NO_RING, NO_BLOCK: none. */
  sendRing: u16;
  receiveRing: u16;
  reassembly: u16;
  /** Recovery block: the scoreboard of SACK. */
  recovery: u16;
  /** Where the next hop was in the neighbour cache last time. */
  neighbour: u16;

  rttSeq: u32;
  rttStartUs: u32;

  // Stamps, ms, which clock.ageAll keeps from looking young: tsRecentMs to challengeMs.
  /** When tsRecent was taken. */
  tsRecentMs: u32;
  /** Last progress of the peer: new data acknowledged, or the first byte sent after silence. */
  progressMs: u32;
  /** Last change of state. */
  changedMs: u32;
  /** The peer was last heard. */
  heardMs: u32;
  /** Last challenge ACK. */
  challengeMs: u32;

  /** What is added to nowMs in our timestamps (RFC 7323). */
  tsOffset: u32;

  // Deadlines, ms; each armed by its flag.
  timerMs: u32;
  ackMs: u32;
  lifeMs: u32;

  /** The first of the options of connections, in the order of Option. */
  noDelay: u16;
  ttl: u16;
  dscp: u16;
  r2Seconds: u16;
  keepAlive: u16;
  keepIdleSeconds: u16;
  keepIntervalSeconds: u16;
  keepProbes: u16;
}

if (<u32>offsetof<Tcb>() + ADDRESS_BYTES != TCB_BYTES) ERROR("TCB_BYTES does not fit class Tcb");

export function tcbAt(i: u32): Tcb {
  return changetype<Tcb>(TCBS + ADDRESS_BYTES + <usize>i * TCB_BYTES);
}

/** The connection that the current segment, timer or call is about; scratch of one call. */
export let tcb: Tcb = changetype<Tcb>(0);
/** Its number: its node in the link arrays, its timer, its hash number. */
export let tcbNode: u32 = 0;

/** Makes a connection the current one. */
export function select(node: u32): void {
  tcbNode = node;
  tcb = tcbAt(node);
}

/** Where it is counted how many segments the current connection has sent again. */
function tally(): usize {
  return RETRANSMITS + ((<usize>tcbNode) << 2);
}

export function countRetransmit(): void {
  store<u32>(tally(), load<u32>(tally()) + 1);
}

export function clearRetransmits(): void {
  store<u32>(tally(), 0);
}

/** Makes the connection behind a handle the current one; false: there is none. */
export function selectHandle(handle: u32): bool {
  const node = nodeOf(handle, 0, TCB_COUNT);
  if (node < 0) return false;
  select(node);
  return true;
}

/** The remote address of any of the three records. */
export function remoteOf(e: Endpoint): usize {
  return changetype<usize>(e) - ADDRESS_BYTES;
}

/** The 4-tuple's ports as they lie in a record: local in the lower, remote in the upper half. */
export function portsOf(e: Endpoint): u32 {
  return load<u32>(changetype<usize>(e));
}

/** Sets them, given in the same way. */
export function setPorts(e: Endpoint, ports: u32): void {
  store<u32>(changetype<usize>(e), ports);
}

/** Copies the remote address and the first bytes of a record. */
export function copyEndpoint(to: Endpoint, from: Endpoint, bytes: u32): void {
  memory.copy(remoteOf(to), remoteOf(from), ADDRESS_BYTES + bytes);
}

export function hasSack(): bool {
  return SACK && ((<u32>tcb.options) & SACKS) != 0;
}

export function hasOption(e: Endpoint, option: u32): bool {
  return EXTENSIONS && ((<u32>e.options) & option) != 0;
}

/** Bits by which the peer's window field is shifted. */
export function peerScale(e: Endpoint): u32 {
  return EXTENSIONS ? (<u32>e.options) & 15 : 0;
}

export function has(flags: u32): bool {
  return (tcb.flags & flags) != 0;
}

export function set(flags: u32): void {
  tcb.flags |= flags;
}

export function clear(flags: u32): void {
  tcb.flags &= ~flags;
}
