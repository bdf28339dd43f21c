// Scripts that fail, and why: the stack differs from the RFC, or the runner cannot do what the script
// asks. A script that passes again must leave this list: a test looks.

export interface KnownFailure {
  /** In whom: the core, or the runner of packet scripts. */
  readonly of: "core" | "runner";
  /** In a few words, for the head of the page. */
  readonly title: string;
  readonly reason: string;
  /** Below tests/packets, without .pkt. */
  readonly scripts: readonly string[];
}

export const KNOWN_FAILURES: readonly KnownFailure[] = [
  {
    of: "core",
    title:
      "`close` and `shutdown` in SYN-RECEIVED after a simultaneous open wait for the handshake",
    reason:
      "CLOSE in SYN-RECEIVED after a simultaneous open waits for the handshake. RFC 9293 3.10.4: " +
      "where nothing was sent, the FIN leaves at once, and FIN-WAIT-1 begins. A documented deviation.",
    scripts: ["close-in-SYN-RECEIVED/simultaneous", "shutdown-in-SYN-RECEIVED/simultaneous"],
  },
];

const KNOWN = new Set(
  KNOWN_FAILURES.flatMap(({ scripts }) => scripts).map((script) => `${script}.pkt`),
);

/** `path`: below tests/packets. */
export const isKnownFailure = (path: string): boolean => KNOWN.has(path);

/** "known": it fails, and that is written down with its reason. */
export type Outcome = "passed" | "known" | "failed";

/** What became of the script at `path`, below tests/packets. */
export const outcomeOf = (path: string, hasPassed: boolean): Outcome =>
  hasPassed ? "passed" : isKnownFailure(path) ? "known" : "failed";
