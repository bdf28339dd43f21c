// SYN and SYN+ACK: the beginning of a connection, old copies of it, and what is forged.

import { PEER_DONE, RECEIVING, SYNCHRONIZED, type Cell, type EventRow } from "../model.js";
import { ACK_NOW, FIRST, IN_CLOSED, IN_LISTEN, IN_SYN_SENT } from "./common.js";

const OFFERS = "win 10000 <mss 1000>";

/** RFC 5961: a SYN on a synchronized connection is challenged, wherever its number is. */
function challenged(segment: string): Cell {
  return {
    in: SYNCHRONIZED,
    expect:
      "a challenge ACK, and nothing else; a peer that has really begun anew answers it with RST.",
    rfc: "RFC 5961 4.2; RFC 9293 3.10.7.4, fourth",
    lines: `${segment}\n${ACK_NOW}`,
    counts: ["TCP_CHALLENGE_ACKS 1"],
  };
}

/** In TIME-WAIT, where the SYN cannot be a successor's: its number is old, or nobody listens. */
function acknowledged(segment: string, ways?: Cell["ways"]): Cell {
  return {
    in: ["TIME-WAIT"],
    ...(ways && { ways }),
    expect: ways
      ? "an acknowledgment: nobody listens, so that it begins nothing."
      : "an acknowledgment: its number is old, so that it begins nothing.",
    rfc: "RFC 9293 3.6.1 and 3.10.7.4, first and fourth; RFC 5961 4.2",
    lines: `${segment}\n${ACK_NOW}`,
  };
}

/** A higher number in TIME-WAIT, and somebody listens. */
function successor(seq: number): Cell {
  return {
    in: ["TIME-WAIT"],
    ways: ["passive", "closed"],
    expect: "SYN+ACK: its number is higher than all before, a new connection begins.",
    rfc: "RFC 9293 3.6.1, MAY-2, and 3.10.7.4, fourth",
    lines: `
      +.1 < S {rcv+${seq}}:{rcv+${seq}}(0) ${OFFERS}
      +0 > S. 0:0(0) ack {rcv+${seq + 1}} <mss 1460>`,
    to: "SYN-RECEIVED",
    then: `
      // The new connection works.
      +.01 < . {rcv+${seq + 1}}:{rcv+${seq + 1}}(0) ack 1 win 10000
      +0 accept(3, ..., ...) = 5
      +0 write(5, ..., 100) = 100
      +0 > P. 1:101(100) ack {rcv+${seq + 1}}
      +0 \`state 5 ESTABLISHED\``,
  };
}

const syn: EventRow = {
  name: "syn",
  what: "A SYN with the number of the connection's first, as it is when it comes again",
  cells: [
    {
      in: ["CLOSED"],
      expect: "RST with an acknowledgment of the SYN.",
      rfc: IN_CLOSED,
      lines: `
        +.1 < S 1000:1000(0) ${OFFERS}
        +0 > R. 0:0(0)! ack 1001 win 0`,
    },
    {
      in: ["LISTEN"],
      expect: "SYN+ACK.",
      rfc: `${IN_LISTEN}, third`,
      lines: `
        +.1 < S 1000:1000(0) ${OFFERS}
        +0 > S. 0:0(0) ack 1001 <mss 1460>`,
      to: "SYN-RECEIVED",
      moves: { nxt: 1 },
    },
    {
      in: ["SYN-SENT"],
      expect: "SYN+ACK with the number of our SYN: both sides open at once.",
      rfc: `${IN_SYN_SENT}, fourth; RFC 9293 3.5, figure 8, MUST-10`,
      lines: `
        +.1 < S 1000:1000(0) ${OFFERS}
        +0 > S. 0:0(0) ack 1001 <mss 1460>`,
      to: "SYN-RECEIVED",
    },
    {
      in: ["SYN-RECEIVED"],
      ways: ["passive"],
      expect: "SYN+ACK again: ours may have been lost.",
      rfc: "docs/rfc9293.md, Deviations: SYN in SYN-RECEIVED; RFC 9293 3.10.7.4, first, asks for an ACK",
      lines: `
        +.1 < S 1000:1000(0) ${OFFERS}
        +0 > S. 0:0(0) ack 1001 <mss 1460>`,
    },
    {
      in: ["SYN-RECEIVED"],
      ways: ["simultaneous"],
      expect: "an acknowledgment: it lies left of the window.",
      rfc: FIRST,
      lines: `
        +.1 < S 1000:1000(0) ${OFFERS}
        ${ACK_NOW}`,
    },
    challenged(`+.1 < S 1000:1000(0) ${OFFERS}`),
    acknowledged(`+.1 < S 1000:1000(0) ${OFFERS}`),
  ],
};

const synInWindow: EventRow = {
  name: "syn-in-window",
  what: "A SYN with a number in the receive window",
  cells: [
    {
      in: ["CLOSED"],
      expect: "RST with an acknowledgment of the SYN.",
      rfc: IN_CLOSED,
      lines: `
        +.1 < S {rcv+1000}:{rcv+1000}(0) ${OFFERS}
        +0 > R. 0:0(0)! ack {rcv+1001} win 0`,
    },
    { in: ["LISTEN", "SYN-SENT"], none: "there is no window yet: every SYN is as in the row syn" },
    {
      in: ["SYN-RECEIVED"],
      ways: ["passive"],
      expect: "silence, back to LISTEN: the peer has begun anew, and will send its SYN again.",
      rfc: "RFC 9293 3.10.7.4, fourth; docs/rfc9293.md, Deviations (RFC 5961 4.2)",
      lines: `+.1 < S {rcv+1000}:{rcv+1000}(0) ${OFFERS}`,
      to: "CLOSED",
      then: `
        // The SYN again is answered.
        +1 < S {rcv+1000}:{rcv+1000}(0) ${OFFERS}
        +0 > S. 0:0(0) ack {rcv+1001} <mss 1460>
        +.01 < . {rcv+1001}:{rcv+1001}(0) ack 1 win 10000
        +0 accept(3, ..., ...) = 4
        +0 \`state 4 ESTABLISHED\``,
    },
    {
      in: ["SYN-RECEIVED"],
      ways: ["simultaneous"],
      expect: "a challenge ACK, as on a synchronized connection: this was an active open.",
      rfc: "RFC 9293 3.10.7.4, fourth; RFC 5961 4.2",
      lines: `
        +.1 < S {rcv+1000}:{rcv+1000}(0) ${OFFERS}
        ${ACK_NOW}`,
    },
    challenged(`+.1 < S {rcv+1000}:{rcv+1000}(0) ${OFFERS}`),
    acknowledged(`+.1 < S {rcv+1000}:{rcv+1000}(0) ${OFFERS}`, ["active", "simultaneous"]),
    successor(1000),
  ],
};

const synBeyondWindow: EventRow = {
  name: "syn-beyond-window",
  what: "A SYN with a number behind the receive window",
  cells: [
    {
      in: ["CLOSED"],
      expect: "RST with an acknowledgment of the SYN.",
      rfc: IN_CLOSED,
      lines: `
        +.1 < S {rcv+100000}:{rcv+100000}(0) ${OFFERS}
        +0 > R. 0:0(0)! ack {rcv+100001} win 0`,
    },
    { in: ["LISTEN", "SYN-SENT"], none: "there is no window yet: every SYN is as in the row syn" },
    {
      in: ["SYN-RECEIVED"],
      expect: "an acknowledgment: it is not acceptable.",
      rfc: FIRST,
      lines: `
        +.1 < S {rcv+100000}:{rcv+100000}(0) ${OFFERS}
        ${ACK_NOW}`,
    },
    challenged(`+.1 < S {rcv+100000}:{rcv+100000}(0) ${OFFERS}`),
    acknowledged(`+.1 < S {rcv+100000}:{rcv+100000}(0) ${OFFERS}`, ["active", "simultaneous"]),
    successor(100000),
  ],
};

const synAck: EventRow = {
  name: "syn-ack",
  what: "A SYN+ACK with the number of the peer's SYN that acknowledges all of ours",
  cells: [
    {
      in: ["CLOSED", "LISTEN"],
      expect: "a RST with the number that is acknowledged; so ends the handshake of an old SYN.",
      rfc: `${IN_CLOSED}; ${IN_LISTEN}, second; RFC 9293 3.5, figure 9`,
      lines: `
        +.1 < S. 1000:1000(0) ack {nxt} ${OFFERS}
        +0 > R {nxt}:{nxt}(0) win 0`,
    },
    {
      in: ["SYN-SENT"],
      expect: "ACK; the connection is open.",
      rfc: `${IN_SYN_SENT}, fourth; RFC 9293 3.5, figure 6`,
      lines: `
        +.1 < S. 1000:1000(0) ack 1 ${OFFERS}
        +0 > . 1:1(0) ack 1001`,
      to: "ESTABLISHED",
    },
    {
      in: ["SYN-RECEIVED"],
      ways: ["passive"],
      expect: "an acknowledgment: the SYN lies left of the window.",
      rfc: FIRST,
      lines: `
        +.1 < S. 1000:1000(0) ack 1 ${OFFERS}
        ${ACK_NOW}`,
    },
    {
      in: ["SYN-RECEIVED"],
      ways: ["simultaneous"],
      expect: "the connection is open: the peer's SYN+ACK has the number of its SYN.",
      rfc: "RFC 9293 3.5, figure 8, line 7",
      lines: `+.1 < S. 1000:1000(0) ack 1 ${OFFERS}`,
      to: "ESTABLISHED",
    },
    challenged(`+.1 < S. 1000:1000(0) ack {nxt} ${OFFERS}`),
    acknowledged(`+.1 < S. 1000:1000(0) ack {nxt} ${OFFERS}`),
  ],
};

const synAckWrong: EventRow = {
  name: "syn-ack-wrong",
  what: "A SYN+ACK that acknowledges what was never sent",
  cells: [
    {
      in: ["CLOSED", "LISTEN"],
      expect: "a RST with the number that is acknowledged.",
      rfc: `${IN_CLOSED}; ${IN_LISTEN}, second`,
      lines: `
        +.1 < S. 1000:1000(0) ack {nxt+1000} ${OFFERS}
        +0 > R {nxt+1000}:{nxt+1000}(0) win 0`,
    },
    {
      in: ["SYN-SENT"],
      expect: "a RST with the number that is acknowledged; our own attempt goes on.",
      rfc: `${IN_SYN_SENT}, first`,
      lines: `
        +.1 < S. 1000:1000(0) ack {nxt+1000} ${OFFERS}
        +0 > R {nxt+1000}:{nxt+1000}(0) win 0`,
    },
    {
      in: ["SYN-RECEIVED"],
      ways: ["passive"],
      expect: "an acknowledgment: the SYN lies left of the window.",
      rfc: FIRST,
      lines: `
        +.1 < S. 1000:1000(0) ack {nxt+1000} ${OFFERS}
        ${ACK_NOW}`,
    },
    {
      in: ["SYN-RECEIVED"],
      ways: ["simultaneous"],
      expect:
        "a RST: the SYN is the one we have, as in figure 8; its acknowledgment is of no SYN of ours.",
      rfc: "RFC 9293 3.10.7.4, fifth, and 3.5, figure 8",
      lines: `
        +.1 < S. 1000:1000(0) ack {nxt+1000} ${OFFERS}
        +0 > R {nxt+1000}:{nxt+1000}(0) win 0`,
    },
    {
      in: [...RECEIVING, ...PEER_DONE],
      expect: "a challenge ACK: the SYN is looked at before the acknowledgment.",
      rfc: "RFC 5961 4.2; RFC 9293 3.10.7.4, fourth",
      lines: `+.1 < S. 1000:1000(0) ack {nxt+1000} ${OFFERS}\n${ACK_NOW}`,
    },
    acknowledged(`+.1 < S. 1000:1000(0) ack {nxt+1000} ${OFFERS}`),
  ],
};

export const SYNS: readonly EventRow[] = [syn, synInWindow, synBeyondWindow, synAck, synAckWrong];
