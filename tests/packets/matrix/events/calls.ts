// User calls (RFC 9293 3.10.1 to 3.10.6) as POSIX has them: OPEN is connect and listen, SEND write,
// RECEIVE read, CLOSE close, and shutdown where our side alone closes; ABORT is close with SO_LINGER
// of 0 s, STATUS TCP_INFO.

import { CLOSES } from "./closes.js";
import { listenerHasNone, NO_HANDLE, OUR_CLOSE_SENT } from "./handles.js";
import { OWNED, RECEIVING, SENDING, type Cell, type EventRow, type State } from "../model.js";

/** An OPEN with the ports of the connection. */
const openAgain = (port: number) => `
  +.1 socket(..., SOCK_STREAM|SOCK_NONBLOCK, IPPROTO_TCP) = 9
  +0 setsockopt(9, SOL_SOCKET, SO_REUSEADDR, [1], 4) = 0
  +0 bind(9, ..., ...) = 0
  +0 connect(9, {sa_family=AF_INET, sin_port=htons(${port}), sin_addr=inet_addr("192.0.2.1")}, ...) = -1 EADDRINUSE
  +0 close(9) = 0`;

const ALL_BUT_THE_FIRST: readonly State[] = [
  "SYN-SENT",
  "SYN-RECEIVED",
  ...RECEIVING,
  "CLOSE-WAIT",
  "CLOSING",
  "LAST-ACK",
  "TIME-WAIT",
];

const exists = (port: number, ways: Cell["ways"]): Cell => ({
  in: ALL_BUT_THE_FIRST,
  ways: ways ?? OWNED,
  expect: "EADDRINUSE: the connection exists already, and nothing happens to it.",
  rfc: "RFC 9293 3.10.1",
  lines: openAgain(port),
});

const open: EventRow = {
  name: "open",
  what: "OPEN with the ports and addresses of the connection",
  cells: [
    {
      in: ["CLOSED"],
      ways: ["active"],
      expect: "a SYN: SYN-SENT.",
      rfc: "RFC 9293 3.10.1, CLOSED, active",
      lines: `
        +.1 socket(..., SOCK_STREAM|SOCK_NONBLOCK, IPPROTO_TCP) = 9
        +0 connect(9, {sa_family=AF_INET, sin_port=htons(8081), sin_addr=inet_addr("192.0.2.1")}, ...) = -1 EINPROGRESS
        +0 > S 0:0(0) <...>`,
      to: "SYN-SENT",
      then: `
        // The handshake goes on.
        +.01 < S. 5000:5000(0) ack 1 win 10000 <mss 1000>
        +0 > . 1:1(0) ack 5001
        +0 \`state 9 ESTABLISHED\``,
    },
    {
      in: ["CLOSED"],
      ways: ["passive"],
      expect: "a listener: LISTEN.",
      rfc: "RFC 9293 3.10.1, CLOSED, passive",
      lines: `
        +.1 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
        +0 bind(3, ..., ...) = 0
        +0 listen(3, 5) = 0`,
      to: "LISTEN",
    },
    { in: ["CLOSED"], ways: ["simultaneous"], none: "as active: there is no connection" },
    {
      in: ["LISTEN"],
      expect: "EADDRINUSE for a second listener; the first is not harmed.",
      rfc: "RFC 9293 3.9.1.1, MUST-41, and 3.10.1",
      lines: `
        +.1 socket(..., SOCK_STREAM, IPPROTO_TCP) = 9
        +0 setsockopt(9, SOL_SOCKET, SO_REUSEADDR, [1], 4) = 0
        +0 bind(9, ..., ...) = 0
        +0 listen(9, 5) = -1 EADDRINUSE
        +0 close(9) = 0`,
    },
    exists(8080, ["active", "simultaneous"]),
    exists(40001, ["passive", "closed"]),
  ],
};

const send: EventRow = {
  name: "send",
  what: "SEND: write() of 100 bytes",
  cells: [
    {
      in: ["CLOSED"],
      ways: ["active", "simultaneous"],
      expect: "first the error that ended the connection, then EPIPE.",
      rfc: "RFC 9293 3.10.2, CLOSED: connection does not exist; MUST-47",
      lines: `
        +.1 write(4, ..., 100) = -1 ECONNRESET
        +0 write(4, ..., 100) = -1 EPIPE`,
    },
    {
      in: ["CLOSED"],
      ways: ["passive"],
      expect: "EPIPE: it is over.",
      rfc: "RFC 9293 3.10.2, CLOSED: connection does not exist",
      lines: "+.1 write(4, ..., 100) = -1 EPIPE",
    },
    listenerHasNone("SEND"),
    {
      in: ["SYN-SENT", "SYN-RECEIVED"],
      ways: ["active", "simultaneous"],
      expect:
        "EAGAIN: there is no ring for data before the connection is open; afterwards they leave.",
      rfc: "RFC 9293 3.10.2, SYN-SENT: queued, or insufficient resources; docs/abi.md, sendSpan",
      lines: "+.1 write(4, ..., 100) = -1 EAGAIN",
    },
    {
      in: SENDING,
      expect: "the data leave at once, with PSH.",
      rfc: "RFC 9293 3.10.2, ESTABLISHED, CLOSE-WAIT; 3.9.1.2, MUST-60, MUST-61",
      lines: `
        +.1 write(4, ..., 100) = 100
        +0 > P. {nxt}:{nxt+100}(100) ack {rcv}
        +.1 < . {rcv}:{rcv}(0) ack {nxt+100} win 10000
        +0 ioctl(4, SIOCOUTQ, [0]) = 0`,
      moves: { una: 100, nxt: 100 },
    },
    {
      in: OUR_CLOSE_SENT,
      ways: OWNED,
      expect: "EPIPE: our side has closed, and nothing leaves.",
      rfc: "RFC 9293 3.10.2, FIN-WAIT-1 and later: connection closing",
      lines: "+.1 write(4, ..., 100) = -1 EPIPE",
    },
    ...NO_HANDLE,
  ],
};

const receive: EventRow = {
  name: "receive",
  what: "RECEIVE: read()",
  cells: [
    {
      in: ["CLOSED"],
      ways: ["active", "simultaneous"],
      expect: "first the error that ended the connection, then the end.",
      rfc: "RFC 9293 3.10.3, CLOSED: connection does not exist; MUST-47",
      lines: `
        +.1 read(4, ..., 1000) = -1 ECONNRESET
        +0 read(4, ..., 1000) = 0`,
    },
    {
      in: ["CLOSED"],
      ways: ["passive"],
      expect: "the end: both sides have closed.",
      rfc: "RFC 9293 3.10.3, CLOSED; MUST-12",
      lines: "+.1 read(4, ..., 1000) = 0",
    },
    listenerHasNone("RECEIVE"),
    {
      in: ["SYN-SENT", "SYN-RECEIVED"],
      ways: ["active", "simultaneous"],
      expect: "EAGAIN: there is nothing yet.",
      rfc: "RFC 9293 3.10.3, SYN-SENT, SYN-RECEIVED: queued until the connection is open",
      lines: "+.1 read(4, ..., 1000) = -1 EAGAIN",
    },
    {
      in: RECEIVING,
      ways: OWNED,
      expect:
        "EAGAIN while there is nothing, then the bytes that came, in as many calls as the user likes.",
      rfc: "RFC 9293 3.10.3, ESTABLISHED, FIN-WAIT-1, FIN-WAIT-2",
      lines: `
        +.1 read(4, ..., 1000) = -1 EAGAIN
        +0 < P. {rcv}:{rcv+100}(100) ack {una} win 10000
        +0 read(4, ..., 60) = 60
        +0 read(4, ..., 60) = 40
        +0 read(4, ..., 60) = -1 EAGAIN
        +.04 > . {nxt}:{nxt}(0) ack {rcv+100}`,
      moves: { rcv: 100 },
    },
    {
      in: ["CLOSE-WAIT"],
      from: "ESTABLISHED",
      expect: "the bytes that came before the FIN, then the end.",
      rfc: "RFC 9293 3.10.3, CLOSE-WAIT",
      setup: `
        +.1 < FP. {rcv}:{rcv+100}(100) ack {una} win 10000
        +0 > . {nxt}:{nxt}(0) ack {rcv+101}`,
      lines: `
        +.1 read(4, ..., 60) = 60
        +0 read(4, ..., 60) = 40
        +0 read(4, ..., 60) = 0`,
      moves: { rcv: 101 },
    },
    {
      in: ["CLOSING", "LAST-ACK", "TIME-WAIT"],
      ways: OWNED,
      expect: "the end: the peer has closed, and all was read.",
      rfc: "RFC 9293 3.10.3, CLOSING, LAST-ACK, TIME-WAIT: connection closing",
      lines: "+.1 read(4, ..., 1000) = 0",
    },
    ...NO_HANDLE,
  ],
};

const STATUS_NAMES: readonly (readonly [State, string])[] = [
  ["CLOSED", "TCP_CLOSE"],
  ["SYN-SENT", "TCP_SYN_SENT"],
  ["SYN-RECEIVED", "TCP_SYN_RECV"],
  ["ESTABLISHED", "TCP_ESTABLISHED"],
  ["FIN-WAIT-1", "TCP_FIN_WAIT1"],
  ["FIN-WAIT-2", "TCP_FIN_WAIT2"],
  ["CLOSE-WAIT", "TCP_CLOSE_WAIT"],
  ["CLOSING", "TCP_CLOSING"],
  ["LAST-ACK", "TCP_LAST_ACK"],
  ["TIME-WAIT", "TCP_TIME_WAIT"],
];

/** STATUS; where there is a TCB with its variables, these too. */
const told = ([state, name]: readonly [State, string]): Cell => ({
  in: [state],
  ways: state === "SYN-RECEIVED" ? ["simultaneous"] : OWNED,
  expect: `${state}${state === "CLOSED" ? "" : ", and what is in flight"}.`,
  rfc: "RFC 9293 3.10.6",
  lines: `
    +.1 getsockopt(4, SOL_TCP, TCP_INFO, {tcpi_state=${name}}, ...) = 0${
      state === "CLOSED" ? "" : "\n+0 %{ assert sndNxt - sndUna == {nxt} - {una} }%"
    }`,
});

const status: EventRow = {
  name: "status",
  what: "STATUS",
  cells: [
    ...STATUS_NAMES.map(told),
    {
      in: ["LISTEN"],
      expect: "LISTEN.",
      rfc: "RFC 9293 3.10.6",
      lines: "+.1 `state 3 LISTEN`",
    },
    ...NO_HANDLE,
  ],
};

export const CALLS: readonly EventRow[] = [open, send, receive, ...CLOSES, status];
