// The user timeout option (RFC 5482): both sides tell how long they go on without an acknowledgment, so
// that neither gives up while the other would wait. Off unless the stack's option asks for it.

import { USER_TIMEOUT_LEAST, USER_TIMEOUT_MOST } from "../config";
import { globals } from "../globals";
import { larger, smaller } from "../order";
import { FIN, RST, SYN } from "../wire/tcp";
import { buildUserTimeout } from "./build";
import { oweAckNow } from "./ready";
import { segUserTimeout } from "./segment";
import { inStates, SENDING_STATES } from "./state";
import { clear, Flag, has, set, tcb } from "./tcb";

/** The current segment may bring the peer's. What the user has set stays (section 3.1), and no value
 * of a peer ends a connection earlier than we would. */
export function takeUserTimeout(): void {
  const told = segUserTimeout & 0x7fff;
  if (told == 0 || globals.userTimeout == 0 || has(Flag.OWN_TIMEOUT)) return;
  const seconds = segUserTimeout & 0x8000 ? told * 60 : told;
  const least = larger(globals.r2Seconds, USER_TIMEOUT_LEAST);
  tcb.r2Seconds = <u16>larger(smaller(seconds, USER_TIMEOUT_MOST), least);
}

/** Ours for the segment without data that is being built: a SYN, or the next acknowledgment. */
export function addUserTimeout(flags: u32): void {
  const due: bool = flags & SYN ? globals.userTimeout != 0 : has(Flag.TELLS_TIMEOUT);
  if (!due || (flags & (FIN | RST)) != 0) return;
  const seconds: u32 = has(Flag.OWN_TIMEOUT) ? tcb.r2Seconds : globals.r2Seconds;
  if (buildUserTimeout(seconds) && (flags & SYN) == 0) clear(Flag.TELLS_TIMEOUT);
}

/** The connection is open: what its SYN said is said once more, for a peer that keeps nothing of SYNs
 * (section 3.2). */
export function tellUserTimeout(): void {
  if (globals.userTimeout) set(Flag.TELLS_TIMEOUT);
}

/** The user has set it. */
export function keepUserTimeout(): void {
  set(Flag.OWN_TIMEOUT);
  if (globals.userTimeout == 0 || !inStates(SENDING_STATES)) return;
  set(Flag.TELLS_TIMEOUT);
  oweAckNow();
}
