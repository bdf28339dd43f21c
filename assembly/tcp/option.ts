// Options (constants.Option): stack-wide ones and defaults in the globals, the rest per connection
// or listener. One table: where each lives and what it may be.

import { TCB_COUNT, LISTENER_COUNT } from "../config";
import { Errno, Option } from "../constants";
import { nodeOf } from "../event";
import { Globals, globals } from "../globals";
import { LISTENER_NODE } from "../memory";
import { listenerAt } from "./listener";
import { makeReady } from "./ready";
import { Flag, Tcb, clear, has, set, tcbAt } from "./tcb";

let low: u32 = 0;
let high: u32 = 0;

/** Pointer to the field of an option in the globals, with its range in low and high; 0: none. */
function place(option: u32): usize {
  const g = globals;
  const base = changetype<usize>(g);
  low = 0;
  high = 1;
  switch (option) {
    case Option.NO_DELAY:
      return base + offsetof<Globals>("noDelay");
    case Option.REFUSE_SELF_CONNECT:
      return base + offsetof<Globals>("refuseSelfConnect");
    case Option.TIMESTAMPS:
      return base + offsetof<Globals>("timestamps");
    case Option.WINDOW_SCALE:
      return base + offsetof<Globals>("windowScale");
    case Option.DSCP:
      high = 63;
      return base + offsetof<Globals>("dscp");
    case Option.DELAYED_ACK_MS:
      high = 499;
      return base + offsetof<Globals>("delayedAckMs");
    case Option.SYN_ACK_RETRIES:
      high = 7;
      return base + offsetof<Globals>("synAckRetries");
    case Option.CHALLENGE_ACK_MS:
      high = 60000;
      return base + offsetof<Globals>("challengeAckMs");
    default:
      break;
  }
  low = 1;
  high = 65535;
  switch (option) {
    case Option.R2_SECONDS:
      return base + offsetof<Globals>("r2Seconds");
    case Option.SYN_R2_SECONDS:
      return base + offsetof<Globals>("synR2Seconds");
    case Option.ORPHAN_SECONDS:
      return base + offsetof<Globals>("orphanSeconds");
    case Option.TTL:
      high = 255;
      return base + offsetof<Globals>("ttl");
    case Option.MINIMUM_RTO_MS:
      high = 60000;
      return base + offsetof<Globals>("minimumRtoMs");
    case Option.MSL_MS:
      high = 600000;
      return base + offsetof<Globals>("mslMs");
    default:
      return 0;
  }
}

/** ABI: sets an option; handle 0: the default or the stack's own. */
export function setOption(handle: u32, option: u32, value: u32): i32 {
  const at = place(option);
  if (handle == 0) {
    if (at == 0) return -Errno.ENOPROTOOPT;
    if (value < low || value > high) return -Errno.EINVAL;
    store<u32>(at, value);
    return 0;
  }
  const l = nodeOf(handle, LISTENER_NODE, LISTENER_COUNT);
  if (l >= 0) return setListener(l - LISTENER_NODE, option, value);
  const node = nodeOf(handle, 0, TCB_COUNT);
  if (node < 0) return -Errno.EBADF;
  if (at != 0 && (value < low || value > high)) return -Errno.EINVAL;
  return setConnection(tcbAt(node), option, value);
}

function setListener(i: u32, option: u32, value: u32): i32 {
  const l = listenerAt(i);
  if (option == Option.RESET_WHEN_FULL) {
    if (value > 1) return -Errno.EINVAL;
    l.resetWhenFull = <u8>value;
  } else if (option == Option.SOURCE_LIMIT) {
    if (value > 65535) return -Errno.EINVAL;
    l.sourceLimit = <u16>value;
  } else return -Errno.ENOPROTOOPT;
  return 0;
}

function setConnection(t: Tcb, option: u32, value: u32): i32 {
  switch (option) {
    case Option.NO_DELAY:
      if (value) set(t, Flag.NO_DELAY);
      else clear(t, Flag.NO_DELAY);
      if (has(t, Flag.OWNED) && t.state != 0) makeReady(t); // what Nagle held back may go
      return 0;
    case Option.TTL:
      t.ttl = <u8>value;
      return 0;
    case Option.DSCP:
      t.dscp = <u8>value;
      return 0;
    case Option.R2_SECONDS:
      t.r2Seconds = <u16>value;
      return 0;
    default:
      return -Errno.ENOPROTOOPT;
  }
}

/** ABI: the value of an option. */
export function getOption(handle: u32, option: u32): i32 {
  if (handle == 0) {
    const at = place(option);
    return at == 0 ? -Errno.ENOPROTOOPT : load<i32>(at);
  }
  const l = nodeOf(handle, LISTENER_NODE, LISTENER_COUNT);
  if (l >= 0) {
    const listener = listenerAt(l - LISTENER_NODE);
    if (option == Option.RESET_WHEN_FULL) return listener.resetWhenFull;
    if (option == Option.SOURCE_LIMIT) return listener.sourceLimit;
    return -Errno.ENOPROTOOPT;
  }
  const node = nodeOf(handle, 0, TCB_COUNT);
  if (node < 0) return -Errno.EBADF;
  const t = tcbAt(node);
  switch (option) {
    case Option.NO_DELAY:
      return has(t, Flag.NO_DELAY) ? 1 : 0;
    case Option.TTL:
      return t.ttl;
    case Option.DSCP:
      return t.dscp;
    case Option.R2_SECONDS:
      return t.r2Seconds;
    default:
      return -Errno.ENOPROTOOPT;
  }
}
