// ICMP errors about our segments (RFC 9293 3.9.2.2). RFC 5927: only a quoted number that is in
// flight is believed, and what is open is not ended.

import { FIN_SENT, SENDING, STATES, type Cell, type EventRow, type Gap } from "../model.js";

/** What ICMP could be about. */
const IN_FLIGHT = `
  +.1 write(4, ..., 100) = 100
  +0 > P. {nxt}:{nxt+100}(100) ack {rcv}`;
const ARRIVED = "+.01 < . {rcv}:{rcv}(0) ack {nxt+100} win 10000";

const NOTHING_IN_FLIGHT: Gap = {
  in: ["FIN-WAIT-2", "TIME-WAIT"],
  none: "all of ours is acknowledged, so that no number is in range: see the row out of range",
};

const unrelated = (error: string): Cell => ({
  in: ["CLOSED", "LISTEN"],
  expect: "nothing: it is about no connection, and counted.",
  rfc: "RFC 9293 3.9.2.2, MUST-54; RFC 5927 4.1",
  lines: `+.1 < icmp ${error} [{una}:{una}(0)]\n+0 \`counter DROP_ICMP_UNRELATED 1\``,
});

/** An error that a connection outlives. */
const outlived = (error: string, because: string, rfc: string): readonly Cell[] => [
  {
    in: SENDING,
    expect: `the connection goes on: ${because}`,
    rfc,
    setup: IN_FLIGHT,
    lines: `+.1 < icmp ${error} [{una}:{una+100}(100)]\n${ARRIVED}`,
    moves: { una: 100, nxt: 100 },
  },
  {
    in: FIN_SENT,
    expect: `the connection goes on: ${because}`,
    rfc,
    lines: `+.1 < icmp ${error} [{una}:{una}(0)]`,
  },
];

const PORT = "unreachable port_unreachable";

const hard: EventRow = {
  name: "icmp-hard",
  what: "ICMP port unreachable that quotes a number in flight",
  cells: [
    unrelated(PORT),
    {
      in: ["SYN-SENT"],
      expect: "the attempt ends at once: ECONNREFUSED.",
      rfc: "RFC 9293 3.9.2.2, SHLD-26",
      lines: `
        +.1 < icmp ${PORT} [{una}:{una}(0)]
        +0 connect(4, ..., ...) = -1 ECONNREFUSED`,
      to: "CLOSED",
    },
    {
      in: ["SYN-RECEIVED"],
      ways: ["simultaneous"],
      expect: "the attempt ends at once: ECONNREFUSED; the connection is not open yet.",
      rfc: "RFC 9293 3.9.2.2, SHLD-26; RFC 5927 5.2 exempts synchronized states only",
      lines: `
        +.1 < icmp ${PORT} [{una}:{una}(0)]
        +0 connect(4, ..., ...) = -1 ECONNREFUSED`,
      to: "CLOSED",
    },
    {
      in: ["SYN-RECEIVED"],
      ways: ["passive"],
      expect: "the handshake is forgotten; the connection is not open yet.",
      rfc: "RFC 9293 3.9.2.2, SHLD-26; RFC 5927 5.2 exempts synchronized states only",
      lines: `+.1 < icmp ${PORT} [{una}:{una}(0)]`,
      to: "CLOSED",
      then: `
        // Its acknowledgment finds nothing.
        +.01 < . {rcv}:{rcv}(0) ack {nxt} win 10000
        +0 > R {nxt}:{nxt}(0) win 0`,
    },
    ...outlived(
      PORT,
      "anybody can forge a hard error, on what is open it is a soft one.",
      "RFC 5927 5.2; docs/rfc9293.md, Deviations: hard ICMP errors (RFC 9293 SHLD-26)",
    ),
    NOTHING_IN_FLIGHT,
  ],
};

const soft = (name: string, what: string, error: string): EventRow => ({
  name,
  what: `${what} that quotes a number in flight`,
  cells: [
    unrelated(error),
    {
      in: ["SYN-SENT", "SYN-RECEIVED"],
      expect: "the handshake goes on: the error is soft.",
      rfc: "RFC 9293 3.9.2.2, MUST-56",
      lines: `+.1 < icmp ${error} [{una}:{una}(0)]`,
    },
    ...outlived(error, "the error is soft.", "RFC 9293 3.9.2.2, MUST-56, SHLD-25"),
    NOTHING_IN_FLIGHT,
  ],
});

/** Numbers left and right of what is in flight. */
const outOfRange = (name: string, what: string, error: string): EventRow => ({
  name,
  what: `${what} that quotes a number which is not in flight, left and right of it`,
  cells: [
    { in: ["CLOSED", "LISTEN"], none: "nothing is in flight: see the row in range" },
    {
      in: STATES.filter(
        (state) => !SENDING.includes(state) && !["CLOSED", "LISTEN"].includes(state),
      ),
      expect: "nothing: it is not believed, and counted.",
      rfc: "RFC 5927 4.1: SND.UNA <= quoted number < SND.NXT",
      lines: `
        +.1 < icmp ${error} [{una-1}:{una-1}(0)]
        +0 < icmp ${error} [{nxt}:{nxt}(0)]
        +0 \`counter DROP_ICMP_UNRELATED 2\``,
    },
    {
      in: SENDING,
      expect: "nothing: it is not believed, and counted.",
      rfc: "RFC 5927 4.1: SND.UNA <= quoted number < SND.NXT",
      setup: IN_FLIGHT,
      lines: `
        +.1 < icmp ${error} [{una-1}:{una-1}(0)]
        +0 < icmp ${error} [{nxt+100}:{nxt+200}(100)]
        +0 \`counter DROP_ICMP_UNRELATED 2\`
        ${ARRIVED}`,
      moves: { una: 100, nxt: 100 },
    },
  ],
});

const tooBig: EventRow = {
  name: "icmp-frag-needed",
  what: "ICMP fragmentation needed, with an MTU of 700, about a segment in flight",
  cells: [
    unrelated("unreachable frag_needed mtu 700"),
    {
      in: ["SYN-SENT", "SYN-RECEIVED", ...FIN_SENT],
      none: "what is in flight is a header alone, which no path needs to fragment",
    },
    {
      in: SENDING,
      expect: "what was too large goes again at once, in segments that fit.",
      rfc: "RFC 1191 6.4; RFC 9293 3.7.2; RFC 5927 7",
      setup: `
        +.1 write(4, ..., 1000) = 1000
        +0 > P. {nxt}:{nxt+1000}(1000) ack {rcv}`,
      lines: `
        +.1 < icmp unreachable frag_needed mtu 700 [{una}:{una+1000}(1000)]
        +0 > . {nxt}:{nxt+660}(660) ack {rcv}
        +0 > P. {nxt+660}:{nxt+1000}(340) ack {rcv}
        +.01 < . {rcv}:{rcv}(0) ack {nxt+1000} win 10000`,
      moves: { una: 1000, nxt: 1000 },
    },
    NOTHING_IN_FLIGHT,
  ],
};

const quench: EventRow = {
  name: "icmp-source-quench",
  what: "ICMP source quench that quotes a number in flight",
  cells: [
    { in: ["CLOSED", "LISTEN"], none: "it is about no connection: see the row icmp-soft" },
    {
      in: ["SYN-SENT", "SYN-RECEIVED"],
      expect: "nothing: it is dropped.",
      rfc: "RFC 9293 3.9.2.2, MUST-55; RFC 6633",
      lines: "+.1 < icmp source_quench [{una}:{una}(0)]",
    },
    ...outlived("source_quench", "it is dropped.", "RFC 9293 3.9.2.2, MUST-55; RFC 6633"),
    NOTHING_IN_FLIGHT,
  ],
};

const HOST = "unreachable host_unreachable";

export const ICMP_ERRORS: readonly EventRow[] = [
  hard,
  outOfRange("icmp-hard-out-of-range", "ICMP port unreachable", PORT),
  soft("icmp-soft", "ICMP host unreachable", HOST),
  outOfRange("icmp-soft-out-of-range", "ICMP host unreachable", HOST),
  soft("icmp-time-exceeded", "ICMP time exceeded", "time_exceeded"),
  tooBig,
  quench,
];
