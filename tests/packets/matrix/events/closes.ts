// CLOSE and ABORT (RFC 9293 3.10.4, 3.10.5), with bytes unread, and of our side alone.

import { OWNED, RECEIVING, type Cell, type EventRow, type State } from "../model.js";
import { listenerHasNone, NO_HANDLE, OUR_CLOSE_SENT } from "./handles.js";

/** The call brings our FIN out at once. */
const sendsFin = (call: string, to: State) => ({
  lines: `
        +.1 ${call} = 0
        +0 > F. {nxt}:{nxt}(0) ack {rcv}`,
  to,
  moves: { nxt: 1 },
});

const close: EventRow = {
  name: "close",
  what: "CLOSE: the user gives the connection up",
  cells: [
    {
      in: ["CLOSED"],
      expect: "the record is free.",
      rfc: "RFC 9293 3.10.4, CLOSED",
      lines: "+.1 close(4) = 0",
      releases: true,
    },
    {
      in: ["LISTEN"],
      expect: "nobody listens any more.",
      rfc: "RFC 9293 3.10.4, LISTEN",
      lines: "+.1 close(3) = 0",
      to: "CLOSED",
      then: `
        // A SYN is refused.
        +.01 < S 1000:1000(0) win 10000 <mss 1000>
        +0 > R. 0:0(0) ack 1001 win 0
        +0 \`pool LISTENER 0\``,
    },
    {
      in: ["SYN-SENT"],
      expect: "silence: the attempt is given up.",
      rfc: "RFC 9293 3.10.4, SYN-SENT: the TCB is deleted",
      lines: "+.1 close(4) = 0",
      to: "CLOSED",
      releases: true,
    },
    {
      in: ["SYN-RECEIVED"],
      ways: ["simultaneous"],
      expect: "FIN at once: nothing was sent that it would have to wait for.",
      rfc: "RFC 9293 3.10.4, SYN-RECEIVED",
      ...sendsFin("close(4)", "FIN-WAIT-1"),
      releases: true,
    },
    {
      in: ["ESTABLISHED"],
      expect: "FIN: FIN-WAIT-1.",
      rfc: "RFC 9293 3.10.4, ESTABLISHED",
      ...sendsFin("close(4)", "FIN-WAIT-1"),
      releases: true,
    },
    {
      in: ["CLOSE-WAIT"],
      expect: "FIN: LAST-ACK.",
      rfc: "RFC 9293 3.10.4, CLOSE-WAIT",
      ...sendsFin("close(4)", "LAST-ACK"),
      releases: true,
    },
    {
      in: OUR_CLOSE_SENT,
      ways: OWNED,
      expect: "silence: our FIN was sent before, and no second one is.",
      rfc: "RFC 9293 3.10.4, FIN-WAIT-1 and later: no second FIN",
      lines: "+.1 close(4) = 0",
      releases: true,
    },
    ...NO_HANDLE,
  ],
};

const shutdown: EventRow = {
  name: "shutdown",
  what: "CLOSE of our side alone: shutdown() for writing",
  cells: [
    {
      in: ["CLOSED"],
      expect: "silence: there is nothing left to close.",
      rfc: "RFC 9293 3.10.4, CLOSED: connection does not exist",
      lines: "+.1 shutdown(4, SHUT_WR) = 0",
    },
    listenerHasNone("half-close"),
    {
      in: ["SYN-SENT"],
      expect: "ENOTCONN, and the handshake goes on: only close() gives it up.",
      rfc: "docs/abi.md, shutdown (RFC 9293 3.10.4, SYN-SENT, is close)",
      lines: "+.1 shutdown(4, SHUT_WR) = -1 ENOTCONN",
    },
    {
      in: ["SYN-RECEIVED"],
      ways: ["simultaneous"],
      expect: "FIN at once: nothing was sent that it would have to wait for.",
      rfc: "RFC 9293 3.10.4, SYN-RECEIVED",
      ...sendsFin("shutdown(4, SHUT_WR)", "FIN-WAIT-1"),
    },
    {
      in: ["ESTABLISHED"],
      expect: "FIN: FIN-WAIT-1, and what comes can be read.",
      rfc: "RFC 9293 3.10.4, ESTABLISHED; 3.6",
      ...sendsFin("shutdown(4, SHUT_WR)", "FIN-WAIT-1"),
    },
    {
      in: ["CLOSE-WAIT"],
      expect: "FIN: LAST-ACK.",
      rfc: "RFC 9293 3.10.4, CLOSE-WAIT",
      ...sendsFin("shutdown(4, SHUT_WR)", "LAST-ACK"),
    },
    {
      in: OUR_CLOSE_SENT,
      ways: OWNED,
      expect: "silence: our FIN was sent before, and no second one is.",
      rfc: "RFC 9293 3.10.4, FIN-WAIT-1 and later: no second FIN",
      lines: "+.1 shutdown(4, SHUT_WR) = 0",
    },
    ...NO_HANDLE,
  ],
};

/** Data that nobody has read, then close. */
const lost = (place: Pick<Cell, "in" | "from" | "ways">, setup: string, ack: number): Cell => ({
  ...place,
  expect: "RST instead of FIN: bytes are lost, and the peer must know.",
  rfc: "RFC 9293 3.6.1, SHLD-3; RFC 2525 2.17",
  setup,
  lines: `
    +.1 close(4) = 0
    +0 > R. {nxt}:{nxt}(0) ack {rcv+${ack}}`,
  to: "CLOSED",
  moves: { rcv: ack },
  releases: true,
});

const FIN_WITH_DATA = `
  +.1 < FP. {rcv}:{rcv+100}(100) ack {una} win 10000
  +0 > . {nxt}:{nxt}(0) ack {rcv+101}`;

const closeUnread: EventRow = {
  name: "close-unread",
  what: "CLOSE while bytes that came are unread",
  cells: [
    {
      in: ["CLOSED", "LISTEN", "SYN-SENT", "SYN-RECEIVED"],
      none: "there are no bytes: as in the row close",
    },
    lost(
      { in: RECEIVING, ways: OWNED },
      `
        +.1 < P. {rcv}:{rcv+100}(100) ack {una} win 10000
        +.04 > . {nxt}:{nxt}(0) ack {rcv+100}`,
      100,
    ),
    lost({ in: ["CLOSE-WAIT"], from: "ESTABLISHED" }, FIN_WITH_DATA, 101),
    lost({ in: ["CLOSING"], from: "FIN-WAIT-1", ways: OWNED }, FIN_WITH_DATA, 101),
    {
      in: ["LAST-ACK"],
      from: "ESTABLISHED",
      ways: OWNED,
      expect: "RST: bytes are lost, and the peer must know.",
      rfc: "RFC 9293 3.6.1, SHLD-3; RFC 2525 2.17",
      setup: `${FIN_WITH_DATA}
        +.1 shutdown(4, SHUT_WR) = 0
        +0 > F. {nxt}:{nxt}(0) ack {rcv+101}`,
      lines: `
        +.1 close(4) = 0
        +0 > R. {nxt+1}:{nxt+1}(0) ack {rcv+101}`,
      to: "CLOSED",
      moves: { nxt: 1, rcv: 101 },
      releases: true,
    },
    {
      in: ["TIME-WAIT"],
      from: "FIN-WAIT-2",
      ways: OWNED,
      expect: "silence: nobody is left to hear of it.",
      rfc: "docs/abi.md, close (RFC 9293 3.6.1, SHLD-3)",
      setup: FIN_WITH_DATA,
      lines: "+.1 close(4) = 0",
      moves: { rcv: 101 },
      releases: true,
    },
    NO_HANDLE[1]!,
  ],
};

const LINGER = "+.1 setsockopt(4, SOL_SOCKET, SO_LINGER, {onoff=1, linger=0}, 8) = 0";

const abort: EventRow = {
  name: "abort",
  what: "ABORT: close() with a linger of 0 s",
  cells: [
    {
      in: ["CLOSED"],
      expect: "silence: there is nothing left.",
      rfc: "RFC 9293 3.10.5, CLOSED",
      lines: `${LINGER}\n+0 close(4) = 0`,
      releases: true,
    },
    listenerHasNone("ABORT but close"),
    {
      in: ["SYN-SENT"],
      expect: "silence: the attempt is given up.",
      rfc: "RFC 9293 3.10.5, SYN-SENT",
      lines: `${LINGER}\n+0 close(4) = 0`,
      to: "CLOSED",
      releases: true,
    },
    {
      in: ["SYN-RECEIVED"],
      ways: ["simultaneous"],
      expect: "RST.",
      rfc: "RFC 9293 3.10.5, SYN-RECEIVED",
      lines: `${LINGER}\n+0 close(4) = 0\n+0 > R. {nxt}:{nxt}(0) ack {rcv}`,
      to: "CLOSED",
      releases: true,
    },
    {
      in: [...RECEIVING, "CLOSE-WAIT"],
      ways: OWNED,
      expect: "RST.",
      rfc: "RFC 9293 3.10.5, ESTABLISHED, FIN-WAIT-1, FIN-WAIT-2, CLOSE-WAIT",
      lines: `${LINGER}\n+0 close(4) = 0\n+0 > R. {nxt}:{nxt}(0) ack {rcv}`,
      to: "CLOSED",
      releases: true,
    },
    {
      in: ["CLOSING", "LAST-ACK", "TIME-WAIT"],
      ways: OWNED,
      expect: "silence: the peer has closed, too; the record goes.",
      rfc: "RFC 9293 3.10.5, CLOSING, LAST-ACK, TIME-WAIT",
      lines: `${LINGER}\n+0 close(4) = 0`,
      to: "CLOSED",
      releases: true,
    },
    ...NO_HANDLE,
  ],
};

export const CLOSES: readonly EventRow[] = [close, shutdown, closeUnread, abort];
