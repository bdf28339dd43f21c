// One end of a connection: an application that goes on by itself where it can and waits for events
// where the stack tells it to, so that a wake-up that does not come is found at once.

import { ErrnoName, Errno, Event, Pool, Reading, State } from "../../../host/core/generated/abi.js";
import { Constant } from "../../../host/core/generated/abi.js";
import { readLevels } from "../../../host/core/records.js";
import type { Random } from "../../static/support/random.js";
import type { Agenda } from "../agenda.js";
import type { Tcb } from "../records.js";
import { distance, finReceived, isOpening, unread } from "../rules/numbers.js";
import type { Station } from "../station.js";
import type { Habits } from "./habits.js";
import { pull, rest, type PeersOf } from "./reader.js";
import { closeNow, createState, fail, goneStale, type EndState } from "./state.js";
import { isLost, push } from "./writer.js";

export type { EndState, Outcome } from "./state.js";

/** ms without progress until an application gives up: longer than any R2. */
const PATIENCE_MS = 400_000;

export interface End extends EndState {
  onEvent(bits: number): void;
  /** At rest: what it waits for has not happened. */
  checkRest(): void;
}

export function createEnd(
  station: Station,
  handle: number,
  habits: Habits,
  { agenda, random, peersOf }: { agenda: Agenda; random: Random; peersOf: PeersOf },
): End {
  const state = createState(station, handle, habits, agenda, random);
  const end = Object.assign(state, {
    onEvent: (bits: number) => onEvent(state, bits, peersOf),
    checkRest: () => checkRest(state),
  });
  return end;
}

/** Its life begins, once those who ask for it can find it. */
export function begin(end: EndState, agenda: Agenda, peersOf: PeersOf): void {
  const { habits, random } = end;
  const abort = (outcome: "aborted" | "impatient") => {
    if (end.station.ask("abort", end.handle) === 0) end.outcome = outcome;
    else fail(end, -Errno.EBADF);
  };
  const grow = (): void =>
    agenda.nowUs() - end.lastProgressUs < PATIENCE_MS * 1000
      ? end.later(PATIENCE_MS / 4, grow)
      : abort("impatient");
  end.later(PATIENCE_MS / 4, grow);
  for (const [option, value] of habits.options) {
    if (end.station.ask("setOption", end.handle, option, value) !== 0) end.violation("setOption");
  }
  if (habits.abortMs > 0) end.later(random.below(habits.abortMs), () => abort("aborted"));
  if (habits.ending === "early") end.later(random.below(300), () => closeNow(end, isLost));
  if (habits.readLateMs > 0) rest(end, random.below(habits.readLateMs), peersOf);
  push(end);
  pull(end, peersOf);
}

function onEvent(end: EndState, bits: number, peersOf: PeersOf): void {
  if (bits & Event.CLOSED) end.toldOver = bits & Event.ERROR ? "error" : "good";
  if (end.outcome !== undefined) return;
  const woken = (bit: number) => (bits & (Event.CONNECTED | Event.CLOSED | bit)) !== 0;
  if (woken(Event.WRITABLE) && end.writing === "event") end.writing = "nothing";
  if (woken(Event.READABLE) && end.reading === "event") end.reading = "nothing";
  if (bits & Event.ERROR) return fail(end, -Errno.ECONNABORTED);
  push(end);
  pull(end, peersOf);
}

function checkRest(end: EndState): void {
  if (end.outcome !== undefined) return;
  const tcb = end.record();
  if (!tcb) return goneStale(end);
  if (isOpening(tcb)) return;
  const ready = unread(tcb) > 0 || finReceived(tcb) || tcb.state === State.CLOSED;
  if (end.reading === "event" && ready) end.violation("READABLE never came");
  const open = tcb.state === State.ESTABLISHED || tcb.state === State.CLOSE_WAIT;
  if (end.writing === "event" && open && hasRoom(end, tcb)) end.violation("WRITABLE never came");
}

/** A span could be had. */
function hasRoom({ station: { core } }: EndState, tcb: Tcb): boolean {
  const { used, capacity } = readLevels(core, Pool.SEND_RING);
  if (tcb.sendRing === Reading.NO_RING) return used < capacity;
  return distance(tcb.sndUna, tcb.sndEnd) < core.constant(Constant.SEND_RING_BYTES);
}

export function describeEnd(end: EndState): string {
  const { label, outcome, writing, reading, written, read, habits, error } = end;
  const state = outcome ?? `waits (to write: ${writing}, to read: ${reading})`;
  return (
    `${label}: ${state}, wrote ${written} of ${habits.bytes}, read ${read}, ending ${habits.ending}` +
    (error ? `, ${ErrnoName[error]}` : "")
  );
}
