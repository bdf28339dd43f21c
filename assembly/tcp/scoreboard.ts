// Selective acknowledgment, the sender's side (RFC 6675): what the peer has of the flight, in a
// recovery block that is lent while there is anything to remember. Without one: NewReno.
//
//   ranges that the peer has, in order, disjoint: start, end | ... (10) | lost | count | rescued
//
// What is lost goes by one number: all that the peer has not got below it (IsLost is monotone).

import { get32 } from "../bytes";
import { SACK } from "../config";
import { Counter, Pool } from "../constants";
import { count } from "../counter";
import { RECOVERIES, RECOVERY_BYTES, RECOVERY_NODE } from "../memory";
import { atLeastZero, both } from "../order";
import { lend, takeBack } from "./lend";
import { segAck, segSack, segSackBytes } from "./segment";
import { seqGt, seqLeq, seqLt, seqMax, seqMin } from "./seq";
import { Flag, has, hasSack, Tcb, tcb } from "./tcb";

/** No block: the field of a connection without a scoreboard. A block is known by its node. */
const NO_SCOREBOARD: u32 = 0;

const RANGES: u32 = 10;
/** Ranges above a number by which it counts as lost (RFC 6675 section 2). */
const DUP_THRESH: u32 = 3;


@unmanaged
class Scoreboard {
  /** All that is not acknowledged below this number is lost. */
  lost: u32;
  /** Ranges in use. */
  count: u32;
  /** Once SND.UNA is beyond this, a segment may be sent again although nothing says it is lost. */
  rescued: u32;
  // The ranges follow.
}


@unmanaged
class Range {
  start: u32;
  end: u32;
}

if (<u32>offsetof<Scoreboard>() + 8 * RANGES > RECOVERY_BYTES) ERROR("RECOVERY_BYTES");

function board(): Scoreboard {
  const first = RECOVERIES - <usize>RECOVERY_NODE * RECOVERY_BYTES;
  return changetype<Scoreboard>(first + <usize>tcb.recovery * RECOVERY_BYTES);
}

function rangeAt(i: u32): Range {
  return changetype<Range>(changetype<usize>(board()) + offsetof<Scoreboard>() + ((<usize>i) << 3));
}

/** Where the connection has its block. */
function holder(): usize {
  return changetype<usize>(tcb) + offsetof<Tcb>("recovery");
}

/** True while the connection has a scoreboard. */
export function hasScoreboard(): bool {
  return SACK && <u32>tcb.recovery != NO_SCOREBOARD;
}

/** Gives the block back, if there is one. */
export function releaseScoreboard(): void {
  takeBack(Pool.RECOVERY, holder());
}

/** A block for what the peer begins to tell; false: none is free. */
function lendScoreboard(): bool {
  if (!lend(Pool.RECOVERY, holder())) return false;
  const b = board();
  b.count = 0;
  b.lost = has(Flag.LOSS) ? tcb.rtxEnd : tcb.sndUna; // a timeout has given up all of it
  b.rescued = tcb.sndUna - 1;
  return true;
}

/** Takes the blocks of the current segment; true: they tell of something new. */
export function takeSack(): bool {
  if (!hasSack()) return false;
  let news = false;
  for (let at: u32 = 0; at < segSackBytes; at += 8) {
    const start = get32(segSack + at);
    const end = get32(segSack + at + 4);
    if (both(at == 0, seqLeq(end, segAck))) count(Counter.TCP_DUPLICATE_SACKS);
    // Only what is in flight, in its order; not old news of a segment overtaken.
    if (!both(both(seqGt(start, tcb.sndUna), seqLt(start, end)), seqLeq(end, tcb.sndNxt))) continue;
    if (mark(start, end)) news = true;
  }
  if (both(news, hasScoreboard())) judge();
  return news;
}

/** Adds [start, end) to what the peer has; false: that is known, or there is no room for it. */
function mark(start: u32, end: u32): bool {
  // Without a block all is news, so that NewReno counts duplicates; and brings a recovery to its end.
  if (!hasScoreboard() && (has(Flag.RECOVERY) || !lendScoreboard())) return true;
  const b = board();
  let first: u32 = 0;
  while (first < b.count && seqLt(rangeAt(first).end, start)) first++;
  let behind = first;
  while (behind < b.count && seqLeq(rangeAt(behind).start, end)) behind++;
  const touched = behind - first;
  if (touched == 0 && b.count == RANGES) return false;
  const r = rangeAt(first);
  if (touched != 0) {
    if (both(seqLeq(r.start, start), seqLeq(end, r.end))) return false;
    start = seqMin(start, r.start);
    end = seqMax(end, rangeAt(behind - 1).end);
  }
  const rest = (b.count - behind) << 3;
  memory.copy(changetype<usize>(rangeAt(first + 1)), changetype<usize>(rangeAt(behind)), rest);
  b.count = b.count + 1 - touched;
  r.start = start;
  r.end = end;
  return true;
}

/** IsLost (RFC 6675 section 4): with three ranges above, or more than two segments of bytes. */
function judge(): void {
  const b = board();
  let above: u32 = 0;
  for (let i = b.count; i-- > 0;) {
    const r = rangeAt(i);
    above += r.end - r.start;
    if (b.count - i < DUP_THRESH && above <= (DUP_THRESH - 1) * tcb.sndMss) continue;
    b.lost = seqMax(b.lost, r.start);
    return;
  }
}

/** SND.UNA has moved: what lies below it needs no remembering. */
export function pruneScoreboard(): void {
  if (!hasScoreboard()) return;
  const b = board();
  let gone: u32 = 0;
  while (gone < b.count && seqLeq(rangeAt(gone).end, tcb.sndUna)) gone++;
  b.count -= gone;
  b.lost = seqMax(b.lost, tcb.sndUna);
  if (b.count == 0) {
    if (!has(Flag.RECOVERY | Flag.LOSS)) releaseScoreboard();
    return;
  }
  memory.copy(changetype<usize>(rangeAt(0)), changetype<usize>(rangeAt(gone)), b.count << 3);
  rangeAt(0).start = seqMax(rangeAt(0).start, tcb.sndUna);
}

/** All that is not acknowledged below it is lost. */
export function lostEdge(): u32 {
  return hasScoreboard() ? board().lost : tcb.sndUna;
}

/** What goes out again counts as lost. */
export function giveUpTo(edge: u32): void {
  if (hasScoreboard()) board().lost = seqMax(board().lost, edge);
}

/** The first number from `at` on that the peer has not got. */
export function skipSacked(at: u32): u32 {
  if (!hasScoreboard()) return at;
  for (let i: u32 = 0; i < board().count; i++) {
    const r = rangeAt(i);
    if (at - r.start < r.end - r.start) return r.end;
  }
  return at;
}

/** Where the hole at a number ends, at the latest at `limit`. */
export function holeEnd(at: u32, limit: u32): u32 {
  if (!hasScoreboard()) return limit;
  for (let i: u32 = 0; i < board().count; i++) {
    if (seqGt(rangeAt(i).start, at)) return seqMin(limit, rangeAt(i).start);
  }
  return limit;
}

/** The first number of the highest range: below it are holes, whether lost or not. SND.UNA: none. */
export function highestRange(): u32 {
  const n = board().count;
  return n == 0 ? tcb.sndUna : rangeAt(n - 1).start;
}

/** Bytes below a number that the peer has not got. */
function missing(to: u32): u32 {
  let bytes = to - tcb.sndUna;
  for (let i: u32 = 0; i < board().count; i++) {
    const r = rangeAt(i);
    if (seqLt(r.start, to)) bytes -= seqMin(r.end, to) - r.start;
  }
  return bytes;
}

/** What cwnd leaves beside what is in the network (RFC 6675 section 4, SetPipe). */
export function pipeRoom(): u32 {
  const pipe = missing(tcb.sndNxt) - missing(board().lost) + missing(tcb.sndRtx);
  return atLeastZero(tcb.cwnd - pipe);
}

/** NextSeg rule 4, once in a recovery: the end of the flight leaves again, in case it was lost. False:
 * it has already, or the peer has it. */
export function mayRescue(): bool {
  const b = board();
  if (!seqGt(tcb.sndUna, b.rescued)) return false;
  return b.count == 0 || rangeAt(b.count - 1).end != tcb.sndNxt;
}

/** It leaves now. */
export function noteRescue(): void {
  board().rescued = tcb.recover;
}
