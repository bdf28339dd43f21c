// The scenarios that every part of the stack must show, and what shows them: a script under their
// number, and a test where a script on one wire cannot.

export interface Scenario {
  readonly number: string;
  readonly title: string;
  /** In tests/packets/scenarios, without .pkt. */
  readonly script?: string;
  /** File below tests, and the test's name. */
  readonly tests?: readonly (readonly [file: string, name: string])[];
}

export const SCENARIOS: readonly Scenario[] = [
  { number: "O1", title: "three-segment handshake", script: "O1-three-segment-handshake" },
  {
    number: "O2",
    title: "third segment with data",
    script: "O2-data-with-the-third-segment",
  },
  { number: "O3", title: "four-segment variant", script: "O3-four-segment-handshake" },
  { number: "O4", title: "old duplicate SYN", script: "O4-old-duplicate-syn" },
  { number: "O5", title: "simultaneous open", script: "O5-simultaneous-open" },
  {
    number: "O6",
    title: "self-connect: on loopback, where a script has no wire",
    tests: [
      ["packets/loopback", "self-connect: one connection with itself, data come back"],
      ["packets/loopback", "self-connect with REFUSE_SELF_CONNECT: EADDRINUSE"],
    ],
  },
  { number: "O7", title: "third segment lost", script: "O7-third-segment-lost" },
  { number: "O8", title: "option negotiation", script: "O8-options" },
  {
    number: "O9",
    title: "random initial sequence numbers: a script counts from them",
    tests: [
      [
        "packets/open-passive",
        "initial numbers: grow by 250 a ms for the same 4-tuple, differ for others (RFC 6528)",
      ],
      ["packets/threats-tcp-blind", "TCP-20 the same start with other entropy: other numbers"],
    ],
  },
  {
    number: "O10",
    title: "SYN flood",
    script: "O10-syn-flood",
    tests: [
      ["packets/admission", "syn flood: the cache is bounded, silent, and drains"],
      [
        "packets/cookies",
        "a full SYN cache: SYN+ACK with a cookie, and no record; its ACK opens (O10)",
      ],
    ],
  },
  { number: "O11", title: "refused", script: "O11-refused" },
  { number: "D1", title: "byte stream with numbers", script: "D1-byte-stream-with-numbers" },
  {
    number: "D2",
    title: "cumulative, delayed and piggybacked ACK",
    script: "D2-cumulative-delayed-and-piggybacked-ack",
  },
  { number: "D3", title: "retransmission", script: "D3-retransmission" },
  {
    number: "D4",
    title: "window full, zero window, probes, window update",
    script: "D4-window-full-and-zero-window",
  },
  {
    number: "D5",
    title: "PSH, URG, RST",
    script: "D5-push-urgent-reset",
    tests: [
      [
        "packets/urgent",
        "commit with URGENT: URG, and a pointer behind the last byte (MUST-30, MUST-62)",
      ],
    ],
  },
  { number: "D6", title: "keepalive", script: "D6-keepalive" },
  {
    number: "D7",
    title: "heartbeat",
    script: "D7-heartbeat",
    tests: [
      ["command/scenarios", "D7 a heartbeat keeps the connection of an idle-limited server open"],
    ],
  },
  { number: "D8", title: "half-open", script: "D8-half-open" },
  { number: "C1", title: "four-segment close", script: "C1-four-segment-close" },
  { number: "C2", title: "three-segment close", script: "C2-three-segment-close" },
  { number: "C3", title: "half-close", script: "C3-half-close" },
  { number: "C4", title: "simultaneous close", script: "C4-simultaneous-close" },
  { number: "C5", title: "TIME-WAIT", script: "C5-time-wait" },
  {
    number: "C6",
    title: "server closes first",
    script: "C6-server-closes-first",
    tests: [["command/services", "hello: the one that closes is the service"]],
  },
  { number: "C7", title: "CLOSE-WAIT leak", script: "C7-close-wait-leak" },
  { number: "C8", title: "abort", script: "C8-abort" },
];

/** A row of the table in docs/conformance.md. */
export function scenarioLine({ number, title, script, tests = [] }: Scenario): string {
  const shown = [
    ...(script === undefined ? [] : [`[${script}](../tests/packets/scenarios/${script}.pkt)`]),
    ...tests.map(([file, name]) => `[${file}](../tests/${file}.test.ts): "${name}"`),
  ];
  return `| ${number} | ${title} | ${shown.join("<br>")} |`;
}
