// One timer node per connection, armed at the earliest of its deadlines, so that arming cannot fail.

import { globals } from "../globals";
import { lower } from "../order";
import { rto } from "./rtt";
import { seqLt } from "./seq";
import { clear, Flag, has, set, tcb, tcbNode } from "./tcb";
import { arm, disarm } from "../timer/timer";

/** Arms the connection's node for the earliest deadline that its flags say is set. */
export function schedule(): void {
  const now = globals.nowMs;
  const none: i32 = 0x7fffffff;
  let left = none;
  if (has(Flag.TIMER)) left = <i32>(tcb.timerMs - now);
  if (has(Flag.ACK_DELAYED)) left = lower(left, <i32>(tcb.ackMs - now));
  if (has(Flag.LIFE)) left = lower(left, <i32>(tcb.lifeMs - now));
  if (left == none) disarm(tcbNode);
  else arm(tcbNode, now + left);
}

/** True while bytes or a FIN wait that were never sent. */
export function isWaiting(): bool {
  return seqLt(tcb.sndNxt, tcb.sndEnd + (has(Flag.FIN_QUEUED) ? 1 : 0));
}

/** Starts, or starts again, the retransmission, probe or TIME-WAIT timer. */
export function startTimer(ms: u32): void {
  set(Flag.TIMER);
  tcb.timerMs = globals.nowMs + ms;
  schedule();
}

/** Starts, or starts again, the retransmission or probe timer with the present timeout. */
export function startRto(): void {
  startTimer(rto());
}

export function stopTimer(): void {
  if (!has(Flag.TIMER)) return;
  clear(Flag.TIMER | Flag.PERSIST);
  schedule();
}
