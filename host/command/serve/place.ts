// Where a stack is served, once it runs: the same shape for TAP and for user mode, so that the rest
// of the command does not care.

import type { FromServices, ServedPort, ToServices } from "./messages.js";

export interface Place {
  readonly kind: "tap" | "user";
  /** "tap:mote0" or "user mode". */
  readonly link: string;
  /** Where programs of this machine find the services; "": an address has yet to come. */
  readonly address: string;
  /** The stack's own address with its prefix. */
  readonly stackAddress: string;
  /** Where it comes from, if from elsewhere: "by DHCP from 192.0.2.1". */
  readonly addressBy?: string;
  /** Its name below .local, where it has one. */
  readonly hostName?: string;
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
