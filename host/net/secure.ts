// TLS over a connection of a stack: Node's TLSSocket takes any Duplex, but does not ask it who is there.

import type { Socket } from "node:net";
import type { Duplex } from "node:stream";

const ADDRESSES = [
  "localAddress",
  "localPort",
  "localFamily",
  "remoteAddress",
  "remotePort",
  "remoteFamily",
] as const;

/**
 * A TLSSocket over a Duplex does not know who is on the other side: it is told here. And it ends the connection
 * below when it has written what it has: by itself that one would end with its peer, and the rest be lost.
 * Returns it.
 */
export function keepAddresses<Secure extends Duplex>(secure: Secure, below: Socket): Secure {
  below.allowHalfOpen = true;
  for (const name of ADDRESSES) {
    Object.defineProperty(secure, name, { get: () => below[name], configurable: true });
  }
  return secure;
}
