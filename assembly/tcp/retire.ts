// The end of a connection in good order: TIME-WAIT in its TCB while the owner holds it, then in an
// entry of tens of bytes.

import { REASSEMBLY } from "../config";
import { State } from "../constants";
import { globals } from "../globals";
import { both } from "../order";
import { remove } from "./demux";
import { dropReceiveRingIfDone, release, unread } from "./pool";
import { releaseBlock } from "./reassembly";
import { startTimer } from "./schedule";
import { clear, Flag, has, tcb, tcbNode } from "./tcb";
import { keepTimeWait } from "./timeWait";

/** Starts 2 x MSL (again); without an owner the TCB becomes an entry. State is TIME-WAIT. */
export function intoTimeWait(): void {
  clear(Flag.LIFE | Flag.PERSIST | Flag.ACK_NOW | Flag.ACK_DELAYED);
  if (REASSEMBLY) releaseBlock();
  dropReceiveRingIfDone();
  if (mayRetire()) retire();
  else startTimer(2 * globals.mslMs);
}

/** True in TIME-WAIT once neither the owner nor bytes to read need the TCB. */
function mayRetire(): bool {
  return both(!has(Flag.OWNED | Flag.QUEUED), unread() == 0);
}

/** Moves a connection in TIME-WAIT from its TCB to an entry. */
export function retire(): void {
  remove(tcbNode);
  keepTimeWait();
  tcb.state = <u8>State.CLOSED;
  release();
}
