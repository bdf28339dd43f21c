// Demultiplexing: a keyed hash over the 4-tuple finds TCBs, SYN-cache and TIME-WAIT entries.
// Chains run through HASH_NEXT by hash number + 1; the key keeps an attacker from long chains.

import { HASH_BUCKETS } from "../config";
import { globals } from "../globals";
import { mix, mixEnd } from "../hash";
import { addressEqual } from "../ip/addressing";
import { IPV6 } from "../config";
import {
  ADDRESS_BYTES,
  HASH_HEADS,
  HASH_NEXT,
  SYN_ENTRIES,
  SYN_ENTRY_BYTES,
  SYN_ID,
  TCBS,
  TCB_BYTES,
  TIME_WAITS,
  TIME_WAIT_BYTES,
  TIME_WAIT_ID,
} from "../memory";
import { Endpoint, remoteOf } from "./tcb";

/** The record with this hash number. */
export function recordAt(id: u32): usize {
  if (id < SYN_ID) return TCBS + ADDRESS_BYTES + <usize>id * TCB_BYTES;
  if (id < TIME_WAIT_ID) {
    return SYN_ENTRIES + ADDRESS_BYTES + <usize>(id - SYN_ID) * SYN_ENTRY_BYTES;
  }
  return TIME_WAITS + ADDRESS_BYTES + <usize>(id - TIME_WAIT_ID) * TIME_WAIT_BYTES;
}

/** Pointer to the head of the chain for a 4-tuple. */
function chainOf(remote: usize, ports: u32, address: u32): usize {
  let h = mix(globals.hashKey ^ address, ports);
  if (IPV6) h = mix(mix(mix(h, load<u32>(remote)), load<u32>(remote, 4)), load<u32>(remote, 8));
  h = mixEnd(mix(h, load<u32>(remote, ADDRESS_BYTES - 4)));
  return HASH_HEADS + ((<usize>(h & (HASH_BUCKETS - 1))) << 1);
}

function next(id: u32): usize {
  return HASH_NEXT + ((<usize>id) << 1);
}

/** The hash number of the record with this 4-tuple, or -1. */
export function lookup(remote: usize, remotePort: u32, address: u32, localPort: u32): i32 {
  const ports = localPort | (remotePort << 16);
  let id = <u32>load<u16>(chainOf(remote, ports, address));
  while (id != 0) {
    const record = recordAt(id - 1);
    if (
      load<u32>(record) == ports &&
      changetype<Endpoint>(record).address == <u8>address &&
      addressEqual(remoteOf(record), remote)
    )
      return <i32>(id - 1);
    id = <u32>load<u16>(next(id - 1));
  }
  return -1;
}

/** Hangs a record into its chain; ports, address and remote address are set. */
export function insert(id: u32): void {
  const record = recordAt(id);
  const head = chainOf(remoteOf(record), load<u32>(record), changetype<Endpoint>(record).address);
  store<u16>(next(id), load<u16>(head));
  store<u16>(head, id + 1);
}

/** Takes a record out of its chain. */
export function remove(id: u32): void {
  const record = recordAt(id);
  let at = chainOf(remoteOf(record), load<u32>(record), changetype<Endpoint>(record).address);
  while (<u32>load<u16>(at) != id + 1) {
    assert(load<u16>(at) != 0);
    at = next(<u32>load<u16>(at) - 1);
  }
  store<u16>(at, load<u16>(next(id)));
}
