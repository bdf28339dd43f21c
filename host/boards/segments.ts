// What the processing of segments takes: a script with in-order segments of several sizes, played on a probe that
// counts instructions.

import type { BoardProfile } from "./board.js";
import type { Probe } from "./probe.js";
import { recordScript, type Step } from "./transcript.js";

export interface SegmentCost {
  /** Bytes of payload. */
  readonly bytes: number;
  /** Instructions of receive(), and until the acknowledgment is built. */
  readonly receive: number;
  readonly acknowledge: number;
}

/** Segments of each size; the fewest instructions count. */
const ROUNDS = 4;
const HEADER_BYTES = 14 + 20 + 20;
const SHORTEST_FRAME = 60;
/** Bytes of a ring: no segment is longer. */
const RING_BYTES: Readonly<Record<BoardProfile, number>> = { tiny: 1_024, esp32: 2_048 };

export const SEGMENT_SIZES = [1, 64, 536, 1_460] as const;

function scriptFor(sizes: readonly number[], ringBytes: number): string {
  const lines = [
    "0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3",
    "+0 bind(3, ..., ...) = 0",
    "+0 listen(3, 1) = 0",
    "+0 < S 0:0(0) win 10000 <mss 1460>",
    "+0 > S. 0:0(0) ack 1 <...>",
    "+.1 < . 1:1(0) ack 1 win 10000",
    "+0 accept(3, ..., ...) = 4",
  ];
  let sequence = 1;
  let rightEdge = 1 + ringBytes;
  /** The window opens by half of the ring at least (RFC 9293 3.8.6.2.2). */
  const opensTo = (edge: number) => {
    if (edge - rightEdge < ringBytes / 2) return false;
    rightEdge = edge;
    return true;
  };
  for (const bytes of sizes) {
    for (let round = 0; round < ROUNDS; round++) {
      const next = sequence + bytes;
      lines.push(`+1 < P. ${sequence}:${next}(${bytes}) ack 1 win 10000`);
      lines.push(`+0~+.3 > . 1:1(0) ack ${next}`);
      opensTo(next + ringBytes - bytes);
      lines.push(`+.1 read(4, ..., ${bytes}) = ${bytes}`);
      if (opensTo(next + ringBytes)) lines.push(`+0 > . 1:1(0) ack ${next}`);
      sequence = next;
    }
  }
  return `${lines.join("\n")}\n`;
}

/** Instructions for each size that the profile's window can hold. `perTick`: as of the board. */
export async function measureSegments(
  probe: Probe,
  profile: BoardProfile,
  perTick: number,
): Promise<SegmentCost[]> {
  const sizes = SEGMENT_SIZES.filter((bytes) => bytes <= RING_BYTES[profile]);
  const { steps, verdict } = await recordScript(
    "segments",
    scriptFor(sizes, RING_BYTES[profile]),
    profile,
  );
  if (verdict.status !== "passed") throw new Error(verdict.problem?.message ?? verdict.status);
  await probe.start();
  const answers = await probe.play(steps);
  const { overhead } = await probe.info();
  const instructions = answers.map(({ ticks }) => Math.max(0, ticks - overhead) * perTick);
  return sizes.map((bytes) => cheapest(bytes, steps, instructions));
}

function cheapest(bytes: number, steps: readonly Step[], instructions: readonly number[]) {
  const accepted = steps.map(({ name }) => name).lastIndexOf("accept");
  const rounds = steps.flatMap(({ name, given }, at) =>
    at > accepted &&
    name === "receive" &&
    given[1] === Math.max(SHORTEST_FRAME, HEADER_BYTES + bytes)
      ? [costAt(at, bytes, steps, instructions)]
      : [],
  );
  return rounds.reduce((least, round) => (total(round) < total(least) ? round : least));
}

const total = ({ receive, acknowledge }: SegmentCost) => receive + acknowledge;

/** From the segment that comes to the frame that leaves: receive(), timers where the ACK was delayed, transmit(). */
function costAt(
  at: number,
  bytes: number,
  steps: readonly Step[],
  instructions: readonly number[],
): SegmentCost {
  let acknowledge = 0;
  for (let i = at + 1; i < steps.length; i++) {
    const { name, result } = steps[i]!;
    if (name !== "transmit" && name !== "expire") continue;
    // Only the call that has work: how often a host asks in vain is its own affair.
    if (result !== 0) acknowledge += instructions[i]!;
    if (name === "transmit" && result !== 0) break;
  }
  return { bytes, receive: Math.round(instructions[at]!), acknowledge: Math.round(acknowledge) };
}
