// Data in the window, out of it, across its edges, and urgent data.

import { OWNED, PEER_DONE, RECEIVING, SYNCHRONIZED, type Cell, type EventRow } from "../model.js";
import { ACK_NOW, droppedInSynSent, FIRST, resetWhereNobodyIs } from "./common.js";

/** A segment with data from and to numbers that are counted from RCV.NXT. */
function data(from: number, to: number, ack: string, flags = "P.", more = ""): string {
  const at = (shift: number) => `{rcv${shift < 0 ? "" : "+"}${shift}}`;
  return `+.1 < ${flags} ${at(from)}:${at(to)}(${to - from}) ack {${ack}} win 10000${more}`;
}

/** The user has closed and nobody will read: the peer must know. */
const resetAfterClose = (segment: string): Cell => ({
  in: ["FIN-WAIT-1", "FIN-WAIT-2"],
  ways: ["closed"],
  expect: "a RST: nobody will read this, and the peer must know that it is lost.",
  rfc: "RFC 9293 3.6.1, SHLD-3; RFC 2525 2.17",
  lines: `${segment}\n+0 > R {una}:{una}(0) win 0`,
  counts: ["TCP_DATA_AFTER_CLOSE 1", "TCP_RESETS_SENT 1"],
  to: "CLOSED",
});

/** Behind the peer's FIN nothing can come. */
const ignoredBehindFin = (segment: string): Cell => ({
  in: PEER_DONE,
  expect: "silence: the peer has sent FIN, what it sends behind that is ignored.",
  rfc: "RFC 9293 3.10.7.4, seventh, CLOSE-WAIT and later",
  lines: segment,
});

const acknowledgedInTimeWait = (segment: string): Cell => ({
  in: ["TIME-WAIT"],
  expect: "an acknowledgment of what had arrived; nothing changes.",
  rfc: `${FIRST}, and fifth, TIME-WAIT: what arrives is acknowledged`,
  lines: `${segment}\n${ACK_NOW}`,
});

/** Not acceptable: an acknowledgment says what is expected. */
const notAcceptable = (segment: string, side: string): Cell => ({
  in: ["SYN-RECEIVED", ...SYNCHRONIZED],
  expect: `an acknowledgment, and the segment is dropped: it lies ${side} of the window.`,
  rfc: FIRST,
  lines: `${segment}\n${ACK_NOW}`,
  counts: ["DROP_TCP_WINDOW 1"],
});

/** Opens the connection of a passive SYN-RECEIVED first. */
const ACCEPT = `
  +0 accept(3, ..., ...) = 4
  +0 fcntl(4, F_SETFL, O_RDWR|O_NONBLOCK) = 0`;

/** The acknowledgment that opens the connection carries data (O2). */
function opensWithData(segment: string, answer: string, moved: number): Cell[] {
  const cell = {
    in: ["SYN-RECEIVED"],
    expect: "the connection is open, and the data are taken as they are on an open one.",
    rfc: "RFC 9293 3.10.7.4, fifth and seventh",
    to: "ESTABLISHED",
    moves: { una: 1, rcv: moved },
  } as const;
  return [
    { ...cell, ways: ["passive"], lines: `${segment}${ACCEPT}\n${answer}` },
    { ...cell, ways: ["simultaneous"], lines: `${segment}\n${answer}` },
  ];
}

const TAKEN = `
  +.04 > . {nxt}:{nxt}(0) ack {rcv+100}
  +0 read(4, ..., 1000) = 100`;

const inWindow: EventRow = {
  name: "data-in-window",
  what: "A segment with data at RCV.NXT",
  cells: [
    resetWhereNobodyIs(data(0, 100, "nxt"), "nxt"),
    droppedInSynSent(data(0, 100, "nxt")),
    ...opensWithData(data(0, 100, "nxt"), TAKEN, 100),
    {
      in: RECEIVING,
      ways: OWNED,
      expect: "the data can be read, the acknowledgment comes after 40 ms.",
      rfc: "RFC 9293 3.10.7.4, seventh, and 3.8.6.3, SHLD-18",
      lines: `${data(0, 100, "una")}${TAKEN}`,
      moves: { rcv: 100 },
    },
    resetAfterClose(data(0, 100, "una")),
    ignoredBehindFin(data(0, 100, "una")),
    acknowledgedInTimeWait(data(0, 100, "una")),
  ],
};

const FILLED = `
  ${ACK_NOW}
  // What was missing comes: all is acknowledged at once (RFC 5681 4.2).
  +.05 < P. {rcv}:{rcv+100}(100) ack {nxt} win 10000
  +0 > . {nxt}:{nxt}(0) ack {rcv+200}
  +0 read(4, ..., 1000) = 200`;

const outOfOrder: EventRow = {
  name: "data-out-of-order",
  what: "A segment with data in the window behind a gap",
  cells: [
    resetWhereNobodyIs(data(100, 200, "nxt"), "nxt"),
    droppedInSynSent(data(100, 200, "nxt")),
    ...opensWithData(data(100, 200, "nxt"), FILLED, 200),
    {
      in: ["ESTABLISHED", "FIN-WAIT-2"],
      ways: OWNED,
      expect: "the acknowledgment is repeated at once, and the data are kept.",
      rfc: "RFC 9293 3.10.7.4, first, SHLD-31, MAY-13; RFC 5681 4.2",
      lines: `${data(100, 200, "una")}${FILLED}`,
      moves: { rcv: 200 },
    },
    {
      in: ["FIN-WAIT-1"],
      ways: OWNED,
      expect: "the acknowledgment is repeated at once, and the data are kept.",
      rfc: "RFC 9293 3.10.7.4, first, SHLD-31, MAY-13; RFC 5681 4.2",
      lines: `${data(100, 200, "una")}${FILLED.replace("ack {nxt} win", "ack {una} win")}`,
      moves: { rcv: 200 },
    },
    resetAfterClose(data(100, 200, "una")),
    ignoredBehindFin(data(100, 200, "una")),
    acknowledgedInTimeWait(data(100, 200, "una")),
  ],
};

const leftOfWindow: EventRow = {
  name: "data-left-of-window",
  what: "A segment with data left of RCV.NXT, as when our acknowledgment was lost",
  cells: [
    resetWhereNobodyIs(data(-100, 0, "nxt"), "nxt"),
    droppedInSynSent(data(-100, 0, "nxt")),
    notAcceptable(data(-100, 0, "una"), "left"),
    acknowledgedInTimeWait(data(-100, 0, "una")),
  ],
};

const beyondWindow: EventRow = {
  name: "data-beyond-window",
  what: "A segment with data behind the receive window",
  cells: [
    resetWhereNobodyIs(data(70000, 70100, "nxt"), "nxt"),
    droppedInSynSent(data(70000, 70100, "nxt")),
    notAcceptable(data(70000, 70100, "una"), "right"),
    acknowledgedInTimeWait(data(70000, 70100, "una")),
  ],
};

const HALF_TAKEN = `
  +.04 > . {nxt}:{nxt}(0) ack {rcv+50}
  +0 read(4, ..., 1000) = 50`;

const acrossLeftEdge: EventRow = {
  name: "data-across-left-edge",
  what: "A segment of which the first half was received before",
  cells: [
    resetWhereNobodyIs(data(-50, 50, "nxt"), "nxt"),
    droppedInSynSent(data(-50, 50, "nxt")),
    { in: ["SYN-RECEIVED"], none: "left of RCV.NXT is the peer's SYN: no data can lie there" },
    {
      in: RECEIVING,
      ways: OWNED,
      expect: "the new half is taken, once.",
      rfc: "RFC 9293 3.10.7.4, first: it is trimmed to the window; seventh",
      lines: `${data(-50, 50, "una")}${HALF_TAKEN}`,
      moves: { rcv: 50 },
    },
    resetAfterClose(data(-50, 50, "una")),
    ignoredBehindFin(data(-50, 50, "una")),
    acknowledgedInTimeWait(data(-50, 50, "una")),
  ],
};

/** Rings of 2048 bytes make an edge that a segment can cross. */
const acrossRightEdge: EventRow = {
  name: "data-across-right-edge",
  what: "A segment whose second half lies behind the receive window",
  cells: [
    resetWhereNobodyIs(data(65000, 66000, "nxt"), "nxt"),
    droppedInSynSent(data(65000, 66000, "nxt")),
    { in: ["SYN-RECEIVED"], none: "no segment is as long as the first window" },
    {
      in: RECEIVING,
      ways: OWNED,
      profile: "esp32",
      expect: "what fits into the window is taken, the rest is not acknowledged.",
      rfc: "RFC 9293 3.10.7.4, first: it is trimmed to the window; seventh",
      setup: `
        +.05 < . {rcv}:{rcv+1400}(1400) ack {una} win 10000
        +0 > . {nxt}:{nxt}(0) ack {rcv+1400} win 648`,
      lines: `
        +.1 < P. {rcv+1400}:{rcv+2400}(1000) ack {una} win 10000
        +.04 > . {nxt}:{nxt}(0) ack {rcv+2048} win 0
        +0 read(4, ..., 4000) = 2048
        +0 > . {nxt}:{nxt}(0) ack {rcv+2048} win 2048`,
      moves: { rcv: 2048 },
    },
    resetAfterClose(data(65000, 66000, "una")),
    ignoredBehindFin(data(65000, 66000, "una")),
    acknowledgedInTimeWait(data(65000, 66000, "una")),
  ],
};

const URGENT = `
  +0 ioctl(4, SIOCATMARK, [0]) = 0
  +.04 > . {nxt}:{nxt}(0) ack {rcv+100}
  +0 read(4, ..., 50) = 50
  +0 ioctl(4, SIOCATMARK, [1]) = 0
  +0 read(4, ..., 1000) = 50`;

const urg: EventRow = {
  name: "urg",
  what: "A segment with data and URG whose pointer lies in its middle",
  cells: [
    resetWhereNobodyIs(data(0, 100, "nxt", "PU.", " urg 50"), "nxt"),
    droppedInSynSent(data(0, 100, "nxt", "PU.", " urg 50")),
    ...opensWithData(data(0, 100, "nxt", "PU.", " urg 50"), URGENT, 100),
    {
      in: RECEIVING,
      ways: OWNED,
      expect: "the user learns where the urgent data end; they stay in line.",
      rfc: "RFC 9293 3.10.7.4, sixth, and 3.8.5; RFC 6093",
      lines: `${data(0, 100, "una", "PU.", " urg 50")}${URGENT}`,
      moves: { rcv: 100 },
    },
    resetAfterClose(data(0, 100, "una", "PU.", " urg 50")),
    {
      ...ignoredBehindFin(data(0, 100, "una", "PU.", " urg 50")),
      rfc: "RFC 9293 3.10.7.4, sixth and seventh, CLOSE-WAIT and later",
    },
    acknowledgedInTimeWait(data(0, 100, "una", "PU.", " urg 50")),
  ],
};

export const DATA: readonly EventRow[] = [
  inWindow,
  outOfOrder,
  leftOfWindow,
  beyondWindow,
  acrossLeftEdge,
  acrossRightEdge,
  urg,
];
