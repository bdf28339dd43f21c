// What follows an event: the connection goes on from the state in which it is now, or is gone. The
// numbers in braces are those after the event.

import type { State, Way } from "./model.js";

export interface Aftermath {
  readonly title: string;
  readonly lines: string;
}

const PASSES_DATA = `
+.01 < P. {rcv}:{rcv+100}(100) ack {nxt} win 10000
+0 read(4, ..., 1000) = 100
+0 write(4, ..., 100) = 100
+0 > P. {nxt}:{nxt+100}(100) ack {rcv+100}
+.01 < . {rcv+100}:{rcv+100}(0) ack {nxt+100} win 10000
+0 \`state - ESTABLISHED\``;

const AFTER: Readonly<Record<Exclude<State, "CLOSED" | "SYN-RECEIVED">, Aftermath>> = {
  LISTEN: {
    title: "The listener takes the next connection.",
    lines: `
+.01 < S 5000:5000(0) win 10000 <mss 1000>
+0 > S. 0:0(0) ack 5001 <mss 1460>
+.01 < . 5001:5001(0) ack 1 win 10000
+0 accept(3, ..., ...) = 5
+0 \`state 5 ESTABLISHED\``,
  },
  "SYN-SENT": {
    title: "The handshake goes on.",
    lines: `
+.01 < S. {rcv-1}:{rcv-1}(0) ack {nxt} win 10000 <mss 1000>
+0 > . {nxt}:{nxt}(0) ack {rcv}${PASSES_DATA}`,
  },
  ESTABLISHED: { title: "Data pass in both directions.", lines: PASSES_DATA },
  "FIN-WAIT-1": {
    title: "Data still come, and the acknowledgment of our FIN.",
    lines: `
+.01 < P. {rcv}:{rcv+100}(100) ack {nxt} win 10000
+0 \`state - FIN-WAIT-2\`
+0 read(4, ..., 1000) = 100
+.04 > . {nxt}:{nxt}(0) ack {rcv+100}`,
  },
  "FIN-WAIT-2": {
    title: "Data still come, and the peer's FIN.",
    lines: `
+.01 < FP. {rcv}:{rcv+100}(100) ack {nxt} win 10000
+0 > . {nxt}:{nxt}(0) ack {rcv+101}
+0 read(4, ..., 1000) = 100
+0 \`state - TIME-WAIT\``,
  },
  "CLOSE-WAIT": {
    title: "Data still leave, then our FIN.",
    lines: `
+.01 write(4, ..., 100) = 100
+0 > P. {nxt}:{nxt+100}(100) ack {rcv}
+.01 < . {rcv}:{rcv}(0) ack {nxt+100} win 10000
+0 shutdown(4, SHUT_WR) = 0
+0 > F. {nxt+100}:{nxt+100}(0) ack {rcv}
+.01 < . {rcv}:{rcv}(0) ack {nxt+101} win 10000
+0 \`state - CLOSED\``,
  },
  CLOSING: {
    title: "The acknowledgment of our FIN comes.",
    lines: `
+.01 < . {rcv}:{rcv}(0) ack {nxt} win 10000
+0 \`state - TIME-WAIT\``,
  },
  "LAST-ACK": {
    title: "The acknowledgment of our FIN comes.",
    lines: `
+.01 < . {rcv}:{rcv}(0) ack {nxt} win 10000
+0 \`state - CLOSED\``,
  },
  "TIME-WAIT": {
    title: "The peer's FIN again is acknowledged again.",
    lines: `
+.01 < F. {rcv-1}:{rcv-1}(0) ack {nxt} win 10000
+0 > . {nxt}:{nxt}(0) ack {rcv}
+0 \`state - TIME-WAIT\``,
  },
};

/** After close() nobody can read: no data, which would draw a RST. */
const AFTER_CLOSE: Partial<Readonly<Record<State, Aftermath>>> = {
  "FIN-WAIT-1": {
    title: "The acknowledgment of our FIN comes.",
    lines: `
+.01 < . {rcv}:{rcv}(0) ack {nxt} win 10000
+0 \`state - FIN-WAIT-2\``,
  },
  "FIN-WAIT-2": {
    title: "The peer's FIN comes.",
    lines: `
+.01 < F. {rcv}:{rcv}(0) ack {nxt} win 10000
+0 > . {nxt}:{nxt}(0) ack {rcv+1}
+0 \`state - TIME-WAIT\``,
  },
};

const HANDSHAKE_ENDS: Aftermath = {
  title: "The handshake goes on.",
  lines: `
+.01 < . {rcv}:{rcv}(0) ack {nxt} win 10000
+0 accept(3, ..., ...) = 4
+0 fcntl(4, F_SETFL, O_RDWR|O_NONBLOCK) = 0${PASSES_DATA}`,
};

const HANDSHAKES_CROSS: Aftermath = {
  title: "The handshake goes on.",
  lines: `
+.01 < S. {rcv-1}:{rcv-1}(0) ack {nxt} win 10000 <mss 1000>${PASSES_DATA}`,
};

/** What comes now is answered as where nobody is (RFC 9293 3.10.7.1). */
const gone = (holdsHandle: boolean): Aftermath => ({
  title: "It is gone: nobody knows what comes now, and no record is left.",
  lines: `
+.01 < . {rcv}:{rcv}(0) ack {nxt} win 10000
+0 > R {nxt}:{nxt}(0) win 0${holdsHandle ? "\n+0 close(4) = 0" : ""}
+0 \`pool TCB 0\``,
});

/** `hasHandle`: the user has the connection as socket 4. */
export function aftermathOf(state: State, way: Way, hasHandle: boolean): Aftermath {
  if (state === "CLOSED") return gone(hasHandle);
  if (state === "SYN-RECEIVED") return way === "passive" ? HANDSHAKE_ENDS : HANDSHAKES_CROSS;
  return (hasHandle ? undefined : AFTER_CLOSE[state]) ?? AFTER[state];
}
