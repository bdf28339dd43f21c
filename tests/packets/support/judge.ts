// Is a segment of the stack the one that was expected?

import { flagBits, flagLetters, type TcpView, type Timestamps } from "./frame.js";
import { pattern } from "./pattern.js";

export interface Expected {
  /** Default A. */
  flags?: string;
  /** Default: what comes next. */
  seq?: number;
  /** Default: all that the peer sent in order. */
  ack?: number;
  /** Bytes of data, default 0. */
  len?: number;
  win?: number;
  mss?: number | null;
  ws?: number | null;
  ts?: Partial<Timestamps> | null;
  sackPermitted?: boolean;
  /** Relative; default: none. */
  sacks?: [number, number][];
  /** As it stands there; default: none. */
  userTimeout?: number;
  ttl?: number;
  tos?: number;
  immediate?: boolean;
}

/** What of the peer's end a segment is compared with. */
export interface PeerEnd {
  localPort: number;
  peerPort: number;
  address: number[];
  iss: number;
  ourIss: number;
  seq: number;
  ack: number;
  timestamps: boolean;
}

/** Sequence numbers that SYN and FIN take. */
export const controls = (flags: string) =>
  (flags.includes("S") ? 1 : 0) + (flags.includes("F") ? 1 : 0);

/** The first difference in words, or undefined. */
export function judge(peer: PeerEnd, view: TcpView, expected: Expected): string | undefined {
  for (const [name, came, wanted] of comparisons(peer, view, expected)) {
    if (came !== wanted) return `${name} ${String(wanted)}, not ${String(came)}`;
  }
  return undefined;
}

type Comparison = [name: string, came: unknown, wanted: unknown];

function* comparisons(peer: PeerEnd, view: TcpView, expected: Expected): Generator<Comparison> {
  const seq = (view.seq - peer.ourIss) | 0;
  yield [
    "ports",
    `${view.sourcePort} ${view.destinationPort}`,
    `${peer.localPort} ${peer.peerPort}`,
  ];
  yield ["destination", view.destination.join("."), peer.address.join(".")];
  const flags = flagLetters(flagBits(expected.flags ?? "A"));
  // Whether a segment sent again carries PSH depends on how it is cut: both are right.
  const isAgain = seq < peer.ack && view.data.length > 0;
  const compared = (letters: string) => (isAgain ? letters.replace("P", "") : letters);
  yield ["flags", compared(view.flags), compared(flags)];
  const isReset = flags.includes("R");
  if (expected.seq !== undefined || !isReset) yield ["seq", seq, expected.seq ?? peer.ack];
  if (flags.includes("A")) yield ["ack", (view.ack - peer.iss) | 0, expected.ack ?? peer.seq];
  yield ["len", view.data.length, expected.len ?? 0];
  for (const name of ["win", "mss", "ws", "ttl", "tos"] as const) {
    if (expected[name] !== undefined) yield [name, view[name] ?? null, expected[name]];
  }
  yield* timestamps(peer, view, expected);
  if (expected.sackPermitted !== undefined) {
    yield ["SACK permitted", view.sackPermitted ?? false, expected.sackPermitted];
  }
  const blocks = view.sacks?.map(([start, end]) => [(start - peer.iss) | 0, (end - peer.iss) | 0]);
  yield ["SACK", JSON.stringify(blocks ?? []), JSON.stringify(expected.sacks ?? [])];
  yield ["user timeout", view.userTimeout, expected.userTimeout];
  const good = Buffer.compare(view.data, pattern(seq, view.data.length)) === 0;
  yield ["data", good ? "the pattern" : "other bytes", "the pattern"];
}

function* timestamps(
  peer: PeerEnd,
  { ts, flags }: TcpView,
  expected: Expected,
): Generator<Comparison> {
  const isAgreed = peer.timestamps && !flags.includes("R");
  if (expected.ts === null) yield ["timestamps", ts !== undefined, false];
  else if (expected.ts !== undefined || isAgreed) yield ["timestamps", ts !== undefined, true];
  if (expected.ts?.val !== undefined) yield ["TSval", ts?.val, expected.ts.val];
  if (expected.ts?.ecr !== undefined) yield ["TSecr", ts?.ecr, expected.ts.ecr];
}
