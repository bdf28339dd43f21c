// Options (constants.Option), by their number: u16 in a row, those of the stack and the defaults in the
// globals, those of connections and listeners in their records.

import { EXTENSIONS, MINIMUM_MSS, SACK, SOURCE_LIMITS, UDP, USER_TIMEOUTS } from "../config";
import { Errno, Option } from "../constants";
import { Globals } from "../globals";
import { GLOBALS } from "../memory";
import { smaller } from "../order";
import { Listener, listenerAt, listenerOf } from "./listener";
import { makeReady } from "./ready";
import { selectHandle, Tcb, tcb } from "./tcb";
import { keepUserTimeout } from "./userTimeout";
import { watch } from "./watch";
import { selectSocketHandle, Socket, socket } from "../udp/socket";

/** Options with a place in the globals, and among them those of a connection: 1 to this number. */
const STACK_LAST: u32 = Option.USER_TIMEOUT;
const CONNECTION_LAST: u32 = Option.KEEP_PROBES;

/** Highest value of each option but MSS, from 1 on; 0: not in this build. MSL_MS, which has more bits, in
 * hundredths of a second. */
const HIGHEST: usize = memory.data<u16>([
  1, // NO_DELAY
  255, // TTL
  63, // DSCP
  65535, // R2_SECONDS
  1, // KEEP_ALIVE
  65535, // KEEP_IDLE_SECONDS
  65535, // KEEP_INTERVAL_SECONDS
  255, // KEEP_PROBES
  65535, // SYN_R2_SECONDS
  1, // REFUSE_SELF_CONNECT
  60000, // MSL_MS
  499, // DELAYED_ACK_MS
  60000, // MINIMUM_RTO_MS
  7, // SYN_ACK_RETRIES
  65535, // ORPHAN_SECONDS
  65535, // CLOSE_WAIT_SECONDS
  EXTENSIONS ? 1 : 0, // TIMESTAMPS
  EXTENSIONS ? 1 : 0, // WINDOW_SCALE
  SACK ? 1 : 0, // SACK
  60000, // CHALLENGE_ACK_MS
  USER_TIMEOUTS ? 1 : 0, // USER_TIMEOUT
  1, // RESET_WHEN_FULL
  SOURCE_LIMITS ? 65535 : 0, // SOURCE_LIMIT
  UDP ? 1 : 0, // BROADCAST
  255, // MULTICAST_TTL
]);
/** What each is after initialise(), as far as the globals hold it. */
const DEFAULTS: usize = memory.data<u16>([
  0, // NO_DELAY
  64, // TTL
  0, // DSCP
  100, // R2_SECONDS
  0, // KEEP_ALIVE
  7200, // KEEP_IDLE_SECONDS
  75, // KEEP_INTERVAL_SECONDS
  10, // KEEP_PROBES
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
  0, // USER_TIMEOUT
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
  (1 << Option.ORPHAN_SECONDS) |
  (1 << Option.MULTICAST_TTL);

/** Where option 1 lies; the others follow. */
const OPTIONS: usize = GLOBALS + offsetof<Globals>("noDelay");

if (offsetof<Globals>("userTimeout") - offsetof<Globals>("noDelay") != 2 * (STACK_LAST - 1))
  ERROR("options lie in a row");

export function optionReset(): void {
  memory.copy(OPTIONS, DEFAULTS, 2 * STACK_LAST);
}

/** A new connection starts with the defaults. */
export function takeDefaults(): void {
  memory.copy(changetype<usize>(tcb) + offsetof<Tcb>("noDelay"), OPTIONS, 2 * CONNECTION_LAST);
}

/** Where an option of a handle lies, or -Errno. A connection becomes the current one. */
function place(handle: u32, option: u32): i32 {
  let first: u32 = Option.NO_DELAY;
  let last: u32 = CONNECTION_LAST;
  let base: usize = OPTIONS;
  const listener = listenerOf(handle);
  if (handle == 0) last = STACK_LAST;
  else if (listener >= 0) {
    first = Option.RESET_WHEN_FULL;
    last = Option.SOURCE_LIMIT;
    base = changetype<usize>(listenerAt(listener)) + offsetof<Listener>("resetWhenFull");
  } else if (UDP && selectSocketHandle(handle)) {
    first = Option.TTL;
    last = Option.DSCP;
    base = changetype<usize>(socket) + offsetof<Socket>("ttl");
    if (option >= <u32>Option.BROADCAST) {
      first = Option.BROADCAST;
      last = Option.MULTICAST_TTL;
      base += offsetof<Socket>("broadcast") - offsetof<Socket>("ttl");
    }
  } else {
    if (!selectHandle(handle)) return -Errno.EBADF;
    base = changetype<usize>(tcb) + offsetof<Tcb>("noDelay");
    if (EXTENSIONS && option == Option.MSS) {
      first = last = Option.MSS;
      base = changetype<usize>(tcb) + offsetof<Tcb>("sndMss");
    }
  }
  if (option - first > last - first) return -Errno.ENOPROTOOPT;
  return <i32>(base + ((option - first) << 1));
}

/** Never more than the peer and the path allow. */
function lowerMss(at: usize, value: u32): i32 {
  if (value - MINIMUM_MSS > 0xffff - MINIMUM_MSS) return -Errno.EINVAL;
  store<u16>(at, smaller(value, load<u16>(at)));
  return 0;
}

/** ABI: sets an option; handle 0: the default or the stack's own. */
export function setOption(handle: u32, option: u32, value: u32): i32 {
  const at = place(handle, option);
  if (at < 0) return at;
  if (EXTENSIONS && option == Option.MSS) return lowerMss(at, value);
  if (option == Option.MSL_MS) value = (value + 9) / 10;
  const highest = <u32>load<u16>(HIGHEST + (option << 1) - 2);
  if (highest == 0) return -Errno.ENOPROTOOPT;
  if (value < ((POSITIVE >> option) & 1) || value > highest) return -Errno.EINVAL;
  store<u16>(at, value);
  if (handle == 0) return 0;
  if (USER_TIMEOUTS && option == Option.R2_SECONDS) keepUserTimeout();
  if (option == Option.NO_DELAY) makeReady(); // what Nagle held back may go
  if (option - Option.KEEP_ALIVE <= CONNECTION_LAST - Option.KEEP_ALIVE) watch();
  return 0;
}
