// What records hold, summed up, is what the pools say is in use; nothing is held twice; accept
// queues are as long as `queued` says, and never longer than their backlog.

import type { Core } from "../../../host/core/core.js";
import {
  Constant,
  Flag,
  Pool,
  poolNames,
  Reading,
  State,
} from "../../../host/core/generated/abi.js";
import { readLevels } from "../../../host/core/records.js";
import { isOpen, type Records, type Tcb } from "../records.js";
import { has } from "./numbers.js";

type Loan = "receiveRing" | "sendRing" | "reassembly";

const LOANS: readonly [Loan, number][] = [
  ["receiveRing", Pool.RECEIVE_RING],
  ["sendRing", Pool.SEND_RING],
  ["reassembly", Pool.REASSEMBLY],
];

/** The nodes that connections hold of a pool: 0 is none. */
const held = (tcbs: Tcb[], loan: Loan) =>
  tcbs.map((tcb) => tcb[loan]).filter((node) => node !== Reading.NO_RING);

const capacityOf = (core: Core, pool: number) => core.constant(Constant.TCBS + pool);

/** Nodes are numbered pool by pool. */
function firstNode(core: Core, pool: number): number {
  let first = 0;
  for (let before = 0; before < pool; before++) first += capacityOf(core, before);
  return first;
}

export function poolsProblem(core: Core, records: Records): string {
  const { tcbs, used } = records;
  const sums: [number, number][] = [
    [Pool.TCB, tcbs.length],
    [Pool.SYN_CACHE, records.synEntries.length],
    [Pool.TIME_WAIT, records.timeWaits.length],
    [Pool.LISTENER, records.listeners.length],
  ];
  for (const [loan, pool] of LOANS) {
    const nodes = held(tcbs, loan);
    if (new Set(nodes).size < nodes.length) return `one of ${poolNames[pool]} is held twice`;
    const first = firstNode(core, pool);
    const isStrange = (node: number) => node < first || node >= first + capacityOf(core, pool);
    if (nodes.some(isStrange)) return `${nodes.find(isStrange)} is no node of ${poolNames[pool]}`;
    sums.push([pool, nodes.length]);
  }
  for (const [pool, sum] of sums) {
    if (sum !== used[pool]) return `${poolNames[pool]}: ${used[pool]} in use, ${sum} found`;
  }
  for (let pool = 0; pool < used.length; pool++) {
    const { capacity, highWater } = readLevels(core, pool);
    if (used[pool]! > highWater || highWater > capacity) {
      return `${poolNames[pool]}: ${used[pool]} in use, at most ${highWater} ever, of ${capacity}`;
    }
  }
  return "";
}

export function queuesProblem({ tcbs, listeners }: Records): string {
  for (const { node, queued, backlog } of listeners) {
    const found = tcbs.filter((tcb) => has(tcb, Flag.QUEUED) && tcb.listener === node).length;
    if (found !== queued) return `listener ${node}: ${queued} queued, ${found} found`;
    if (queued > backlog) return `listener ${node}: ${queued} queued, backlog ${backlog}`;
  }
  return "";
}

/** Who owns a record, and who waits for an owner. */
export function ownerProblem(core: Core, tcb: Tcb): string {
  const open = isOpen(core, tcb.node);
  if (has(tcb, Flag.OWNED) !== open) return `OWNED is ${!open}, its handle says otherwise`;
  if (has(tcb, Flag.OWNED) && has(tcb, Flag.QUEUED)) return "owned, and in an accept queue";
  if (has(tcb, Flag.RESET) && tcb.state !== State.CLOSED) return "RESET outside CLOSED";
  return "";
}
