// RST: exact, in the window, outside it. Only an exact one is believed (RFC 5961 3.2).

import { OWNED, SYNCHRONIZED, type Cell, type EventRow, type State } from "../model.js";
import { ACK_NOW, FIRST, IN_CLOSED, IN_LISTEN, IN_SYN_SENT } from "./common.js";

/** The user must hear of the end in these. */
const TOLD: readonly State[] = ["ESTABLISHED", "FIN-WAIT-1", "FIN-WAIT-2", "CLOSE-WAIT"];

const ignoredWhereNobodyIs = (segment: string): Cell => ({
  in: ["CLOSED", "LISTEN"],
  expect: "silence: a RST is never answered.",
  rfc: `${IN_CLOSED}; ${IN_LISTEN}, first`,
  lines: segment,
});

const ignoredInTimeWait = (segment: string): Cell => ({
  in: ["TIME-WAIT"],
  expect: "silence, and TIME-WAIT goes on: an old RST must not end it early.",
  rfc: "RFC 1337; docs/rfc9293.md, Deviations: RST in TIME-WAIT (RFC 9293 3.10.7.4, second)",
  lines: segment,
});

const RESET = ["TCP_RESETS_RECEIVED 1"];

/** What an exact RST does in each state. */
const ends = (segment: string): readonly Cell[] => [
  {
    in: ["SYN-RECEIVED"],
    ways: ["passive"],
    expect: "silence, back to LISTEN; the user hears nothing.",
    rfc: "RFC 9293 3.10.7.4, second, SYN-RECEIVED; MUST-11",
    lines: segment,
    counts: RESET,
    to: "CLOSED",
    then: `
      // The listener takes the next connection.
      +.01 < S 5000:5000(0) win 10000 <mss 1000>
      +0 > S. 0:0(0) ack 5001 <mss 1460>
      +.01 < . 5001:5001(0) ack 1 win 10000
      +0 accept(3, ..., ...) = 4
      +0 \`state 4 ESTABLISHED\``,
  },
  {
    in: ["SYN-RECEIVED"],
    ways: ["simultaneous"],
    expect: "the attempt ends: ECONNREFUSED.",
    rfc: "RFC 9293 3.10.7.4, second, SYN-RECEIVED: connection refused; MUST-11",
    lines: `${segment}\n+0 connect(4, ..., ...) = -1 ECONNREFUSED`,
    to: "CLOSED",
    counts: RESET,
  },
  {
    in: TOLD,
    ways: OWNED,
    expect: "the connection is over, and the user hears of it: ECONNRESET, then EPIPE.",
    rfc: "RFC 9293 3.10.7.4, second; RFC 5961 3.2, first case",
    lines: `
      ${segment}
      +0 read(4, ..., 1000) = -1 ECONNRESET
      +0 write(4, ..., 100) = -1 EPIPE`,
    to: "CLOSED",
    counts: RESET,
  },
  {
    in: TOLD,
    ways: ["closed"],
    expect: "the connection is over; nobody is left to hear of it.",
    rfc: "RFC 9293 3.10.7.4, second; RFC 5961 3.2, first case",
    lines: segment,
    counts: RESET,
    to: "CLOSED",
  },
  {
    in: ["CLOSING", "LAST-ACK"],
    ways: OWNED,
    expect: "the connection is over; both have closed, so that there is no error.",
    rfc: "RFC 9293 3.10.7.4, second, CLOSING, LAST-ACK",
    lines: `${segment}\n+0 read(4, ..., 1000) = 0`,
    to: "CLOSED",
    counts: RESET,
  },
  {
    in: ["CLOSING", "LAST-ACK"],
    ways: ["closed"],
    expect: "the connection is over.",
    rfc: "RFC 9293 3.10.7.4, second, CLOSING, LAST-ACK",
    lines: segment,
    counts: RESET,
    to: "CLOSED",
  },
];

const exact: EventRow = {
  name: "rst-exact",
  what: "A RST with the number RCV.NXT; in SYN-SENT: one that acknowledges our SYN",
  cells: [
    ignoredWhereNobodyIs("+.1 < R {rcv}:{rcv}(0) win 0"),
    {
      in: ["SYN-SENT"],
      expect: "the attempt ends at once: ECONNREFUSED.",
      rfc: `${IN_SYN_SENT}, second`,
      lines: `
        +.1 < R. 0:0(0) ack {nxt} win 0
        +0 connect(4, ..., ...) = -1 ECONNREFUSED`,
      to: "CLOSED",
    },
    ...ends("+.1 < R {rcv}:{rcv}(0) win 0"),
    ignoredInTimeWait("+.1 < R {rcv}:{rcv}(0) win 0"),
  ],
};

const withText: EventRow = {
  name: "rst-with-data",
  what: "A RST with the number RCV.NXT that carries text, as some hosts say why",
  cells: [
    ignoredWhereNobodyIs("+.1 < R {rcv}:{rcv+20}(20) win 0"),
    {
      in: ["SYN-SENT"],
      expect: "the attempt ends at once: ECONNREFUSED.",
      rfc: `${IN_SYN_SENT}, second; RFC 9293 3.5.3, SHLD-2`,
      lines: `
        +.1 < R. 0:20(20) ack {nxt} win 0
        +0 connect(4, ..., ...) = -1 ECONNREFUSED`,
      to: "CLOSED",
    },
    ...ends("+.1 < R {rcv}:{rcv+20}(20) win 0"),
    ignoredInTimeWait("+.1 < R {rcv}:{rcv+20}(20) win 0"),
  ],
};

const inWindow: EventRow = {
  name: "rst-in-window",
  what: "A RST in the receive window that is not at its beginning; in SYN-SENT: one without ACK",
  cells: [
    {
      ...ignoredWhereNobodyIs("+.1 < R {rcv+100}:{rcv+100}(0) win 0"),
      in: ["CLOSED"],
    },
    { in: ["LISTEN"], none: "there is no window: every RST is as in the row rst-exact" },
    {
      in: ["SYN-SENT"],
      expect: "silence: only a RST that acknowledges our SYN is believed.",
      rfc: `${IN_SYN_SENT}, second; RFC 5961 3.2`,
      lines: "+.1 < R {rcv}:{rcv}(0) win 0",
    },
    {
      in: ["SYN-RECEIVED", ...SYNCHRONIZED],
      expect: "a challenge ACK; a peer that is really gone answers it with the exact RST.",
      rfc: "RFC 5961 3.2, third case; RFC 9293 3.10.7.4, second",
      lines: `+.1 < R {rcv+100}:{rcv+100}(0) win 0\n${ACK_NOW}`,
      counts: ["DROP_TCP_RST 1", "TCP_RESETS_RECEIVED 0"],
    },
    ignoredInTimeWait("+.1 < R {rcv+100}:{rcv+100}(0) win 0"),
  ],
};

const SOON = "+.02 < R {rcv+100}:{rcv+100}(0) win 0";

const again: EventRow = {
  name: "rst-in-window-again",
  what: "A RST in the receive window so soon after another that no second challenge ACK is due",
  cells: [
    { in: ["CLOSED", "LISTEN", "SYN-SENT", "TIME-WAIT"], none: "there are no challenge ACKs" },
    {
      in: ["SYN-RECEIVED"],
      ways: ["passive"],
      expect: "silence: an embryonic connection challenges once for each SYN+ACK.",
      rfc: "RFC 5961 7; docs/rfc9293.md, Deviations: challenge ACKs",
      setup: `${SOON}\n${ACK_NOW}`,
      lines: SOON,
      counts: ["DROP_TCP_RST 2", "TCP_CHALLENGE_THROTTLED 1"],
    },
    {
      in: ["SYN-RECEIVED"],
      ways: ["simultaneous"],
      ...throttled(),
    },
    { in: SYNCHRONIZED, ...throttled() },
  ],
};

function throttled() {
  return {
    expect: "silence, until the time of the option CHALLENGE_ACK_MS is over.",
    rfc: "RFC 5961 7; docs/rfc9293.md, Deviations: challenge ACKs",
    options: "--option=CHALLENGE_ACK_MS=50",
    setup: `${SOON}\n${ACK_NOW}`,
    lines: `${SOON}\n${SOON}\n${SOON}\n${ACK_NOW}`,
    counts: ["DROP_TCP_RST 4", "TCP_CHALLENGE_THROTTLED 2"],
  };
}

const outside = (name: string, what: string, shift: string): EventRow => ({
  name,
  what,
  cells: [
    { ...ignoredWhereNobodyIs(`+.1 < R {rcv${shift}}:{rcv${shift}}(0) win 0`), in: ["CLOSED"] },
    { in: ["LISTEN"], none: "there is no window: every RST is as in the row rst-exact" },
    {
      in: ["SYN-SENT"],
      expect: "silence: it acknowledges what we did not send.",
      rfc: `${IN_SYN_SENT}, first`,
      lines: `+.1 < R. 0:0(0) ack {nxt${shift}} win 0`,
    },
    {
      in: ["SYN-RECEIVED", ...SYNCHRONIZED],
      expect: "silence: it is dropped without an answer.",
      rfc: `RFC 5961 3.2, second case; ${FIRST}`,
      lines: `+.1 < R {rcv${shift}}:{rcv${shift}}(0) win 0`,
    },
    ignoredInTimeWait(`+.1 < R {rcv${shift}}:{rcv${shift}}(0) win 0`),
  ],
});

export const RESETS: readonly EventRow[] = [
  exact,
  withText,
  inWindow,
  again,
  outside("rst-left-of-window", "A RST left of RCV.NXT", "-1"),
  outside("rst-beyond-window", "A RST behind the receive window", "+70000"),
];
