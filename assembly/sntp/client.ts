// SNTP client (RFC 4330).

import { Errno } from "../constants";

/** ABI: the time server, in ADDRESS_BUFFER; length 0: those of the leases. */
export function timeServer(length: u32): i32 {
  return -Errno.EINVAL;
}

/** A datagram; true: it was an answer to a question of ours, or pretends to be. */
export function clockInput(port: u32, from: u32, p: usize, len: u32): bool {
  return false;
}

export function clockExpired(): void {}

export function clockTransmit(iface: u32): u32 {
  return 0;
}
