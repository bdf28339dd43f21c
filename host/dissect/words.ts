// Wireshark's words for a segment, from what they mean (Wireshark User's Guide, "TCP Analysis"). Input: a segment
// and what is remembered of both directions before it; output: the words. Changes nothing.

import { wasSeen, type Flow, type LastWas } from "./flow.js";
import { isBefore, plus } from "./sequence.js";
import { ACK, FIN, RST, SYN, sequenceBytes, type Tcp } from "./tcp.js";

/** Without number; "TCP Dup ACK" has behind it which frame it repeats, and how often: "TCP Dup ACK 5#1". */
export const Word = {
  WINDOW_FULL: "TCP Window Full",
  ZERO_WINDOW: "TCP ZeroWindow",
  WINDOW_UPDATE: "TCP Window Update",
  ZERO_WINDOW_PROBE: "TCP ZeroWindowProbe",
  ZERO_WINDOW_PROBE_ACK: "TCP ZeroWindowProbeAck",
  RETRANSMISSION: "TCP Retransmission",
  FAST_RETRANSMISSION: "TCP Fast Retransmission",
  SPURIOUS_RETRANSMISSION: "TCP Spurious Retransmission",
  OUT_OF_ORDER: "TCP Out-Of-Order",
  PREVIOUS_NOT_CAPTURED: "TCP Previous segment not captured",
  ACKED_UNSEEN: "TCP ACKed unseen segment",
  DUP_ACK: "TCP Dup ACK",
  KEEP_ALIVE: "TCP Keep-Alive",
  KEEP_ALIVE_ACK: "TCP Keep-Alive ACK",
  PORTS_REUSED: "TCP Port numbers reused",
} as const;

/** A fast retransmission follows the last duplicate at once. */
const FAST_US = 20_000;
/** Duplicates that were seen; the sender may have got more. */
const FAST_DUPLICATES = 2;
/** How late a segment may come and be out of order, where no handshake tells the round trip. */
const DISORDER_US = 3_000;

/** A segment, and what is known before it. */
export interface Moment {
  readonly tcp: Tcp;
  readonly timeUs: number;
  /** Of the sender, and of the receiver. */
  readonly flow: Flow;
  readonly peer: Flow;
  /** From SYN to the ACK that ended the handshake. */
  readonly handshakeUs: number | null;
}

export interface Judgement {
  readonly words: readonly string[];
  /** For the words of the answer. */
  readonly was: LastWas;
  /** It says the same as the segment before it: the peer lacks something. */
  readonly isDuplicate: boolean;
}

export function judge(moment: Moment): Judgement {
  const { tcp, flow } = moment;
  if (isZeroWindowProbe(moment)) return only(Word.ZERO_WINDOW_PROBE, "zero-window-probe");
  const words: string[] = [];
  const isPlain = (tcp.flags & (SYN | FIN | RST)) === 0;
  const isKeepAlive = isPlain && isOneBefore(moment);
  if (isPlain && tcp.window === 0) words.push(Word.ZERO_WINDOW);
  if (flow.next !== null && isBefore(flow.next, tcp.sequence) && (tcp.flags & RST) === 0) {
    words.push(Word.PREVIOUS_NOT_CAPTURED);
  }
  if (isKeepAlive) words.push(Word.KEEP_ALIVE);
  if (isPlain && fillsWindow(moment)) words.push(Word.WINDOW_FULL);
  const answer = isPlain && repeatsAck(moment) ? answerOf(moment) : null;
  const isDuplicate = answer === Word.DUP_ACK;
  if (answer !== null) {
    words.push(isDuplicate ? `${answer} ${flow.acknowledgedBy}#${flow.duplicates + 1}` : answer);
  }
  if (acksUnseen(moment)) words.push(Word.ACKED_UNSEEN);
  const again = isKeepAlive ? null : againOf(moment);
  if (again !== null) words.push(again);
  return { words, was: isKeepAlive ? "keep-alive" : "other", isDuplicate };
}

const only = (word: string, was: LastWas): Judgement => ({
  words: [word],
  was,
  isDuplicate: false,
});

/** One byte, new to the receiver, that has no room there. */
function isZeroWindowProbe({ tcp, flow, peer }: Moment): boolean {
  return tcp.dataBytes === 1 && tcp.sequence === flow.next && peer.window === 0;
}

/** At most one byte, just before what comes next: the receiver has it, and answers nevertheless. */
function isOneBefore({ tcp, flow }: Moment): boolean {
  return tcp.dataBytes <= 1 && flow.next !== null && tcp.sequence === plus(flow.next, -1);
}

/** It ends exactly where the receiver's window does. */
function fillsWindow({ tcp, flow, peer }: Moment): boolean {
  if (tcp.dataBytes === 0 || peer.acknowledgment === null || peer.shift === undefined) return false;
  if (flow.next === null) return false;
  const edge = plus(peer.acknowledgment, peer.windowBytes);
  return plus(tcp.sequence, tcp.dataBytes) === edge;
}

/** Nothing new but perhaps the window. */
function repeatsAck({ tcp, flow }: Moment): boolean {
  return (
    tcp.dataBytes === 0 &&
    tcp.sequence === flow.next &&
    flow.acknowledgment !== null &&
    tcp.acknowledgment === flow.acknowledgment
  );
}

/** What an ACK without news is. */
function answerOf({ tcp, flow, peer }: Moment): string | null {
  const isSameWindow = tcp.window === flow.window;
  if (tcp.window === 0) {
    const answersProbe = isSameWindow && peer.lastWas === "zero-window-probe";
    return answersProbe ? Word.ZERO_WINDOW_PROBE_ACK : null;
  }
  if (!isSameWindow) return Word.WINDOW_UPDATE;
  return peer.lastWas === "keep-alive" ? Word.KEEP_ALIVE_ACK : Word.DUP_ACK;
}

function acksUnseen({ tcp, peer }: Moment): boolean {
  return (tcp.flags & ACK) !== 0 && peer.whole !== null && isBefore(peer.whole, tcp.acknowledgment);
}

/** Numbers that were sent before: which kind of that. */
function againOf(moment: Moment): string | null {
  const { tcp, timeUs, flow, peer, handshakeUs } = moment;
  const bytes = sequenceBytes(tcp);
  if (bytes === 0) return null;
  const end = plus(tcp.sequence, bytes);
  const dataEnd = plus(tcp.sequence, tcp.dataBytes);
  if (
    tcp.dataBytes > 0 &&
    peer.acknowledgment !== null &&
    !isBefore(peer.acknowledgment, dataEnd)
  ) {
    return Word.SPURIOUS_RETRANSMISSION;
  }
  if (flow.next === null || !isBefore(tcp.sequence, flow.next)) return null;
  // The byte of a probe, with others behind it: what is new counts.
  if (tcp.dataBytes > 1 && tcp.sequence === plus(flow.next, -1)) return null;
  if (isFast(moment)) return Word.FAST_RETRANSMISSION;
  const isSoon = timeUs - flow.nextUs < (handshakeUs ?? DISORDER_US);
  if (isSoon && end !== flow.next && !wasSeen(flow, tcp.sequence, end)) return Word.OUT_OF_ORDER;
  return Word.RETRANSMISSION;
}

/** Duplicate ACKs have just asked for it. */
function isFast({ tcp, timeUs, peer }: Moment): boolean {
  const isAsked = peer.duplicates >= FAST_DUPLICATES && peer.acknowledgment === tcp.sequence;
  return isAsked && timeUs - peer.acknowledgmentUs < FAST_US;
}
