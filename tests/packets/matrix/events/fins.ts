// The peer's FIN: in order, with data, with the acknowledgment of ours, early, and outside.

import { OWNED, PEER_DONE, SYNCHRONIZED, type Cell, type EventRow } from "../model.js";
import { ACK_NOW, droppedInSynSent, FIRST, resetWhereNobodyIs } from "./common.js";

const FIN_NOW = "+0 > . {nxt}:{nxt}(0) ack {rcv+1}";
const END = "+0 read(4, ..., 1000) = 0";

const ACCEPT = `
  +0 accept(3, ..., ...) = 4
  +0 fcntl(4, F_SETFL, O_RDWR|O_NONBLOCK) = 0`;

/** The FIN again: left of the window. */
const again = (segment: string): Cell => ({
  in: PEER_DONE,
  expect: "an acknowledgment: the FIN again lies left of the window, and nothing changes.",
  rfc: `${FIRST}, and eighth: remains in its state`,
  lines: `${segment}\n${ACK_NOW}`,
});

const againInTimeWait = (segment: string): Cell => ({
  in: ["TIME-WAIT"],
  expect:
    "an acknowledgment, and 2 MSL begin again: after 59 s more it is still there, after 61 s not.",
  rfc: "RFC 9293 3.10.7.4, eighth, TIME-WAIT",
  setup: "+30 `state - TIME-WAIT`",
  lines: `${segment}\n${ACK_NOW}\n+59 \`state - TIME-WAIT\``,
  then: "+2 `state - CLOSED`",
});

const fin: EventRow = {
  name: "fin",
  what: "The peer's FIN, which acknowledges nothing new",
  cells: [
    resetWhereNobodyIs("+.1 < F. {rcv}:{rcv}(0) ack {nxt} win 10000", "nxt"),
    {
      ...droppedInSynSent("+.1 < F. {rcv}:{rcv}(0) ack {nxt} win 10000"),
      expect: "silence: without the peer's SYN its number means nothing.",
      rfc: "RFC 9293 3.10.7.3, fifth, and 3.10.7.4, eighth",
    },
    {
      in: ["SYN-RECEIVED"],
      ways: ["passive"],
      expect: "the connection is open, and the peer has closed: CLOSE-WAIT.",
      rfc: "RFC 9293 3.10.7.4, fifth and eighth",
      lines: `+.1 < F. {rcv}:{rcv}(0) ack {nxt} win 10000\n${FIN_NOW}${ACCEPT}\n${END}`,
      to: "CLOSE-WAIT",
      moves: { una: 1, rcv: 1 },
    },
    {
      in: ["SYN-RECEIVED"],
      ways: ["simultaneous"],
      expect: "the connection is open, and the peer has closed: CLOSE-WAIT.",
      rfc: "RFC 9293 3.10.7.4, fifth and eighth",
      lines: `+.1 < F. {rcv}:{rcv}(0) ack {nxt} win 10000\n${FIN_NOW}\n${END}`,
      to: "CLOSE-WAIT",
      moves: { una: 1, rcv: 1 },
    },
    {
      in: ["ESTABLISHED"],
      expect: "an acknowledgment, and the end of the stream for the user: CLOSE-WAIT.",
      rfc: "RFC 9293 3.10.7.4, eighth, ESTABLISHED",
      lines: `+.1 < F. {rcv}:{rcv}(0) ack {una} win 10000\n${FIN_NOW}\n${END}`,
      to: "CLOSE-WAIT",
      moves: { rcv: 1 },
    },
    {
      in: ["FIN-WAIT-1"],
      expect: "an acknowledgment: both have closed at once, CLOSING.",
      rfc: "RFC 9293 3.10.7.4, eighth, FIN-WAIT-1; 3.6, figure 13",
      lines: `+.1 < F. {rcv}:{rcv}(0) ack {una} win 10000\n${FIN_NOW}`,
      to: "CLOSING",
      moves: { rcv: 1 },
    },
    {
      in: ["FIN-WAIT-2"],
      expect: "an acknowledgment: TIME-WAIT.",
      rfc: "RFC 9293 3.10.7.4, eighth, FIN-WAIT-2",
      lines: `+.1 < F. {rcv}:{rcv}(0) ack {una} win 10000\n${FIN_NOW}`,
      to: "TIME-WAIT",
      moves: { rcv: 1 },
    },
    again("+.1 < F. {rcv-1}:{rcv-1}(0) ack {una} win 10000"),
    againInTimeWait("+.1 < F. {rcv-1}:{rcv-1}(0) ack {una} win 10000"),
  ],
};

const finAndAck: EventRow = {
  name: "fin-and-ack",
  what: "The peer's FIN in one segment with the acknowledgment of all that we sent",
  cells: [
    {
      in: ["CLOSED", "LISTEN", "SYN-SENT", "SYN-RECEIVED", "FIN-WAIT-2", "CLOSE-WAIT", "TIME-WAIT"],
      none: "nothing that it could acknowledge is in flight: as in the row fin",
    },
    {
      in: ["ESTABLISHED"],
      expect: "the data have arrived, and the peer has closed: CLOSE-WAIT.",
      rfc: "RFC 9293 3.10.7.4, fifth and eighth",
      setup: `
        +.1 write(4, ..., 100) = 100
        +0 > P. {nxt}:{nxt+100}(100) ack {rcv}`,
      lines: `
        +.1 < F. {rcv}:{rcv}(0) ack {nxt+100} win 10000
        +0 > . {nxt+100}:{nxt+100}(0) ack {rcv+1}
        ${END}
        +0 ioctl(4, SIOCOUTQ, [0]) = 0`,
      to: "CLOSE-WAIT",
      moves: { una: 100, nxt: 100, rcv: 1 },
    },
    {
      in: ["FIN-WAIT-1"],
      expect: "an acknowledgment: straight to TIME-WAIT, a close in three segments.",
      rfc: "RFC 9293 3.10.7.4, eighth, FIN-WAIT-1: if our FIN has been acknowledged, TIME-WAIT",
      lines: `+.1 < F. {rcv}:{rcv}(0) ack {nxt} win 10000\n${FIN_NOW}`,
      to: "TIME-WAIT",
      moves: { una: 1, rcv: 1 },
    },
    {
      in: ["CLOSING", "LAST-ACK"],
      expect:
        "an acknowledgment: the FIN again lies left of the window, the segment is dropped as a whole.",
      rfc: FIRST,
      lines: `+.1 < F. {rcv-1}:{rcv-1}(0) ack {nxt} win 10000\n${ACK_NOW}`,
    },
  ],
};

const READ_TO_END = `
  +0 > . {nxt}:{nxt}(0) ack {rcv+101}
  +0 read(4, ..., 1000) = 100
  ${END}`;

const withData = (ack: string) => `+.1 < FP. {rcv}:{rcv+100}(100) ack {${ack}} win 10000`;

const finWithData: EventRow = {
  name: "fin-with-data",
  what: "The peer's FIN behind data in the same segment",
  cells: [
    resetWhereNobodyIs(withData("nxt"), "nxt"),
    droppedInSynSent(withData("nxt")),
    {
      in: ["SYN-RECEIVED"],
      ways: ["passive"],
      expect: "the connection is open, the data can be read, then comes the end: CLOSE-WAIT.",
      rfc: "RFC 9293 3.10.7.4, fifth, seventh and eighth",
      lines: `${withData("nxt")}
        +0 > . {nxt}:{nxt}(0) ack {rcv+101}${ACCEPT}
        +0 read(4, ..., 1000) = 100
        ${END}`,
      to: "CLOSE-WAIT",
      moves: { una: 1, rcv: 101 },
    },
    {
      in: ["SYN-RECEIVED"],
      ways: ["simultaneous"],
      expect: "the connection is open, the data can be read, then comes the end: CLOSE-WAIT.",
      rfc: "RFC 9293 3.10.7.4, fifth, seventh and eighth",
      lines: `${withData("nxt")}${READ_TO_END}`,
      to: "CLOSE-WAIT",
      moves: { una: 1, rcv: 101 },
    },
    {
      in: ["ESTABLISHED"],
      expect: "one acknowledgment of both; the data can be read, then comes the end: CLOSE-WAIT.",
      rfc: "RFC 9293 3.10.7.4, seventh and eighth",
      lines: `${withData("una")}${READ_TO_END}`,
      to: "CLOSE-WAIT",
      moves: { rcv: 101 },
    },
    {
      in: ["FIN-WAIT-1"],
      ways: OWNED,
      expect: "one acknowledgment of both; the data can be read, then comes the end: CLOSING.",
      rfc: "RFC 9293 3.10.7.4, seventh and eighth",
      lines: `${withData("una")}${READ_TO_END}`,
      to: "CLOSING",
      moves: { rcv: 101 },
    },
    {
      in: ["FIN-WAIT-2"],
      ways: OWNED,
      expect: "one acknowledgment of both; the data can be read, then comes the end: TIME-WAIT.",
      rfc: "RFC 9293 3.10.7.4, seventh and eighth",
      lines: `${withData("una")}${READ_TO_END}`,
      to: "TIME-WAIT",
      moves: { rcv: 101 },
    },
    {
      in: ["FIN-WAIT-1", "FIN-WAIT-2"],
      ways: ["closed"],
      expect: "a RST: nobody will read this, and the peer must know that it is lost.",
      rfc: "RFC 9293 3.6.1, SHLD-3; RFC 2525 2.17",
      lines: `${withData("una")}\n+0 > R {una}:{una}(0) win 0`,
      to: "CLOSED",
    },
    again("+.1 < FP. {rcv-101}:{rcv-1}(100) ack {una} win 10000"),
    againInTimeWait("+.1 < FP. {rcv-101}:{rcv-1}(100) ack {una} win 10000"),
  ],
};

const early = (ack: string) => `+.1 < F. {rcv+100}:{rcv+100}(0) ack {${ack}} win 10000`;

/** Kept until the gap is filled; then it counts. */
const GAP_FILLED = `
  ${ACK_NOW}
  // What was missing comes, and with it the end.
  +.05 < P. {rcv}:{rcv+100}(100) ack {una} win 10000
  +0 > . {nxt}:{nxt}(0) ack {rcv+101}
  +0 read(4, ..., 1000) = 100
  ${END}`;

const finOutOfOrder: EventRow = {
  name: "fin-out-of-order",
  what: "The peer's FIN in the window behind a gap",
  cells: [
    resetWhereNobodyIs(early("nxt"), "nxt"),
    droppedInSynSent(early("nxt")),
    {
      in: ["SYN-RECEIVED"],
      ways: ["simultaneous"],
      expect: "the connection is open; the acknowledgment is repeated, and the FIN kept.",
      rfc: "RFC 9293 3.10.7.4, first, SHLD-31, fifth and eighth",
      lines: `${early("nxt")}${GAP_FILLED.replace("ack {una}", "ack {nxt}")}`,
      to: "CLOSE-WAIT",
      moves: { una: 1, rcv: 101 },
    },
    {
      in: ["SYN-RECEIVED"],
      ways: ["passive"],
      expect: "the connection is open; the acknowledgment is repeated, and the FIN kept.",
      rfc: "RFC 9293 3.10.7.4, first, SHLD-31, fifth and eighth",
      lines: `${early("nxt")}${ACCEPT}${GAP_FILLED.replace("ack {una}", "ack {nxt}")}`,
      to: "CLOSE-WAIT",
      moves: { una: 1, rcv: 101 },
    },
    {
      in: ["ESTABLISHED"],
      expect: "the acknowledgment is repeated; the FIN is kept, and counts once the gap is filled.",
      rfc: "RFC 9293 3.10.7.4, first, SHLD-31, and eighth",
      lines: `${early("una")}${GAP_FILLED}`,
      to: "CLOSE-WAIT",
      moves: { rcv: 101 },
    },
    {
      in: ["FIN-WAIT-1"],
      ways: OWNED,
      expect: "the acknowledgment is repeated; the FIN is kept, and counts once the gap is filled.",
      rfc: "RFC 9293 3.10.7.4, first, SHLD-31, and eighth",
      lines: `${early("una")}${GAP_FILLED}`,
      to: "CLOSING",
      moves: { rcv: 101 },
    },
    {
      in: ["FIN-WAIT-2"],
      ways: OWNED,
      expect: "the acknowledgment is repeated; the FIN is kept, and counts once the gap is filled.",
      rfc: "RFC 9293 3.10.7.4, first, SHLD-31, and eighth",
      lines: `${early("una")}${GAP_FILLED}`,
      to: "TIME-WAIT",
      moves: { rcv: 101 },
    },
    {
      in: ["FIN-WAIT-1", "FIN-WAIT-2"],
      ways: ["closed"],
      expect: "the acknowledgment is repeated; what is missing are data that nobody will read.",
      rfc: "RFC 9293 3.10.7.4, first; RFC 5681 4.2",
      lines: `${early("una")}\n${ACK_NOW}`,
    },
    {
      in: PEER_DONE,
      expect: "the state stays: the peer has closed before, its FIN has one number only.",
      rfc: "RFC 9293 3.10.7.4, eighth: remains in its state",
      lines: early("una"),
    },
    {
      in: ["TIME-WAIT"],
      expect: "an acknowledgment; the state stays.",
      rfc: "RFC 9293 3.10.7.4, fifth, TIME-WAIT: what arrives is acknowledged",
      lines: `${early("una")}\n${ACK_NOW}`,
    },
  ],
};

const beyond = (ack: string) => `+.1 < F. {rcv+70000}:{rcv+70000}(0) ack {${ack}} win 10000`;

const finBeyondWindow: EventRow = {
  name: "fin-beyond-window",
  what: "A FIN behind the receive window",
  cells: [
    resetWhereNobodyIs(beyond("nxt"), "nxt"),
    droppedInSynSent(beyond("nxt")),
    {
      in: ["SYN-RECEIVED", ...SYNCHRONIZED, "TIME-WAIT"],
      expect: "an acknowledgment, and the segment is dropped.",
      rfc: FIRST,
      lines: `${beyond("una")}\n${ACK_NOW}`,
    },
  ],
};

export const FINS: readonly EventRow[] = [
  fin,
  finAndAck,
  finWithData,
  finOutOfOrder,
  finBeyondWindow,
];
