// Looking in: the info block of one connection, and the walk over all of them (netstat).

import { LISTENER_COUNT, OBSERVE_CACHES, TCB_COUNT } from "./config";
import { Errno, Pool, State } from "./constants";
import { handleOf, isOpen, nodeOf } from "./event";
import { elapsed, globals } from "./globals";
import { addressAt, localOf } from "./ip/address";
import { showAddress } from "./ip/addressing";
import { Info } from "./layout";
import { LOOPBACK } from "./link/interface";
import { ID_COUNT, INFO, LISTENER_NODE, SYN_ID, TIME_WAIT_ID } from "./memory";
import { smaller } from "./order";
import { recordAt } from "./tcp/demux";
import { ANY_ADDRESS, listenerAt } from "./tcp/listener";
import { unacknowledged, unread } from "./tcp/pool";
import { interfaceOf } from "./tcp/route";
import { rto } from "./tcp/rtt";
import { SynEntry, synEntryAt } from "./tcp/synCache";
import {
  Endpoint,
  Flag,
  has,
  hasOption,
  peerScale,
  remoteOf,
  SCALED,
  select,
  Tcb,
  tcb,
  TIMESTAMPS,
} from "./tcp/tcb";
import { TimeWait, timeWaitAt, timeWaitLeft } from "./tcp/timeWait";
import { RECEIVE_SCALE, receiveWindow } from "./tcp/window";

const NONE: u32 = 0xffffffff;

/** The part of the control block that the info block shows as it is. */
const BLOCK_AT: usize = offsetof<Info>("iss");
const BLOCK_BYTES: usize = offsetof<Info>("rcvWnd") - BLOCK_AT;

if (offsetof<Tcb>("flags") - offsetof<Tcb>("iss") != BLOCK_BYTES) ERROR("Info and Tcb differ");

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
  tcbInfo(node);
  return 0;
}

/** ABI: one record after another: listeners, TCBs, SYN cache, TIME-WAIT. */
export function enumerate(cursor: u32): u32 {
  const all: u32 = LISTENER_COUNT + (OBSERVE_CACHES ? ID_COUNT : SYN_ID);
  for (let i = cursor; i < all; i++) {
    const id = i - LISTENER_COUNT;
    if (i < LISTENER_COUNT) {
      if (listenerAt(i).port == 0) continue;
      listenerInfo(i);
    } else {
      if (recordAt(id).localPort == 0) continue;
      if (id < SYN_ID) tcbInfo(id);
      else if (id < TIME_WAIT_ID) synInfo(synEntryAt(id));
      else timeWaitInfo(timeWaitAt(id));
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

function endpoint(b: Info, e: Endpoint): void {
  b.localPort = e.localPort;
  b.remotePort = e.remotePort;
  showInterface(addressAt(e.address).interface);
  showAddress(INFO + offsetof<Info>("localAddress0"), localOf(e.address));
  showAddress(INFO + offsetof<Info>("remoteAddress0"), remoteOf(e));
}

function showInterface(iface: u32): void {
  block().interface = iface == LOOPBACK ? NONE : iface;
}

function listenerInfo(i: u32): void {
  const l = listenerAt(i);
  const b = start(Pool.LISTENER, State.LISTEN);
  b.handle = handleOf(LISTENER_NODE + i);
  b.interface = NONE;
  b.localPort = l.port;
  b.sendQueue = l.queued;
  if (<u32>l.address != ANY_ADDRESS) {
    showInterface(addressAt(l.address).interface);
    showAddress(INFO + offsetof<Info>("localAddress0"), localOf(l.address));
  }
}

function synInfo(e: SynEntry): void {
  const b = start(Pool.SYN_CACHE, State.SYN_RECEIVED);
  endpoint(b, e);
  b.iss = e.iss;
  b.irs = e.irs;
  b.retries = e.retries;
  b.timerMs = left(e.dueMs);
}

function timeWaitInfo(e: TimeWait): void {
  const b = start(Pool.TIME_WAIT, State.TIME_WAIT);
  endpoint(b, e);
  b.sndNxt = e.sndNxt;
  b.rcvNxt = e.rcvNxt;
  b.timerMs = timeWaitLeft(e);
  b.ageMs = 2 * globals.mslMs - smaller(b.timerMs, 2 * globals.mslMs);
}

function left(deadlineMs: u32): u32 {
  const ms = <i32>(deadlineMs - globals.nowMs);
  return ms > 0 ? ms : 0;
}

function tcbInfo(node: u32): void {
  select(node);
  const b = start(Pool.TCB, tcb.state);
  b.handle = isOpen(node) ? handleOf(node) : 0;
  endpoint(b, tcb);
  showInterface(interfaceOf());
  b.receiveQueue = unread();
  b.sendQueue = unacknowledged();
  memory.copy(INFO + BLOCK_AT, changetype<usize>(tcb) + offsetof<Tcb>("iss"), BLOCK_BYTES);
  b.rcvWnd = receiveWindow();
  b.sndMss = tcb.sndMss;
  b.sndScale = peerScale(tcb);
  b.rcvScale = hasOption(tcb, SCALED) ? RECEIVE_SCALE : 0;
  b.timestamps = hasOption(tcb, TIMESTAMPS) ? 1 : 0;
  b.rtoMs = rto();
  b.retries = tcb.retries;
  if (has(Flag.TIMER)) b.timerMs = left(tcb.timerMs);
  if (has(Flag.ACK_DELAYED)) b.ackTimerMs = left(tcb.ackMs);
  b.ageMs = elapsed(tcb.changedMs);
  b.error = tcb.error;
}
