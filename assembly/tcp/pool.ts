// The life of a record: claimed from its pool, its rings lent while they are needed, released.

import { listAppend, listNext, listUnlink } from "../buffer/list";
import { NO_RING } from "../buffer/ring";
import {
  CACHES,
  REASSEMBLY,
  RETRANSMIT_TALLIES,
  RINGS_ARE_FEWER,
  SACK,
  TCB_COUNT,
} from "../config";
import { Cause, Counter, Event, Pool, State } from "../constants";
import { count } from "../counter";
import { closeHandle, hasEvents } from "../event";
import { elapsed, globals } from "../globals";
import { OVER_HEAD, TCB_BYTES } from "../memory";
import { both, either } from "../order";
import { claim, hasFree, release as giveBack } from "../pool";
import { remove } from "./demux";
import { lend, takeBack } from "./lend";
import { unqueue } from "./listener";
import { takeDefaults } from "./option";
import { releaseBlock } from "./reassembly";
import { releaseScoreboard } from "./scoreboard";
import { enter, inStates, isHalfOpen, isState, noteProgress, tell } from "./state";
import {
  clear,
  clearRetransmits,
  Flag,
  has,
  remoteOf,
  select,
  set,
  Tcb,
  tcb,
  tcbNode,
} from "./tcb";
import { disarm } from "../timer/timer";

/** True if claimTcb would find a record. Another connection may be the current one afterwards. */
export function tcbIsFree(): bool {
  return hasFree(Pool.TCB) || spare() >= 0;
}

/** The record that makes room when none is free, or -1: what is over goes first, once its owner has
 * been told. Without caches that is the oldest, and TIME-WAIT and handshakes are among them. */
function spare(): i32 {
  if (!CACHES) return oldestSpare();
  for (let node = listNext(OVER_HEAD); node != OVER_HEAD; node = listNext(node)) {
    if (!hasEvents(node)) return <i32>node;
  }
  return -1;
}

function oldestSpare(): i32 {
  let best: i32 = -1;
  let most: u32 = 0;
  for (let i = TCB_COUNT; i-- > 0;) {
    select(i);
    const age = elapsed(tcb.changedMs);
    if (both(isSpare(), age >= most)) {
      most = age;
      best = i;
    }
  }
  return best;
}

/** True for TIME-WAIT without an owner, a handshake whose SYN+ACK had to be repeated (RFC 4987 3.3),
 * and what is CLOSED with nothing to read and no RST to send, once its owner has been told. */
function isSpare(): bool {
  if (isState(State.CLOSED)) {
    const told = !either(has(Flag.RESET), hasEvents(tcbNode));
    return both(told, <u32>tcb.receiveRing == NO_RING);
  }
  if (isHalfOpen()) return tcb.retries != 0;
  return both(isState(State.TIME_WAIT), !has(Flag.OWNED | Flag.QUEUED));
}

/** Ends what makes room. */
function recycle(): void {
  if (isState(State.TIME_WAIT)) count(Counter.TCP_TIME_WAIT_RECYCLED);
  end(0, Cause.RECYCLED);
}

/** Makes a clean record the current one; false when there is none. Takes back one that is over. */
export function claimTcb(): bool {
  if (!hasFree(Pool.TCB)) {
    const node = spare();
    if (node < 0) return false;
    select(node);
    if (CACHES || isState(State.CLOSED)) release();
    else recycle();
  }
  select(claim(Pool.TCB));
  memory.fill(remoteOf(tcb), 0, TCB_BYTES);
  if (RETRANSMIT_TALLIES) clearRetransmits();
  takeDefaults();
  noteProgress();
  tcb.changedMs = globals.nowMs;
  return true;
}

/** True if lendReceiveRing would find a ring for a new record. */
export function receiveRingIsFree(): bool {
  return !RINGS_ARE_FEWER || hasFree(Pool.RECEIVE_RING);
}

/** Where a connection has its rings. */
function receiveHolder(): usize {
  return changetype<usize>(tcb) + offsetof<Tcb>("receiveRing");
}

function sendHolder(): usize {
  return changetype<usize>(tcb) + offsetof<Tcb>("sendRing");
}

/** A receive ring for a new connection; false if none is free. */
export function lendReceiveRing(): bool {
  return lend(Pool.RECEIVE_RING, receiveHolder());
}

export function dropReceiveRing(): void {
  takeBack(Pool.RECEIVE_RING, receiveHolder());
}

/** True if the connection holds a send ring, or gets one; else it waits for one. */
export function lendSendRing(): bool {
  const lent = lend(Pool.SEND_RING, sendHolder());
  if (RINGS_ARE_FEWER && !lent) set(Flag.WANTS_RING);
  return lent;
}

export function dropSendRing(): void {
  takeBack(Pool.SEND_RING, sendHolder());
}

/** Gives back what a connection holds, but for its record and what the user may still read. */
export function strip(): void {
  dropSendRing();
  if (REASSEMBLY) releaseBlock();
  if (SACK) releaseScoreboard();
  disarm(tcbNode);
  listUnlink(tcbNode);
}

/** Ends a connection. error 0: in good order. The owner keeps the record until it has looked. */
export function end(error: u32, cause: u32): void {
  const announced = isState(State.TIME_WAIT);
  enter(State.CLOSED, cause);
  remove(tcbNode);
  if (!has(Flag.OWNED)) {
    release();
    return;
  }
  strip();
  clear(~(Flag.OWNED | Flag.ACTIVE | Flag.LOCAL));
  tcb.error = <u8>error;
  if (error) {
    dropReceiveRing();
    tell(Event.CLOSED | Event.ERROR | Event.READABLE | Event.WRITABLE);
  } else if (!announced) tell(Event.CLOSED);
  if (unread() == 0) over();
}

/** Nothing of this connection is worth keeping: the pool may take it when it runs dry. */
function over(): void {
  dropReceiveRing();
  if (CACHES) listAppend(OVER_HEAD, tcbNode);
}

/** The RST of a connection has left, or never will. */
export function endReset(): void {
  if (has(Flag.OWNED)) {
    clear(Flag.RESET);
    over();
  } else release();
}

/** Bytes received in order and not yet read. */
export function unread(): u32 {
  if (<u32>tcb.receiveRing == NO_RING) return 0;
  return tcb.rcvNxt - <u32>finReceived() - tcb.rcvRead;
}

/** States that only a FIN of the peer leads to. CLOSED: the connection was synchronized. */
const FIN_STATES: u32 =
  (1 << State.CLOSED) |
  (1 << State.CLOSE_WAIT) |
  (1 << State.CLOSING) |
  (1 << State.LAST_ACK) |
  (1 << State.TIME_WAIT);

export function finReceived(): bool {
  return inStates(FIN_STATES);
}

/** The receive ring goes once the peer can send no more and the user has read all. */
export function dropReceiveRingIfDone(): void {
  if (!both(finReceived(), unread() == 0)) return;
  dropReceiveRing();
  if (isState(State.CLOSED)) over();
}

/** The record goes back to its pool; it is CLOSED and out of the hash. Its handle is stale. */
export function release(): void {
  assert(isState(State.CLOSED));
  unqueue();
  strip();
  dropReceiveRing();
  closeHandle(tcbNode);
  tcb.flags = 0;
  tcb.localPort = 0;
  giveBack(Pool.TCB, tcbNode);
}
