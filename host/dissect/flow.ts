// What is remembered of one direction of a TCP conversation, from its segments that were seen: enough for relative
// numbers and for Wireshark's words. Of bounded size, however long the conversation is.

import { distance, isBefore } from "./sequence.js";

/** What the last segment of a direction was, for the words of its answer. */
export type LastWas = "other" | "keep-alive" | "zero-window-probe";

/** Numbers are as on the wire; null: nothing has told it yet. */
export interface Flow {
  /** The initial sequence number, or one before the first that was seen. */
  base: number | null;
  /** Behind the highest number sent, and when that was sent. */
  next: number | null;
  nextUs: number;
  /** Everything before it was seen; what was seen beyond it, in order. */
  whole: number | null;
  readonly beyond: [left: number, right: number][];
  acknowledgment: number | null;
  acknowledgmentUs: number;
  /** As it stood in the last segment, and in bytes. */
  window: number | null;
  windowBytes: number;
  /** What its SYN announced; null: it came without; undefined: no SYN was seen. */
  shift: number | null | undefined;
  /** The frame that has brought the acknowledgment, and how often it came again. */
  acknowledgedBy: number;
  duplicates: number;
  lastWas: LastWas;
  /** FIN or RST was sent. */
  isOver: boolean;
}

/** More pieces than a window in disorder has; then the lowest is forgotten. */
const MOST_PIECES = 64;
/** RFC 7323 section 2.3. */
const MOST_SHIFT = 14;

export function createFlow(): Flow {
  return {
    base: null,
    next: null,
    nextUs: 0,
    whole: null,
    beyond: [],
    acknowledgment: null,
    acknowledgmentUs: 0,
    window: null,
    windowBytes: 0,
    shift: undefined,
    acknowledgedBy: 0,
    duplicates: 0,
    lastWas: "other",
    isOver: false,
  };
}

/** The shift of a window: 0 unless both SYNs had the option (RFC 7323 section 2.2); null: not known. */
export function shiftOf(flow: Flow, peer: Flow): number | null {
  if (flow.shift === null || peer.shift === null) return 0;
  return flow.shift === undefined ? null : Math.min(flow.shift, MOST_SHIFT);
}

/** These numbers were sent before. */
export function wasSeen({ whole, beyond }: Flow, left: number, right: number): boolean {
  if (whole !== null && !isBefore(whole, right)) return true;
  return beyond.some(([from, to]) => !isBefore(left, from) && !isBefore(to, right));
}

/** Notes numbers that were seen, from `left` on and before `right`. */
export function see(flow: Flow, left: number, right: number): void {
  if (flow.whole === null) {
    flow.whole = right;
    return;
  }
  if (left === right) return;
  if (isBefore(flow.whole, right) && !isBefore(flow.whole, left)) flow.whole = right;
  else if (isBefore(flow.whole, left)) addPiece(flow.beyond, left, right);
  takePieces(flow);
}

/** The peer has got everything before `number`, seen or not. */
export function takeForGot(flow: Flow, number: number): void {
  if (flow.whole === null) return;
  if (isBefore(flow.whole, number)) {
    flow.whole = number;
    takePieces(flow);
  } else if (flow.next !== null && isBefore(flow.next, number)) {
    // It has found room for the byte of a probe.
    flow.next = number;
  }
}

function takePieces(flow: Flow): void {
  const { beyond } = flow;
  while (beyond.length > 0 && !isBefore(flow.whole!, beyond[0]![0])) {
    const [, right] = beyond.shift()!;
    if (isBefore(flow.whole!, right)) flow.whole = right;
  }
}

function addPiece(beyond: [number, number][], left: number, right: number): void {
  let piece: [number, number] = [left, right];
  const apart = beyond.filter(([from, to]) => {
    const touches = !isBefore(piece[1], from) && !isBefore(to, piece[0]);
    if (touches) {
      piece = [isBefore(from, piece[0]) ? from : piece[0], isBefore(piece[1], to) ? to : piece[1]];
    }
    return !touches;
  });
  beyond.splice(0, beyond.length, ...apart, piece);
  beyond.sort(([a], [b]) => distance(b, a));
  if (beyond.length > MOST_PIECES) beyond.shift();
}
