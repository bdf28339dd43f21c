// Looking in: the info block of one connection, and the walk over all of them (netstat).

import { LISTENER_COUNT, SYN_COUNT, TCB_COUNT, TIME_WAIT_COUNT } from "./config";
import { Errno, Pool, State } from "./constants";
import { handleOf, isOpen, nodeOf } from "./event";
import { globals } from "./globals";
import { addressAt, localOf } from "./ip/address";
import { showAddress } from "./ip/addressing";
import { Info } from "./layout";
import { INFO, LISTENER_NODE } from "./memory";
import { ANY_ADDRESS, listenerAt } from "./tcp/listener";
import { unacknowledged, unread } from "./tcp/pool";
import { rto } from "./tcp/rtt";
import { synEntryAt } from "./tcp/synCache";
import { Endpoint, Flag, Tcb, has, isFreeTcb, nodeOfTcb, remoteOf, tcbAt } from "./tcp/tcb";
import { timeWaitAt, timeWaitLeft } from "./tcp/timeWait";
import { RECEIVE_SCALE, interfaceOf, receiveWindow } from "./tcp/window";
import { LOOPBACK } from "./link/interface";

const NONE: u32 = 0xffffffff;

function block(): Info {
  return changetype<Info>(INFO);
}

/** ABI: where info() and enumerate() write. */
export function infoBuffer(): u32 {
  return <u32>INFO;
}

/** ABI: the info block of a connection or listener. */
export function info(handle: u32): i32 {
  const l = nodeOf(handle, LISTENER_NODE, LISTENER_COUNT);
  if (l >= 0) {
    listenerInfo(l - LISTENER_NODE);
    return 0;
  }
  const node = nodeOf(handle, 0, TCB_COUNT);
  if (node < 0) return -Errno.EBADF;
  tcbInfo(tcbAt(node));
  return 0;
}

/** ABI: one record after another: listeners, TCBs, SYN cache, TIME-WAIT. */
export function enumerate(cursor: u32): u32 {
  const tcbs: u32 = LISTENER_COUNT;
  const syns: u32 = tcbs + TCB_COUNT;
  const timeWaits: u32 = syns + SYN_COUNT;
  const all: u32 = timeWaits + TIME_WAIT_COUNT;
  for (let i = cursor; i < all; i++) {
    if (i < tcbs) {
      if (listenerAt(i).port == 0) continue;
      listenerInfo(i);
    } else if (i < syns) {
      const t = tcbAt(i - tcbs);
      if (isFreeTcb(t)) continue;
      tcbInfo(t);
    } else {
      if (!entryInfo(i < timeWaits, i < timeWaits ? i - syns : i - timeWaits)) continue;
    }
    return i + 1;
  }
  return 0;
}

function start(pool: u32, state: u32): Info {
  memory.fill(INFO, 0, offsetof<Info>());
  const b = block();
  b.pool = pool;
  b.state = state;
  b.addressLength = 4;
  b.timerMs = NONE;
  b.ackTimerMs = NONE;
  return b;
}

function endpoint(b: Info, record: usize): void {
  const e = changetype<Endpoint>(record);
  b.localPort = e.localPort;
  b.remotePort = e.remotePort;
  const iface = <u32>addressAt(e.address).interface;
  b.interface = iface == LOOPBACK ? NONE : iface;
  showAddress(INFO + offsetof<Info>("localAddress0"), localOf(e.address));
  showAddress(INFO + offsetof<Info>("remoteAddress0"), remoteOf(record));
}

function listenerInfo(i: u32): void {
  const l = listenerAt(i);
  const b = start(Pool.LISTENER, State.LISTEN);
  b.handle = handleOf(LISTENER_NODE + i);
  b.interface = <u8>NONE;
  b.localPort = l.port;
  b.sendQueue = l.queued;
  if (<u32>l.address != ANY_ADDRESS) {
    b.interface = addressAt(l.address).interface;
    showAddress(INFO + offsetof<Info>("localAddress0"), localOf(l.address));
  }
}

/** SYN-cache or TIME-WAIT entry; false: not in use. */
function entryInfo(syn: bool, i: u32): bool {
  if (syn) {
    const e = synEntryAt(i);
    if (e.localPort == 0) return false;
    const b = start(Pool.SYN_CACHE, State.SYN_RECEIVED);
    endpoint(b, changetype<usize>(e));
    b.iss = e.iss;
    b.irs = e.irs;
    b.retries = e.retries;
    b.timerMs = left(e.dueMs);
    return true;
  }
  const e = timeWaitAt(i);
  if (e.localPort == 0) return false;
  const b = start(Pool.TIME_WAIT, State.TIME_WAIT);
  endpoint(b, changetype<usize>(e));
  b.sndNxt = e.sndNxt;
  b.rcvNxt = e.rcvNxt;
  b.timerMs = timeWaitLeft(e);
  b.ageMs = 2 * globals.mslMs - min<u32>(b.timerMs, 2 * globals.mslMs);
  return true;
}

function left(deadlineMs: u32): u32 {
  const ms = <i32>(deadlineMs - globals.nowMs);
  return ms > 0 ? ms : 0;
}

function tcbInfo(t: Tcb): void {
  const b = start(Pool.TCB, t.state);
  const node = nodeOfTcb(t);
  b.handle = isOpen(node) ? handleOf(node) : 0;
  endpoint(b, changetype<usize>(t));
  const iface = interfaceOf(t);
  b.interface = iface == LOOPBACK ? NONE : iface;
  b.receiveQueue = unread(t);
  b.sendQueue = unacknowledged(t);
  b.sndUna = t.sndUna;
  b.sndNxt = t.sndNxt;
  b.sndWnd = t.sndWnd;
  b.sndUp = t.sndUp;
  b.sndWl1 = t.sndWl1;
  b.sndWl2 = t.sndWl2;
  b.iss = t.iss;
  b.maxSndWnd = t.maxSndWnd;
  b.sndRtx = t.sndRtx;
  b.rcvNxt = t.rcvNxt;
  b.rcvWnd = receiveWindow(t);
  b.rcvUp = t.rcvUp;
  b.irs = t.irs;
  b.sndMss = t.sndMss;
  b.sndScale = t.sndScale;
  b.rcvScale = has(t, Flag.SCALED) ? RECEIVE_SCALE : 0;
  b.timestamps = has(t, Flag.TIMESTAMPS) ? 1 : 0;
  b.srttUs = t.srttUs;
  b.rttvarUs = t.rttvarUs;
  b.rtoMs = rto(t);
  b.cwnd = t.cwnd;
  b.ssthresh = t.ssthresh;
  b.retries = t.retries;
  if (has(t, Flag.TIMER)) b.timerMs = left(t.timerMs);
  if (has(t, Flag.ACK_DELAYED)) b.ackTimerMs = left(t.ackMs);
  b.ageMs = globals.nowMs - t.changedMs;
  b.error = t.error;
}
