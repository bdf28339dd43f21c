// Which numbers of a segment are shown: relative to the initial ones, or as they are on the wire.

import type { Segment } from "./conversations.js";
import { plus } from "./sequence.js";
import { FIN, RST, SYN, type Tcp } from "./tcp.js";

export interface Numbers {
  readonly sequence: number;
  readonly acknowledgment: number;
  /** A number of the peer's, as in a SACK block. */
  peer(number: number): number;
}

export function numbersOf(tcp: Tcp, segment: Segment, absolute: boolean): Numbers {
  if (absolute) return { ...pick(tcp), peer: (number) => number };
  const blocks = tcp.options.flatMap((option) => (option.name === "sack" ? option.blocks : []));
  const relative = new Map(
    blocks.flatMap((block, index) =>
      block.map((number, side): [number, number] => [number, segment.sacks[index]![side]!]),
    ),
  );
  return { ...pick(segment), peer: (number) => relative.get(number) ?? number };
}

const pick = ({ sequence, acknowledgment }: Pick<Tcp, "sequence" | "acknowledgment">) => ({
  sequence,
  acknowledgment,
});

/** "seq 1:101", where there is something to number. */
export function sequenceText(
  { sequence }: Pick<Numbers, "sequence">,
  { flags, dataBytes }: Tcp,
): string | null {
  if (dataBytes > 0) return `seq ${sequence}:${plus(sequence, dataBytes)}`;
  return flags & (SYN | FIN | RST) ? `seq ${sequence}` : null;
}
