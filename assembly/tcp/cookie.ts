// SYN cookies (RFC 4987 section 3.6): while the SYN cache is full, a handshake is remembered in the
// numbers that the peer gives back, and nowhere else. The sequence number proves the address and
// carries the segment size; the timestamp, if there is one, carries scale and SACK. A cookie is never
// sent again by us, and is taken for two minutes after the cache was last full.
//
//   sequence number: minute 5 bits | size 3 bits | keyed hash + IRS 24 bits

import { COOKIES } from "../config";
import { Counter } from "../constants";
import { count } from "../counter";
import { defaultHops, elapsed, globals } from "../globals";
import { COOKIE_ENTRY } from "../memory";
import { both } from "../order";
import { buildHeader, buildReply, buildSynOptions, buildTimestamps } from "./build";
import { timestampOffset, tupleHash } from "./isn";
import { agreed } from "./reply";
import { interfaceTo } from "./route";
import { segAck, segHasTimestamps, segMss, segSeq, segTsEcr, segTsVal, segWnd } from "./segment";
import { seqGt } from "./seq";
import { ANSWERED, SynEntry } from "./synCache";
import { copyEndpoint, Endpoint, SACKS, SCALED, TIMESTAMPS, tuple } from "./tcb";
import { initialReceiveWindow } from "./window";
import { ACK, SYN } from "../wire/tcp";

const DOMAIN_COOKIE: u32 = 3;
/** A cookie's minute: 65.5 s, so that it wraps with the clock. A cookie is good for this and the next. */
const MINUTE_BITS: u32 = 16;
const HASH_MASK: u32 = 0xffffff;
/** Of an acknowledgment that is no cookie: beyond every window. */
export const NO_COOKIE: u32 = 0xffffffff;
/** Low bits of the timestamp: SACK 1, scaled 1, scale 4. */
const STAMP_MASK: u32 = 63;
const STAMP_SACK: u32 = 32;

/** The segment sizes that a cookie can tell. */
const SIZES: usize = COOKIES ? memory.data<u16>([64, 256, 536, 1024, 1220, 1440, 1460, 8940]) : 0;

/** The handshake of a cookie that is taken; scratch of one call. */
const entry: SynEntry = changetype<SynEntry>(COOKIE_ENTRY);

/** True while a cookie that comes back may be one of ours. */
function isIssuing(): bool {
  return both(globals.synOverflowed != 0, elapsed(globals.synOverflowMs) < 2 << MINUTE_BITS);
}

/** The upper byte: minute and size; the rest proves that only the owner of the address can know it. */
function cookieOf(upper: u32, irs: u32): u32 {
  const hash = tupleHash(DOMAIN_COOKIE | (upper << 8), tuple) + irs;
  return (upper << 24) | (hash & HASH_MASK);
}

function minute(): u32 {
  return (globals.nowMs >> MINUTE_BITS) & 31;
}

/** The largest size that is not above what the peer takes. */
function sizeOf(mss: u32): u32 {
  let i: u32 = 7;
  while (i > 0 && <u32>load<u16>(SIZES + (i << 1)) > mss) i--;
  return i;
}

/** SYN+ACK at once for the current SYN, and nothing kept. */
export function replyCookie(): u32 {
  const timestamps = both(segHasTimestamps, globals.timestamps != 0);
  const options = timestamps ? agreed() : 0;
  const size = sizeOf(segMss == 0 ? 536 : segMss);
  const seq = cookieOf((minute() << 3) | size, segSeq);
  buildHeader(tuple, seq, segSeq + 1, SYN | ACK, initialReceiveWindow());
  buildSynOptions(interfaceTo(tuple), (options & SCALED) != 0, (options & SACKS) != 0);
  if (timestamps) buildTimestamps(stampFor(options, timestampOffset(tuple)), segTsVal);
  count(Counter.TCP_COOKIES_SENT);
  return buildReply(tuple, defaultHops());
}

/** The offset with which our clock shows the options in its lowest bits, and no later time. */
function stampFor(options: u32, offset: u32): u32 {
  const now = globals.nowMs + offset;
  const bits = (options & 31) | (options & SACKS ? STAMP_SACK : 0);
  const stamp = (now & ~STAMP_MASK) | bits;
  return (seqGt(stamp, now) ? stamp - STAMP_MASK - 1 : stamp) - globals.nowMs;
}

/** How far beyond the first segment after the SYN the current one lies, whose ACK is a cookie of ours:
 * 0 completes the handshake, less than a window is a later one of the same peer. Else NO_COOKIE. */
export function cookieOffset(): u32 {
  if (!isIssuing()) return NO_COOKIE;
  const cookie = segAck - 1;
  const upper = cookie >> 24;
  const age = (minute() - (upper >> 3)) & 31;
  const offset = (cookieOf(upper, segSeq - 1) - cookie) & HASH_MASK;
  if (both(age <= 1, offset < initialReceiveWindow())) return offset;
  count(Counter.TCP_COOKIES_REFUSED);
  return NO_COOKIE;
}

/** The handshake that the current ACK completes. */
export function takeCookie(listener: u32): SynEntry {
  const cookie = segAck - 1;
  const e = entry;
  copyEndpoint(e, tuple, offsetof<Endpoint>("options"));
  e.listener = <u8>listener;
  e.options = <u8>(segHasTimestamps ? optionsIn(segTsEcr) : 0);
  e.retries = <u8>ANSWERED; // when the SYN+ACK left is not known
  e.tsRecent = segTsVal;
  e.iss = cookie;
  e.irs = segSeq - 1;
  e.mss = load<u16>(SIZES + (((cookie >> 24) & 7) << 1));
  e.window = <u16>segWnd;
  return e;
}

function optionsIn(stamp: u32): u32 {
  const scale = stamp & SCALED ? stamp & 31 : 0;
  return TIMESTAMPS | scale | (stamp & STAMP_SACK ? SACKS : 0);
}
