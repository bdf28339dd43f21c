// TIME-WAIT entries: what is left of a connection after its owner has closed: enough to answer the
// peer's FIN again and to tell a new SYN from an old one. Ordered by age; all live 2 x MSL.

import { listAppend, listNext } from "../buffer/list";
import { Cause, Counter, Pool, State } from "../constants";
import { count } from "../counter";
import { defaultHops, globals } from "../globals";
import { ADDRESS_BYTES, ENDPOINT_BYTES, TIME_WAIT_BYTES, TIME_WAIT_HEAD } from "../memory";
import { claim, hasFree, poolUsed } from "../pool";
import { buildReply } from "./build";
import { forget, insert, RECORD_NODE, recordAt } from "./demux";
import { buildBrief } from "./reply";
import { copyEndpoint, Endpoint, tcb } from "./tcb";
import { NEVER } from "../timer/deadline";
import { ACK } from "../wire/tcp";

const TICK_BITS: u32 = 6;


@unmanaged
export class TimeWait extends Endpoint {
  sndNxt: u32;
  rcvNxt: u32;
}

if (<u32>offsetof<TimeWait>() + ADDRESS_BYTES != TIME_WAIT_BYTES) ERROR("TIME_WAIT_BYTES");

/** The entry with a hash number. */
export function timeWaitAt(id: u32): TimeWait {
  return changetype<TimeWait>(recordAt(id));
}

/** When it began, or began again, in ticks of 64 ms: enough for the longest MSL. Two bytes that
 * other records use for the listener and retries. */
function sinceOf(e: TimeWait): u32 {
  return <u32>load<u16>(changetype<usize>(e), offsetof<Endpoint>("listener"));
}

/** The entry that ends first; there is one. */
function oldest(): u32 {
  return listNext(TIME_WAIT_HEAD) - RECORD_NODE;
}

/** Keeps what must outlive the TCB, which the caller has taken out of the hash. */
export function keepTimeWait(): void {
  if (!hasFree(Pool.TIME_WAIT)) {
    count(Counter.TCP_TIME_WAIT_RECYCLED);
    forget(oldest(), State.CLOSED, Cause.RECYCLED);
  }
  const id = claim(Pool.TIME_WAIT) - RECORD_NODE;
  const e = timeWaitAt(id);
  copyEndpoint(e, tcb, ENDPOINT_BYTES);
  e.sndNxt = tcb.sndNxt;
  e.rcvNxt = tcb.rcvNxt;
  insert(id);
  restartTimeWait(id);
}

/** 2 x MSL from now (RFC 9293 3.10.7.4: a FIN came again). */
export function restartTimeWait(id: u32): void {
  const since = globals.nowMs >> TICK_BITS;
  store<u16>(changetype<usize>(recordAt(id)), since, offsetof<Endpoint>("listener"));
  listAppend(TIME_WAIT_HEAD, RECORD_NODE + id);
}

/** Ends all of them. */
export function endTimeWaits(): void {
  while (poolUsed(Pool.TIME_WAIT) != 0) forget(oldest(), State.CLOSED, Cause.TIMEOUT);
}

/** An acknowledgment of everything, at once. */
export function replyTimeWait(e: TimeWait): u32 {
  buildBrief(e, e.sndNxt, e.rcvNxt, ACK, 0);
  return buildReply(e, defaultHops());
}

/** ms until the oldest entry ends, or 0xFFFFFFFF. */
export function timeWaitDeadline(): u32 {
  return poolUsed(Pool.TIME_WAIT) == 0 ? NEVER : timeWaitLeft(timeWaitAt(oldest()));
}

/** ms until an entry ends: 2 x MSL, rounded up by a tick or two, never early. */
export function timeWaitLeft(e: TimeWait): u32 {
  const life = ((20 * <u32>globals.mslCs) >> TICK_BITS) + 2;
  const ticks = <i32>(<i16>(sinceOf(e) + life - (globals.nowMs >> TICK_BITS)));
  return ticks > 0 ? ((<u32>ticks) << TICK_BITS) - (globals.nowMs & ((1 << TICK_BITS) - 1)) : 0;
}

/** Ends the oldest entry if its time has come. */
export function expireTimeWait(): bool {
  if (timeWaitDeadline() != 0) return false;
  forget(oldest(), State.CLOSED, Cause.TIMEOUT);
  return true;
}
