// What the two kinds of streams have in common, for whoever measures them.

import type { ConnectionInfo } from "../core/observe.js";
import type { Stack } from "../core/stack.js";
import type { Arrivals } from "./arrivals.js";
import type { Settings } from "./settings.js";

export interface Place {
  readonly address: string;
  readonly port: number;
}

/** Of a stream, what is known from its beginning on. */
export interface StreamFacts {
  /** On the wire: 1, 3, 4, 5 ... */
  readonly id: number;
  /** In brackets before its lines: 5, 7, 9 ... */
  readonly number: number;
  /** This side sends on it. */
  readonly sends: boolean;
  readonly local: Place;
  readonly remote: Place;
}

export interface Stream extends StreamFacts {
  /** Sent or received since counting began. */
  readonly bytes: number;
  /** UDP: datagrams sent, or the highest number received. */
  readonly packets: number;
  /** Only where datagrams are received. */
  readonly arrivals: Arrivals | null;
  /** Sends, or reads, from now on. */
  begin(): void;
  /** Sends no more; what comes still counts until stop(). */
  hush(): void;
  /** The same, and the peer is told that nothing follows: FIN. */
  endSending(): void;
  /** All that was sent has left, and over TCP has arrived. */
  isDrained(): boolean;
  /** Nothing counts any more. */
  stop(): void;
  /** What went until now does not count. */
  forget(): void;
  close(): void;
  /** TCP: what the core knows of it. */
  info(): ConnectionInfo | null;
}

/** What a sender may still send, shared by those of one direction. */
export interface Budget {
  left: number;
}

export interface StreamPart {
  readonly stack: Stack;
  readonly settings: Settings;
  /** From 0, in the order in which both sides have them. */
  readonly index: number;
  readonly sends: boolean;
  readonly budget: Budget;
  /** Bytes have gone or come. */
  moved(stream: Stream): void;
  /** It ended by itself. */
  ended(error: Error | null): void;
}

/** What is told of it. */
export const factsOf = ({ id, number, sends, local, remote }: Stream): StreamFacts => ({
  ...{ id, number, sends, local, remote },
});

/** The numbers that esnet/iperf gives: there is no second. */
export const idOf = (index: number): number => (index === 0 ? 1 : index + 2);
export const numberOf = (index: number): number => 5 + 2 * index;
