// The life of a record: claimed from its pool, its rings lent while they are needed, released.

import { RING_BYTES, TCB_COUNT } from "../config";
import { Event, Pool, State } from "../constants";
import {
  NO_RING,
  claimReceiveRing,
  claimSendRing,
  releaseReceiveRing,
  releaseSendRing,
} from "../buffer/ring";
import { closeHandle, raise } from "../event";
import { globals } from "../globals";
import { ADDRESS_BYTES, FREE_HEAD, OVER_HEAD, READY_LINKS, TCB_BYTES } from "../memory";
import { listAlone, listAppend, listNext, listUnlink } from "../buffer/list";
import { claimed, released } from "../pool";
import { disarm } from "../timer/wheel";
import { remove } from "./demux";
import { unqueue } from "./listener";
import { NO_BLOCK, releaseBlock } from "./reassembly";
import { enter } from "./state";
import { Flag, Tcb, clear, has, nodeOfTcb, set, tcbAt } from "./tcb";

/** No neighbour known yet. */
const NO_NEIGHBOUR: u32 = 0xffff;

/** True if claimTcb would find a record. */
export function tcbIsFree(): bool {
  return !listAlone(READY_LINKS, FREE_HEAD) || !listAlone(READY_LINKS, OVER_HEAD);
}

/** A clean record, or null. Takes back one that is over when none is free. */
export function claimTcb(): Tcb | null {
  let node = listNext(READY_LINKS, FREE_HEAD);
  if (node == FREE_HEAD) {
    node = listNext(READY_LINKS, OVER_HEAD);
    if (node == OVER_HEAD) return null;
    release(tcbAt(node));
    node = listNext(READY_LINKS, FREE_HEAD);
  }
  listUnlink(READY_LINKS, node);
  claimed(Pool.TCB);
  const t = tcbAt(node);
  memory.fill(changetype<usize>(t) - ADDRESS_BYTES, 0, TCB_BYTES);
  t.sendRing = <u16>NO_RING;
  t.receiveRing = <u16>NO_RING;
  t.reassembly = <u16>NO_BLOCK;
  t.neighbour = <u16>NO_NEIGHBOUR;
  t.ttl = <u8>globals.ttl;
  t.dscp = <u8>globals.dscp;
  t.r2Seconds = <u16>globals.r2Seconds;
  if (globals.noDelay) set(t, Flag.NO_DELAY);
  t.progressMs = globals.nowMs;
  t.changedMs = globals.nowMs;
  return t;
}

/** A receive ring for a new connection; false if none is free. */
export function lendReceiveRing(t: Tcb): bool {
  t.receiveRing = <u16>claimReceiveRing();
  return <u32>t.receiveRing != NO_RING;
}

export function dropReceiveRing(t: Tcb): void {
  if (<u32>t.receiveRing == NO_RING) return;
  releaseReceiveRing(t.receiveRing);
  t.receiveRing = <u16>NO_RING;
}

/** True if the connection holds a send ring, or gets one. */
export function lendSendRing(t: Tcb): bool {
  if (<u32>t.sendRing != NO_RING) return true;
  t.sendRing = <u16>claimSendRing();
  if (<u32>t.sendRing != NO_RING) return true;
  if (!has(t, Flag.WANTS_RING)) {
    set(t, Flag.WANTS_RING);
    globals.ringWaiters += 1;
  }
  return false;
}

/** Gives the send ring back, to whoever waits for one. */
export function dropSendRing(t: Tcb): void {
  if (<u32>t.sendRing == NO_RING) return;
  releaseSendRing(t.sendRing);
  t.sendRing = <u16>NO_RING;
  // Only when the pool had run dry is anybody looked for.
  for (let i: u32 = 0; globals.ringWaiters > 0 && i < TCB_COUNT; i++) {
    const other = tcbAt(i);
    if (!has(other, Flag.WANTS_RING)) continue;
    stopWaitingForRing(other);
    raise(i, Event.WRITABLE);
    return;
  }
}

function stopWaitingForRing(t: Tcb): void {
  if (!has(t, Flag.WANTS_RING)) return;
  clear(t, Flag.WANTS_RING);
  globals.ringWaiters -= 1;
}

/** Gives back what a connection holds, but for its record and what the user may still read. */
export function strip(t: Tcb): void {
  stopWaitingForRing(t);
  dropSendRing(t);
  if (<u32>t.reassembly != NO_BLOCK) releaseBlock(t);
  disarm(nodeOfTcb(t));
  listUnlink(READY_LINKS, nodeOfTcb(t));
}

/** Ends a connection. error 0: in good order. The owner keeps the record until it has looked. */
export function end(t: Tcb, error: u32, cause: u32): void {
  const node = nodeOfTcb(t);
  const timeWait = <u32>t.state == State.TIME_WAIT;
  enter(t, State.CLOSED, cause);
  remove(node);
  strip(t);
  if (has(t, Flag.QUEUED)) unqueue(t);
  if (!has(t, Flag.OWNED)) {
    free(t);
    return;
  }
  clear(t, ~(Flag.OWNED | Flag.ACTIVE));
  if (error) {
    t.error = <u8>error;
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
  listAppend(READY_LINKS, OVER_HEAD, nodeOfTcb(t));
}

/** Bytes received in order and not yet read. */
export function unread(t: Tcb): u32 {
  if (<u32>t.receiveRing == NO_RING) return 0;
  const fin = finReceived(t.state) ? 1 : 0;
  return t.rcvNxt - fin - t.rcvRead;
}

/** States that only a FIN of the peer leads to. CLOSED: the connection was synchronized. */
export function finReceived(state: u32): bool {
  return (
    state == State.CLOSE_WAIT ||
    state == State.CLOSING ||
    state == State.LAST_ACK ||
    state == State.TIME_WAIT ||
    state == State.CLOSED
  );
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
  if (has(t, Flag.QUEUED)) unqueue(t);
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
  released(Pool.TCB);
  listAppend(READY_LINKS, FREE_HEAD, node);
}

/** Bytes written and not acknowledged. */
export function unacknowledged(t: Tcb): u32 {
  const edge = t.sndEnd - t.sndUna;
  return <i32>edge > 0 && <u32>t.sendRing != NO_RING ? min<u32>(edge, RING_BYTES) : 0;
}
