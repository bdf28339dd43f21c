// Interfaces lifecycle and time. The core counts in milliseconds and microseconds that wrap at 2^32; here they are one
// clock that does not.

import { Constant, Errno } from "../../assembly/constants";
import * as core from "./generated/core";
import { answer, field, outcome } from "./canonical";
import { copyIn } from "./coreMemory";

const ENTROPY_BYTES: u32 = 32;
/** The core takes steps of at most this. */
const LONGEST_STEP_MS: u64 = 1 << 30;
/** After so long both clocks of the core stand where they stood. */
const WRAP_US: u64 = ((<u64>1) << 32) * 1000;
/** More are not gone through one by one: nothing has been waiting for two years. */
const WRAPS: u64 = 16;
const NEVER: u32 = 0xffffffff;

/** The last moment that was told, microseconds; of no meaning while none was. */
let nowUs: u64 = 0;
let runs = false;

export function initialise(): void {
  core.initialise();
  runs = false;
}

export function seed(entropy: usize, length: u32): usize {
  if (length != ENTROPY_BYTES) return outcome(-Errno.EINVAL);
  copyIn(entropy, core.constant(Constant.ENTROPY), ENTROPY_BYTES);
  return outcome(core.seed());
}

export function advance(us: u64): void {
  if (!runs) nowUs = us;
  runs = true;
  if (us < nowUs) return;
  const wraps = (us - nowUs) / WRAP_US;
  if (wraps > WRAPS) nowUs += (wraps - WRAPS) * WRAP_US;
  while (us / 1000 - nowUs / 1000 > LONGEST_STEP_MS) {
    tell(nowUs + LONGEST_STEP_MS * 1000);
    while (core.expire() != 0);
  }
  tell(us);
}

function tell(us: u64): void {
  nowUs = us;
  core.advance(<u32>(us / 1000), <u32>us);
}

export function deadline(): usize {
  const delayMs = core.nextDeadline();
  store<u8>(field(0), u8(delayMs != NEVER));
  store<u64>(field(8), (nowUs / 1000 + delayMs) * 1000);
  return answer();
}

export function expire(): u32 {
  return core.expire();
}
