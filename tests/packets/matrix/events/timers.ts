// Timeouts (RFC 9293 3.10.8): retransmission, R2, probe, delayed acknowledgment, 2 MSL, keepalive, and
// the limits of what nobody owns. Handshakes take 100 ms, so that the RTO is 300 ms (RFC 6298 2.2).
// Where both sides opened, our SYN went twice and gives no sample (Karn): the RTO is 1 s. One cell
// holds that; the others take what may be (RFC 6298 2.1), and look at what goes again.

import {
  FIN_SENT,
  OWNED,
  SENDING,
  STATES,
  type Cell,
  type EventRow,
  type Gap,
  type State,
  type Way,
} from "../model.js";

const SAMPLED: readonly Way[] = ["active", "passive", "closed"];
const UNSAMPLED: readonly Way[] = ["simultaneous"];

const everywhereBut = (states: readonly State[], none: string): Gap => ({
  in: STATES.filter((state) => !states.includes(state)),
  none,
});

const WRITTEN = `
  +.1 write(4, ..., 100) = 100
  +0 > P. {nxt}:{nxt+100}(100) ack {rcv}`;
const DATA_AGAIN = "> P. {nxt}:{nxt+100}(100) ack {rcv}";
const FIN_AGAIN = "> F. {una}:{una}(0) ack {rcv}";
const RFC_RTO = "RFC 9293 3.8.1, MUST-18, MUST-19, and 3.10.8; RFC 6298 2 and 5";

/** What is in flight goes again after the RTO, and after twice as long. */
const again = (place: Pick<Cell, "in" | "ways">, times: readonly string[]): readonly Cell[] => [
  {
    ...place,
    in: place.in.filter((state) => SENDING.includes(state)),
    expect: "the data again, and later each time.",
    rfc: RFC_RTO,
    setup: WRITTEN,
    lines: `
      ${times.map((time) => `${time} ${DATA_AGAIN}`).join("\n")}
      +.01 < . {rcv}:{rcv}(0) ack {nxt+100} win 10000`,
    moves: { una: 100, nxt: 100 },
    counts: [`TCP_TIMEOUT_RETRANSMITS ${times.length}`],
  },
  {
    ...place,
    in: place.in.filter((state) => FIN_SENT.includes(state)),
    expect: "the FIN again, and later each time.",
    rfc: RFC_RTO,
    lines: times.map((time) => `${time} ${FIN_AGAIN}`).join("\n"),
    counts: [`TCP_TIMEOUT_RETRANSMITS ${times.length}`],
  },
];

const LIVE: readonly State[] = [...SENDING, "FIN-WAIT-1", "LAST-ACK"];

const retransmission: EventRow = {
  name: "retransmission-timeout",
  what: "The retransmission timeout, twice",
  cells: [
    { in: ["CLOSED", "LISTEN"], none: "nothing was sent that could be sent again" },
    {
      in: ["SYN-SENT"],
      expect: "the SYN again after 1 s, and after 2 s more.",
      rfc: "RFC 9293 3.8.3, MUST-22; RFC 6298 2.1 and 5",
      lines: `
        +1 > S 0:0(0) <...>
        +2 > S 0:0(0) <...>`,
    },
    {
      in: ["SYN-RECEIVED"],
      expect: "the SYN+ACK again after 1 s, and after 2 s more.",
      rfc: "RFC 9293 3.10.8; RFC 6298 2.1 and 5",
      lines: `
        +1 > S. 0:0(0) ack 1001 <mss 1460>
        +2 > S. 0:0(0) ack 1001 <mss 1460>`,
    },
    ...again({ in: LIVE, ways: SAMPLED }, ["+.3", "+.6"]),
    ...again({ in: ["ESTABLISHED"], ways: UNSAMPLED }, ["+1", "+2"]).slice(0, 1),
    ...again({ in: LIVE.slice(1), ways: UNSAMPLED }, ["+.3~+1", "+.6~+2"]),
    // The peer's FIN came 100 ms after ours.
    ...again({ in: ["CLOSING"], ways: SAMPLED }, ["+.2", "+.6"]).slice(1),
    ...again({ in: ["CLOSING"], ways: UNSAMPLED }, ["+.2~+1", "+.6~+2"]).slice(1),
    {
      in: ["FIN-WAIT-2", "TIME-WAIT"],
      expect: "nothing: all of ours is acknowledged.",
      rfc: "RFC 6298 5.2",
      lines: "+20 `counter TCP_TIMEOUT_RETRANSMITS 0`",
    },
  ],
};

const USER_TIMEOUT = "+0 setsockopt(4, SOL_TCP, TCP_USER_TIMEOUT, [4000], 4) = 0";
const TIMED_OUT = "read(4, ..., 1000) = -1 ETIMEDOUT";
const RFC_R2 = "RFC 9293 3.8.3, MUST-20, MUST-21, and 3.10.8, user timeout";

/** Four seconds without progress; the end comes with the next timeout. */
const gaveUp = (
  place: Pick<Cell, "in" | "ways">,
  times: readonly string[],
  end: string,
): readonly Cell[] => [
  {
    ...place,
    in: place.in.filter((state) => SENDING.includes(state)),
    expect: "after R2 the connection is over: ETIMEDOUT.",
    rfc: RFC_R2,
    setup: `${USER_TIMEOUT}${WRITTEN}`,
    lines: `
      ${times.map((time) => `${time} ${DATA_AGAIN}`).join("\n")}
      ${end} ${TIMED_OUT}`,
    counts: ["TCP_TIMEOUTS 1"],
    to: "CLOSED",
    moves: { nxt: 100 },
  },
  {
    ...place,
    in: place.in.filter((state) => FIN_SENT.includes(state)),
    expect: "after R2 the connection is over: ETIMEDOUT.",
    rfc: RFC_R2,
    setup: USER_TIMEOUT,
    lines: `
      ${times.map((time) => `${time} ${FIN_AGAIN}`).join("\n")}
      ${end} ${TIMED_OUT}`,
    counts: ["TCP_TIMEOUTS 1"],
    to: "CLOSED",
  },
];

const OWNED_SAMPLED: readonly Way[] = ["active", "passive"];

const r2: EventRow = {
  name: "r2",
  what: "R2 is over (4 s here, set by the user; 5 s for a SYN): the peer has not answered",
  cells: [
    { in: ["CLOSED", "LISTEN", "FIN-WAIT-2", "TIME-WAIT"], none: "nothing is in flight" },
    {
      in: ["SYN-SENT"],
      options: "--option=SYN_R2_SECONDS=5",
      expect: "ETIMEDOUT.",
      rfc: "RFC 9293 3.8.3, MUST-22, MUST-23",
      lines: `
        +1 > S 0:0(0) <...>
        +2 > S 0:0(0) <...>
        +4 connect(4, ..., ...) = -1 ETIMEDOUT`,
      to: "CLOSED",
    },
    {
      in: ["SYN-RECEIVED"],
      ways: ["simultaneous"],
      options: "--option=SYN_R2_SECONDS=5",
      expect: "ETIMEDOUT.",
      rfc: "RFC 9293 3.8.3, MUST-22, MUST-23",
      lines: `
        +1 > S. 0:0(0) ack 1001 <mss 1460>
        +2 > S. 0:0(0) ack 1001 <mss 1460>
        +4 connect(4, ..., ...) = -1 ETIMEDOUT`,
      to: "CLOSED",
    },
    {
      in: ["SYN-RECEIVED"],
      ways: ["passive"],
      expect: "after three SYN+ACKs more a RST; the user hears nothing.",
      rfc: "docs/rfc9293.md, Defaults: SYN+ACK sent again (RFC 9293 3.8.3)",
      lines: `
        * > S. 0:0(0) ack 1001 <mss 1460>
        * > S. 0:0(0) ack 1001 <mss 1460>
        * > S. 0:0(0) ack 1001 <mss 1460>
        +8 > R 1:1(0) win 0`,
      to: "CLOSED",
      then: `
        // The listener takes the next connection.
        +.01 < S 5000:5000(0) win 10000 <mss 1000>
        +0 > S. 0:0(0) ack 5001 <mss 1460>`,
    },
    ...gaveUp({ in: LIVE, ways: OWNED_SAMPLED }, ["+.3", "+.6", "+1.2"], "+2.5"),
    ...gaveUp({ in: LIVE, ways: UNSAMPLED }, ["+.3~+1", "+.6~+2"], "+8"),
    ...gaveUp({ in: ["CLOSING"], ways: OWNED_SAMPLED }, ["+.2", "+.6", "+1.2"], "+2.5").slice(1),
    ...gaveUp({ in: ["CLOSING"], ways: UNSAMPLED }, ["+.2~+1", "+.6~+2"], "+8").slice(1),
    { in: FIN_SENT, ways: ["closed"], none: "nobody owns it: see the row orphan-limit" },
  ],
};

/** The peer shuts its window, and data wait. */
const SHUT = `
  +.05 < . {rcv}:{rcv}(0) ack {una} win 0
  +.05 write(4, ..., 100) = 100`;

/** Probes at RTO and twice that; the second byte is taken, and the rest follows. */
function probed(
  place: Pick<Cell, "in" | "from">,
  setup: string,
  last: string,
  rcv: number,
): readonly Cell[] {
  const ack = rcv === 0 ? "{rcv}" : `{rcv+${rcv}}`;
  const cell = (ways: readonly Way[], first: string, second: string): Cell => ({
    ...place,
    ways,
    expect: "one byte after one RTO, then after twice as long; the answer opens the window.",
    rfc: "RFC 9293 3.8.6.1, MUST-35, MUST-36, SHLD-29, SHLD-30",
    setup,
    lines: `
      ${first} > . {nxt}:{nxt+1}(1) ack ${ack}
      +.01 < . ${ack}:${ack}(0) ack {nxt} win 0
      ${second} > . {nxt}:{nxt+1}(1) ack ${ack}
      +.01 < . ${ack}:${ack}(0) ack {nxt+1} win 10000
      +0 > ${last}P. {nxt+1}:{nxt+100}(99) ack ${ack}${
        last === "" ? "\n+.01 < . {rcv}:{rcv}(0) ack {nxt+100} win 10000" : ""
      }`,
    moves: { una: 100, nxt: last === "" ? 100 : 101, rcv },
    counts: ["TCP_PROBES 2"],
  });
  return [cell(OWNED_SAMPLED, "+.3", "+.59"), cell(UNSAMPLED, "+.2~+1", "+.59~+2")];
}

const probe: EventRow = {
  name: "probe-timeout",
  what: "The peer's window is shut while data wait: the probe timeout, twice",
  cells: [
    {
      in: ["CLOSED", "LISTEN", "SYN-SENT", "SYN-RECEIVED"],
      none: "no data can wait before the connection is open",
    },
    ...probed({ in: ["ESTABLISHED"] }, SHUT, "", 0),
    ...probed({ in: ["CLOSE-WAIT"] }, SHUT, "", 0),
    ...probed(
      { in: ["FIN-WAIT-1"], from: "ESTABLISHED" },
      `${SHUT}\n+0 shutdown(4, SHUT_WR) = 0`,
      "F",
      0,
    ),
    ...probed(
      { in: ["LAST-ACK"], from: "CLOSE-WAIT" },
      `${SHUT}\n+0 shutdown(4, SHUT_WR) = 0`,
      "F",
      0,
    ),
    ...probed(
      { in: ["CLOSING"], from: "ESTABLISHED" },
      `${SHUT}
        +0 shutdown(4, SHUT_WR) = 0
        +0 < F. {rcv}:{rcv}(0) ack {una} win 0
        +0 > . {nxt}:{nxt}(0) ack {rcv+1}`,
      "F",
      1,
    ),
    { in: ["FIN-WAIT-2", "TIME-WAIT"], none: "all of ours is acknowledged: nothing waits" },
    {
      in: FIN_SENT,
      ways: ["closed"],
      none: "probed like the others, as long as the row orphan-limit says",
    },
  ],
};

const delayedAck: EventRow = {
  name: "delayed-ack-timeout",
  what: "The timeout of the delayed acknowledgment (40 ms)",
  cells: [
    everywhereBut(
      ["ESTABLISHED", "FIN-WAIT-1", "FIN-WAIT-2"],
      "no data come in this state whose acknowledgment could wait",
    ),
    {
      in: ["ESTABLISHED", "FIN-WAIT-1", "FIN-WAIT-2"],
      ways: OWNED,
      expect: "one acknowledgment for both segments, 40 ms after the first.",
      rfc: "RFC 9293 3.8.6.3, SHLD-18, MUST-40, MUST-58",
      lines: `
        +.1 < P. {rcv}:{rcv+50}(50) ack {una} win 10000
        +.02 < P. {rcv+50}:{rcv+100}(50) ack {una} win 10000
        +.02 > . {nxt}:{nxt}(0) ack {rcv+100}
        +0 read(4, ..., 1000) = 100`,
      moves: { rcv: 100 },
    },
    {
      in: ["FIN-WAIT-1", "FIN-WAIT-2"],
      ways: ["closed"],
      none: "data draw a RST: see the row data-in-window",
    },
  ],
};

const twoMsl: EventRow = {
  name: "2msl-timeout",
  what: "2 MSL are over",
  cells: [
    everywhereBut(["TIME-WAIT"], "the timer runs in TIME-WAIT alone"),
    {
      in: ["TIME-WAIT"],
      expect: "it is there for 60 s, and then gone (an entry up to 128 ms later).",
      rfc: "RFC 9293 3.10.8 and 3.6, MUST-13; docs/rfc9293.md, Deviations: MSL, TIME-WAIT clock",
      lines: "+59.95 `state - TIME-WAIT`\n+.2 `counter TCP_RESETS_SENT 0`",
      to: "CLOSED",
    },
  ],
};

const KEEPALIVE = `
  +0 setsockopt(4, SOL_SOCKET, SO_KEEPALIVE, [1], 4) = 0
  +0 setsockopt(4, SOL_TCP, TCP_KEEPIDLE, [10], 4) = 0
  +0 setsockopt(4, SOL_TCP, TCP_KEEPINTVL, [2], 4) = 0
  +0 setsockopt(4, SOL_TCP, TCP_KEEPCNT, [2], 4) = 0`;

const keepalive: EventRow = {
  name: "keepalive-timeout",
  what: "Keepalive (10 s, then each 2 s, twice): answered, then not",
  cells: [
    {
      in: ["CLOSED", "LISTEN", "SYN-SENT", "SYN-RECEIVED"],
      none: "keepalive is for connections that are open",
    },
    {
      in: ["ESTABLISHED", "CLOSE-WAIT", "FIN-WAIT-2"],
      ways: OWNED,
      expect:
        "probes without data; an answer begins the silence anew, two without one are the end.",
      rfc: "RFC 9293 3.8.4, MUST-26, MUST-27, MUST-29, SHLD-12",
      setup: KEEPALIVE,
      lines: `
        +10 > . {nxt-1}:{nxt-1}(0) ack {rcv}
        +.1 < . {rcv}:{rcv}(0) ack {nxt} win 10000
        +10 > . {nxt-1}:{nxt-1}(0) ack {rcv}
        +2 > . {nxt-1}:{nxt-1}(0) ack {rcv}
        +2 > R. {nxt}:{nxt}(0) ack {rcv}
        +0 ${TIMED_OUT}`,
      to: "CLOSED",
    },
    { in: FIN_SENT, none: "our FIN is in flight: its retransmissions find out (MUST-26)" },
    { in: ["TIME-WAIT"], none: "both have closed: 2 MSL end it" },
    { in: ["FIN-WAIT-2"], ways: ["closed"], none: "nobody owns it: see the row orphan-limit" },
  ],
};

const orphan: EventRow = {
  name: "orphan-limit",
  what: "The limit of a connection that its user has closed, without progress",
  cells: [
    {
      in: ["CLOSED", "LISTEN", "SYN-SENT", "SYN-RECEIVED", "ESTABLISHED", "CLOSE-WAIT"],
      none: "the user has not closed in this state",
    },
    {
      in: FIN_SENT,
      ways: ["closed"],
      options: "--option=ORPHAN_SECONDS=2",
      expect: "RST after the limit (2 s here): nobody is left to hear an error.",
      rfc: "docs/rfc9293.md, Deviations: closed by its owner (RFC 9293 3.8.3, R2)",
      lines: `
        * ${FIN_AGAIN}
        +.6 ${FIN_AGAIN}
        +1.1 > R. {nxt}:{nxt}(0) ack {rcv}`,
      to: "CLOSED",
    },
    {
      in: ["FIN-WAIT-2"],
      ways: ["closed"],
      expect: "silently gone after 60 s.",
      rfc: "docs/rfc9293.md, Deviations: FIN-WAIT-2 (RFC 9293 3.6)",
      lines: "+59.9 `state - FIN-WAIT-2`\n+.2 `counter TCP_RESETS_SENT 0`",
      to: "CLOSED",
    },
    {
      in: ["FIN-WAIT-2"],
      ways: OWNED,
      expect: "no limit: the user can read for as long as the peer likes.",
      rfc: "RFC 9293 3.6; docs/rfc9293.md, Deviations: FIN-WAIT-2",
      lines: "+3600 `state - FIN-WAIT-2`",
    },
    { in: FIN_SENT, ways: OWNED, none: "its user has a handle: see the row r2" },
    { in: ["TIME-WAIT"], none: "both have closed: 2 MSL end it" },
  ],
};

const closeWait: EventRow = {
  name: "close-wait-limit",
  what: "A limit of 10 s on CLOSE-WAIT, for users that never close",
  cells: [
    everywhereBut(["CLOSE-WAIT"], "the limit is of CLOSE-WAIT alone"),
    {
      in: ["CLOSE-WAIT"],
      options: "--option=CLOSE_WAIT_SECONDS=10",
      expect: "RST; the user hears of it.",
      rfc: "docs/abi.md, CLOSE_WAIT_SECONDS (no RFC has such a limit; off by default)",
      lines: `
        +10 > R. {nxt}:{nxt}(0) ack {rcv}
        +0 ${TIMED_OUT}`,
      to: "CLOSED",
    },
  ],
};

export const TIMERS: readonly EventRow[] = [
  retransmission,
  r2,
  probe,
  delayedAck,
  twoMsl,
  orphan,
  keepalive,
  closeWait,
];
