// Reassembly of IPv4 datagrams (RFC 791 section 3.2, RFC 815) in a fixed pool: each has room for what a
// frame buffer holds. Holes are described in the holes themselves. A fragment that overlaps another in
// part ends the datagram (as RFC 5722 has it for IPv6); when all are in use the oldest makes room.

import { ASSEMBLY_COUNT, FRAME_BYTES } from "../config";
import { Counter, Pool } from "../constants";
import { count, drop } from "../counter";
import { elapsed, globals } from "../globals";
import { ASSEMBLY_BYTES, ASSEMBLY_TIMER, assemblyArea, RX_FRAME } from "../memory";
import { both, either } from "../order";
import { claimed, released } from "../pool";
import { NEVER } from "../timer/deadline";
import { armAfter, disarm } from "../timer/timer";
import { etherPayload } from "../wire/ethernet";
import { ipAddresses, ipFragment, IPV4_BYTES, ipKey, FRAGMENT_MORE, setWhole } from "../wire/ipv4";

/** How long the fragments of a datagram are waited for, ms (RFC 1122 section 3.3.2). */
const ASSEMBLY_MS: u32 = 60000;
/** Bytes of payload: what fits into RX_FRAME behind the headers, as IPv4's lengths allow. */
const CAPACITY: u32 = FRAME_BYTES > 65535 ? 65515 : FRAME_BYTES - 34;
/** In place of a hole's end: what follows is not known. In place of the next hole: none. */
const OPEN: u32 = 0xffff;

/** A datagram of which fragments have come. */
@unmanaged
export class Assembly {
  /** Source and destination. */
  addresses: u64;
  /** Identification and protocol; 0: free. */
  key: u32;
  startedMs: u32;
  /** Bytes of payload; 0: the last fragment has not come. */
  total: u16;
  /** Where the first hole begins, in 8 bytes. */
  hole: u16;
  reserved: u32;
  // The payload follows.
}

if (<u32>offsetof<Assembly>() + ((CAPACITY + 15) & ~7) != ASSEMBLY_BYTES) ERROR("ASSEMBLY_BYTES");

function assemblyAt(i: u32): Assembly {
  return changetype<Assembly>(assemblyArea() + <usize>i * ASSEMBLY_BYTES);
}

/** A hole lies where it begins: its end, then where the next begins, each in 8 bytes. */
function holeAt(a: Assembly, at: u32): usize {
  return changetype<usize>(a) + offsetof<Assembly>() + ((<usize>at) << 3);
}

function release(i: u32): void {
  disarm(ASSEMBLY_TIMER + i);
  assemblyAt(i).key = 0;
  released(Pool.ASSEMBLY);
}

/** The rest has not come in time. */
export function assemblyExpired(i: u32): void {
  count(Counter.IP_REASSEMBLY_TIMEOUTS);
  release(i);
}

/** The number of the datagram that the packet at p belongs to, begun if need be. */
function assemblyOf(p: usize): u32 {
  let best: u32 = 0;
  let most: u32 = 0;
  let i: u32 = 0;
  do {
    const a = assemblyAt(i);
    if (both(a.addresses == ipAddresses(p), a.key == ipKey(p))) return i;
    const age = a.key == 0 ? NEVER : elapsed(a.startedMs);
    if (age < most) continue;
    most = age;
    best = i;
  } while (++i < ASSEMBLY_COUNT);
  const a = assemblyAt(best);
  if (a.key != 0) assemblyExpired(best);
  claimed(Pool.ASSEMBLY);
  a.addresses = ipAddresses(p);
  a.key = ipKey(p);
  a.startedMs = globals.nowMs;
  a.total = 0;
  a.hole = 0;
  store<u32>(holeAt(a, 0), OPEN | (OPEN << 16));
  armAfter(ASSEMBLY_TIMER + best, ASSEMBLY_MS);
  return best;
}

/** One fragment of len bytes at p + header. 0: the datagram is whole, and stands in RX_FRAME with a header
 * of 20 bytes; else drop(): it waits, or is lost. */
export function fragmentInput(p: usize, header: u32, len: u32): u32 {
  const word = ipFragment(p);
  const more = (word & FRAGMENT_MORE) != 0;
  const start = word & 0x1fff;
  const end = (start << 3) + len;
  // All but the last are multiples of 8 bytes, and none is empty.
  if (either(either(len == 0, end > CAPACITY), both(more, (len & 7) != 0)))
    return drop(Counter.DROP_IP_FRAGMENT);
  const i = assemblyOf(p);
  const a = assemblyAt(i);
  const fits = fill(a, start, (end + 7) >> 3, more);
  if (fits == 0) return drop(Counter.IP_FRAGMENTS);
  if (fits < 0) {
    release(i);
    return drop(Counter.DROP_IP_FRAGMENT);
  }
  memory.copy(holeAt(a, start), p + header, len);
  if (!more) a.total = <u16>end;
  if (<u32>a.hole != OPEN) return drop(Counter.IP_FRAGMENTS);
  count(Counter.IP_REASSEMBLED);
  const whole = etherPayload(RX_FRAME);
  memory.copy(whole + IPV4_BYTES, holeAt(a, 0), a.total);
  setWhole(whole, IPV4_BYTES + <u32>a.total);
  release(i);
  return 0;
}

/** Takes [start, end) out of the hole that it lies in, in units of 8 bytes; the last fragment leaves nothing
 * behind it. 0: all of it is there already. -1: it overlaps what is there, or contradicts it. */
function fill(a: Assembly, start: u32, end: u32, more: bool): i32 {
  let link = changetype<usize>(a) + offsetof<Assembly>("hole");
  let at = <u32>load<u16>(link);
  while (at != OPEN) {
    const hole = holeAt(a, at);
    const holeEnd = <u32>load<u16>(hole);
    let behind = <u32>load<u16>(hole, 2);
    if (both(start < holeEnd, end > at)) {
      // The last fragment belongs into the hole whose end is not known.
      const outside = either(start < at, end > holeEnd);
      if (either(outside, both(!more, holeEnd != OPEN))) return -1;
      if (both(end < holeEnd, more)) {
        store<u32>(holeAt(a, end), holeEnd | (behind << 16));
        behind = end;
      }
      if (start > at) store<u32>(hole, start | (behind << 16));
      else store<u16>(link, behind);
      return 1;
    }
    link = hole + 2;
    at = behind;
  }
  return more || end == (<u32>a.total + 7) >> 3 ? 0 : -1;
}
