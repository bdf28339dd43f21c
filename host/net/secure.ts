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

/** A TLSSocket over a Duplex does not know who is on the other side: it is told here. Returns it. */
export function keepAddresses<Secure extends Duplex>(secure: Secure, below: Socket): Secure {
  for (const name of ADDRESSES) {
    Object.defineProperty(secure, name, { get: () => below[name], configurable: true });
  }
  return secure;
}
