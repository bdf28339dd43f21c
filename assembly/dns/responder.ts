// Multicast DNS: our own name and services (RFC 6762, 6763).

import { Errno } from "../constants";

/** ABI: tells of a service at a port; its type is in NAME_BUFFER. */
export function publish(length: u32, port: u32): i32 {
  return -Errno.EINVAL;
}

/** The link of an interface is up. */
export function responderLinkUp(iface: u32): void {}

/** A datagram to the port of multicast DNS; false: it is not ours. */
export function responderInput(iface: u32, address: u32, p: usize, len: u32, from: u32): bool {
  return false;
}

export function responderExpired(iface: u32): void {}

export function responderTransmit(iface: u32): u32 {
  return 0;
}
