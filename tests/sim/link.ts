// The wire between two stations: each frame may be lost, doubled, late, overtaken, damaged in one
// bit, too long, or wait behind others for its turn. Everything comes from the seed.

import type { Random } from "../static/support/random.js";
import type { Agenda } from "./agenda.js";

/** Chances in percent, times in ms. */
export interface Weather {
  loss: number;
  /** Of the tries of ARP to find a station, one gets through: three in vain end what waits for it. */
  spareArp: boolean;
  /** Frames lost in a row once one is. */
  burst: number;
  duplicate: number;
  delayMs: number;
  /** Added to the delay, at random: frames overtake each other. */
  jitterMs: number;
  /** Frames held back for a while. */
  reorder: number;
  reorderMs: number;
  corrupt: number;
  /** Bytes per ms; 0: no limit. */
  rate: number;
  /** Frames that wait at most for their turn. */
  queue: number;
  /** Longest IP packet that passes. */
  mtu: number;
}

export interface Lane {
  /** A frame begins its way; the bytes are the lane's from here on. */
  enter(frame: Uint8Array): void;
  /** False: frames are lost, those on the way too. */
  up: boolean;
}

export interface LaneHandlers {
  arrive(frame: Uint8Array): void;
  /** The frame was longer than the wire takes. */
  tooLong(frame: Uint8Array): void;
}

const isArp = (frame: Uint8Array) => frame[12] === 8 && frame[13] === 6;
const isArpReply = (frame: Uint8Array) => isArp(frame) && frame[21] === 2;

export function createLane(
  agenda: Agenda,
  random: Random,
  weather: Weather,
  handlers: LaneHandlers,
): Lane {
  let freeUs = 0;
  let waiting = 0;
  let unlucky = 0;
  let arpLost = false;

  function isUnlucky(): boolean {
    if (unlucky > 0) unlucky--;
    else if (random.percent(weather.loss)) unlucky = random.below(weather.burst) + 1;
    return unlucky > 0;
  }

  /** Where ARP is spared, replies always pass, and requests after one that did not. */
  function isLost(frame: Uint8Array): boolean {
    const lost = isUnlucky() || waiting >= weather.queue;
    if (!weather.spareArp || !isArp(frame)) return lost;
    arpLost = lost && !arpLost && !isArpReply(frame);
    return arpLost;
  }

  /** One bit only: two could leave the checksum right. ARP has no checksum; Ethernet's own would
   * have found the damage. */
  function damage(frame: Uint8Array): Uint8Array {
    if (isArp(frame) || !random.percent(weather.corrupt)) return frame;
    const damaged = frame.slice();
    const at = random.below(frame.length);
    damaged[at] = damaged[at]! ^ (1 << random.below(8));
    return damaged;
  }

  /** Until the last bit has left, us. */
  function turn(bytes: number): number {
    if (weather.rate === 0) return 0;
    freeUs = Math.max(freeUs, agenda.nowUs()) + (bytes * 1000) / weather.rate;
    return freeUs - agenda.nowUs();
  }

  function travel(frame: Uint8Array, waitUs: number): void {
    const held = random.percent(weather.reorder) ? random.below(weather.reorderMs * 1000) : 0;
    const late = random.below(weather.jitterMs * 1000 + 1);
    agenda.after(waitUs + weather.delayMs * 1000 + late + held, () => {
      if (lane.up) handlers.arrive(damage(frame));
    });
  }

  const lane: Lane = {
    up: true,
    enter(frame) {
      if (frame.length - 14 > weather.mtu) return handlers.tooLong(frame);
      if (!lane.up || isLost(frame)) return;
      const waitUs = turn(frame.length);
      waiting++;
      agenda.after(waitUs, () => waiting--);
      travel(frame, waitUs);
      if (random.percent(weather.duplicate)) travel(frame, waitUs);
    },
  };
  return lane;
}
