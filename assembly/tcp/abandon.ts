// Ends that the peer did not agree to: ABORT (RFC 9293 3.10.5), and records that just go.

import { noRoute } from "./unreachable";
import { isWaiting } from "./schedule";
import { TCB_COUNT } from "../config";
import { State } from "../constants";
import { closeHandle } from "../event";
import { isUp } from "../link/interface";
import { remove } from "./demux";
import { release, strip } from "./pool";
import { makeReady } from "./ready";
import { interfaceOf } from "./route";
import { SENDING_STATES, enter, isIn } from "./state";
import { clear, Flag, has, isFreeTcb, nodeOfTcb, Tcb, tcbAt } from "./tcb";
import { unqueue } from "./listener";

/** The user has no handle any more. */
export function disown(t: Tcb): void {
  closeHandle(nodeOfTcb(t));
  clear(t, Flag.OWNED);
}

/** Forgets a connection without a word. Nobody owns it. */
export function discard(t: Tcb, cause: u32): void {
  if (<u32>t.state != State.CLOSED) {
    remove(nodeOfTcb(t));
    enter(t, State.CLOSED, cause);
  }
  release(t);
}

/** A RST leaves with the next transmit, then the record goes. Nobody owns it. */
export function resetAndForget(t: Tcb, cause: u32): void {
  remove(nodeOfTcb(t));
  enter(t, State.CLOSED, cause);
  unqueue(t);
  strip(t);
  t.flags = (t.flags & Flag.LOCAL) | Flag.RESET;
  if (isUp(interfaceOf(t))) makeReady(t);
  else release(t); // the link is down: no RST can leave
}

/** The link is down: RSTs that have not left never will, and what waits does so until R2. */
export function linkDown(iface: u32): void {
  for (let i: u32 = 0; i < TCB_COUNT; i++) {
    const t = tcbAt(i);
    if (isFreeTcb(t) || interfaceOf(t) != iface) continue;
    if (has(t, Flag.RESET)) release(t);
    else if (isIn(t.state, SENDING_STATES) && isWaiting(t)) noRoute(t);
  }
}

/** States whose peer may still have something to say: a RST tells it that nobody listens. */
const RESET_STATES: u32 =
  (1 << State.SYN_RECEIVED) |
  (1 << State.ESTABLISHED) |
  (1 << State.CLOSE_WAIT) |
  (1 << State.FIN_WAIT_1) |
  (1 << State.FIN_WAIT_2);

/** ABORT: a RST where the peer may still have something to say, silence elsewhere. */
export function abandon(t: Tcb, cause: u32): void {
  if (isIn(t.state, RESET_STATES)) resetAndForget(t, cause);
  else discard(t, cause);
}
