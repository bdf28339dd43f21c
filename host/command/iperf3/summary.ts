// Both ends of each stream when a test is over, as far as this side knows them: its own counts, and what the other side has
// told.

import type { Total } from "../../iperf3/measure.js";
import type { StreamResult } from "../../iperf3/results.js";
import type { StreamFacts } from "../../iperf3/stream.js";
import type { Outcome, Test } from "../../iperf3/watcher.js";

/** What one end of a stream, or of several, has counted. */
export type End = Pick<
  Total,
  "seconds" | "bytes" | "retransmits" | "jitterMs" | "lost" | "packets"
>;

export interface Ends {
  readonly sender: End | null;
  readonly receiver: End | null;
}

export interface StreamSummary extends Ends {
  readonly stream: StreamFacts;
  readonly total: Total;
}

export function summarize({ totals, theirs }: Outcome): StreamSummary[] {
  return totals.map((total): StreamSummary => {
    const { stream } = total;
    const told = theirs?.streams.find(({ id }) => id === stream.id);
    const own = ownEnd(total);
    const other = told === undefined ? null : otherEnd(told);
    const [sender, receiver] = stream.sends ? [own, other] : [other, own];
    return { stream, total, sender: asSender(sender), receiver };
  });
}

/** Of the streams of one direction together; the seconds are those of the longest. */
export function sumOf(
  { settings }: Test,
  streams: readonly StreamSummary[],
  outcome: Outcome,
): Ends & { readonly sends: boolean } {
  const sends = streams[0]!.stream.sends;
  const sender = sumEnds(streams.map((one) => one.sender));
  const receiver = sumEnds(streams.map((one) => one.receiver));
  // The stack counts retransmissions of all its connections.
  const isCounted = sends && settings.protocol === "tcp";
  const retransmits = isCounted ? outcome.retransmits : sender?.retransmits;
  return { sends, sender: sender && { ...sender, retransmits }, receiver };
}

function ownEnd({ seconds, bytes, retransmits, jitterMs, lost, packets }: Total): End {
  return { seconds, bytes, retransmits, jitterMs, lost, packets };
}

function otherEnd({
  endSeconds,
  bytes,
  retransmits,
  jitterMs,
  errors,
  packets,
}: StreamResult): End {
  return {
    ...{ seconds: endSeconds, bytes, jitterMs, lost: errors, packets },
    retransmits: retransmits < 0 ? undefined : retransmits,
  };
}

/** A sender knows of no losses. */
const asSender = (end: End | null): End | null => end && { ...end, jitterMs: 0, lost: 0 };

function sumEnds(ends: readonly (End | null)[]): End | null {
  const known = ends.filter((end) => end !== null);
  if (known.length === 0 || known.length < ends.length) return null;
  const sum = (value: (end: End) => number): number =>
    known.reduce((all, end) => all + value(end), 0);
  const counts = known.every(({ retransmits }) => retransmits !== undefined);
  return {
    seconds: Math.max(...known.map(({ seconds }) => seconds)),
    bytes: sum(({ bytes }) => bytes),
    retransmits: counts ? sum((end) => end.retransmits ?? 0) : undefined,
    jitterMs: sum(({ jitterMs }) => jitterMs) / known.length,
    lost: sum(({ lost }) => lost),
    packets: sum(({ packets }) => packets),
  };
}

/** The streams of each direction, those of the client's sending first. */
export function byDirection<Of extends { readonly stream: StreamFacts }>(
  streams: readonly Of[],
): (readonly Of[])[] {
  const [first] = streams;
  const same = streams.filter(({ stream }) => stream.sends === first!.stream.sends);
  const other = streams.filter((one) => !same.includes(one));
  return [same, other].filter((each) => each.length > 0);
}

export const bitsPerSecond = (bytes: number, seconds: number): number =>
  seconds > 0 ? (8 * bytes) / seconds : 0;
