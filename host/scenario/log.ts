// What has happened in a world, in order: segments that left and arrived, changes of state, calls of the
// applications. The ladder, the histories and the expectations are made from it.

import type { Segment } from "../dissect/conversations.js";
import { labelOf } from "../dissect/ladder.js";
import { plus } from "../dissect/sequence.js";
import type { Packet } from "../dissect/packet.js";
import type { Tcp } from "../dissect/tcp.js";
import { Word } from "../dissect/words.js";
import type { StateName } from "../core/observe.js";
import type { Showing, Side } from "./scenario.js";

/** A TCP segment on its way. */
export interface Flight {
  readonly from: Side;
  /** The wire has made it, or made a copy of it: `from` did not send it now. */
  readonly isForged: boolean;
  readonly atMs: number;
  readonly packet: Packet;
  readonly tcp: Tcp;
  readonly segment: Segment;
  /** Relative to the last SYN of its sender; its acknowledgment to that of the receiver. */
  readonly sequence: number;
  readonly acknowledgment: number;
  /** Set when the wire decides. */
  isLost: boolean;
  /** null: not yet, or never. */
  arrivedMs: number | null;
}

interface At {
  readonly side: Side;
  readonly atMs: number;
  /** The conversation, by the ports of both sides; "": of none. */
  readonly key: string;
}

export type Event =
  | (At & { readonly kind: "leaves"; readonly flight: Flight })
  | (At & { readonly kind: "arrives"; readonly flight: Flight })
  | (At & {
      readonly kind: "state";
      readonly from: StateName;
      readonly to: StateName;
      readonly cause: string;
    })
  | (At & { readonly kind: "call"; readonly text: string })
  | (At & { readonly kind: "remark"; readonly text: string });

/** What a conversation was before anything happened in it. */
export type Beginnings = ReadonlyMap<string, Readonly<Record<Side, StateName>>>;

/** "client port:server port". */
export function keyOf(side: Side, localPort: number, remotePort: number): string {
  return side === "client" ? `${localPort}:${remotePort}` : `${remotePort}:${localPort}`;
}

/** Numbers as they are shown: relative ones, from the bases on. */
export function shownNumbers(
  { sequence, acknowledgment, from }: Pick<Flight, "sequence" | "acknowledgment" | "from">,
  { bases }: Showing,
) {
  const { client, server } = bases ?? { client: 0, server: 0 };
  const [own, peer] = from === "client" ? [client, server] : [server, client];
  return { sequence: plus(sequence, own), acknowledgment: plus(acknowledgment, peer) };
}

/** "SYN ACK seq 0 ack 1", as the ladder has it. */
export function labelOfFlight(flight: Flight, showing: Showing): string {
  const { tcp, segment } = flight;
  const windowBytes = showing.windows === true ? segment.windowBytes : null;
  // The number is what makes a bare ACK a probe.
  const isProbe = tcp.dataBytes === 0 && segment.words.includes(Word.KEEP_ALIVE);
  return labelOf(tcp, shownNumbers(flight, showing), windowBytes, isProbe);
}

/** "> SYN seq 0": a segment with its direction and what became of it, as expectations name it. */
export function nameOfFlight(flight: Flight, showing: Showing): string {
  const arrow = flight.from === "client" ? ">" : "<";
  const notes = [...(flight.isForged ? ["forged"] : []), ...(flight.isLost ? ["lost"] : [])];
  const more = notes.length === 0 ? "" : ` (${notes.join(", ")})`;
  return `${arrow} ${labelOfFlight(flight, showing)}${more}`;
}

/** The states of one side of a conversation, from before its beginning on. */
export function historyOf(
  events: readonly Event[],
  beginnings: Beginnings,
  side: Side,
  key: string,
): StateName[] {
  const first = beginnings.get(key)?.[side] ?? "CLOSED";
  const states: StateName[] = [first];
  for (const event of events) {
    if (event.kind === "state" && event.side === side && event.key === key) {
      if (event.from !== states.at(-1)) states.push(event.from);
      states.push(event.to);
    }
  }
  return states;
}
