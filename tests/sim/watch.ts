// Looks at a core after each call, with every rule, and remembers how it was before. Notes on the
// way which edges were taken and which timers ended.

import type { Core } from "../../host/core/core.js";
import { Constant, Counter, Errno, Flag, State } from "../../host/core/generated/abi.js";
import { readCounter } from "../../host/core/observe.js";
import type { TcpView } from "../packets/support/frame.js";
import { createTraceReader, type TraceReader } from "../../host/core/trace.js";
import { edgeCoverage, type Coverage, type TimerName } from "./coverage.js";
import { createReader, type Records, type Tcb } from "./records.js";
import { distance, has, isOpening, isSame, numbersProblem } from "./rules/numbers.js";
import { ownerProblem, poolsProblem, queuesProblem } from "./rules/pools.js";
import { edgeName, edgeProblem, wayProblem } from "./rules/states.js";
import {
  deadlineProblem,
  inFlight,
  overdueProblem,
  restProblem,
  timersProblem,
} from "./rules/timers.js";
import { lostProblem, twinsProblem, type Named } from "./rules/tuples.js";
import { senderOf, wireProblem } from "./rules/wire.js";

/** A rule was broken. */
export class Violation extends Error {}

export interface Watch {
  /** As the core was after the last call. */
  records(): Records;
  tcb(node: number): Tcb | undefined;
  /** After a call: all rules that always hold. expired: expire has just returned 0. */
  after(call: string, expired: boolean): void;
  /** A segment leaves. */
  leaves(view: TcpView): void;
  /** When transmit and events have given all they have. */
  rest(deadlineMs: number, linkIsUp: boolean): void;
}

const describe = (tcb: Tcb) =>
  `connection ${tcb.tuple}: ${JSON.stringify({ ...tcb, remote: undefined, tuple: undefined })}`;

/** isFound: asks the core for the 4-tuple of a record. */
export function createWatch(
  core: Core,
  coverage: Coverage,
  isFound: (record: Named) => boolean,
): Watch {
  const read = createReader(core);
  const trace = createTraceReader(core);
  const rings = {
    send: core.constant(Constant.SEND_RING_BYTES),
    receive: core.constant(Constant.RECEIVE_RING_BYTES),
  };
  let records = read();
  let byNode = new Map<number, Tcb>();
  let timeouts = 0;
  /** Nodes for whose timer no way to the next hop may have been the reason. */
  const unreachable = new Set<number>();

  const check = (problem: string, tcb?: Tcb) => {
    if (problem !== "") throw new Violation(tcb ? `${problem}\n  ${describe(tcb)}` : problem);
  };

  /** What has not changed is as right as it was, but for what time has made of it. */
  function checkTcb(tcb: Tcb, before: Tcb | undefined, expired: boolean): void {
    check(ownerProblem(core, tcb), tcb);
    if (expired) check(overdueProblem(tcb, records.nowMs), tcb);
    if (tcb === before) return;
    check(numbersProblem(tcb, before, rings), tcb);
    check(timersProblem(tcb, records.nowMs), tcb);
    if (isSame(tcb, before)) {
      check(wayProblem(before.state, tcb.state), tcb);
      if (before.state !== tcb.state) {
        coverage.note(edgeCoverage(edgeName(before.state, tcb.state)));
      }
    }
    if (tcb.error === Errno.EHOSTUNREACH) unreachable.add(tcb.node);
    else if (!has(tcb, Flag.TIMER) || !isSame(tcb, before)) unreachable.delete(tcb.node);
  }

  function after(call: string, expired: boolean): void {
    const before = { records, byNode };
    records = read();
    byNode = new Map(records.tcbs.map((tcb) => [tcb.node, tcb]));
    check(poolsProblem(core, records));
    check(queuesProblem(records));
    for (const tcb of records.tcbs) checkTcb(tcb, before.byNode.get(tcb.node), expired);
    for (const edge of takeEdges(trace)) {
      check(edgeProblem(edge.from, edge.to, edge.cause));
      coverage.note(edgeCoverage(edgeName(edge.from, edge.to)));
    }
    if (call === "expire") noteTimers(before.records);
    else if (call === "transmit") noteHandshakes(before.records);
    timeouts = readCounter(core, Counter.TCP_TIMEOUTS);
  }

  function noteTimers(before: Records): void {
    const gaveUp = readCounter(core, Counter.TCP_TIMEOUTS) - timeouts;
    for (const tcb of before.tcbs) {
      const now = byNode.get(tcb.node);
      for (const timer of endedTimers(tcb, now, records.nowMs, gaveUp)) coverage.note(timer);
    }
    if (records.timeWaits.length < before.timeWaits.length) {
      coverage.note("timer: 2 MSL" satisfies TimerName);
    }
  }

  function noteHandshakes(before: Records): void {
    for (const entry of before.synEntries) {
      const now = records.synEntries.find(({ node }) => node === entry.node);
      if (!now) coverage.note("timer: handshake given up" satisfies TimerName);
      else if (now.retries > entry.retries)
        coverage.note("timer: SYN+ACK again" satisfies TimerName);
    }
  }

  function rest(deadlineMs: number, linkIsUp: boolean): void {
    check(twinsProblem(records));
    check(deadlineProblem(records, deadlineMs));
    if (!linkIsUp) return;
    check(lostProblem(records, isFound));
    for (const tcb of records.tcbs) {
      check(restProblem(tcb, deadlineMs, unreachable.has(tcb.node)), tcb);
    }
  }

  function leaves(view: TcpView): void {
    const tcb = senderOf(view, records);
    if (tcb) check(wireProblem(view, tcb), tcb);
  }

  return { leaves, records: () => records, tcb: (node) => byNode.get(node), after, rest };
}

function takeEdges(trace: TraceReader) {
  const edges = trace.take();
  if (trace.lost() > 0 && edges.length === 0) throw new Violation("the trace was lost");
  return edges;
}

/** Timers of a connection that ended in a call of expire, from before and after it. */
function endedTimers(tcb: Tcb, now: Tcb | undefined, nowMs: number, gaveUp: number): TimerName[] {
  if (tcb.state === State.CLOSED) return [];
  // Only the end of a neighbour's timer says EHOSTUNREACH in expire.
  if (tcb.error === 0 && isSame(tcb, now) && now.error === Errno.EHOSTUNREACH) {
    return ["timer: neighbour given up"];
  }
  const isDue = (flag: number, deadline: number) =>
    has(tcb, flag) && distance(nowMs, deadline) <= 0;
  const isOver = !isSame(tcb, now) || now.state === State.CLOSED;
  const ended: TimerName[] = [];
  if (isDue(Flag.ACK_DELAYED, tcb.ackMs)) ended.push("timer: delayed ACK");
  if (isDue(Flag.LIFE, tcb.lifeMs) && isOver) ended.push(endedLife(tcb));
  else if (isDue(Flag.TIMER, tcb.timerMs)) ended.push(...endedMain(tcb, isOver, gaveUp));
  return ended;
}

/** Which of its uses LIFE had. */
function endedLife(tcb: Tcb): TimerName {
  if (!has(tcb, Flag.OWNED | Flag.QUEUED)) {
    return tcb.state === State.FIN_WAIT_2 ? "timer: FIN-WAIT-2 limit" : "timer: orphan limit";
  }
  const limited = tcb.state === State.CLOSE_WAIT && tcb.retries < tcb.keepProbes;
  return limited ? "timer: CLOSE-WAIT limit" : "timer: keepalive";
}

/** Which of its uses TIMER had. */
function endedMain(tcb: Tcb, isOver: boolean, gaveUp: number): TimerName[] {
  if (tcb.state === State.TIME_WAIT) return ["timer: 2 MSL"];
  const passive = tcb.state === State.SYN_RECEIVED && !has(tcb, Flag.ACTIVE);
  if (isOver && passive) return ["timer: handshake given up"];
  if (isOver && gaveUp > 0) return ["timer: no progress until R2"];
  if (passive) return ["timer: SYN+ACK again"];
  if (isOpening(tcb)) return ["timer: SYN again"];
  if (has(tcb, Flag.PERSIST)) return ["timer: persist"];
  return inFlight(tcb) > 0 ? ["timer: retransmission"] : [];
}
