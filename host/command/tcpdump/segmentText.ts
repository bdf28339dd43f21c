// A TCP segment in tcpdump's words, with Wireshark's behind them.

import type { Segment } from "../../dissect/conversations.js";
import { plus } from "../../dissect/sequence.js";
import { ACK, FIN, flagLetters, RST, SYN, URG, type Tcp } from "../../dissect/tcp.js";
import { optionText } from "../../dissect/tcpOptions.js";
import { Word } from "../../dissect/words.js";
import type { Format, Paint } from "../style.js";

export interface Numbers {
  readonly sequence: number;
  readonly acknowledgment: number;
  /** A number of the peer's, as in a SACK block. */
  peer(number: number): number;
}

/** Which numbers are shown. */
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
export function sequenceText({ sequence }: Numbers, { flags, dataBytes }: Tcp): string | null {
  if (dataBytes > 0) return `seq ${sequence}:${plus(sequence, dataBytes)}`;
  return flags & (SYN | FIN | RST) ? `seq ${sequence}` : null;
}

/** "Flags [P.], seq 1:101, ack 1, win 512, options [nop,nop,TS val 1 ecr 2], length 100". */
export function segmentText(tcp: Tcp, segment: Segment, absolute: boolean, checksum = ""): string {
  const numbers = numbersOf(tcp, segment, absolute);
  const { flags, urgent, options, dataBytes } = tcp;
  const parts = [
    `Flags [${flagLetters(flags)}]`,
    ...(checksum === "" ? [] : [checksum]),
    sequenceText(numbers, tcp),
    flags & ACK ? `ack ${numbers.acknowledgment}` : null,
    `win ${segment.windowBytes}`,
    flags & URG ? `urg ${urgent}` : null,
    options.length === 0
      ? null
      : `options [${options.map((option) => optionText(option, numbers.peer)).join(",")}]`,
    `length ${dataBytes}`,
  ];
  return parts.filter((part) => part !== null).join(", ");
}

const STRONG: ReadonlySet<string> = new Set([
  Word.RETRANSMISSION,
  Word.FAST_RETRANSMISSION,
  Word.SPURIOUS_RETRANSMISSION,
  Word.ZERO_WINDOW,
  Word.PREVIOUS_NOT_CAPTURED,
  Word.ACKED_UNSEEN,
]);

const formatOf = (word: string): Format => (STRONG.has(word) ? "red" : "yellow");

/** "[TCP ZeroWindow] [TCP Window Full]". */
export function wordsText(words: readonly string[], paint: Paint): string {
  return words.map((word) => paint(formatOf(word), `[${word}]`)).join(" ");
}
