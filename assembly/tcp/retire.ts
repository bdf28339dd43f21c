// The end of a connection in good order: TIME-WAIT in its TCB while the owner holds it, then in an
// entry of tens of bytes.

import { CACHES } from "../config";
import { State } from "../constants";
import { globals } from "../globals";
import { both } from "../order";
import { remove } from "./demux";
import { dropReceiveRing, dropReceiveRingIfDone, release, unread } from "./pool";
import { startTimer } from "./schedule";
import { clear, Flag, has, tcb, tcbNode } from "./tcb";
import { keepTimeWait } from "./timeWait";

/** Starts 2 x MSL (again); without an owner the TCB becomes an entry. State is TIME-WAIT. */
export function intoTimeWait(): void {
  clear(Flag.LIFE | Flag.PERSIST | Flag.ACK_NOW | Flag.ACK_DELAYED | Flag.KEEP_PROBE);
  dropReceiveRingIfDone();
  const may = mayRetire();
  if (!CACHES || !may) startTimer(20 * <u32>globals.mslCs);
  if (may) retire();
}

/** True in TIME-WAIT once neither the owner nor bytes to read need the TCB. */
function mayRetire(): bool {
  return both(!has(Flag.OWNED | Flag.QUEUED), unread() == 0);
}

/** Moves a connection in TIME-WAIT from its TCB to an entry; without entries, among those that are over. */
export function retire(): void {
  dropReceiveRing();
  if (!CACHES) return; // it goes when its time has come, or another needs the record
  remove(tcbNode);
  keepTimeWait();
  tcb.state = <u8>State.CLOSED;
  release();
}
