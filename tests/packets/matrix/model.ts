// What the table of the matrix is made of. An event is a row; it has cells, each for the states in
// which the RFC asks for the same thing. A cell is lines of a packet script with the reason, or the
// reason why there is none. The lines have numbers in braces: {una}, {nxt}, {rcv+100} stand for
// SND.UNA, SND.NXT and RCV.NXT of the state in which the event comes.

import { STATES, type State } from "../../../host/conformance/states.js";

export { STATES, type State };

/** How the connection was opened; `closed`: passively, and the user has given its handle up by
 * close() where the others keep it by shutdown(). The names of the files. */
export const WAYS = ["active", "passive", "simultaneous", "closed"] as const;
export type Way = (typeof WAYS)[number];

/** SND.UNA, SND.NXT and RCV.NXT as scripts count them. */
export interface Numbers {
  readonly una: number;
  readonly nxt: number;
  readonly rcv: number;
}

export interface Place {
  readonly in: readonly State[];
  /** All that lead to the state, if not said. */
  readonly ways?: readonly Way[];
}

export interface Cell extends Place {
  /** What must happen. */
  readonly expect: string;
  /** Where that is written. */
  readonly rfc: string;
  /** Both sides use timestamps; TS.Recent is 1000. */
  readonly timestamps?: boolean;
  /** The profile that the numbers are of, if it is not desktop: a small one, without timestamps. */
  readonly profile?: "esp32" | "tiny";
  /** Option lines. */
  readonly options?: string;
  /** Begins in this state instead, with its numbers; `setup` leads from there into the cell's. */
  readonly from?: State;
  /** Lines before the event: what it needs, as data in flight. */
  readonly setup?: string;
  /** The event and its answer. */
  readonly lines: string;
  /** The state afterwards, if it is another. */
  readonly to?: State;
  /** Counters that the event has moved: name and number. */
  readonly counts?: readonly string[];
  /** How far the numbers have moved afterwards. */
  readonly moves?: Partial<Numbers>;
  /** The event is a call that gives the handle up. */
  readonly releases?: boolean;
  /** What follows, instead of what the state afterwards has (aftermath.ts). */
  readonly then?: string;
}

/** No script, and why. */
export interface Gap extends Place {
  readonly none: string;
}

export interface EventRow {
  readonly name: string;
  /** What happens, as the beginning of a sentence. */
  readonly what: string;
  readonly cells: readonly (Cell | Gap)[];
}

/** A chapter of the matrix. */
export interface Chapter {
  readonly title: string;
  readonly events: readonly EventRow[];
}

export const isGap = (cell: Cell | Gap): cell is Gap => "none" in cell;

// Groups of states that the RFC treats alike.

/** Data may still come. */
export const RECEIVING: readonly State[] = ["ESTABLISHED", "FIN-WAIT-1", "FIN-WAIT-2"];
/** The peer's FIN has come, and there is a TCB that is not in TIME-WAIT. */
export const PEER_DONE: readonly State[] = ["CLOSE-WAIT", "CLOSING", "LAST-ACK"];
/** Our side may still send. */
export const SENDING: readonly State[] = ["ESTABLISHED", "CLOSE-WAIT"];
/** Our FIN is in flight. */
export const FIN_SENT: readonly State[] = ["FIN-WAIT-1", "CLOSING", "LAST-ACK"];
/** RFC 9293 3.3.2: synchronized, TIME-WAIT excepted. */
export const SYNCHRONIZED: readonly State[] = [...RECEIVING, ...PEER_DONE];
/** There is no TCB. */
export const NO_CONNECTION: readonly State[] = ["CLOSED", "LISTEN"];

/** The ways in which the user holds a handle. */
export const OWNED: readonly Way[] = ["active", "passive", "simultaneous"];
