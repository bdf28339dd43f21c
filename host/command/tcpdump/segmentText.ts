// A TCP segment in tcpdump's words, with Wireshark's behind them.

import type { Segment } from "../../dissect/conversations.js";
import { numbersOf, sequenceText } from "../../dissect/numbers.js";
import { ACK, flagLetters, URG, type Tcp } from "../../dissect/tcp.js";
import { optionText } from "../../dissect/tcpOptions.js";
import { Word } from "../../dissect/words.js";
import type { Format, Paint } from "../style.js";

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
