// The half of an application that writes, and closes its side when its habits say so.

import { Errno, ErrnoName, State } from "../../../host/core/generated/abi.js";
import type { Tcb } from "../records.js";
import { unread } from "../rules/numbers.js";
import { streamBytes } from "../stream.js";
import { closeNow, fail, type EndState } from "./state.js";

const WAITS: readonly number[] = [Errno.EAGAIN, Errno.ENOBUFS, Errno.ENOTCONN];

/** True if CLOSE resets, says nothing, or has nothing left to close. */
export const isLost = (tcb: Tcb) =>
  unread(tcb) > 0 || tcb.state === State.SYN_SENT || (tcb.state === State.CLOSED && tcb.error > 0);

/** Writes as long as there is room, then does what follows the last byte. */
export function push(end: EndState): void {
  const { station, habits, handle } = end;
  while (end.outcome === undefined && end.writing === "nothing" && !end.finSent) {
    if (end.written === habits.bytes) return allWritten(end);
    const room = station.ask("sendSpan", handle);
    if (room <= 0) return refused(end, room);
    write(end, room);
  }
}

function write(end: EndState, room: number): void {
  const { station, habits, random } = end;
  const length = Math.min(room, habits.bytes - end.written, 1 + random.below(habits.piece), 30_000);
  station.core.memory.set(streamBytes(end.iss, end.written, length), station.core.spanPointer());
  const result = station.ask("commit", end.handle, length);
  if (result !== 0) end.violation(`commit says ${ErrnoName[-result]}`);
  end.written += length;
  end.moved();
  if (habits.writePauseMs === 0) return;
  end.writing = "pause";
  end.later(random.below(habits.writePauseMs), () => {
    end.writing = "nothing";
    push(end);
  });
}

function refused(end: EndState, result: number): void {
  if (result === 0) end.violation("sendSpan gives a span of nothing");
  if (WAITS.includes(-result)) end.writing = "event";
  else fail(end, result);
}

function allWritten(end: EndState): void {
  const { ending } = end.habits;
  if (ending === "close" || (ending === "answer" && end.sawEnd)) return closeNow(end, isLost);
  if (ending === "shutdown" || ending === "linger") shutDown(end);
  else end.writing = "pause"; // until the peer's FIN is read, or the moment of an early close
}

function shutDown(end: EndState): void {
  const result = end.station.ask("shutdown", end.handle);
  if (result === 0) {
    end.finSent = true;
    if (end.sawEnd) finish(end);
  } else if (result === -Errno.ENOTCONN) end.writing = "event";
  else fail(end, result);
}

/** Both directions are over. */
export function finish(end: EndState): void {
  if (end.habits.ending === "linger") {
    end.later(end.habits.lingerMs, () => closeNow(end, isLost));
  } else closeNow(end, isLost);
}
