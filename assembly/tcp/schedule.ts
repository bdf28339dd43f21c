// One timer node per connection, armed at the earliest of its deadlines, so that arming cannot fail.

import { seqLt } from "./seq";
import { rto } from "./rtt";
import { lower } from "../order";
import { globals } from "../globals";
import { arm, disarm } from "../timer/timer";
import { Flag, Tcb, clear, has, nodeOfTcb, set } from "./tcb";

/** Arms the connection's node for the earliest deadline that its flags say is set. */
export function schedule(t: Tcb): void {
  const now = globals.nowMs;
  const none: i32 = 0x7fffffff;
  let left = none;
  if (has(t, Flag.TIMER)) left = <i32>(t.timerMs - now);
  if (has(t, Flag.ACK_DELAYED)) left = lower(left, <i32>(t.ackMs - now));
  if (has(t, Flag.LIFE)) left = lower(left, <i32>(t.lifeMs - now));
  if (left == none) disarm(nodeOfTcb(t));
  else arm(nodeOfTcb(t), now + left);
}

/** True while bytes or a FIN wait that were never sent. */
export function isWaiting(t: Tcb): bool {
  return seqLt(t.sndNxt, t.sndEnd + (has(t, Flag.FIN_QUEUED) ? 1 : 0));
}

/** Starts, or starts again, the retransmission, probe or TIME-WAIT timer. */
export function startTimer(t: Tcb, ms: u32): void {
  set(t, Flag.TIMER);
  t.timerMs = globals.nowMs + ms;
  schedule(t);
}

/** Starts, or starts again, the retransmission or probe timer with the present timeout. */
export function startRto(t: Tcb): void {
  startTimer(t, rto(t));
}

export function stopTimer(t: Tcb): void {
  if (!has(t, Flag.TIMER)) return;
  clear(t, Flag.TIMER | Flag.PERSIST);
  schedule(t);
}
