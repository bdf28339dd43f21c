// Options (constants.Option), by their number: those of the stack and the defaults are u32 in the
// globals, those of connections and listeners u16 in their records.

import { EXTENSIONS, KEEPALIVE, SACK, SOURCE_LIMITS } from "../config";
import { Errno, Option } from "../constants";
import { Globals } from "../globals";
import { GLOBALS } from "../memory";
import { Listener, listenerAt, listenerOf } from "./listener";
import { makeReady } from "./ready";
import { selectHandle, Tcb, tcb } from "./tcb";
import { watch } from "./watch";

/** Options with a place in the globals, and among them those of a connection: 1 to this number. */
const STACK_LAST: u32 = Option.CHALLENGE_ACK_MS;
const CONNECTION_LAST: u32 = Option.KEEP_PROBES;

/** Highest value of each option, from 1 on; that of MSL_MS, which has more bits, in tenths. */
const HIGHEST: usize = memory.data<u16>([
  1, 255, 63, 65535, 1, 65535, 65535, 255, 65535, 1, 60000, 499, 60000, 7, 65535, 65535, 1, 1, 1,
  60000, 1, 65535,
]);
/** What each is after initialise(), as far as the globals hold it. */
const DEFAULTS: usize = memory.data<u32>([
  0, // NO_DELAY
  64, // TTL
  0, // DSCP
  100, // R2_SECONDS
  0, // KEEP_ALIVE
  KEEPALIVE ? 7200 : 0, // KEEP_IDLE_SECONDS
  KEEPALIVE ? 75 : 0, // KEEP_INTERVAL_SECONDS
  KEEPALIVE ? 10 : 0, // KEEP_PROBES
  180, // SYN_R2_SECONDS
  0, // REFUSE_SELF_CONNECT
  30000, // MSL_MS
  40, // DELAYED_ACK_MS
  200, // MINIMUM_RTO_MS
  3, // SYN_ACK_RETRIES
  60, // ORPHAN_SECONDS
  0, // CLOSE_WAIT_SECONDS
  u32(EXTENSIONS), // TIMESTAMPS
  u32(EXTENSIONS), // WINDOW_SCALE
  u32(SACK), // SACK
  500, // CHALLENGE_ACK_MS
]);
/** Options whose least value is 1, not 0: one bit each. */
const POSITIVE: u32 =
  (1 << Option.TTL) |
  (1 << Option.R2_SECONDS) |
  (1 << Option.KEEP_IDLE_SECONDS) |
  (1 << Option.KEEP_INTERVAL_SECONDS) |
  (1 << Option.KEEP_PROBES) |
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

const KEEPALIVE_OPTIONS: u32 =
  (1 << Option.KEEP_ALIVE) |
  (1 << Option.KEEP_IDLE_SECONDS) |
  (1 << Option.KEEP_INTERVAL_SECONDS) |
  (1 << Option.KEEP_PROBES) |
  (1 << Option.CLOSE_WAIT_SECONDS);

/** Options of features that are not in this build: one bit each. */
const MISSING: u32 =
  (EXTENSIONS ? 0 : (1 << Option.TIMESTAMPS) | (1 << Option.WINDOW_SCALE)) |
  (SACK ? 0 : 1 << Option.SACK) |
  (KEEPALIVE ? 0 : KEEPALIVE_OPTIONS) |
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
    if (KEEPALIVE && option - Option.KEEP_ALIVE <= CONNECTION_LAST - Option.KEEP_ALIVE) watch();
  }
  return 0;
}
