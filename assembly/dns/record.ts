// Lookups of names: what is kept of each, while it lasts and, where an address was found, as a cache.
// A question is open while there is neither an address nor an error. A record without a handle is free,
// but one whose timer runs has addresses that are still good.

import { LOOKUP_ADDRESSES } from "../config";
import { ADDRESS_BYTES, LOOKUP_BYTES, LOOKUP_TASK, LOOKUPS } from "../memory";


@unmanaged
export class Lookup {
  /** Errno of a lookup that failed. */
  error: u8;
  /** Addresses that were found; 0, and no error: the question is open. */
  addresses: u8;
  /** How it is asked: EDNS, PLAIN or MULTICAST. */
  mode: u8;
  /** Questions sent; by multicast twice as many. */
  tries: u8;
  /** Bytes of the name, as it stands in a message. */
  nameBytes: u16;
  /** Identifies the question, and the port it went from; port 0: no datagram answers it. */
  id: u16;
  port: u16;
  /** The place of the server among those that are known. */
  server: u16;
  /** The server's address, as it lies in a packet. */
  serverAddress: u32;
  /** Servers that failed: a bit for each place. */
  failed: u32;
  /** Handle of the connection to the server; 0: there is none. */
  connection: u32;
  /** Seconds that the addresses may be kept. */
  ttl: u32;
  // The addresses follow, then the name.
}

const NAME_AT: usize = offsetof<Lookup>() + LOOKUP_ADDRESSES * ADDRESS_BYTES;

if (<u32>NAME_AT + 256 != LOOKUP_BYTES) ERROR("LOOKUP_BYTES");

/** Lookup.mode: with an OPT record (RFC 6891), without, to the group of multicast DNS. */
export const EDNS: u32 = 0;
export const PLAIN: u32 = 1;
export const MULTICAST: u32 = 2;

/** The lookup that the current message, timer or call is about; scratch of one call. */
export let lookup: Lookup = changetype<Lookup>(0);
/** The number of its task. */
export let lookupTask: u32 = 0;

export function lookupPointer(i: u32): usize {
  return LOOKUPS + <usize>i * LOOKUP_BYTES;
}

/** Makes a lookup the current one. */
export function selectLookup(i: u32): void {
  lookupTask = LOOKUP_TASK + i;
  lookup = changetype<Lookup>(lookupPointer(i));
}

/** An address of the current lookup. */
export function foundAt(i: u32): usize {
  return changetype<usize>(lookup) + offsetof<Lookup>() + <usize>i * ADDRESS_BYTES;
}

/** Its name, as it stands in a message. */
export function nameAt(): usize {
  return changetype<usize>(lookup) + NAME_AT;
}
