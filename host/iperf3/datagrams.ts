// What iperf3 writes into UDP datagrams. First words: a client opens a stream with four bytes, and the server answers
// with four others. Then data: when it was sent and its number at the front, filler behind.

/** New since 3.11; and what iperf 3.0 to 3.10 say. Each in the byte order of its sender. */
const HELLO = 0x36373839;
const REPLY = 0x39383736;
const OLD_HELLO = 123_456_789;
const OLD_REPLY = 987_654_321;

export const HELLO_BYTES = 4;
/** Of the head with numbers of 32 bits; with 64 bits there are four more. */
const HEAD_BYTES = 12;

/** As iperf3 on nearly all machines writes it. */
export function helloBytes(): Uint8Array {
  const bytes = new Uint8Array(HELLO_BYTES);
  viewOf(bytes).setUint32(0, HELLO, true);
  return bytes;
}

/** The answer to a client's first word, in its own dialect and byte order; null: it is none. */
export function replyTo(bytes: Uint8Array): Uint8Array | null {
  if (bytes.length !== HELLO_BYTES) return null;
  const view = viewOf(bytes);
  for (const [hello, reply] of [
    [HELLO, REPLY],
    [OLD_HELLO, OLD_REPLY],
  ] as const) {
    for (const little of [true, false]) {
      if (view.getUint32(0, little) !== hello) continue;
      const answer = new Uint8Array(HELLO_BYTES);
      viewOf(answer).setUint32(0, reply, little);
      return answer;
    }
  }
  return null;
}

/** Whether a server has said its word, in either dialect and byte order. */
export function isReply(bytes: Uint8Array): boolean {
  if (bytes.length !== HELLO_BYTES) return false;
  const words = [true, false].map((little) => viewOf(bytes).getUint32(0, little));
  return words.some((word) => word === REPLY || word === OLD_REPLY);
}

export interface Head {
  /** When it was sent, by the sender's clock. */
  readonly sentMs: number;
  /** From 1. */
  readonly number: number;
}

export function writeHead(into: Uint8Array, { sentMs, number }: Head, counters64: boolean): void {
  const view = viewOf(into);
  const us = Math.floor(sentMs * 1000);
  view.setUint32(0, Math.floor(us / 1e6));
  view.setUint32(4, us % 1e6);
  if (counters64) view.setBigUint64(8, BigInt(number));
  else view.setUint32(8, number >>> 0);
}

/** null: too short to be one. */
export function readHead(from: Uint8Array, counters64: boolean): Head | null {
  if (from.length < HEAD_BYTES + (counters64 ? 4 : 0)) return null;
  const view = viewOf(from);
  const sentMs = view.getUint32(0) * 1000 + view.getUint32(4) / 1000;
  const number = counters64 ? Number(view.getBigUint64(8)) : view.getUint32(8);
  return { sentMs, number };
}

const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
