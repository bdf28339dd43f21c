// A lookup of a name: the question under way, what came of it, and what is kept of that.

import { LOOKUP_ADDRESSES } from "../config";
import { globals } from "../globals";
import { ADDRESS_BYTES, LOOKUP_BYTES, LOOKUPS } from "../memory";
import { atLeastZero } from "../order";


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
  /** Identifies the question, and the port it went from; port 0: no answer is waited for. */
  id: u16;
  port: u16;
  /** Which of the servers was asked. */
  server: u8;
  /** 1: the name is below .local, and hosts on the link are asked. */
  local: u8;
  /** The server's address, or the group's, as it lies in a packet. */
  serverAddress: u32;
  /** When what was found is too old, ms; before that: when the lookup began. */
  expiresMs: u32;
  /** Handle of the connection to the server, while one is open. */
  connection: u32;
  /** Seconds that the answer may be kept. */
  ttl: u32;
  /** 1: questions go without EDNS. */
  plain: u8;
  reserved: u8;
  reserved2: u16;
  // The addresses follow, then the name.
}

const NAME_AT: u32 = <u32>offsetof<Lookup>() + LOOKUP_ADDRESSES * ADDRESS_BYTES;
if (NAME_AT + 256 != LOOKUP_BYTES) ERROR("LOOKUP_BYTES");

export function lookupAt(i: u32): Lookup {
  return changetype<Lookup>(LOOKUPS + <usize>i * LOOKUP_BYTES);
}

/** The name, as it stands in a message. */
export function nameIn(l: Lookup): usize {
  return changetype<usize>(l) + NAME_AT;
}

/** The place of the n-th address. */
export function addressIn(l: Lookup, n: u32): usize {
  return changetype<usize>(l) + offsetof<Lookup>() + n * ADDRESS_BYTES;
}

/** ms that what was found may still be used. */
export function timeLeft(l: Lookup): u32 {
  return atLeastZero(l.expiresMs - globals.nowMs);
}
