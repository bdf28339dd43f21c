// Connections that agreed on timestamps (RFC 7323): old ones (PAWS), missing ones, and what they say
// about a SYN in TIME-WAIT (RFC 6191). TS.Recent is 1000 here.

import {
  NO_CONNECTION,
  PEER_DONE,
  RECEIVING,
  SYNCHRONIZED,
  type Cell,
  type EventRow,
  type Gap,
  type State,
} from "../model.js";
import { ACK_NOW } from "./common.js";

const TOLD: readonly State[] = [...RECEIVING, "CLOSE-WAIT"];

const NOT_AGREED: Gap = {
  in: [...NO_CONNECTION, "SYN-SENT"],
  none: "nothing was agreed on yet: timestamps are as in any first segment",
};

const TIME_WAIT_ALONE: Gap = {
  in: ["CLOSED", "LISTEN", "SYN-SENT", "SYN-RECEIVED", ...SYNCHRONIZED],
  none: "timestamps of a SYN matter in TIME-WAIT alone: see the rows syn and syn-in-window",
};

const OLD = "<nop,nop,TS val 500 ecr 0>";
const data = (ack: string) => `+.1 < P. {rcv}:{rcv+100}(100) ack {${ack}} win 10000`;

const oldTimestamp: EventRow = {
  name: "old-timestamp",
  what: "Data at RCV.NXT with a timestamp older than TS.Recent",
  cells: [
    NOT_AGREED,
    {
      in: ["SYN-RECEIVED"],
      timestamps: true,
      expect: "an acknowledgment, and the segment is dropped: an old duplicate.",
      rfc: "RFC 7323 5.3, R1",
      lines: `${data("nxt")} ${OLD}\n${ACK_NOW}`,
      counts: ["DROP_TCP_PAWS 1"],
    },
    {
      in: SYNCHRONIZED,
      timestamps: true,
      expect: "an acknowledgment, and the segment is dropped: an old duplicate (PAWS).",
      rfc: "RFC 7323 5.3, R1",
      lines: `${data("una")} ${OLD}\n${ACK_NOW}`,
      counts: ["DROP_TCP_PAWS 1"],
    },
    {
      in: ["TIME-WAIT"],
      timestamps: true,
      expect: "an acknowledgment, and the segment is dropped: an old duplicate.",
      rfc: "RFC 7323 5.3, R1; RFC 1337",
      lines: `${data("una")} ${OLD}\n${ACK_NOW}`,
    },
  ],
};

const noTimestamp: EventRow = {
  name: "no-timestamp",
  what: "Data at RCV.NXT without a timestamp, although they were agreed on",
  cells: [
    NOT_AGREED,
    {
      in: ["SYN-RECEIVED"],
      timestamps: true,
      expect: "silence: the segment is dropped.",
      rfc: "RFC 7323 3.2",
      lines: `${data("nxt")} <nop>`,
    },
    {
      in: [...SYNCHRONIZED, "TIME-WAIT"],
      timestamps: true,
      expect: "silence: the segment is dropped.",
      rfc: "RFC 7323 3.2; docs/rfc9293.md, Deviations: segment without timestamps",
      lines: `${data("una")} <nop>`,
    },
  ],
};

const RST = "+.1 < R {rcv}:{rcv}(0) win 0";

const ended = (name: string, what: string, options: string): EventRow => {
  const cell = {
    timestamps: true,
    expect: "the connection is over: timestamps of a RST are not looked at.",
    rfc: "RFC 7323 5.2 and 5.3, R1: RST segments are exempt",
    to: "CLOSED",
  } as const;
  return {
    name,
    what,
    cells: [
      NOT_AGREED,
      {
        ...cell,
        in: ["SYN-RECEIVED"],
        ways: ["passive"],
        lines: `${RST} ${options}`,
        then: `
          // The listener takes the next connection.
          +.01 < S 5000:5000(0) win 10000 <mss 1000>
          +0 > S. 0:0(0) ack 5001 <mss 1460>`,
      },
      { ...cell, in: ["SYN-RECEIVED"], ways: ["simultaneous"], lines: `${RST} ${options}` },
      { ...cell, in: TOLD, lines: `${RST} ${options}` },
      { ...cell, in: PEER_DONE.slice(1), lines: `${RST} ${options}` },
      {
        in: ["TIME-WAIT"],
        timestamps: true,
        expect: "silence, and TIME-WAIT goes on.",
        rfc: "RFC 1337; docs/rfc9293.md, Deviations: RST in TIME-WAIT",
        lines: `${RST} ${options}`,
      },
    ],
  };
};

const syn = (seq: string, val: number) =>
  `+.1 < S ${seq}:${seq}(0) win 10000 <mss 1000,nop,nop,TS val ${val} ecr 0>`;

const NEW_WORKS = (next: string) => `
  // The new connection works.
  +.01 < . ${next}:${next}(0) ack 1 win 10000 <nop,nop,TS val 2001 ecr 0>
  +0 accept(3, ..., ...) = 5
  +0 write(5, ..., 100) = 100
  +0 > P. 1:101(100) ack ${next} <nop,nop,TS val ... ecr 2001>
  +0 \`state 5 ESTABLISHED\``;

const noListener = (segment: string): Cell => ({
  in: ["TIME-WAIT"],
  ways: ["active", "simultaneous"],
  timestamps: true,
  expect: "an acknowledgment: nobody listens, so that it begins nothing.",
  rfc: "RFC 9293 3.10.7.4, fourth, TIME-WAIT; RFC 5961 4.2",
  lines: `${segment}\n${ACK_NOW}`,
});

const newer: EventRow = {
  name: "syn-newer-timestamp",
  what: "A SYN with a newer timestamp and an older number",
  cells: [
    TIME_WAIT_ALONE,
    {
      in: ["TIME-WAIT"],
      ways: ["passive", "closed"],
      timestamps: true,
      expect: "SYN+ACK: its timestamp shows that it is a new connection's.",
      rfc: "RFC 6191 2; RFC 9293 3.6.1, SHLD-4, and 3.10.7.4, fourth",
      lines: `${syn("500", 2000)}\n+0 > S. 0:0(0) ack 501 <...>`,
      to: "SYN-RECEIVED",
      then: NEW_WORKS("501"),
    },
    noListener(syn("500", 2000)),
  ],
};

const older: EventRow = {
  name: "syn-older-timestamp",
  what: "A SYN with an older timestamp and a newer number",
  cells: [
    TIME_WAIT_ALONE,
    {
      in: ["TIME-WAIT"],
      ways: ["passive", "closed"],
      timestamps: true,
      expect: "an acknowledgment: its timestamp shows that it is an old duplicate.",
      rfc: "RFC 6191 2: not honoured; RFC 9293 3.10.7.4, fourth: what is answered; RFC 5961 4.2",
      lines: `${syn("{rcv+1000}", 500)}\n${ACK_NOW}`,
    },
    noListener(syn("{rcv+1000}", 500)),
  ],
};

export const TIMESTAMPS: readonly EventRow[] = [
  oldTimestamp,
  noTimestamp,
  ended("rst-old-timestamp", "A RST at RCV.NXT with a timestamp older than TS.Recent", OLD),
  ended("rst-no-timestamp", "A RST at RCV.NXT without a timestamp", "<nop>"),
  newer,
  older,
];
