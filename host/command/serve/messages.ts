// What the services and the command tell each other: across threads when a TAP device is served, as
// plain calls over other links. Everything here survives structured cloning.

import type { Arguments } from "../../control/arguments.js";
import type { Told } from "../../control/protocol.js";
import type { ServiceName } from "../services/names.js";

/** What the command hands to the services when they start. */
export interface ServicesData {
  readonly version: string;
  /** "tap:mote0", "user mode" or "qemu:/tmp/mote.sock". */
  readonly link: string;
  /** The stack tells of the addresses that it gets by itself. */
  readonly dhcp: boolean;
  readonly services: readonly { readonly name: ServiceName; readonly port: number }[];
  /** Rows of connections are reported too, not only events. */
  readonly rows: boolean;
  /** Least time between two reports. */
  readonly reportMs: number;
}

/** A service with the port that the stack listens on, and the host's port that leads to it. */
export interface ServedPort {
  readonly name: ServiceName;
  readonly port: number;
  readonly hostPort: number;
}

export interface OpenedEvent {
  readonly event: "opened";
  /** Counts connections from 1. */
  readonly id: number;
  /** ms since 1970. */
  readonly time: number;
  readonly service: string;
  readonly remote: string;
}

export interface ClosedEvent {
  readonly event: "closed";
  readonly id: number;
  readonly time: number;
  readonly service: string;
  readonly remote: string;
  /** Bytes that the service read and wrote. */
  readonly received: number;
  readonly sent: number;
  readonly durationMs: number;
  /** The states it went through, from the first to the last. */
  readonly states: readonly string[];
  /** ECONNRESET, ETIMEDOUT ... where an error ended it. */
  readonly error?: string;
}

export type ConnectionEvent = OpenedEvent | ClosedEvent;

/** One line of the live table. */
export interface Row {
  readonly id: number;
  readonly service: string;
  readonly remote: string;
  readonly state: string;
  readonly received: number;
  readonly sent: number;
  /** ms since 1970. */
  readonly since: number;
  /** Of a connection that is over: how long it lived. */
  readonly durationMs?: number;
  readonly error?: string;
}

export interface Report {
  readonly type: "report";
  readonly events: readonly ConnectionEvent[];
  /** Events that were not kept because more came than anyone can read. */
  readonly skipped: number;
  readonly open: number;
  readonly served: number;
  readonly received: number;
  readonly sent: number;
  /** The newest open connections, oldest first, then those that ended last; empty without `rows`. */
  readonly rows: readonly Row[];
  readonly closedRows: readonly Row[];
}

/** What the stack has by DHCP, or without a server by itself. */
export interface AddressReport {
  readonly type: "address";
  /** ms since 1970. */
  readonly time: number;
  /** With its prefix; null: none yet, or none any more. */
  readonly address: string | null;
  readonly linkLocal: boolean;
  readonly server: string | null;
  readonly router: string | null;
  readonly nameServers: readonly string[];
  /** null: for ever, or there is no lease. */
  readonly leaseSeconds: number | null;
}

export type FromServices =
  | { readonly type: "listening"; readonly services: readonly ServedPort[] }
  | Report
  | AddressReport
  /** Another host has our name, and this is the one that was taken. */
  | { readonly type: "name"; readonly time: number; readonly name: string }
  /** What became of a call that the control socket has passed on; of some there is more than one. */
  | { readonly type: "told"; readonly id: number; readonly told: Told }
  /** Everything is closed; `cut` connections did not end in time and were reset. */
  | { readonly type: "stopped"; readonly cut: number };

export type ToServices =
  /** A call of the control socket; "told" follows with its number. */
  | { readonly type: "ask"; readonly id: number; readonly call: string; readonly args: Arguments }
  /** An item of such a call has left; or no more are wanted. */
  | { readonly type: "credit" | "cancel"; readonly id: number }
  /** What its client says meanwhile. */
  | { readonly type: "input"; readonly id: number; readonly args: Arguments }
  | { readonly type: "published"; readonly services: readonly ServedPort[] }
  /** Close listeners and connections, wait at most `withinMs`, then answer "stopped". */
  | { readonly type: "stop"; readonly withinMs: number };
