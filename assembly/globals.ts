// What belongs to the stack as a whole, in linear memory: clock, keys, defaults, scratch that
// outlives a call. Mutable module variables elsewhere are scratch within one call only.

import { GLOBAL_BYTES, GLOBALS, SPAN_POINTER } from "./memory";


@unmanaged
export class Globals {
  // What is named most comes first: small addresses are short constants.
  nowMs: u32;
  /** Last span: its pointer, which hosts read; its handle, with the top bit set for receiving, or 0;
   * its length. */
  spanPointer: u32;
  spanOwner: u32;
  spanLength: u32;
  /** 1 after initialise(): nothing works before. */
  started: u32;
  /** 1 after seed(): nothing opens before. */
  seeded: u32;
  nowUs: u32;
  /** The first of the stack's options and defaults, in the order of Option. */
  noDelay: u16;
  ttl: u16;
  dscp: u16;
  r2Seconds: u16;
  keepAlive: u16;
  keepIdleSeconds: u16;
  keepIntervalSeconds: u16;
  keepProbes: u16;
  synR2Seconds: u16;
  refuseSelfConnect: u16;
  /** Hundredths of a second. */
  mslCs: u16;
  delayedAckMs: u16;
  minimumRtoMs: u16;
  synAckRetries: u16;
  orphanSeconds: u16;
  closeWaitSeconds: u16;
  timestamps: u16;
  windowScale: u16;
  sack: u16;
  challengeAckMs: u16;
  userTimeout: u16;
  /** Key of the demultiplexing hash. */
  hashKey: u32;
  /** 1 after the first advance(). */
  clockRuns: u32;
  /** Last look at old stamps, ms. */
  agedMs: u32;
  /** The wheel has expired everything up to here, ms. */
  wheelMs: u32;
  /** Timers armed in the wheel. */
  timersArmed: u32;
  /** EtherType of the last frame received if it was none of ours, else 0. */
  foreignEtherType: u32;
  /** Trace records written; the host remembers how many it has read. */
  traceWritten: u32;
  /** Port search (RFC 6056). */
  portCounter: u32;
  /** Since when there is credit for ICMP errors, ms. */
  icmpMs: u32;
  /** When the SYN cache last overflowed, ms, and whether it ever did. */
  synOverflowMs: u32;
  synOverflowed: u32;
  /** Time of the first advance(), ms. */
  startMs: u32;
  /** SipHash keys: connection secrets (ISN, ports, timestamps). */
  key0: u64;
  key1: u64;
  /** State of the random sequence. */
  random0: u64;
  random1: u64;
  randomCount: u64;
}

if (offsetof<Globals>() != GLOBAL_BYTES) ERROR("GLOBAL_BYTES does not fit class Globals");

if (GLOBALS + offsetof<Globals>("spanPointer") != SPAN_POINTER) ERROR("SPAN_POINTER");

export const globals: Globals = changetype<Globals>(GLOBALS);

/** TTL of what belongs to no connection or socket (yet), and DSCP in the upper half. */
export function defaultHops(): u32 {
  return load<u32>(changetype<usize>(globals), offsetof<Globals>("ttl"));
}

/** ms from a stamp to now. */
export function elapsed(stampMs: u32): u32 {
  return globals.nowMs - stampMs;
}
