// What leaves agrees with the connection it leaves from: it repeats or follows what was sent, it
// acknowledges all that has come in order, and its window is the one that the record says, never
// less than one offered before, never more than the ring.

import { State } from "../../../host/core/generated/abi.js";
import type { TcpView } from "../../packets/support/frame.js";
import type { Records, Tcb } from "../records.js";
import { distance } from "./numbers.js";

/** The connection of a segment, if it is one of a TCB that lives. */
export function senderOf(view: TcpView, { tcbs }: Records): Tcb | undefined {
  return tcbs.find(
    (tcb) =>
      tcb.localPort === view.sourcePort &&
      tcb.remotePort === view.destinationPort &&
      tcb.state !== State.CLOSED &&
      tcb.remote.join() === view.destination.join(),
  );
}

/** RSTs answer a segment, not a connection. No ring of ours is so large that windows are scaled. */
export function wireProblem({ flags, seq, ack, win, data }: TcpView, tcb: Tcb): string {
  if (flags.includes("R")) return "";
  const first = distance(tcb.sndUna, seq);
  const last = first + data.length + (flags.includes("S") || flags.includes("F") ? 1 : 0);
  const sent = distance(tcb.sndUna, tcb.sndNxt);
  const numbered = last > first;
  if (numbered && (first < 0 || last > sent)) return `sends ${first} to ${last}, of ${sent} sent`;
  if (!numbered && first > sent) return `a bare segment at ${first}, beyond SND.NXT`;
  if (!flags.includes("A")) return "";
  if (ack !== tcb.rcvNxt) return `acknowledges ${ack}, RCV.NXT is ${tcb.rcvNxt}`;
  const window = Math.max(0, distance(tcb.rcvNxt, tcb.rcvAdv));
  return win === window ? "" : `offers a window of ${win}, the record says ${window}`;
}
