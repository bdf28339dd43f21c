// Changes of state: the edges of RFC 9293 figure 5, with what its notes and section 3.10 add, and
// for which cause. One call may take several; where there is a trace ring each is seen, elsewhere
// the way from the state before a call to the state after it.

import { Cause, CauseName, State, StateName } from "../../../host/core/generated/abi.js";

const { CLOSED, LISTEN, SYN_SENT, SYN_RECEIVED, ESTABLISHED, CLOSE_WAIT } = State;
const { FIN_WAIT_1, CLOSING, LAST_ACK, FIN_WAIT_2, TIME_WAIT } = State;

/** From, to, and the causes for which the edge is taken. */
const FIGURE_5: readonly (readonly [number, number, ...number[]])[] = [
  [CLOSED, LISTEN, Cause.USER],
  [CLOSED, SYN_SENT, Cause.USER],
  [LISTEN, SYN_RECEIVED, Cause.SYN],
  [LISTEN, CLOSED, Cause.USER],
  [LISTEN, ESTABLISHED, Cause.ACK], // by a cookie, which keeps no handshake
  [SYN_SENT, CLOSED, Cause.USER],
  [SYN_SENT, SYN_RECEIVED, Cause.SYN],
  [SYN_SENT, ESTABLISHED, Cause.SYN_ACK],
  [SYN_RECEIVED, ESTABLISHED, Cause.ACK],
  [SYN_RECEIVED, LISTEN, Cause.RST, Cause.SYN, Cause.ACK], // ACK: of the cookie that answered the same SYN before
  [ESTABLISHED, FIN_WAIT_1, Cause.USER],
  [ESTABLISHED, CLOSE_WAIT, Cause.FIN],
  [FIN_WAIT_1, FIN_WAIT_2, Cause.ACK],
  [FIN_WAIT_1, CLOSING, Cause.FIN],
  [FIN_WAIT_2, TIME_WAIT, Cause.FIN],
  [CLOSING, TIME_WAIT, Cause.ACK],
  [CLOSE_WAIT, LAST_ACK, Cause.USER],
  [LAST_ACK, CLOSED, Cause.ACK],
  [TIME_WAIT, CLOSED, Cause.TIMEOUT],
];

/** Two edges of the figure that the core takes as two steps of one call. */
const TWO_STEPS: readonly (readonly [number, number])[] = [
  [SYN_RECEIVED, FIN_WAIT_1],
  [FIN_WAIT_1, TIME_WAIT],
];

/** To CLOSED from any state, which the figure leaves out (its notes 1 and 2): resets, ABORT, CLOSE
 * with bytes unread, timeouts, errors. Deviations: records that their pool needed (RECYCLED), and a
 * SYN that follows a connection in TIME-WAIT or takes a handshake back to LISTEN without a cache. */
const TO_CLOSED: Readonly<Record<number, readonly number[]>> = {
  [SYN_SENT]: [Cause.RST, Cause.ABORT, Cause.TIMEOUT, Cause.UNREACHABLE, Cause.USER],
  [SYN_RECEIVED]: [
    Cause.RST,
    Cause.ABORT,
    Cause.TIMEOUT,
    Cause.USER,
    Cause.SYN,
    Cause.RECYCLED,
    Cause.UNREACHABLE,
  ],
  [ESTABLISHED]: [Cause.RST, Cause.ABORT, Cause.TIMEOUT, Cause.USER],
  [CLOSE_WAIT]: [Cause.RST, Cause.ABORT, Cause.TIMEOUT, Cause.USER],
  [FIN_WAIT_1]: [Cause.RST, Cause.ABORT, Cause.TIMEOUT, Cause.USER],
  [FIN_WAIT_2]: [Cause.RST, Cause.ABORT, Cause.TIMEOUT, Cause.USER],
  [CLOSING]: [Cause.RST, Cause.ABORT, Cause.TIMEOUT, Cause.USER],
  [LAST_ACK]: [Cause.RST, Cause.ABORT, Cause.TIMEOUT, Cause.USER, Cause.ACK],
  [TIME_WAIT]: [Cause.ABORT, Cause.TIMEOUT, Cause.USER, Cause.RECYCLED, Cause.SYN],
};

const nameOf = (from: number, to: number) =>
  `${StateName[from] ?? from} > ${StateName[to] ?? to}`.replaceAll("_", "-");

/** All that a run of many seeds must take. */
export const EDGES: readonly string[] = [...FIGURE_5, ...TWO_STEPS].map(([from, to]) =>
  nameOf(from, to),
);

const STEPS = new Map<number, number[]>();
for (const [from, to] of FIGURE_5) STEPS.set(from, [...(STEPS.get(from) ?? []), to]);

/** Steps that one segment can make a connection take: its SYN is acknowledged, a CLOSE waited for
 * that, our FIN is acknowledged, the peer's comes. */
const MOST_STEPS = 4;

/** True if a way of figure 5, or an end, leads from one state to another in so many steps. */
function leads(from: number, to: number, steps = MOST_STEPS): boolean {
  if (from === to || to === CLOSED) return true;
  if (steps === 0) return false;
  const next = STEPS.get(from) ?? [];
  return next.some((between) => between !== CLOSED && leads(between, to, steps - 1));
}

/** What is wrong with one change in the trace, or "". */
export function edgeProblem(from: number, to: number, cause: number): string {
  const figure = FIGURE_5.some(
    ([a, b, ...causes]) => a === from && b === to && causes.includes(cause),
  );
  const end = to === CLOSED && (TO_CLOSED[from]?.includes(cause) ?? false);
  return figure || end ? "" : `no edge ${nameOf(from, to)} for ${CauseName[cause] ?? cause}`;
}

/** The same for a connection before and after a call. */
export function wayProblem(from: number, to: number): string {
  return leads(from, to) ? "" : `no way ${nameOf(from, to)} in one call`;
}

export { nameOf as edgeName };
