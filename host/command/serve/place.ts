// Where a stack is served, once it runs: the same shape for TAP, user mode and other links, so that the rest
// of the command does not care.

import type { FromServices, ServedPort, ToServices } from "./messages.js";

export interface Place {
  /** wire: a link to another program, or out of a recording. */
  readonly kind: "tap" | "user" | "wire";
  /** "tap:mote0", "user mode" or "qemu:/tmp/mote.sock". */
  readonly link: string;
  /** Where programs (of this machine, but over a wire) find the services; "": an address has yet to come. */
  readonly address: string;
  /** The stack's own address with its prefix. */
  readonly stackAddress: string;
  /** Where it comes from, if from elsewhere: "by DHCP from 192.0.2.1". */
  readonly addressBy?: string;
  /** Its name below .local, where it has one. */
  readonly hostName?: string;
  /** Under which mote netstat finds it; null: it does not. */
  readonly controlName?: string | null;
  readonly services: readonly ServedPort[];
  post(message: ToServices): void;
  /** Closes stack, link and capture at once. */
  close(): Promise<void>;
}

/** What the command wants to hear from it. */
export interface PlaceEvents {
  message(message: FromServices): void;
  failed(error: Error): void;
  /** Something that people may want to know. */
  note?(text: string): void;
}
