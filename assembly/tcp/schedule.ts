// One timer node per connection, armed at the earliest of its deadlines, so that arming cannot fail.

import { globals } from "../globals";
import { lower } from "../order";
import { rto } from "./rtt";
import { seqLt } from "./seq";
import { clear, Flag, has, set, tcb, tcbNode } from "./tcb";
import { armAfter, disarm } from "../timer/timer";

/** The earlier of ms left, and the deadline of a flag if that is set. */
function earlier(left: i32, flag: u32, deadlineMs: u32): i32 {
  return has(flag) ? lower(left, <i32>(deadlineMs - globals.nowMs)) : left;
}

/** Arms the connection's node for the earliest deadline that its flags say is set. */
export function schedule(): void {
  const none: i32 = 0x7fffffff;
  let left = earlier(none, Flag.TIMER, tcb.timerMs);
  left = earlier(left, Flag.ACK_DELAYED, tcb.ackMs);
  left = earlier(left, Flag.LIFE, tcb.lifeMs);
  if (left == none) disarm(tcbNode);
  else armAfter(tcbNode, left);
}

/** True while bytes or a FIN wait that were never sent. */
export function isWaiting(): bool {
  return seqLt(tcb.sndNxt, tcb.sndEnd + <u32>has(Flag.FIN_QUEUED));
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

/** No retransmission or probe is counted any more. */
export function resetBackoff(): void {
  tcb.backoff = 0;
  tcb.retries = 0;
}

export function stopTimer(): void {
  clear(Flag.TIMER | Flag.PERSIST);
  schedule();
}
