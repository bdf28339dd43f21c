// Ends that the peer did not agree to: ABORT (RFC 9293 3.10.5), and records that just go.

import { listAppend } from "../buffer/list";
import { ADDRESS_COUNT, CACHES, FIRST_ADDRESS, TCB_COUNT } from "../config";
import { Cause, State } from "../constants";
import { closeHandle } from "../event";
import { interfaceOfLocal } from "../ip/address";
import { isUp } from "../link/interface";
import { TIME_WAIT_ID } from "../memory";
import { either, smaller } from "../order";
import { largestSegment } from "./adopt";
import { forgetOf, remove } from "./demux";
import { unqueue } from "./listener";
import { end, endReset, release, strip } from "./pool";
import { makeReady, readyHead } from "./ready";
import { interfaceOf } from "./route";
import { isWaiting } from "./schedule";
import { enter, inStates, isHalfOpen, isState, SENDING_STATES } from "./state";
import { clear, Endpoint, Flag, has, select, set, tcb, tcbNode } from "./tcb";
import { noRoute } from "./unreachable";

/** The user has no handle any more. */
export function disown(): void {
  closeHandle(tcbNode);
  clear(Flag.OWNED);
}

/** Forgets a connection without a word. Nobody owns it. */
export function discard(cause: u32): void {
  if (!isState(State.CLOSED)) {
    remove(tcbNode);
    enter(State.CLOSED, cause);
  }
  release();
}

/** A RST leaves with the next transmit, then the record goes. Nobody owns it. */
export function resetAndForget(cause: u32): void {
  remove(tcbNode);
  enter(State.CLOSED, cause);
  unqueue();
  strip();
  tcb.flags = (tcb.flags & Flag.LOCAL) | Flag.RESET;
  if (isUp(interfaceOf())) makeReady();
  else release(); // the link is down: no RST can leave
}

/** A RST leaves with the next transmit; the owner keeps the record until it has looked. */
export function resetOwned(error: u32, cause: u32): void {
  if (!has(Flag.OWNED)) {
    resetAndForget(cause);
    return;
  }
  end(error, cause);
  if (!isUp(interfaceOf())) return;
  set(Flag.RESET);
  listAppend(readyHead(), tcbNode);
}

/** The link is down: handshakes go with it, RSTs that have not left never will, and what waits does so until R2. */
export function linkDown(iface: u32): void {
  let address = FIRST_ADDRESS;
  do {
    if (!CACHES || interfaceOfLocal(address) != iface) continue;
    forgetOf(offsetof<Endpoint>("address"), address, TIME_WAIT_ID);
  } while (++address < ADDRESS_COUNT);
  let i: u32 = 0;
  do {
    select(i);
    if (interfaceOf() != iface) continue;
    if (isHalfOpen()) end(0, Cause.USER);
    else if (has(Flag.RESET)) endReset();
    else if (inStates(SENDING_STATES) && isWaiting()) noRoute();
  } while (++i < TCB_COUNT);
}

/** The link is up again, perhaps with a smaller MTU: no segment may be larger (RFC 9293 MUST-16). */
export function linkUp(iface: u32): void {
  let i: u32 = 0;
  do {
    select(i);
    if (either(isState(State.CLOSED), interfaceOf() != iface)) continue;
    tcb.sndMss = <u16>smaller(tcb.sndMss, largestSegment());
  } while (++i < TCB_COUNT);
}

/** States whose peer may still have something to say: a RST tells it that nobody listens. */
const RESET_STATES: u32 =
  (1 << State.SYN_RECEIVED) |
  (1 << State.ESTABLISHED) |
  (1 << State.CLOSE_WAIT) |
  (1 << State.FIN_WAIT_1) |
  (1 << State.FIN_WAIT_2);

/** ABORT: a RST where the peer may still have something to say, silence elsewhere. */
export function abandon(cause: u32): void {
  if (has(Flag.RESET)) return; // that leaves, and the record with it
  if (inStates(RESET_STATES)) resetAndForget(cause);
  else discard(cause);
}
