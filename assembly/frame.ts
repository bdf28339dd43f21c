// The two ways of a frame: receive (up) and transmit (down), and loopback, where what transmit
// builds for ourselves is handed up at once, one frame at a time.

import { FRAME_BYTES, INTERFACE_COUNT, LOOPBACK_BATCH } from "./config";
import { Counter } from "./constants";
import { add, count } from "./counter";
import { globals } from "./globals";
import { arpTransmit } from "./link/arp";
import { linkInput } from "./link/input";
import { LOOPBACK, isUp } from "./link/interface";
import { RX_FRAME, TX_FRAME } from "./memory";
import { tcpTransmit } from "./tcp/output";
import { synTransmit } from "./tcp/synCache";

/** ABI: one frame in RX_FRAME; returns the length of the immediate reply in TX_FRAME, or 0. */
export function receive(iface: u32, length: u32): u32 {
  count(Counter.RX_FRAMES);
  globals.foreignEtherType = 0;
  if (iface >= INTERFACE_COUNT || length > FRAME_BYTES) {
    count(Counter.DROP_OVERSIZE);
    return 0;
  }
  add(Counter.RX_BYTES, length);
  if (!isUp(iface)) {
    // Before initialise() too: no interface is up then.
    count(Counter.DROP_LINK_DOWN);
    return 0;
  }
  return sent(linkInput(iface, length));
}

/** ABI: the next frame of an interface in TX_FRAME; its length, or 0 when there is none. */
export function transmit(iface: u32): u32 {
  if (!globals.started) return 0;
  loopback();
  if (iface >= INTERFACE_COUNT || !isUp(iface)) return 0;
  let n = arpTransmit(iface);
  if (n == 0) n = synTransmit(iface);
  if (n == 0) n = tcpTransmit(iface);
  if (n == 0) n = arpTransmit(iface); // a connection may have asked for its neighbour
  return sent(n);
}

function sent(length: u32): u32 {
  if (length == 0) return 0;
  count(Counter.TX_FRAMES);
  add(Counter.TX_BYTES, length);
  return length;
}

/** Hands up what the stack has for itself, a bounded number of frames. */
function loopback(): void {
  for (let budget = LOOPBACK_BATCH; budget > 0; budget--) {
    let n = synTransmit(LOOPBACK);
    if (n == 0) n = tcpTransmit(LOOPBACK);
    if (n == 0) return;
    // A reply may draw a reply; two of them never more, so the chain ends by itself.
    for (let chain: u32 = 0; n != 0 && chain < 8; chain++) {
      memory.copy(RX_FRAME, TX_FRAME, n);
      count(Counter.LOOPBACK_FRAMES);
      n = linkInput(LOOPBACK, n);
    }
  }
}
