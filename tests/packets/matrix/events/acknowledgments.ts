// Bare acknowledgments: old, ancient, good, of the future; and segments without an ACK bit.

import {
  FIN_SENT,
  RECEIVING,
  SENDING,
  SYNCHRONIZED,
  type Cell,
  type EventRow,
  type State,
} from "../model.js";
import {
  ACK_NOW,
  droppedInSynSent,
  IN_CLOSED,
  IN_LISTEN,
  IN_SYN_SENT,
  resetWhereNobodyIs,
} from "./common.js";

const bare = (ack: string) => `+.1 < . {rcv}:{rcv}(0) ack {${ack}} win 10000`;

/** Nothing may be said to a bare acknowledgment in TIME-WAIT. */
const silentInTimeWait = (ack: string): Cell => ({
  in: ["TIME-WAIT"],
  expect: "silence: two sides in TIME-WAIT could otherwise keep acknowledgments going.",
  rfc: "docs/rfc9293.md, Deviations: a segment without length in TIME-WAIT (RFC 9293 3.10.7.4, first)",
  lines: bare(ack),
});

/** Before the connection is open, an acknowledgment of anything but the SYN draws a reset. */
const refused = (ack: string): Cell => ({
  in: ["SYN-SENT", "SYN-RECEIVED"],
  expect: "a RST with the number that is acknowledged; the handshake goes on.",
  rfc: `${IN_SYN_SENT}, first; RFC 9293 3.10.7.4, fifth`,
  lines: `${bare(ack)}\n+0 > R {${ack}}:{${ack}}(0) win 0`,
  counts: ["DROP_TCP_ACK 1", "TCP_RESETS_SENT 1"],
});

/** Not believed: answered, and nothing of it taken. */
const dropped = (ack: string, answer: string, rfc: string): Cell => ({
  in: SYNCHRONIZED,
  expect: `${answer}; the segment is dropped.`,
  rfc,
  lines: `${bare(ack)}\n${ACK_NOW}`,
  counts: ["DROP_TCP_ACK 1"],
});

const ackOld: EventRow = {
  name: "ack-old",
  what: "An acknowledgment of less than is acknowledged already",
  cells: [
    resetWhereNobodyIs(bare("una-1"), "una-1"),
    {
      ...refused("una"),
      expect:
        "a RST with the number that is acknowledged: that is not our SYN. The handshake goes on.",
    },
    {
      in: SYNCHRONIZED,
      expect: "silence: a duplicate is ignored.",
      rfc: "RFC 9293 3.10.7.4, fifth; RFC 5961 5.2 (not older than the largest window seen)",
      lines: bare("una-1"),
    },
    silentInTimeWait("una-1"),
  ],
};

const ackAncient: EventRow = {
  name: "ack-ancient",
  what: "An acknowledgment further back than the peer's largest window, which no honest peer sends",
  cells: [
    resetWhereNobodyIs(bare("una-20000"), "una-20000"),
    refused("una-20000"),
    dropped("una-20000", "a challenge ACK", "RFC 5961 5.2"),
    silentInTimeWait("una-20000"),
  ],
};

const ackFuture: EventRow = {
  name: "ack-future",
  what: "An acknowledgment of what was never sent",
  cells: [
    resetWhereNobodyIs(bare("nxt+1000"), "nxt+1000"),
    refused("nxt+1000"),
    dropped("nxt+1000", "an ACK", "RFC 9293 3.10.7.4, fifth; RFC 5961 5.2"),
    silentInTimeWait("nxt+1000"),
  ],
};

/** The acknowledgment of our FIN. */
const finAcknowledged = (state: State, to: State, expect: string): Cell => ({
  in: [state],
  expect,
  rfc: `RFC 9293 3.10.7.4, fifth, ${state}`,
  lines: bare("nxt"),
  to,
  moves: { una: 1 },
});

const ack: EventRow = {
  name: "ack",
  what: "An acknowledgment of all that was sent",
  cells: [
    resetWhereNobodyIs(bare("nxt"), "nxt"),
    {
      ...droppedInSynSent(bare("nxt")),
      expect: "silence: the peer answers in two segments, and its SYN will come.",
    },
    {
      in: ["SYN-RECEIVED"],
      ways: ["passive"],
      expect: "the connection is open, and in the listener's queue.",
      rfc: "RFC 9293 3.10.7.4, fifth, SYN-RECEIVED",
      lines: `
        ${bare("nxt")}
        +0 accept(3, ..., ...) = 4
        +0 fcntl(4, F_SETFL, O_RDWR|O_NONBLOCK) = 0`,
      to: "ESTABLISHED",
      moves: { una: 1 },
    },
    {
      in: ["SYN-RECEIVED"],
      ways: ["simultaneous"],
      expect: "the connection is open.",
      rfc: "RFC 9293 3.10.7.4, fifth, SYN-RECEIVED",
      lines: bare("nxt"),
      to: "ESTABLISHED",
      moves: { una: 1 },
    },
    {
      in: SENDING,
      expect: "nothing waits any more, and nothing is sent again.",
      rfc: "RFC 9293 3.10.7.4, fifth, ESTABLISHED; RFC 6298 5.2",
      setup: `
        +.1 write(4, ..., 100) = 100
        +0 > P. {nxt}:{nxt+100}(100) ack {rcv}
        +0 ioctl(4, SIOCOUTQ, [100]) = 0`,
      lines: `
        ${bare("nxt+100")}
        +0 ioctl(4, SIOCOUTQ, [0]) = 0
        +10 %{ assert sndUna == sndNxt }%`,
      moves: { una: 100, nxt: 100 },
    },
    finAcknowledged("FIN-WAIT-1", "FIN-WAIT-2", "our FIN has arrived: FIN-WAIT-2."),
    {
      in: ["FIN-WAIT-2"],
      expect: "silence: a duplicate.",
      rfc: "RFC 9293 3.10.7.4, fifth",
      lines: bare("nxt"),
    },
    finAcknowledged("CLOSING", "TIME-WAIT", "our FIN has arrived, too: TIME-WAIT."),
    finAcknowledged("LAST-ACK", "CLOSED", "our FIN has arrived: the connection is over."),
    silentInTimeWait("nxt"),
  ],
};

const noAck: EventRow = {
  name: "no-ack-bit",
  what: "Data at RCV.NXT in a segment without ACK",
  cells: [
    {
      in: ["CLOSED"],
      expect: "RST with an acknowledgment of the data.",
      rfc: IN_CLOSED,
      lines: `
        +.1 < P {rcv}:{rcv+100}(100) win 10000
        +0 > R. 0:0(0)! ack {rcv+100} win 0`,
    },
    {
      in: ["LISTEN", "SYN-RECEIVED", ...RECEIVING, "CLOSE-WAIT", ...FIN_SENT.slice(1)],
      expect: "silence: it is dropped, and counted.",
      rfc: `${IN_LISTEN}, fourth; RFC 9293 3.10.7.4, fifth`,
      lines: "+.1 < P {rcv}:{rcv+100}(100) win 10000",
      counts: ["DROP_TCP_NO_ACK 1"],
    },
    {
      in: ["SYN-SENT"],
      expect: "silence: neither SYN nor RST, it is dropped.",
      rfc: `${IN_SYN_SENT}, fifth`,
      lines: "+.1 < P {rcv}:{rcv+100}(100) win 10000",
    },
    {
      in: ["TIME-WAIT"],
      expect: "silence: it is dropped.",
      rfc: "RFC 9293 3.10.7.4, fifth",
      lines: "+.1 < P {rcv}:{rcv+100}(100) win 10000",
    },
  ],
};

export const ACKNOWLEDGMENTS: readonly EventRow[] = [ackOld, ackAncient, ack, ackFuture, noAck];
