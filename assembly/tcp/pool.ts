// The life of a record: claimed from its pool, its rings lent while they are needed, released.

import { smaller } from "../order";
import { RING_BYTES, TCB_COUNT, REASSEMBLY, RING_COUNT } from "../config";
import { Event, Pool, State } from "../constants";
import { NO_RING } from "../buffer/ring";
import { closeHandle, raise } from "../event";
import { globals } from "../globals";
import { OVER_HEAD, TCB_BYTES } from "../memory";
import { listAppend, listFirst, listUnlink } from "../buffer/list";
import { claim, hasFree, release as giveBack, releaseWarm } from "../pool";
import { disarm } from "../timer/timer";
import { remove } from "./demux";
import { unqueue } from "./listener";
import { takeDefaults } from "./option";
import { NO_BLOCK, releaseBlock } from "./reassembly";
import { enter, isIn } from "./state";
import { Flag, Tcb, clear, has, nodeOfTcb, remoteOf, set, tcbAt } from "./tcb";

/** Connections may have to wait for a ring. */
const RINGS_ARE_FEWER: bool = RING_COUNT < TCB_COUNT;

/** True if claimTcb would find a record. */
export function tcbIsFree(): bool {
  return hasFree(Pool.TCB) || listFirst(OVER_HEAD) >= 0;
}

/** A clean record, or null. Takes back one that is over when none is free. */
export function claimTcb(): Tcb | null {
  if (!hasFree(Pool.TCB)) {
    const over = listFirst(OVER_HEAD);
    if (over < 0) return null;
    release(tcbAt(over));
  }
  const t = tcbAt(claim(Pool.TCB));
  memory.fill(remoteOf(t), 0, TCB_BYTES);
  takeDefaults(t);
  t.progressMs = globals.nowMs;
  t.changedMs = globals.nowMs;
  return t;
}

/** A receive ring for a new connection; false if none is free. */
export function lendReceiveRing(t: Tcb): bool {
  const ring = claim(Pool.RECEIVE_RING);
  if (ring >= 0) t.receiveRing = <u16>ring;
  return ring >= 0;
}

export function dropReceiveRing(t: Tcb): void {
  if (<u32>t.receiveRing == NO_RING) return;
  releaseWarm(Pool.RECEIVE_RING, t.receiveRing);
  t.receiveRing = <u16>NO_RING;
}

/** True if the connection holds a send ring, or gets one. */
export function lendSendRing(t: Tcb): bool {
  if (<u32>t.sendRing != NO_RING) return true;
  const ring = claim(Pool.SEND_RING);
  if (ring >= 0) {
    t.sendRing = <u16>ring;
    return true;
  }
  if (RINGS_ARE_FEWER && !has(t, Flag.WANTS_RING)) {
    set(t, Flag.WANTS_RING);
    globals.ringWaiters += 1;
  }
  return false;
}

/** Gives the send ring back, to whoever waits for one. */
export function dropSendRing(t: Tcb): void {
  if (<u32>t.sendRing == NO_RING) return;
  releaseWarm(Pool.SEND_RING, t.sendRing);
  t.sendRing = <u16>NO_RING;
  // Only when the pool had run dry is anybody looked for.
  for (let i: u32 = 0; RINGS_ARE_FEWER && globals.ringWaiters > 0 && i < TCB_COUNT; i++) {
    const other = tcbAt(i);
    if (!has(other, Flag.WANTS_RING)) continue;
    stopWaitingForRing(other);
    raise(i, Event.WRITABLE);
    return;
  }
}

function stopWaitingForRing(t: Tcb): void {
  if (!RINGS_ARE_FEWER || !has(t, Flag.WANTS_RING)) return;
  clear(t, Flag.WANTS_RING);
  globals.ringWaiters -= 1;
}

/** Gives back what a connection holds, but for its record and what the user may still read. */
export function strip(t: Tcb): void {
  stopWaitingForRing(t);
  dropSendRing(t);
  if (REASSEMBLY && <u32>t.reassembly != NO_BLOCK) releaseBlock(t);
  disarm(nodeOfTcb(t));
  listUnlink(nodeOfTcb(t));
}

/** Ends a connection. error 0: in good order. The owner keeps the record until it has looked. */
export function end(t: Tcb, error: u32, cause: u32): void {
  const node = nodeOfTcb(t);
  const timeWait = <u32>t.state == State.TIME_WAIT;
  enter(t, State.CLOSED, cause);
  remove(node);
  strip(t);
  unqueue(t);
  if (!has(t, Flag.OWNED)) {
    free(t);
    return;
  }
  clear(t, ~(Flag.OWNED | Flag.ACTIVE));
  t.error = <u8>error;
  if (error) {
    dropReceiveRing(t);
    raise(node, Event.CLOSED | Event.ERROR | Event.READABLE | Event.WRITABLE);
  } else if (!timeWait) {
    raise(node, Event.CLOSED);
  }
  if (<u32>t.receiveRing == NO_RING || unread(t) == 0) over(t);
}

/** Nothing of this connection is worth keeping: the pool may take it when it runs dry. */
function over(t: Tcb): void {
  dropReceiveRing(t);
  listAppend(OVER_HEAD, nodeOfTcb(t));
}

/** Bytes received in order and not yet read. */
export function unread(t: Tcb): u32 {
  if (<u32>t.receiveRing == NO_RING) return 0;
  const fin = finReceived(t.state) ? 1 : 0;
  return t.rcvNxt - fin - t.rcvRead;
}

/** States that only a FIN of the peer leads to. CLOSED: the connection was synchronized. */
const FIN_STATES: u32 =
  (1 << State.CLOSED) |
  (1 << State.CLOSE_WAIT) |
  (1 << State.CLOSING) |
  (1 << State.LAST_ACK) |
  (1 << State.TIME_WAIT);

export function finReceived(state: u32): bool {
  return isIn(state, FIN_STATES);
}

/** The receive ring goes once the peer can send no more and the user has read all. */
export function dropReceiveRingIfDone(t: Tcb): void {
  if (<u32>t.receiveRing == NO_RING || !finReceived(t.state) || unread(t) != 0) return;
  dropReceiveRing(t);
  if (<u32>t.state == State.CLOSED) over(t);
}

/** The record goes back to its pool; it is CLOSED and out of the hash. Its handle is stale. */
export function release(t: Tcb): void {
  assert(<u32>t.state == State.CLOSED);
  unqueue(t);
  strip(t);
  free(t);
}

function free(t: Tcb): void {
  const node = nodeOfTcb(t);
  dropReceiveRing(t);
  closeHandle(node);
  t.flags = 0;
  t.state = <u8>State.CLOSED;
  t.localPort = 0;
  giveBack(Pool.TCB, node);
}

/** Bytes written and not acknowledged. */
export function unacknowledged(t: Tcb): u32 {
  const edge = t.sndEnd - t.sndUna;
  return <i32>edge > 0 && <u32>t.sendRing != NO_RING ? smaller(edge, RING_BYTES) : 0;
}
