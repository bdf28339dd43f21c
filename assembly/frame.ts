// The two ways of a frame: receive (up) and transmit (down), and loopback, where what transmit
// builds for ourselves is handed up at once, one frame at a time.

import { attend } from "./app/attend";
import { listFirst, listUnlink } from "./buffer/list";
import {
  CACHES,
  FRAME_BYTES,
  INTERFACE_COUNT,
  LOOPBACK_BATCH,
  ONE_INTERFACE,
  SERVICES,
  TALKS_TO_ITSELF,
  TASKS,
  UDP,
} from "./config";
import { Counter } from "./constants";
import { add, count, drop, taken } from "./counter";
import { globals } from "./globals";
import { arpTransmit } from "./link/arp";
import { linkInput } from "./link/input";
import { isUp, LOOPBACK } from "./link/interface";
import { READY_HEAD, RX_FRAME, SOCKET_READY, TASK_READY, TX_FRAME } from "./memory";
import { taskTransmit } from "./tasks";
import { tcpTransmit } from "./tcp/output";
import { synTransmit } from "./tcp/synCache";
import { select } from "./tcp/tcb";
import { datagramTransmit } from "./udp/output";

/** Replies to replies: two of them never draw another, so that more are a fault of ours. */
const REPLIES: i32 = 8;

/** ABI: one frame in RX_FRAME; returns the length of the immediate reply in TX_FRAME, or 0. */
export function receive(iface: u32, length: u32): u32 {
  count(Counter.RX_FRAMES);
  globals.foreignEtherType = 0;
  let n = drop(Counter.DROP_OVERSIZE);
  if (iface < INTERFACE_COUNT && length <= FRAME_BYTES) {
    add(Counter.RX_BYTES, length);
    // Before initialise() no interface is up.
    n = isUp(iface) ? linkInput(ONE_INTERFACE ? 0 : iface, length) : drop(Counter.DROP_LINK_DOWN);
  }
  return sent(taken(n));
}

/** ABI: the next frame of an interface in TX_FRAME; its length, or 0 when there is none. */
export function transmit(iface: u32): u32 {
  if (TALKS_TO_ITSELF && globals.started) loopback(); // before, no interface is up
  return iface < INTERFACE_COUNT && isUp(iface) ? sent(nextFrame(ONE_INTERFACE ? 0 : iface)) : 0;
}

/** ARP comes last: a connection may just have asked for its neighbour. */
function nextFrame(iface: u32): u32 {
  let n = CACHES ? synTransmit(iface) : 0;
  if (n == 0) n = readyTransmit(iface);
  if (n == 0) n = arpTransmit(iface);
  return n;
}

/** The next frame of what is ready on an interface, connections, sockets and tasks in turn. */
function readyTransmit(iface: u32): u32 {
  let n: u32 = 0;
  while (n == 0) {
    const node = listFirst(READY_HEAD + iface);
    if (node < 0) break;
    listUnlink(node);
    if (TASKS && <u32>node >= TASK_READY) n = taskTransmit(node - TASK_READY, iface);
    else if (UDP && <u32>node >= SOCKET_READY) n = datagramTransmit(node - SOCKET_READY, iface);
    else {
      select(node);
      if (SERVICES) attend();
      n = tcpTransmit(iface);
    }
  }
  return n;
}

function sent(length: u32): u32 {
  add(Counter.TX_FRAMES, u32(length != 0));
  add(Counter.TX_BYTES, length);
  return length;
}

/** Hands up what the stack has for itself: a bounded number of frames, and of replies to the last. */
function loopback(): void {
  let n: u32 = 0;
  for (let budget: i32 = LOOPBACK_BATCH; budget > (n == 0 ? 0 : -REPLIES); budget--) {
    if (n == 0) n = nextFrame(LOOPBACK);
    if (n == 0) return;
    memory.copy(RX_FRAME, TX_FRAME, n);
    count(Counter.LOOPBACK_FRAMES);
    n = taken(linkInput(LOOPBACK, n));
  }
}
