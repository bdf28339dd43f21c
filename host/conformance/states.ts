// The states of RFC 9293 section 3.3.2, in the order of a connection's life, and their short names for narrow columns.

export const STATES = [
  "CLOSED",
  "LISTEN",
  "SYN-SENT",
  "SYN-RECEIVED",
  "ESTABLISHED",
  "FIN-WAIT-1",
  "FIN-WAIT-2",
  "CLOSE-WAIT",
  "CLOSING",
  "LAST-ACK",
  "TIME-WAIT",
] as const;
export type State = (typeof STATES)[number];

const SHORT: Partial<Readonly<Record<State, string>>> = {
  "SYN-SENT": "SYN-S",
  "SYN-RECEIVED": "SYN-R",
  ESTABLISHED: "ESTAB",
  "FIN-WAIT-1": "FIN-W1",
  "FIN-WAIT-2": "FIN-W2",
  "CLOSE-WAIT": "CLO-W",
  "LAST-ACK": "LAST-A",
  "TIME-WAIT": "TIME-W",
};

/** Six characters at most. */
export const shortState = (state: State): string => SHORT[state] ?? state;
