// How each state is reached: lines of script and the numbers afterwards. The peer's numbers begin
// at 1000, ours at 0, so that each tells whose it is. The connection is socket 4, a listener is 3.

import type { Numbers, State, Way } from "./model.js";

export interface Opening {
  readonly lines: string;
  readonly numbers: Numbers;
}

const LISTENER = `
0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
+0 bind(3, ..., ...) = 0
+0 listen(3, 5) = 0`;

const CONNECT = `
0 socket(..., SOCK_STREAM|SOCK_NONBLOCK, IPPROTO_TCP) = 4
+0 bind(4, ..., ...) = 0
+0 connect(4, ..., ...) = -1 EINPROGRESS
+0 > S 0:0(0) <...>`;

const SYN_CAME = `
+.1 < S 1000:1000(0) win 10000 <mss 1000>
+0 > S. 0:0(0) ack 1001 <mss 1460>`;

const ACCEPTED = `
+.1 < . 1001:1001(0) ack 1 win 10000
+0 accept(3, ..., ...) = 4
+0 fcntl(4, F_SETFL, O_RDWR|O_NONBLOCK) = 0`;

const SYN_ACK_CAME = `
+.1 < S. 1000:1000(0) ack 1 win 10000 <mss 1000>
+0 > . 1:1(0) ack 1001
+0 connect(4, ..., ...) = 0`;

/** RFC 9293 figure 8: the peer's SYN+ACK has the number of its SYN. */
const SYN_ACKS_CROSSED = `
+.1 < S. 1000:1000(0) ack 1 win 10000 <mss 1000>
+0 connect(4, ..., ...) = 0`;

const ESTABLISHED: Readonly<Record<Way, string>> = {
  active: CONNECT + SYN_ACK_CAME,
  passive: LISTENER + SYN_CAME + ACCEPTED,
  simultaneous: CONNECT + SYN_CAME + SYN_ACKS_CROSSED,
  closed: LISTENER + SYN_CAME + ACCEPTED,
};

/** Our side closes: the handle stays with shutdown(), and goes with close(). */
const closing = (way: Way) => (way === "closed" ? "close(4) = 0" : "shutdown(4, SHUT_WR) = 0");

const FIN_CAME = `
+.1 < F. 1001:1001(0) ack 1 win 10000
+0 > . 1:1(0) ack 1002`;

const finSent = (way: Way) => `
+.1 ${closing(way)}
+0 > F. 1:1(0) ack 1001`;

const FIN_CAME_TOO = `
+.1 < F. 1001:1001(0) ack 1 win 10000
+0 > . 2:2(0) ack 1002`;

const FIN_ACKNOWLEDGED = `
+.1 < . 1001:1001(0) ack 2 win 10000`;

const lastFinSent = (way: Way) => `
+.1 ${closing(way)}
+0 > F. 1:1(0) ack 1002`;

/** By way of FIN-WAIT-2, straight from FIN-WAIT-1, and by way of CLOSING. */
const TO_TIME_WAIT: Readonly<Record<Way, string>> = {
  active: `${FIN_ACKNOWLEDGED}
+.1 < F. 1001:1001(0) ack 2 win 10000
+0 > . 2:2(0) ack 1002`,
  passive: `
+.1 < F. 1001:1001(0) ack 2 win 10000
+0 > . 2:2(0) ack 1002`,
  simultaneous: `${FIN_CAME_TOO}
+.1 < . 1002:1002(0) ack 2 win 10000`,
  closed: `${FIN_ACKNOWLEDGED}
+.1 < F. 1001:1001(0) ack 2 win 10000
+0 > . 2:2(0) ack 1002`,
};

/** Over: reset by the peer, or closed by both, and the listener, too. The user still has the handle. */
const OVER: Readonly<Record<"active" | "passive" | "simultaneous", Opening>> = {
  active: {
    lines: `${ESTABLISHED.active}
+.1 < R 1001:1001(0) win 0`,
    numbers: { una: 1, nxt: 1, rcv: 1001 },
  },
  passive: {
    lines: `${ESTABLISHED.passive}${FIN_CAME}${lastFinSent("passive")}
+.1 < . 1002:1002(0) ack 2 win 10000
+0 close(3) = 0`,
    numbers: { una: 2, nxt: 2, rcv: 1002 },
  },
  simultaneous: {
    lines: `${ESTABLISHED.simultaneous}
+.1 < R 1001:1001(0) win 0`,
    numbers: { una: 1, nxt: 1, rcv: 1001 },
  },
};

const NUMBERS: Readonly<Record<Exclude<State, "CLOSED">, Numbers>> = {
  LISTEN: { una: 0, nxt: 0, rcv: 1001 },
  "SYN-SENT": { una: 0, nxt: 1, rcv: 1001 },
  "SYN-RECEIVED": { una: 0, nxt: 1, rcv: 1001 },
  ESTABLISHED: { una: 1, nxt: 1, rcv: 1001 },
  "FIN-WAIT-1": { una: 1, nxt: 2, rcv: 1001 },
  "FIN-WAIT-2": { una: 2, nxt: 2, rcv: 1001 },
  "CLOSE-WAIT": { una: 1, nxt: 1, rcv: 1002 },
  CLOSING: { una: 1, nxt: 2, rcv: 1002 },
  "LAST-ACK": { una: 1, nxt: 2, rcv: 1002 },
  "TIME-WAIT": { una: 2, nxt: 2, rcv: 1002 },
};

/** Why a state has no connection that was opened in this way. */
export function whyUnreachable(state: State, way: Way): string | undefined {
  if (state === "LISTEN" && way !== "passive") return "LISTEN is of passive opens alone";
  if (state === "SYN-SENT" && way !== "active") {
    return way === "simultaneous"
      ? "before the peer's SYN comes it is an active open like any other"
      : "SYN-SENT is of active opens alone";
  }
  if (state === "SYN-RECEIVED" && way === "active") {
    return "an active open comes there only when the peer opens, too: simultaneous";
  }
  const keeps: readonly State[] = ["CLOSED", "LISTEN", "SYN-SENT", "SYN-RECEIVED", "ESTABLISHED"];
  if (way === "closed" && (keeps.includes(state) || state === "CLOSE-WAIT")) {
    return "the user has not closed in this state";
  }
  return undefined;
}

export function openingOf(state: State, way: Way): Opening {
  const why = whyUnreachable(state, way);
  if (why !== undefined) throw new Error(`${state} ${way}: ${why}`);
  if (state === "CLOSED") return OVER[way as keyof typeof OVER];
  return { lines: linesTo(state, way), numbers: NUMBERS[state] };
}

function linesTo(state: Exclude<State, "CLOSED">, way: Way): string {
  const open = ESTABLISHED[way];
  switch (state) {
    case "LISTEN":
      return LISTENER;
    case "SYN-SENT":
      return CONNECT;
    case "SYN-RECEIVED":
      return (way === "passive" ? LISTENER : CONNECT) + SYN_CAME;
    case "ESTABLISHED":
      return open;
    case "FIN-WAIT-1":
      return open + finSent(way);
    case "FIN-WAIT-2":
      return open + finSent(way) + FIN_ACKNOWLEDGED;
    case "CLOSE-WAIT":
      return open + FIN_CAME;
    case "CLOSING":
      return open + finSent(way) + FIN_CAME_TOO;
    case "LAST-ACK":
      return open + FIN_CAME + lastFinSent(way);
    case "TIME-WAIT":
      return open + finSent(way) + TO_TIME_WAIT[way];
  }
}
