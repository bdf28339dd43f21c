// Which timers a connection has running. After every call:
//
//   TIMER is armed while a SYN waits for its answer, while anything sent is not acknowledged, and
//   for 2 MSL in TIME-WAIT. PERSIST says that it is the probe's, and never stands alone. LIFE runs
//   for a connection that nobody owns any more, from close to the end; with an owner only for
//   keepalive and a limit on CLOSE-WAIT. CLOSED has none.
//
// At rest, when transmit has given all it has, and while the link is up, also the other way round:
//
//   TIMER is armed only for those reasons, or because data or a FIN wait that were never sent: the
//   window is shut or too small (PERSIST), or there was no way to the next hop. Where such a way was
//   missing it may also stand for an acknowledgment, and outlast it once; the window is looked at
//   when it ends. Else, while the window holds all back, a timer that runs is the probe's. What
//   waits has a timer, or waits for a neighbour that is being asked each second. What was received
//   is acknowledged, or ACK_DELAYED is armed.
//
// nextDeadline is never later than any of them, and none is behind us once expire has returned 0.

import { Flag, State } from "../../../host/core/generated/abi.js";
import type { Records, Tcb } from "../records.js";
import { distance, has, isOpening } from "./numbers.js";

/** States in which our data or our FIN may be on the way. */
const SENDING: ReadonlySet<number> = new Set([
  State.ESTABLISHED,
  State.CLOSE_WAIT,
  State.FIN_WAIT_1,
  State.CLOSING,
  State.LAST_ACK,
]);
const MAXIMUM_RTO_MS = 60_000;
/** A neighbour is asked again after 1 s. */
const ARP_RETRY_MS = 1000;
const ALL = Flag.TIMER | Flag.PERSIST | Flag.LIFE | Flag.ACK_DELAYED;

const DEADLINES = [
  [Flag.TIMER, "timerMs"],
  [Flag.ACK_DELAYED, "ackMs"],
  [Flag.LIFE, "lifeMs"],
] as const;

export const inFlight = (tcb: Tcb) => distance(tcb.sndUna, tcb.sndNxt);

/** Bytes, and a FIN, that were never sent. */
const unsent = (tcb: Tcb) => distance(tcb.sndNxt, tcb.sndEnd) + (has(tcb, Flag.FIN_QUEUED) ? 1 : 0);
export const isWaiting = (tcb: Tcb) => unsent(tcb) > 0;

/** Section 3.8.6.2.1: neither all that waits, nor a full segment, nor half the largest window. */
const isTooSmall = (tcb: Tcb) =>
  tcb.sndWnd < Math.min(unsent(tcb), tcb.sndMss) && tcb.sndWnd < tcb.maxSndWnd >>> 1;

/** With an owner: keepalive, or a limit on CLOSE-WAIT, which the end of that state outlives. */
const isWatched = (tcb: Tcb) =>
  tcb.keepAlive !== 0 || tcb.state === State.CLOSE_WAIT || tcb.state === State.LAST_ACK;

/** After every call. */
export function timersProblem(tcb: Tcb, nowMs: number): string {
  if (tcb.state === State.CLOSED) return has(tcb, ALL) ? "a timer runs in CLOSED" : "";
  const timer = has(tcb, Flag.TIMER);
  if (!timer && has(tcb, Flag.PERSIST)) return "PERSIST without TIMER";
  if (!timer && isOpening(tcb)) return "no timer for the SYN";
  if (!timer && tcb.state === State.TIME_WAIT) return "no timer for 2 MSL";
  if (!timer && SENDING.has(tcb.state) && inFlight(tcb) > 0) {
    return `no timer, and ${inFlight(tcb)} are in flight`;
  }
  const orphan = !has(tcb, Flag.OWNED | Flag.QUEUED) && tcb.state !== State.TIME_WAIT;
  if (!isOpening(tcb) && orphan && !has(tcb, Flag.LIFE)) return "no LIFE, and nobody owns it";
  if (!orphan && has(tcb, Flag.LIFE) && !isWatched(tcb)) return "LIFE for nothing";
  const left = distance(nowMs, tcb.timerMs);
  if (timer && tcb.state !== State.TIME_WAIT && left > MAXIMUM_RTO_MS) return `RTO of ${left} ms`;
  return "";
}

/** Once expire has returned 0. A look at all timers keeps 0 for "not armed": a deadline that is 0
 * counts as 1 ms later. */
export function overdueProblem(tcb: Tcb, nowMs: number): string {
  const isLate = (deadlineMs: number) => distance(nowMs, deadlineMs || 1) <= 0;
  const late = DEADLINES.find(
    ([flag, name]) => has(tcb, flag) && tcb.state !== State.CLOSED && isLate(tcb[name]),
  );
  return late ? `${late[1]} lies behind, and expire has returned 0` : "";
}

/** At rest; deadlineMs: what nextDeadline says. unreachable: no way was found since TIMER began. */
export function restProblem(tcb: Tcb, deadlineMs: number, unreachable: boolean): string {
  if (tcb.state === State.CLOSED || isOpening(tcb) || tcb.state === State.TIME_WAIT) return "";
  const timer = has(tcb, Flag.TIMER);
  const excused = deadlineMs <= ARP_RETRY_MS || (timer && unreachable);
  const sending = SENDING.has(tcb.state);
  const waiting = sending && isWaiting(tcb);
  const outstanding = sending && inFlight(tcb) > 0;
  if (waiting && !timer && !excused) return "something waits to be sent, and no timer runs";
  if (timer && !waiting && !outstanding && !unreachable) return "a timer runs for nothing";
  if (has(tcb, Flag.ACK_NOW) && !excused) return "an acknowledgment is due and does not leave";
  const owed = distance(tcb.rcvAcked, tcb.rcvNxt) > 0;
  if (owed && !has(tcb, Flag.ACK_DELAYED) && !excused) return "text is not acknowledged";
  const held = outstanding ? tcb.sndWnd === 0 : waiting && isTooSmall(tcb);
  if (timer && held && !unreachable && !has(tcb, Flag.PERSIST))
    return "the window is shut, and the timer is not the probe's";
  return "";
}

/** nextDeadline is never later than a deadline that is armed. */
export function deadlineProblem({ tcbs, synEntries, nowMs }: Records, deadlineMs: number): string {
  const armed = tcbs.flatMap((tcb) =>
    DEADLINES.filter(([flag]) => has(tcb, flag)).map(([, name]) => distance(nowMs, tcb[name])),
  );
  armed.push(...synEntries.map((entry) => distance(nowMs, entry.dueMs)));
  const first = Math.max(0, Math.min(...armed)) + 1; // 0 counts as 1 ms later
  return deadlineMs <= first ? "" : `nextDeadline says ${deadlineMs} ms, a timer ends in ${first}`;
}
