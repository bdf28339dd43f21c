// What an application knows of its end of a connection, and what it waits for.

import { Errno, ErrnoName, Flag, Pool, State } from "../../../host/core/generated/abi.js";
import { readError, readLevels } from "../../../host/core/records.js";
import type { Random } from "../../static/support/random.js";
import type { Agenda } from "../agenda.js";
import type { Tcb } from "../records.js";
import { has } from "../rules/numbers.js";
import { ADDRESSES, type Station, type StationName } from "../station.js";
import { Violation } from "../watch.js";
import type { Habits } from "./habits.js";

/** How an end came to be over. */
export type Outcome = "good" | "error" | "aborted" | "recycled" | "impatient";

/** nothing: it goes on by itself; event: the stack must wake it; pause: it will wake itself. */
export type Waiting = "nothing" | "event" | "pause";

export interface EndState {
  readonly station: Station;
  readonly handle: number;
  readonly label: string;
  readonly habits: Habits;
  readonly random: Random;
  readonly localPort: number;
  readonly remotePort: number;
  /** Who is at the other end. */
  readonly peer: StationName;
  readonly iss: number;
  /** The peer's initial sequence number; 0 until it is known. */
  irs: number;
  /** Undefined while it lasts. */
  outcome: Outcome | undefined;
  /** Errno of what ended it, or 0. */
  error: number;
  written: number;
  read: number;
  /** Our FIN follows what is written. */
  finSent: boolean;
  /** All that the peer wrote was read, and its FIN. */
  sawEnd: boolean;
  /** The event that it is over has come, and whether in good order. */
  toldOver: "no" | "good" | "error";
  writing: Waiting;
  reading: Waiting;
  lastProgressUs: number;
  /** Its record, as it was after the last call; undefined once it is another's. */
  record(): Tcb | undefined;
  moved(): void;
  /** After a pause, at the station's next turn, unless it is over by then. */
  later(ms: number, happen: () => void): void;
  violation(text: string): never;
}

export function createState(
  station: Station,
  handle: number,
  habits: Habits,
  agenda: Agenda,
  random: Random,
): EndState {
  const node = handle & 0xffff;
  const first = station.watch.tcb(node);
  if (!first) throw new Violation(`handle ${handle} has no record`);
  const { iss, localPort, remotePort, remote } = first;
  const state: EndState = {
    station,
    handle,
    habits,
    random,
    localPort,
    remotePort,
    peer: remote[3] === ADDRESSES.A[3] ? "A" : "B",
    iss,
    irs: 0,
    label: `${station.name} ${localPort}-${remotePort}`,
    outcome: undefined,
    error: 0,
    written: 0,
    read: 0,
    finSent: false,
    sawEnd: false,
    toldOver: "no",
    writing: "nothing",
    reading: "nothing",
    lastProgressUs: agenda.nowUs(),
    record() {
      const tcb = station.watch.tcb(node);
      const mine = tcb?.iss === iss && tcb.localPort === localPort && has(tcb, Flag.OWNED);
      if (!mine) return undefined;
      if (tcb.state !== State.SYN_SENT) state.irs = tcb.irs;
      return tcb;
    },
    moved: () => (state.lastProgressUs = agenda.nowUs()),
    later(ms, happen) {
      const unlessOver = () => state.outcome === undefined && happen();
      agenda.after(ms * 1000, () => station.act(unlessOver));
    },
    violation(text) {
      throw new Violation(`${state.label}: ${text}`);
    },
  };
  return state;
}

/** The pool may take back the record of a connection that is over, and with it events that nobody
 * has taken: a host that finds all records in use looks for such handles itself. */
export function goneStale(end: EndState): void {
  const { highWater, capacity } = readLevels(end.station.core, Pool.TCB);
  if (end.toldOver === "no" && highWater < capacity) {
    end.violation("its handle is stale, nobody said that it is over, and records never ran out");
  }
  // In good order, nothing is left to read but the end.
  if (end.toldOver === "good") end.sawEnd = true;
  end.outcome = end.toldOver === "good" ? "good" : "recycled";
}

/** A call has failed for good: why, and the handle is given back. */
export function fail(end: EndState, result: number): void {
  if (end.outcome !== undefined) return;
  if (result === -Errno.EBADF) return goneStale(end);
  const { station, handle } = end;
  end.error = readError(station.core, handle) || -result;
  const closed = station.ask(end.random.percent(80) ? "close" : "abort", handle);
  if (closed !== 0) end.violation(`close says ${ErrnoName[-closed]}`);
  end.outcome = "error";
}

/** CLOSE, whatever is unread: then the connection is reset instead. */
export function closeNow(end: EndState, lost: (tcb: Tcb) => boolean): void {
  if (end.outcome !== undefined) return;
  const tcb = end.record();
  const result = end.station.ask("close", end.handle);
  if (result !== 0 || !tcb) return fail(end, result);
  const isLost = lost(tcb);
  if (!isLost) end.finSent = true;
  end.outcome = isLost ? "aborted" : "good";
}
