// Where a stack is served, once it runs: the same shape for TAP and for user mode, so that the rest
// of the command does not care.

import type { FromServices, ServedPort, ToServices } from "./messages.js";

export interface Place {
  readonly kind: "tap" | "user";
  /** "tap:mote0" or "user mode". */
  readonly link: string;
  /** Where programs of this machine find the services. */
  readonly address: string;
  /** The stack's own address with its prefix. */
  readonly stackAddress: string;
  readonly services: readonly ServedPort[];
  post(message: ToServices): void;
  /** Closes stack, link and capture at once. */
  close(): Promise<void>;
}

/** What the command wants to hear from it. */
export interface PlaceEvents {
  message(message: FromServices): void;
  failed(error: Error): void;
}
