// Moments worth waiting for: trouble that comes just then finds more than trouble at any time.

import { Flag, State } from "../../host/core/generated/abi.js";
import type { Records, Tcb } from "./records.js";
import { has } from "./rules/numbers.js";
import { inFlight } from "./rules/timers.js";

export type Moment = "now" | "window small" | "in flight" | "text unread" | "handshake" | "closing";

const any =
  (test: (tcb: Tcb) => boolean) =>
  ({ tcbs }: Records): boolean =>
    tcbs.some(test);

const CLOSING: ReadonlySet<number> = new Set([
  State.FIN_WAIT_1,
  State.CLOSING,
  State.LAST_ACK,
  State.FIN_WAIT_2,
]);

const CAME: Readonly<Record<Moment, (records: Records) => boolean>> = {
  now: () => true,
  "window small": any(
    (tcb) => tcb.state === State.ESTABLISHED && tcb.sndWnd < tcb.sndMss && inFlight(tcb) === 0,
  ),
  "in flight": any((tcb) => tcb.state === State.ESTABLISHED && inFlight(tcb) > 0),
  "text unread": any((tcb) => has(tcb, Flag.ACK_DELAYED)),
  handshake: ({ tcbs, synEntries }) =>
    synEntries.length > 0 || tcbs.some(({ state }) => state === State.SYN_RECEIVED),
  closing: any(({ state }) => CLOSING.has(state)),
};

export const MOMENTS = Object.keys(CAME) as [Moment, ...Moment[]];

export const hasCome = (moment: Moment, records: Records) => CAME[moment](records);
