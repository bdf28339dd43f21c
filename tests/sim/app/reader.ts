// The half of an application that reads: every byte must be the peer's, in its place, and the end of
// the stream must come after exactly what the peer wrote.

import { Errno } from "../../../host/core/generated/abi.js";
import { streamBytes } from "../stream.js";
import { fail, type EndState } from "./state.js";
import { finish, push } from "./writer.js";

/** What the other end says about itself. */
export type PeerOf = (end: EndState) => EndState | undefined;

export function pull(end: EndState, peerOf: PeerOf): void {
  while (end.outcome === undefined && end.reading === "nothing" && !end.sawEnd) {
    const length = end.station.ask("receiveSpan", end.handle);
    if (length > 0) take(end, length, peerOf);
    else if (length === 0) takeEnd(end, peerOf);
    else if (length === -Errno.EAGAIN || length === -Errno.ENOTCONN) end.reading = "event";
    else fail(end, length);
  }
}

function take(end: EndState, ready: number, peerOf: PeerOf): void {
  const { station, habits, random } = end;
  const length = Math.min(ready, 1 + random.below(habits.readPiece), 30_000);
  const at = station.core.spanPointer();
  end.record(); // which knows the peer's first number
  const expected = streamBytes(end.irs, end.read, length);
  if (Buffer.compare(station.core.memory.subarray(at, at + length), expected) !== 0) {
    end.violation(`bytes ${end.read} to ${end.read + length} are not what the peer wrote`);
  }
  if (station.ask("consume", end.handle, length) !== 0) end.violation("consume fails");
  end.read += length;
  end.moved();
  if (habits.readPauseMs > 0) rest(end, random.below(habits.readPauseMs), peerOf);
}

/** Nothing is read for a while. */
export function rest(end: EndState, ms: number, peerOf: PeerOf): void {
  end.reading = "pause";
  end.later(ms, () => {
    end.reading = "nothing";
    pull(end, peerOf);
  });
}

function takeEnd(end: EndState, peerOf: PeerOf): void {
  end.sawEnd = true;
  end.moved();
  end.record();
  const peer = peerOf(end);
  if (!peer) return end.violation("the end of a stream that nobody wrote");
  if (!peer.finSent) end.violation(`the end of the stream, and ${peer.label} has not closed`);
  if (peer.written !== end.read) {
    end.violation(`the stream ended after ${end.read} bytes, ${peer.label} wrote ${peer.written}`);
  }
  if (end.finSent) return finish(end);
  if (end.habits.ending === "answer" && end.writing === "pause") end.writing = "nothing";
  push(end);
}
