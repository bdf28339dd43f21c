// The time of day, as time servers tell it (RFC 4330). The core asks, and never uses it; here it is carried
// on by the stack's clock.

import type { Clock } from "../link/clock.js";
import { parseAddress, wordToAddress } from "./address.js";
import { optionalCall, type Core } from "./core.js";
import { check } from "./errors.js";
import { Constant, Event, TimeSampleField } from "./generated/abi.js";
import { readField } from "./records.js";
import type { SavedTimeOfDay } from "./saved.js";

/** What a time server has said. */
export interface TimeInfo {
  /** The time when the answer came. */
  date: Date;
  /** Its address. */
  server: string;
  /** 1 to 15: how far the server is from what it takes the time from. */
  stratum: number;
  /** To the server and back, ms. */
  roundTripMs: number;
}

export interface TimeOwner {
  readonly core: Core;
  readonly clock: Clock;
  enter(): void;
  work(): void;
  checkOpen(syscall: string): void;
}

export type TimeOfDay = ReturnType<typeof createTimeOfDay>;

export function createTimeOfDay(owner: TimeOwner) {
  let asked = 0;
  let tell: ((time: TimeInfo) => void) | undefined;
  /** ms since 1970 at 0 of the clock. */
  let epochMs = NaN;

  function timeServer(address: string | null, onTime?: (time: TimeInfo) => void): () => void {
    const place = { syscall: "time", ...(address === null ? {} : { address }) };
    owner.checkOpen(place.syscall);
    const call = optionalCall(owner.core, "timeServer", place);
    const bytes = address === null ? null : parseAddress(address);
    owner.enter();
    const handle = check(call(bytes === null ? 0 : owner.core.putAddress(bytes)), place);
    asked = handle;
    tell = onTime;
    owner.work();
    return () => stop(handle);
  }

  function stop(handle: number): void {
    if (asked !== handle) return;
    asked = 0;
    tell = undefined;
    owner.enter();
    owner.core.exports.close(handle);
    owner.work();
  }

  /** Events of the clock; false: the handle is of something else. */
  function deliver(handle: number, events: number): boolean {
    if (handle !== asked || asked === 0) return false;
    if ((events & Event.READABLE) === 0) return true;
    const nowMs = owner.clock.now();
    const time = readSample(owner.core);
    epochMs = time.date.getTime() - (nowMs - sinceSample(owner.core, nowMs));
    tell?.(time);
    return true;
  }

  const wallClock = (): Date | null =>
    Number.isNaN(epochMs) ? null : new Date(epochMs + owner.clock.now());

  const saved = (): SavedTimeOfDay => ({
    asked,
    epochMs: Number.isNaN(epochMs) ? null : epochMs,
  });

  /** `missedMs`: what the time of day went on while the stack's clock stood still. */
  function resume(from: SavedTimeOfDay, missedMs: number): void {
    asked = from.asked;
    epochMs = from.epochMs === null ? NaN : from.epochMs + missedMs;
  }

  return { timeServer, wallClock, deliver, saved, resume };
}

function readSample(core: Core): TimeInfo {
  const get = (name: keyof typeof TimeSampleField) => sampleField(core, name);
  return {
    date: new Date(get("seconds") * 1000 + (get("fraction") / 2 ** 32) * 1000),
    server: wordToAddress(get("server")),
    stratum: get("stratum"),
    roundTripMs: get("roundTripUs") / 1000,
  };
}

/** ms from the sample to a moment of the clock: its microseconds wrap after 71 minutes, and an event does
 * not wait that long. */
function sinceSample(core: Core, nowMs: number): number {
  const nowUs = Math.floor(nowMs * 1000) % 2 ** 32;
  return ((nowUs - sampleField(core, "atUs")) >>> 0) / 1000;
}

function sampleField(core: Core, name: keyof typeof TimeSampleField): number {
  return readField(core, core.constant(Constant.TIME_AREA), TimeSampleField[name]);
}
