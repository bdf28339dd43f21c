// Options (constants.Option), by their number: those of the stack and the defaults are u32 in the
// globals, those of connections and listeners u16 in their records.

import { EXTENSIONS, SOURCE_LIMITS } from "../config";
import { Errno, Option } from "../constants";
import { Globals } from "../globals";
import { GLOBALS } from "../memory";
import { Listener, listenerAt, listenerOf } from "./listener";
import { makeReady } from "./ready";
import { selectHandle, Tcb, tcb } from "./tcb";

/** Options with a place in the globals, and among them those of a connection: 1 to this number. */
const STACK_LAST: u32 = Option.CHALLENGE_ACK_MS;
const CONNECTION_LAST: u32 = Option.R2_SECONDS;

/** Highest value of each option, from 1 on; that of MSL_MS, which has more bits, in tenths. */
const HIGHEST: usize = memory.data<u16>([
  1, 255, 63, 65535, 65535, 1, 60000, 499, 60000, 7, 65535, 1, 1, 60000, 1, 65535,
]);
/** What each is after initialise(), as far as the globals hold it. */
const DEFAULTS: usize = memory.data<u32>([
  0,
  64,
  0,
  100,
  180,
  0,
  30000,
  40,
  200,
  3,
  60,
  u32(EXTENSIONS),
  u32(EXTENSIONS),
  500,
]);
/** Options whose least value is 1, not 0: one bit each. */
const POSITIVE: u32 =
  (1 << Option.TTL) |
  (1 << Option.R2_SECONDS) |
  (1 << Option.SYN_R2_SECONDS) |
  (1 << Option.MSL_MS) |
  (1 << Option.MINIMUM_RTO_MS) |
  (1 << Option.ORPHAN_SECONDS);

/** Where option 1 lies; the others follow. */
const OPTIONS: usize = GLOBALS + offsetof<Globals>("noDelay");

if (offsetof<Globals>("challengeAckMs") - offsetof<Globals>("noDelay") != 4 * (STACK_LAST - 1))
  ERROR("options lie in a row");

export function optionReset(): void {
  memory.copy(OPTIONS, DEFAULTS, 4 * STACK_LAST);
}

/** A new connection starts with the defaults. */
export function takeDefaults(): void {
  for (let i: usize = 0; i < CONNECTION_LAST; i++) {
    const to = changetype<usize>(tcb) + (i << 1);
    store<u16>(to, load<u16>((i << 2) + OPTIONS), offsetof<Tcb>("noDelay"));
  }
}

/** Options of features that are not in this build: one bit each. */
const MISSING: u32 =
  (EXTENSIONS ? 0 : (1 << Option.TIMESTAMPS) | (1 << Option.WINDOW_SCALE)) |
  (SOURCE_LIMITS ? 0 : 1 << Option.SOURCE_LIMIT);

/** Where an option of a handle lies, or -Errno. A connection becomes the current one. */
function place(handle: u32, option: u32): i32 {
  if (option < 32 && (MISSING >> option) & 1) return -Errno.ENOPROTOOPT;
  let index = option - 1;
  if (handle == 0) {
    return index < STACK_LAST ? <i32>(OPTIONS + (index << 2)) : -Errno.ENOPROTOOPT;
  }
  let base: usize;
  const listener = listenerOf(handle);
  if (listener >= 0) {
    index = option - Option.RESET_WHEN_FULL;
    if (index > 1) return -Errno.ENOPROTOOPT;
    base = changetype<usize>(listenerAt(listener)) + offsetof<Listener>("resetWhenFull");
  } else {
    if (!selectHandle(handle)) return -Errno.EBADF;
    if (index >= CONNECTION_LAST) return -Errno.ENOPROTOOPT;
    base = changetype<usize>(tcb) + offsetof<Tcb>("noDelay");
  }
  return <i32>(base + (index << 1));
}

/** ABI: sets an option; handle 0: the default or the stack's own. */
export function setOption(handle: u32, option: u32, value: u32): i32 {
  const at = place(handle, option);
  if (at < 0) return at;
  let highest = <u32>load<u16>(HIGHEST + (option << 1) - 2);
  if (option == Option.MSL_MS) highest *= 10;
  if (value < ((POSITIVE >> option) & 1) || value > highest) return -Errno.EINVAL;
  if (handle == 0) store<u32>(at, value);
  else {
    store<u16>(at, value);
    if (option == Option.NO_DELAY) makeReady(); // what Nagle held back may go
  }
  return 0;
}
