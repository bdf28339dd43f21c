// The wire between the two: frames from one go to the other, and time passes when there is none. It can lose frames.

import { empty } from "../library/canonical";
import { advance, deadline, expire, receive, transmit } from "./sides";

/** The first moment, microseconds: the clocks of the stacks wrap at 2^32 of both their units while the test runs. */
const START_US: u64 = ((<u64>1) << 32) * 1000 - 30_000_000;
const NEVER: u64 = u64.MAX_VALUE;
/** Frames at one moment; more is a storm. */
const STORM: u32 = 100_000;

let nowUs: u64 = START_US;
/** Every frame of this number is lost; 0: none. */
let loses: u32 = 0;
export let carried: u32 = 0;
export let lost: u32 = 0;

export function tell(): void {
  advance(0, nowUs);
  advance(1, nowUs);
}

/** Milliseconds that have passed. */
export function sinceMs(us: u64): u64 {
  return (nowUs - us) / 1000;
}

export function now(): u64 {
  return nowUs;
}

/** Loses each frame of that number from now on; 0: none. */
export function lose(every: u32): void {
  loses = every;
}

/** Hands a frame over, and what answers it at once back. */
function carry(from: u32, frame: usize, length: u32): void {
  let to = from ^ 1;
  for (;;) {
    carried++;
    if (loses != 0 && carried % loses == 0) {
      lost++;
      return;
    }
    const result = receive(to, 0, frame, length);
    if (!hasFrame(result)) return;
    frame = load<usize>(result, 8);
    length = load<u32>(result, 12);
    to ^= 1;
  }
}

/** True if a result<option<list<u8>>, ...> has a list. */
function hasFrame(result: usize): bool {
  return load<u8>(result) == 0 && load<u8>(result, 4) != 0;
}

/** Carries all that can be sent now; how many frames. */
export function settle(): u32 {
  const before = carried;
  for (let quiet = 0; quiet < 2 && carried - before < STORM;) {
    for (let side: u32 = 0; side < 2; side++) {
      while (expire(side) != 0);
      empty();
      const result = transmit(side, 0);
      if (!hasFrame(result)) {
        quiet++;
        continue;
      }
      quiet = 0;
      carry(side, load<usize>(result, 8), load<u32>(result, 12));
    }
  }
  return carried - before;
}

/** The moment at which one of the two has work. */
function nextUs(): u64 {
  return min(deadlineOf(0), deadlineOf(1));
}

function deadlineOf(side: u32): u64 {
  const result = deadline(side);
  return load<u8>(result) == 0 ? NEVER : load<u64>(result, 8);
}

/** Lets time pass until somebody has work, but not beyond a moment. False: it is that moment. */
export function pass(untilUs: u64): bool {
  const next = nextUs();
  nowUs = max(nowUs, min(next, untilUs));
  tell();
  return nowUs < untilUs;
}
