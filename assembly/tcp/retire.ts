// The end of a connection in good order: TIME-WAIT in its TCB while the owner holds it, then in an
// entry of tens of bytes.

import { REASSEMBLY } from "../config";
import { State } from "../constants";
import { NO_RING } from "../buffer/ring";
import { globals } from "../globals";
import { remove } from "./demux";
import { release, dropReceiveRingIfDone, unread } from "./pool";
import { hasHoles, releaseBlock } from "./reassembly";
import { startTimer } from "./schedule";
import { Flag, Tcb, clear, has, nodeOfTcb } from "./tcb";
import { keepTimeWait } from "./timeWait";

/** Starts 2 x MSL (again); without an owner the TCB becomes an entry. State is TIME-WAIT. */
export function intoTimeWait(t: Tcb): void {
  clear(t, Flag.LIFE | Flag.PERSIST | Flag.ACK_NOW | Flag.ACK_DELAYED);
  if (REASSEMBLY && hasHoles(t)) releaseBlock(t);
  dropReceiveRingIfDone(t);
  if (mayRetire(t)) retire(t);
  else startTimer(t, 2 * globals.mslMs);
}

/** True in TIME-WAIT once neither the owner nor bytes to read need the TCB. */
function mayRetire(t: Tcb): bool {
  return !has(t, Flag.OWNED | Flag.QUEUED) && (<u32>t.receiveRing == NO_RING || unread(t) == 0);
}

/** Moves a connection in TIME-WAIT from its TCB to an entry. */
export function retire(t: Tcb): void {
  remove(nodeOfTcb(t));
  keepTimeWait(t);
  t.state = <u8>State.CLOSED;
  release(t);
}
