// Scripts that fail, and why: the stack differs from the RFC and no document says so, or the runner
// cannot do what the script asks. A script that passes again must leave this list: a test looks.

import { WAYS } from "./model.js";

export interface KnownFailure {
  /** In whom: the core, or the runner of packet scripts. */
  readonly of: "core" | "runner";
  readonly reason: string;
  /** Below tests/packets, without .pkt. */
  readonly scripts: readonly string[];
}

const everyWay = (folder: string) => WAYS.map((way) => `${folder}/${way}`);
const inBoth = (event: string) => [`${event}-in-CLOSING/closed`, `${event}-in-LAST-ACK/closed`];

export const KNOWN_FAILURES: readonly KnownFailure[] = [
  {
    of: "core",
    reason:
      "After close(), text behind the peer's FIN resets the connection in CLOSING and LAST-ACK. " +
      "RFC 9293 3.10.7.4, seventh: ignored there, since the FIN has been received.",
    scripts: [
      ...inBoth("data-in-window"),
      ...inBoth("data-out-of-order"),
      ...inBoth("data-across-left-edge"),
      ...inBoth("data-across-right-edge"),
      ...inBoth("urg"),
    ],
  },
  {
    of: "core",
    reason:
      "In TIME-WAIT a segment with text and without ACK is answered. RFC 9293 3.10.7.4, fifth: " +
      "without the ACK bit it is dropped.",
    scripts: everyWay("no-ack-bit-in-TIME-WAIT"),
  },
  {
    of: "core",
    reason:
      "After a simultaneous open, the peer's SYN again draws nothing. RFC 9293 3.10.7.4, first: " +
      "it is not acceptable, and an acknowledgment should be sent.",
    scripts: ["syn-in-SYN-RECEIVED/simultaneous"],
  },
  {
    of: "core",
    reason:
      "CLOSE in SYN-RECEIVED after a simultaneous open waits for the handshake. RFC 9293 3.10.4: " +
      "where nothing was sent, the FIN leaves at once, and FIN-WAIT-1 begins.",
    scripts: ["close-in-SYN-RECEIVED/simultaneous", "shutdown-in-SYN-RECEIVED/simultaneous"],
  },
  {
    of: "core",
    reason:
      "A hard ICMP error is ignored in SYN-RECEIVED (passive), or soft (simultaneous). RFC 9293 " +
      "SHLD-26 ends the connection; RFC 5927 5.2 exempts synchronized states alone.",
    scripts: ["icmp-hard-in-SYN-RECEIVED/passive", "icmp-hard-in-SYN-RECEIVED/simultaneous"],
  },
  {
    of: "core",
    reason:
      "A simultaneous open takes the time from the SYN to the acknowledgment of the SYN+ACK as a " +
      "sample. The SYN went twice: RFC 6298 3, MUST-18 (Karn), leaves the RTO at 1 s.",
    scripts: ["retransmission-timeout-in-ESTABLISHED/simultaneous"],
  },
  {
    of: "core",
    reason:
      "In SYN-RECEIVED a segment without timestamps, which were agreed on, opens the connection (its " +
      "data are dropped then), and in TIME-WAIT it is answered. RFC 7323 3.2: dropped in silence.",
    scripts: [
      "no-timestamp-in-SYN-RECEIVED/passive",
      "no-timestamp-in-SYN-RECEIVED/simultaneous",
      ...everyWay("no-timestamp-in-TIME-WAIT"),
    ],
  },
  {
    of: "core",
    reason:
      "After a simultaneous open, SYN-RECEIVED takes a segment with an old timestamp; a passive one " +
      "does not. RFC 7323 5.3, R1: not acceptable, acknowledged and dropped.",
    scripts: ["old-timestamp-in-SYN-RECEIVED/simultaneous"],
  },
  {
    of: "core",
    reason:
      "While the neighbour is not known, the first SYN+ACK again leaves after 2 s: the attempt " +
      "after 1 s only asks for its MAC. docs/rfc9293.md, Defaults: 1, 2, 4 s.",
    scripts: ["retransmission-timeout-in-SYN-RECEIVED/passive"],
  },
  {
    of: "core",
    reason:
      "TCP_PROBES counts a probe once more when it has to wait for its neighbour: it is counted where it " +
      "is decided, not where it leaves. docs/abi.md: zero-window probes sent.",
    scripts: ["probe-timeout-in-ESTABLISHED/passive", "probe-timeout-in-FIN-WAIT-1/passive"],
  },
  {
    of: "runner",
    reason: "read() in SYN-RECEIVED returns ENOTCONN; write() and reads in SYN-SENT give EAGAIN.",
    scripts: ["receive-in-SYN-RECEIVED/simultaneous"],
  },
];

const KNOWN = new Set(
  KNOWN_FAILURES.flatMap(({ scripts }) => scripts).map((script) => `${script}.pkt`),
);

/** `path`: below tests/packets. */
export const isKnownFailure = (path: string): boolean => KNOWN.has(path);
