// The half of an application that reads: every byte must be the peer's, in its place, and the end of
// the stream must come after exactly what the peer wrote.

import { Errno } from "../../../host/core/generated/abi.js";
import { streamBytes } from "../stream.js";
import { fail, type EndState } from "./state.js";
import { finish, push } from "./writer.js";

/** What the other end says about itself. More than one is possible: a cookie opens a connection again,
 * with the same numbers, when copies of its first segments arrive after it is over. */
export type PeersOf = (end: EndState) => readonly EndState[];

export function pull(end: EndState, peersOf: PeersOf): void {
  while (end.outcome === undefined && end.reading === "nothing" && !end.sawEnd) {
    const length = end.station.ask("receiveSpan", end.handle);
    if (length > 0) take(end, length, peersOf);
    else if (length === 0) takeEnd(end, peersOf);
    else if (length === -Errno.EAGAIN || length === -Errno.ENOTCONN) end.reading = "event";
    else fail(end, length);
  }
}

function take(end: EndState, ready: number, peersOf: PeersOf): void {
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
  if (habits.readPauseMs > 0) rest(end, random.below(habits.readPauseMs), peersOf);
}

/** Nothing is read for a while. */
export function rest(end: EndState, ms: number, peersOf: PeersOf): void {
  end.reading = "pause";
  end.later(ms, () => {
    end.reading = "nothing";
    pull(end, peersOf);
  });
}

function takeEnd(end: EndState, peersOf: PeersOf): void {
  end.sawEnd = true;
  end.moved();
  end.record();
  const closed = peersOf(end).filter(({ finSent }) => finSent);
  if (closed.length === 0) end.violation("the end of a stream that nobody has ended");
  if (!closed.some(({ written }) => written === end.read)) {
    const wrote = closed.map(({ label, written }) => `${label} wrote ${written}`).join(", ");
    end.violation(`the stream ended after ${end.read} bytes, ${wrote}`);
  }
  if (end.finSent) return finish(end);
  if (end.habits.ending === "answer" && end.writing === "pause") end.writing = "nothing";
  push(end);
}
