// Where segments of a record go: the interface, and the neighbour on it.

import { TALKS_TO_ITSELF } from "../config";
import { interfaceOfLocal } from "../ip/address";
import { interfaceFor, nextHop } from "../ip/output";
import { isInside, LOOPBACK } from "../link/interface";
import { resolve, SELF } from "../link/neighbour";
import { NEXT_HOP } from "../memory";
import { Endpoint, Flag, has, remoteOf, tcb } from "./tcb";

/** The interface of a connection, or LOOPBACK: what interfaceTo said when it was opened. */
export function interfaceOf(): u32 {
  return TALKS_TO_ITSELF && has(Flag.LOCAL) ? LOOPBACK : interfaceOfLocal(tcb.address);
}

/** The interface that leads to the peer, or LOOPBACK. */
export function interfaceTo(e: Endpoint): u32 {
  return interfaceFor(e.address, remoteOf(e));
}

/** The neighbour to send through, known or asked for; -1: no route, or no room in the
 * cache. hint, idleMs: see resolve. */
export function neighbourTo(iface: u32, e: Endpoint, hint: u32, idleMs: u32): i32 {
  if (isInside(iface)) return SELF;
  return nextHop(e.address, remoteOf(e)) ? resolve(e.address, NEXT_HOP, hint, idleMs) : -1;
}
