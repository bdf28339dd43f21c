// What the parts of the NAT in user mode share: how frames go each way, limits, and what is counted.

import type { Clock } from "../clock.js";

export interface Wire {
  readonly clock: Clock;
  /** A finished frame to the stack; one that finds no room is lost, as on any wire. */
  toStack(frame: Uint8Array): void;
  /** A frame of the stack once more, that waited. */
  fromStack(frame: Uint8Array): void;
  /** There is something whose time runs. */
  watch(): void;
}

/** Where a flow of the stack goes on the host's side. */
export interface Target {
  readonly host: string;
  readonly port: number;
}

export interface Limits {
  readonly connections: number;
  readonly associations: number;
  readonly connectTimeout: number;
  readonly idleTimeout: number;
  readonly associationTimeout: number;
}

export interface Counts {
  /** Connections that the host has opened, and associations. */
  opened: number;
  /** Turned away: no rule lets it through. */
  denied: number;
  /** The destination refused it, or could not be reached. */
  refused: number;
  /** Given up: it did not open in time, or nothing came for too long. */
  timedOut: number;
  /** Turned away, or an association ended, for want of room in a table. */
  full: number;
  /** Datagrams that found no room, and fragments without their first one. */
  dropped: number;
  /** Names asked for. */
  lookups: number;
}

export function noCounts(): Counts {
  return { opened: 0, denied: 0, refused: 0, timedOut: 0, full: 0, dropped: 0, lookups: 0 };
}
