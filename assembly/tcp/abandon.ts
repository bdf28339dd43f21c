// Ends that the peer did not agree to: ABORT (RFC 9293 3.10.5), and records that just go.

import { TCB_COUNT } from "../config";
import { State } from "../constants";
import { closeHandle } from "../event";
import { isUp } from "../link/interface";
import { remove } from "./demux";
import { release, strip } from "./pool";
import { makeReady } from "./ready";
import { enter } from "./state";
import { Flag, Tcb, clear, has, nodeOfTcb, tcbAt } from "./tcb";
import { interfaceOf } from "./window";
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
  if (has(t, Flag.QUEUED)) unqueue(t);
  strip(t);
  t.flags = (t.flags & Flag.LOCAL) | Flag.RESET;
  if (has(t, Flag.LOCAL) || isUp(interfaceOf(t))) makeReady(t);
  else release(t); // the link is down: no RST can leave
}

/** The link is down: RSTs that have not left never will. */
export function forgetResets(iface: u32): void {
  for (let i: u32 = 0; i < TCB_COUNT; i++) {
    const t = tcbAt(i);
    if (has(t, Flag.RESET) && interfaceOf(t) == iface) release(t);
  }
}

/** ABORT: a RST where the peer may still have something to say, silence elsewhere. */
export function abandon(t: Tcb, cause: u32): void {
  switch (<u32>t.state) {
    case State.SYN_RECEIVED:
    case State.ESTABLISHED:
    case State.CLOSE_WAIT:
    case State.FIN_WAIT_1:
    case State.FIN_WAIT_2:
      resetAndForget(t, cause);
      break;
    case State.CLOSED:
    case State.LISTEN:
    case State.SYN_SENT:
    case State.CLOSING:
    case State.LAST_ACK:
    case State.TIME_WAIT:
      discard(t, cause);
      break;
    default:
      break;
  }
}
