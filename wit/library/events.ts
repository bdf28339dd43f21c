// Interfaces events and options.

import { Constant, Errno, Option } from "../../assembly/constants";
import * as core from "./generated/core";
import { answer, failure, field, numberOr, outcome } from "./canonical";
import { read16 } from "./coreMemory";
import { given, listenerOf, maybe, tcbOf } from "./handle";

// events

export function next(): usize {
  const handle = core.nextEvent();
  store<u8>(field(0), u8(handle != 0));
  store<u32>(field(4), handle);
  return answer();
}

export function take(handle: u32): usize {
  const bits = core.takeEvents(given(handle));
  if (bits < 0) return failure(bits, 2);
  store<u8>(field(0), 0);
  store<u16>(field(2), bits);
  return answer();
}

// options: `name` counts from 0, and Option from 1

export function set(is: u32, handle: u32, name: u32, value: u32): usize {
  return outcome(core.setOption(maybe(is, handle), name + 1, value));
}

export function get(is: u32, handle: u32, name: u32): usize {
  const option = name + 1;
  if (is == 0) {
    const row = core.constant(Constant.GLOBALS) + core.GLOBALS_NO_DELAY;
    return numberOr(valueIn(row, option, Option.NO_DELAY, Option.USER_TIMEOUT));
  }
  const tcb = tcbOf(handle);
  if (tcb != 0) {
    return numberOr(valueIn(tcb + core.TCB_NO_DELAY, option, Option.NO_DELAY, Option.KEEP_PROBES));
  }
  const listener = listenerOf(handle);
  if (listener == 0) return failure(-Errno.EBADF);
  const row = listener + core.LISTENER_RESET_WHEN_FULL;
  return numberOr(valueIn(row, option, Option.RESET_WHEN_FULL, Option.SOURCE_LIMIT));
}

/** Options lie in a row, from `first` to `last`; the MSL in hundredths of a second. */
function valueIn(row: u32, option: u32, first: u32, last: u32): i32 {
  if (option < first || option > last) return -Errno.ENOPROTOOPT;
  const value = read16(row + 2 * (option - first));
  return option == Option.MSL_MS ? value * 10 : value;
}
