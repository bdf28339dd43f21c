// The SYN cache: handshakes of passive opens, tens of bytes each, until the ACK proves the address
// (RFC 4987 section 3.4). Entries hang in one list per SYN+ACK sent; the wait is the same for all
// entries of a list, so each list is in order of its deadlines. When it is full, see cookie.ts.

import { listAppend, listFirst } from "../buffer/list";
import { EXTENSIONS, NEIGHBOUR_REFRESH_MS } from "../config";
import { Cause, Counter, Pool, State } from "../constants";
import { count } from "../counter";
import { elapsed, globals } from "../globals";
import { isUp } from "../link/interface";
import { isKnown, neighbourMac } from "../link/neighbour";
import { ADDRESS_BYTES, SYN_ENTRY_BYTES, SYN_SENT_HEAD, SYN_STAGES } from "../memory";
import { atLeastZero, both, either } from "../order";
import { claim, poolUsed } from "../pool";
import { buildReply, buildSend } from "./build";
import { forget, insert, RECORD_NODE, recordAt } from "./demux";
import { initialSequence } from "./isn";
import { agreed, buildBrief, defaultHops } from "./reply";
import { interfaceTo, neighbourTo } from "./route";
import { segDataLength, segHasTimestamps, segMss, segSeq, segTsVal, segWnd } from "./segment";
import { copyEndpoint, Endpoint, portsOf, TIMESTAMPS, tuple } from "./tcb";
import { initialReceiveWindow } from "./window";
import { NEVER } from "../timer/deadline";
import { trace } from "../trace";
import { ACK, RST, SYN } from "../wire/tcp";

/** SynEntry.retries: SYN+ACKs sent again. */
const RETRIES: u32 = 7;
/** The neighbour was not known when a SYN+ACK was due: that one was not counted, once. */
const DEFERRED: u32 = 0x40;
/** Answered out of turn: once for each SYN+ACK is enough, and its round trip cannot be told. */
export const ANSWERED: u32 = 0x80;
const FIRST_WAIT_MS: u32 = 1000;


@unmanaged
export class SynEntry extends Endpoint {
  // As in a TCB, which takes them over.
  iss: u32;
  irs: u32;
  /** When the next SYN+ACK is due, ms. */
  dueMs: u32;
  /** Peer's MSS option, 0: none; its window. */
  mss: u16;
  window: u16;
}

if (<u32>offsetof<SynEntry>() + ADDRESS_BYTES != SYN_ENTRY_BYTES) ERROR("SYN_ENTRY_BYTES");

/** The entry with a hash number. */
export function synEntryAt(id: u32): SynEntry {
  return changetype<SynEntry>(recordAt(id));
}

/** ms since the one SYN+ACK left, or -1: which one is acknowledged cannot be told (Karn). */
export function synRoundTrip(e: SynEntry): i32 {
  if (e.retries != 0) return -1;
  return <i32>(globals.nowMs + FIRST_WAIT_MS - e.dueMs);
}

/** True if the SYN+ACK had to be sent again. */
export function wasRepeated(e: SynEntry): bool {
  return ((<u32>e.retries) & RETRIES) != 0;
}

/** A new entry for the current SYN, which the listener has admitted; answers SYN+ACK. */
export function startHandshake(listener: u32, afterSeq: u32): u32 {
  const id = claim(Pool.SYN_CACHE) - RECORD_NODE;
  const e = synEntryAt(id);
  fill(e, listener, afterSeq);
  insert(id);
  trace(0, State.LISTEN, State.SYN_RECEIVED, Cause.SYN, portsOf(e));
  schedule(id, 0);
  return replyEntry(e, SYN | ACK);
}

function fill(e: SynEntry, listener: u32, afterSeq: u32): void {
  copyEndpoint(e, tuple, offsetof<Endpoint>("options"));
  e.listener = <u8>listener;
  const timestamps = EXTENSIONS && both(segHasTimestamps, globals.timestamps != 0);
  e.retries = 0;
  e.options = <u8>(agreed() | (timestamps ? TIMESTAMPS : 0));
  e.iss = initialSequence(e, afterSeq);
  e.irs = segSeq;
  e.tsRecent = segTsVal;
  e.mss = <u16>segMss;
  e.window = <u16>segWnd;
}

/** The n-th SYN+ACK leaves now: the next is due after 1 s, 2 s, 4 s ... */
function schedule(id: u32, n: u32): void {
  const e = synEntryAt(id);
  e.retries = <u8>(n | ((<u32>e.retries) & DEFERRED));
  e.dueMs = globals.nowMs + (FIRST_WAIT_MS << n);
  listAppend(SYN_SENT_HEAD + n, RECORD_NODE + id);
}

/** SYN+ACK, or what follows it: a bare ACK, or the RST that ends the handshake. */
function buildEntry(e: SynEntry, flags: u32): void {
  const seq = e.iss + u32((flags & SYN) == 0);
  buildBrief(e, seq, e.irs + 1, flags, flags & ACK ? initialReceiveWindow() : 0);
}

/** The same at once. */
function replyEntry(e: SynEntry, flags: u32): u32 {
  buildEntry(e, flags);
  return buildReply(e, defaultHops());
}

/** SYN+ACK at once; the timer goes on. */
export function repeatHandshake(e: SynEntry): u32 {
  e.retries |= <u8>ANSWERED;
  return replyEntry(e, SYN | ACK);
}

/** An acknowledgment at once: <SEQ=ISS+1><ACK=IRS+1><CTL=ACK>. */
export function replySynEntry(e: SynEntry): u32 {
  if (((<u32>e.retries) & ANSWERED) != 0 && segDataLength == 0) {
    count(Counter.TCP_CHALLENGE_THROTTLED);
    return 0;
  }
  e.retries |= <u8>ANSWERED;
  return replyEntry(e, ACK);
}

let dueEntry: u32 = 0;

/** ms until an entry is due, or NEVER; sets dueEntry. The first of each list is its earliest. */
export function synDeadline(): u32 {
  let left: i32 = 0x7fffffff;
  let n: u32 = 0;
  do {
    const node = listFirst(SYN_SENT_HEAD + n);
    if (node < 0) continue;
    const wait = <i32>(synEntryAt(node - RECORD_NODE).dueMs - globals.nowMs);
    if (wait >= left) continue;
    left = wait;
    dueEntry = node - RECORD_NODE;
  } while (++n < SYN_STAGES);
  return poolUsed(Pool.SYN_CACHE) == 0 ? NEVER : atLeastZero(left);
}

/** Ends all of them: what is overdue by half of what the clock counts would look early. */
export function giveUpHandshakes(): void {
  while (synDeadline() != NEVER) {
    count(Counter.TCP_HANDSHAKE_TIMEOUTS);
    forget(dueEntry, State.CLOSED, Cause.TIMEOUT);
  }
}

/** The next SYN+ACK that is due on an interface, or the RST that ends a handshake without answer;
 * the frame's length, or 0. Each round drops an entry or makes it wait. */
export function synTransmit(iface: u32): u32 {
  while (synDeadline() == 0) {
    const e = synEntryAt(dueEntry);
    const own = interfaceTo(e);
    if (own != iface) {
      if (isUp(own)) return 0;
      forget(dueEntry, State.CLOSED, Cause.UNREACHABLE); // it came by another interface
      continue;
    }
    const retries = (<u32>e.retries) & RETRIES;
    const last = retries >= <u32>globals.synAckRetries;
    // No RST when the cache overflowed meanwhile: no backscatter for spoofed addresses.
    const quiet = both(globals.synOverflowed != 0, elapsed(globals.synOverflowMs) < 60000);
    const neighbour = synRoute(iface, e);
    let n: u32 = 0;
    if (!either(neighbour < 0, both(last, quiet))) {
      buildEntry(e, last ? RST : SYN | ACK);
      n = buildSend(iface, neighbourMac(neighbour), e, 0, defaultHops());
    }
    if (last) {
      count(Counter.TCP_HANDSHAKE_TIMEOUTS);
      if (n) count(Counter.TCP_RESETS_SENT);
      forget(dueEntry, State.CLOSED, Cause.TIMEOUT);
    } else {
      const deferred = (<u32>e.retries) & DEFERRED;
      if (n == 0) e.retries |= <u8>DEFERRED;
      schedule(dueEntry, retries + <u32>either(n != 0, deferred != 0));
    }
    if (n) return n;
  }
  return 0;
}

/** The neighbour to send through, or -1: not known (yet); the next SYN+ACK will find it. */
function synRoute(iface: u32, e: SynEntry): i32 {
  // A handshake has proved nothing yet: it takes no entry that was used of late.
  const i = neighbourTo(iface, e, 0, NEIGHBOUR_REFRESH_MS);
  return i >= 0 && isKnown(i) ? i : -1;
}
