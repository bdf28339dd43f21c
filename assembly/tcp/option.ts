// Options (constants.Option), by their number: u16 in a row, those of the stack and the defaults in the
// globals, those of connections and listeners in their records.

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

/** Highest value of each option, from 1 on; MSL_MS, which has more bits, in hundredths of a second. */
const HIGHEST: usize = memory.data<u16>([
  1, 255, 63, 65535, 1, 65535, 65535, 255, 65535, 1, 60000, 499, 60000, 7, 65535, 65535, 1, 1, 1,
  60000, 1, 65535,
]);
/** What each is after initialise(), as far as the globals hold it. */
const DEFAULTS: usize = memory.data<u16>([
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
  3000, // MSL_MS
  40, // DELAYED_ACK_MS
  200, // MINIMUM_RTO_MS
  3, // SYN_ACK_RETRIES
  60, // ORPHAN_SECONDS
  0, // CLOSE_WAIT_SECONDS
  u16(EXTENSIONS), // TIMESTAMPS
  u16(EXTENSIONS), // WINDOW_SCALE
  u16(SACK), // SACK
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

if (offsetof<Globals>("challengeAckMs") - offsetof<Globals>("noDelay") != 2 * (STACK_LAST - 1))
  ERROR("options lie in a row");

export function optionReset(): void {
  memory.copy(OPTIONS, DEFAULTS, 2 * STACK_LAST);
}

/** A new connection starts with the defaults. */
export function takeDefaults(): void {
  memory.copy(changetype<usize>(tcb) + offsetof<Tcb>("noDelay"), OPTIONS, 2 * CONNECTION_LAST);
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
  let first: u32 = Option.NO_DELAY;
  let last: u32 = CONNECTION_LAST;
  let base: usize = OPTIONS;
  const listener = listenerOf(handle);
  if (handle == 0) last = STACK_LAST;
  else if (listener >= 0) {
    first = Option.RESET_WHEN_FULL;
    last = Option.SOURCE_LIMIT;
    base = changetype<usize>(listenerAt(listener)) + offsetof<Listener>("resetWhenFull");
  } else {
    if (!selectHandle(handle)) return -Errno.EBADF;
    base = changetype<usize>(tcb) + offsetof<Tcb>("noDelay");
  }
  if (option - first > last - first) return -Errno.ENOPROTOOPT;
  return <i32>(base + ((option - first) << 1));
}

/** ABI: sets an option; handle 0: the default or the stack's own. */
export function setOption(handle: u32, option: u32, value: u32): i32 {
  const at = place(handle, option);
  if (at < 0) return at;
  if (option == Option.MSL_MS) value = (value + 9) / 10;
  const highest = <u32>load<u16>(HIGHEST + (option << 1) - 2);
  if (value < ((POSITIVE >> option) & 1) || value > highest) return -Errno.EINVAL;
  store<u16>(at, value);
  if (handle == 0) return 0;
  if (option == Option.NO_DELAY) makeReady(); // what Nagle held back may go
  if (KEEPALIVE && option - Option.KEEP_ALIVE <= CONNECTION_LAST - Option.KEEP_ALIVE) watch();
  return 0;
}
