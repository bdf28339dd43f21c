// What belongs to the stack as a whole, in linear memory: clock, keys, defaults, scratch that
// outlives a call. Mutable module variables elsewhere are scratch within one call only.

import { GLOBALS, GLOBAL_BYTES } from "./memory";


@unmanaged
export class Globals {
  nowMs: u32;
  // Option n lies at offset 4 n: see constants.Option.
  noDelay: u32;
  ttl: u32;
  dscp: u32;
  r2Seconds: u32;
  synR2Seconds: u32;
  refuseSelfConnect: u32;
  mslMs: u32;
  delayedAckMs: u32;
  minimumRtoMs: u32;
  synAckRetries: u32;
  orphanSeconds: u32;
  timestamps: u32;
  windowScale: u32;
  challengeAckMs: u32;
  /** Key of the demultiplexing hash. */
  hashKey: u32;
  /** 1 after initialise(): nothing works before. */
  started: u32;
  /** 1 after seed(): nothing opens before. */
  seeded: u32;
  /** 1 after the first advance(). */
  clockRuns: u32;
  nowUs: u32;
  /** Last look at old stamps, ms. */
  agedMs: u32;
  /** The wheel has expired everything up to here, ms. */
  wheelMs: u32;
  /** Timers armed. */
  timersArmed: u32;
  /** ARP work to transmit: one bit per interface. */
  arpPending: u32;
  /** Last span: handle, length left, and 1 for sending, 2 for receiving; its pointer. */
  spanHandle: u32;
  spanLength: u32;
  spanKind: u32;
  spanPointer: u32;
  /** EtherType of the last frame received if it was none of ours, else 0. */
  foreignEtherType: u32;
  /** Trace records written; the host remembers how many it has read. */
  traceWritten: u32;
  /** Port search (RFC 6056). */
  portCounter: u32;
  /** ICMP error budget: tokens, and when they were last filled. */
  icmpTokens: u32;
  icmpMs: u32;
  /** When the SYN cache last overflowed, ms, and whether it ever did. */
  synOverflowMs: u32;
  synOverflowed: u32;
  /** Connections that wait for a send ring. */
  ringWaiters: u32;
  /** SipHash keys: connection secrets (ISN, ports, timestamps). */
  key0: u64;
  key1: u64;
  /** State of the random sequence. */
  random0: u64;
  random1: u64;
  randomCount: u64;
}

if (offsetof<Globals>() != GLOBAL_BYTES) ERROR("GLOBAL_BYTES does not fit class Globals");

export const globals: Globals = changetype<Globals>(GLOBALS);
