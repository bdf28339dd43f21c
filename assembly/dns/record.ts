// A lookup of a name: the question under way, what came of it, and what is kept of that.

import { LOOKUP_ADDRESSES, LOOKUP_COUNT } from "../config";
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
  /** Identifies the question, as it lies in a packet. */
  id: u16;
  /** Which of the servers is asked next. */
  server: u8;
  /** 1: the name is below .local, and hosts on the link are asked. */
  local: u8;
  /** 1: questions go without EDNS. */
  plain: u8;
  reserved: u8;
  /** The server's address, or the group's, as it lies in a packet. */
  serverAddress: u32;
  /** When what was found is too old, ms; before that: when the lookup began. */
  expiresMs: u32;
  /** Port that the question went from; 0: no datagram is waited for. */
  port: u32;
  /** Handle of the connection to the server, while one is open. */
  connection: u32;
  // The addresses follow, then the name.
}

const NAME_AT: u32 = <u32>offsetof<Lookup>() + LOOKUP_ADDRESSES * ADDRESS_BYTES;
if (NAME_AT + 256 != LOOKUP_BYTES) ERROR("LOOKUP_BYTES");

/** The lookup that is being worked on, and its number; scratch of one call. */
export let lookup: Lookup = changetype<Lookup>(0);
export let lookupId: u32 = 0;

/** Makes a lookup the current one. */
export function selectLookup(i: u32): void {
  lookupId = i;
  lookup = changetype<Lookup>(LOOKUPS + <usize>i * LOOKUP_BYTES);
}

/** Makes the lookup with this value in a field of 4 bytes the current one; false: there is none, or it is 0. */
export function selectBy(field: usize, value: u32): bool {
  for (let i: u32 = 0; i < LOOKUP_COUNT; i++) {
    selectLookup(i);
    if (load<u32>(changetype<usize>(lookup) + field) == value) return value != 0;
  }
  return false;
}

/** The current lookup's name, as it stands in a message. */
export function nameOf(): usize {
  return changetype<usize>(lookup) + NAME_AT;
}

/** The place of its n-th address. */
export function addressOf(n: u32): usize {
  return changetype<usize>(lookup) + offsetof<Lookup>() + n * ADDRESS_BYTES;
}
