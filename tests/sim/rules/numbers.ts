// The sequence variables of a connection (RFC 9293 section 3.3.1), whatever has just happened:
//
//   SND.UNA <= the pointer of what is sent again <= SND.NXT <= end of what is queued, and its FIN
//   the user's next byte <= RCV.NXT <= right edge <= the user's next byte + the ring
//
// and none of them ever moves back.

import { Flag, Reading, State } from "../../../host/core/generated/abi.js";
import type { Tcb } from "../records.js";

export interface RingSizes {
  send: number;
  receive: number;
}

const OPENING: ReadonlySet<number> = new Set([State.SYN_SENT, State.SYN_RECEIVED]);
/** States that only a FIN of the peer leads to, which took a number but no byte of the ring. */
const FIN_RECEIVED: ReadonlySet<number> = new Set([
  State.CLOSE_WAIT,
  State.CLOSING,
  State.LAST_ACK,
  State.TIME_WAIT,
]);
/** States in which the peer may send text. */
const RECEIVING: ReadonlySet<number> = new Set([
  State.ESTABLISHED,
  State.FIN_WAIT_1,
  State.FIN_WAIT_2,
]);

/** b - a in sequence space. */
export const distance = (a: number, b: number) => (b - a) | 0;
export const has = (tcb: Tcb, flag: number) => (tcb.flags & flag) !== 0;

/** Bytes received and not read. */
export function unread(tcb: Tcb): number {
  if (tcb.receiveRing === Reading.NO_RING) return 0;
  const fin = FIN_RECEIVED.has(tcb.state) || tcb.state === State.CLOSED ? 1 : 0;
  return distance(tcb.rcvRead, tcb.rcvNxt) - fin;
}

export const isOpening = (tcb: Tcb) => OPENING.has(tcb.state);
export const finReceived = (tcb: Tcb) => FIN_RECEIVED.has(tcb.state);
export const isSame = (a: Tcb, b: Tcb | undefined): b is Tcb =>
  b !== undefined && a.tuple === b.tuple && a.iss === b.iss;

const SEND_ORDER = ["sndUna", "sndNxt", "sndEnd"] as const;
const RECEIVE_ORDER = ["rcvRead", "rcvNxt", "rcvAdv", "rcvAcked"] as const;

/** What is wrong with the numbers of a connection, or "". */
export function numbersProblem(tcb: Tcb, before: Tcb | undefined, rings: RingSizes): string {
  if (tcb.state === State.CLOSED || tcb.state === State.LISTEN) return "";
  return (
    (isOpening(tcb) ? openingProblem(tcb) : sendProblem(tcb, rings.send)) ||
    (tcb.state === State.SYN_SENT ? "" : receiveProblem(tcb, rings.receive)) ||
    (isSame(tcb, before) ? backwards(tcb, before) : "")
  );
}

function openingProblem({ iss, sndUna, sndNxt, sndEnd }: Tcb): string {
  const sent = distance(iss, sndNxt);
  const fits = sndUna === iss && (sent === 0 || sent === 1) && distance(iss, sndEnd) === 1;
  return fits ? "" : "a SYN takes one number, and nothing of it is acknowledged yet";
}

function sendProblem(tcb: Tcb, ringBytes: number): string {
  const resend = distance(tcb.sndUna, tcb.sndRtx);
  const next = distance(tcb.sndUna, tcb.sndNxt);
  const queued = distance(tcb.sndUna, tcb.sndEnd);
  const end = queued + (has(tcb, Flag.FIN_QUEUED) ? 1 : 0);
  if (resend < 0 || resend > next || next > end) {
    return `SND.UNA <= resend <= SND.NXT <= end: 0, ${resend}, ${next}, ${end}`;
  }
  if (queued > ringBytes) return `${queued} bytes wait in a send ring of ${ringBytes}`;
  if (queued > 0 && tcb.sendRing === Reading.NO_RING) return `${queued} bytes wait without a ring`;
  if (tcb.cwnd < tcb.sndMss || tcb.ssthresh < tcb.sndMss * 2) {
    return `cwnd ${tcb.cwnd} and ssthresh ${tcb.ssthresh} with segments of ${tcb.sndMss}`;
  }
  return "";
}

function receiveProblem(tcb: Tcb, ringBytes: number): string {
  const fin = finReceived(tcb) ? 1 : 0;
  const left = distance(tcb.rcvRead, tcb.rcvNxt) - fin;
  const window = distance(tcb.rcvNxt, tcb.rcvAdv);
  if (left < 0) return `the user has read ${-left} beyond RCV.NXT`;
  // The FIN itself may lie at the edge of the window.
  if (window < -fin) return `RCV.NXT is ${-window} beyond the window`;
  if (distance(tcb.rcvAcked, tcb.rcvNxt) < 0) return "acknowledged beyond RCV.NXT";
  const lent = tcb.receiveRing !== Reading.NO_RING;
  const reach = distance(tcb.rcvRead, tcb.rcvAdv);
  if (lent && reach > ringBytes)
    return `a window that reaches ${reach} into a ring of ${ringBytes}`;
  const kept = has(tcb, Flag.OWNED | Flag.QUEUED);
  if (!lent && kept && window > 0 && RECEIVING.has(tcb.state)) return "a window without a ring";
  return "";
}

function backwards(tcb: Tcb, before: Tcb): string {
  const names = isOpening(before) ? [] : [...SEND_ORDER, ...RECEIVE_ORDER];
  const back = names.find((name) => distance(before[name], tcb[name]) < 0);
  return back ? `${back} moved back from ${before[back]} to ${tcb[back]}` : "";
}
