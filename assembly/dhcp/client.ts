// DHCP client (RFC 2131, 2132).

import { Errno } from "../constants";

/** ABI: how an interface gets its addresses. */
export function interfaceAuto(iface: u32, auto: u32): i32 {
  return -Errno.EINVAL;
}

/** The link of an interface is up. */
export function leaseLinkUp(iface: u32): void {}

/** A datagram to the client's port; false: the interface gets its address in another way. */
export function leaseInput(iface: u32, p: usize, len: u32): bool {
  return false;
}

export function leaseExpired(iface: u32): void {}

export function leaseTransmit(iface: u32): u32 {
  return 0;
}
