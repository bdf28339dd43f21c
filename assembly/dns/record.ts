// A lookup of a name: the question under way, what came of it, and what is kept of that.

import { LOOKUP_ADDRESSES, LOOKUP_COUNT } from "../config";
import { ADDRESS_BYTES, LOOKUP_BYTES, LOOKUP_TASK, LOOKUPS } from "../memory";


@unmanaged
export class Lookup {
  /** Errno of a lookup that failed. */
  error: u8;
  /** Addresses that were found. */
  addresses: u8;
  /** Questions sent; to the link each counts twice. */
  tries: u8;
  /** 1: questions go without EDNS. */
  plain: u8;
  /** 1: the name is below .local, and hosts on the link are asked. */
  local: u8;
  /** The place of the server, among those that are known. */
  server: u8;
  /** Bytes of the name, as it stands in a message. */
  nameBytes: u8;
  reserved: u8;
  /** Identifies the question, as it lies in a packet. */
  id: u16;
  reserved2: u16;
  /** Servers that have failed: a bit for each place. */
  failed: u32;
  /** The server's address, or the group's, as it lies in a packet. */
  serverAddress: u32;
  /** When what was found is too old, ms; before that: when the lookup began. */
  expiresMs: u32;
  /** Where the answer is to come: the port that the question went from, or the handle of the connection to the
   * server, which is larger than any port; 0: there is no question under way. */
  waits: u32;
  // The addresses follow, then the name.
}

const NAME_AT: u32 = <u32>offsetof<Lookup>() + LOOKUP_ADDRESSES * ADDRESS_BYTES;
if (NAME_AT + 256 != LOOKUP_BYTES) ERROR("LOOKUP_BYTES");

/** The lookup that is being worked on, and the number of its task; scratch of one call. */
export let lookup: Lookup = changetype<Lookup>(0);
export let lookupTask: u32 = 0;

/** The lookup of a task. */
export function lookupOf(task: u32): Lookup {
  return changetype<Lookup>(LOOKUPS - LOOKUP_TASK * LOOKUP_BYTES + task * LOOKUP_BYTES);
}

/** Makes the lookup of a task the current one. */
export function selectLookup(task: u32): void {
  lookupTask = task;
  lookup = lookupOf(task);
}

/** Makes the lookup that waits there the current one; false: there is none. */
export function selectWaiting(at: u32): bool {
  for (let task = LOOKUP_TASK; task < LOOKUP_TASK + LOOKUP_COUNT; task++) {
    selectLookup(task);
    if (lookup.waits == at) return at != 0;
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
