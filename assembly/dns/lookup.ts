// Lookups of names (RFC 1035).

import { LOOKUP_ADDRESSES } from "../config";
import { Errno } from "../constants";
import { ADDRESS_BYTES, LOOKUP_BYTES, LOOKUPS } from "../memory";


@unmanaged
export class Lookup {
  /** LookupState. */
  state: u8;
  /** Errno of a lookup that failed. */
  error: u8;
  /** Addresses that were found. */
  addresses: u8;
  /** Questions sent. */
  tries: u8;
  /** Bytes of the name, as it stands in a message. */
  nameBytes: u16;
  /** Identifies the question, and the port it went from. */
  id: u16;
  port: u16;
  /** Which of the servers was asked. */
  server: u8;
  reserved: u8;
  /** The server's address, as it lies in a packet. */
  serverAddress: u32;
  /** When what was found is too old, ms; it never is 0. */
  expiresMs: u32;
  /** Handle of the connection to the server, while one is open. */
  connection: u32;
  /** Seconds that the answer may be kept. */
  ttl: u32;
  reserved2: u32;
  // The addresses follow, then the name.
}

if (<u32>offsetof<Lookup>() + LOOKUP_ADDRESSES * ADDRESS_BYTES + 256 != LOOKUP_BYTES)
  ERROR("LOOKUP_BYTES");

export function lookupAt(i: u32): Lookup {
  return changetype<Lookup>(LOOKUPS + <usize>i * LOOKUP_BYTES);
}

/** ABI: a name server, in ADDRESS_BUFFER; length 0: none. */
export function nameServer(index: u32, length: u32): i32 {
  return -Errno.EINVAL;
}

/** ABI: looks for the addresses of a name, in NAME_BUFFER. */
export function resolve(length: u32): i32 {
  return -Errno.EINVAL;
}

/** A datagram; true: it was an answer to a question of ours, or pretends to be. */
export function lookupInput(port: u32, from: u32, p: usize, len: u32): bool {
  return false;
}

export function lookupExpired(i: u32): void {}

export function lookupTransmit(i: u32, iface: u32): u32 {
  return 0;
}
