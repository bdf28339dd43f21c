// Answers that many cells have in common.

import { NO_CONNECTION, type Cell } from "../model.js";

/** RFC 9293's acknowledgment of everything: challenge ACK, or the answer to what is not acceptable. */
export const ACK_NOW = "+0 > . {nxt}:{nxt}(0) ack {rcv}";

/** The sections in which the order of the checks is. */
export const FIRST = "RFC 9293 3.10.7.4, first";
export const IN_SYN_SENT = "RFC 9293 3.10.7.3";
export const IN_LISTEN = "RFC 9293 3.10.7.2";
export const IN_CLOSED = "RFC 9293 3.10.7.1";

/** A segment with an ACK finds no connection: the reset has its acknowledgment number. */
export function resetWhereNobodyIs(segment: string, ack: string): Cell {
  return {
    in: NO_CONNECTION,
    expect: "a RST with the number that is acknowledged: there is nothing to acknowledge here.",
    rfc: `${IN_CLOSED}; ${IN_LISTEN}, second`,
    counts: ["TCP_NO_CONNECTION 1", "TCP_RESETS_SENT 1"],
    lines: `${segment}\n+0 > R {${ack}}:{${ack}}(0) win 0`,
  };
}

/** In SYN-SENT the acknowledgment is good, but there is no SYN: dropped. */
export function droppedInSynSent(segment: string): Cell {
  return {
    in: ["SYN-SENT"],
    expect: "silence: its acknowledgment is good, but without a SYN or a RST it is dropped.",
    rfc: `${IN_SYN_SENT}, fifth`,
    lines: segment,
  };
}
