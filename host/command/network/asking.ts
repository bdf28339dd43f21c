// What ping and traceroute say in the same way.

import type { Io } from "../io.js";

/** Who asks whom. */
export interface AskingFacts {
  /** As it was given. */
  readonly host: string;
  readonly address: string;
  /** The stack's own. */
  readonly from: string;
  readonly link: string;
}

/** IPv4's header and ICMP's. */
export const HEADER_BYTES = 28;

/** Whole microseconds. */
export function roundUs(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}

export function lineWriter(io: Io): (text: string) => void {
  return (text) => void io.stdout.write(`${text}\n`);
}
