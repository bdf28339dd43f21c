// Demultiplexing: a keyed hash over the 4-tuple finds TCBs, SYN-cache and TIME-WAIT entries.
// Chains run through HASH_NEXT by hash number + 1; the key keeps an attacker from long chains.

import { CACHES, HASH_BUCKETS, HASHED, IPV6, ONE_ADDRESS } from "../config";
import { Cause, Pool, State } from "../constants";
import { globals } from "../globals";
import { mix, mixEnd } from "../hash";
import { addressEqual } from "../ip/addressing";
import {
  ADDRESS_BYTES,
  HASH_HEADS,
  HASH_NEXT,
  ID_COUNT,
  SYN_ENTRIES,
  SYN_ENTRY_BYTES,
  SYN_ID,
  SYN_NODE,
  TCB_BYTES,
  TCBS,
  TIME_WAIT_BYTES,
  TIME_WAIT_ID,
  TIME_WAIT_NODE,
  TIME_WAITS,
} from "../memory";
import { both } from "../order";
import { release } from "../pool";
import { Endpoint, portsOf, remoteOf, Tcb } from "./tcb";
import { trace } from "../trace";

/** The record with this hash number. */
export function recordAt(id: u32): Endpoint {
  let at = TCBS + <usize>id * TCB_BYTES;
  if (!CACHES) return changetype<Endpoint>(at + ADDRESS_BYTES);
  if (id >= TIME_WAIT_ID) at = TIME_WAITS + <usize>(id - TIME_WAIT_ID) * TIME_WAIT_BYTES;
  else if (id >= SYN_ID) at = SYN_ENTRIES + <usize>(id - SYN_ID) * SYN_ENTRY_BYTES;
  return changetype<Endpoint>(at + ADDRESS_BYTES);
}

/** Pointer to the head of the chain for a 4-tuple. */
function chainOf(e: Endpoint): usize {
  const remote = remoteOf(e);
  let h = mix(globals.hashKey ^ e.address, portsOf(e));
  if (IPV6) h = mix(mix(mix(h, load<u32>(remote)), load<u32>(remote, 4)), load<u32>(remote, 8));
  h = mixEnd(mix(h, load<u32>(remote, ADDRESS_BYTES - 4)));
  return HASH_HEADS + ((<usize>(h & (HASH_BUCKETS - 1))) << 1);
}

function next(id: u32): usize {
  return HASH_NEXT + ((<usize>id) << 1);
}

function hasTuple(record: Endpoint, e: Endpoint): bool {
  return (
    portsOf(record) == portsOf(e) &&
    (ONE_ADDRESS || record.address == e.address) &&
    addressEqual(remoteOf(record), remoteOf(e))
  );
}

/** The hash number of the record with the 4-tuple of e, or -1. */
export function lookup(e: Endpoint): i32 {
  if (!HASHED) return scan(e);
  let id = <u32>load<u16>(chainOf(e));
  while (id != 0) {
    if (hasTuple(recordAt(--id), e)) return <i32>id;
    id = <u32>load<u16>(next(id));
  }
  return -1;
}

/** As lookup: among all records, those without a port and TCBs that are CLOSED excepted. */
function scan(e: Endpoint): i32 {
  let id: u32 = 0;
  do {
    const record = recordAt(id);
    if (!hasTuple(record, e)) continue;
    if ((CACHES && id >= SYN_ID) || changetype<Tcb>(record).state != State.CLOSED) return <i32>id;
  } while (++id < ID_COUNT);
  return -1;
}

/** Hangs a record into its chain; ports, address and remote address are set. */
export function insert(id: u32): void {
  if (!HASHED) return;
  const head = chainOf(recordAt(id));
  store<u16>(next(id), load<u16>(head));
  store<u16>(head, id + 1);
}

/** Takes a record out of its chain. */
export function remove(id: u32): void {
  if (!HASHED) return;
  let at = chainOf(recordAt(id));
  while (<u32>load<u16>(at) != id + 1) {
    assert(load<u16>(at) != 0);
    at = next(<u32>load<u16>(at) - 1);
  }
  store<u16>(at, load<u16>(next(id)));
}

/** The node of a SYN-cache or TIME-WAIT record: nodes follow each other as hash numbers do. */
export const RECORD_NODE: u32 = SYN_NODE - SYN_ID;

if (TIME_WAIT_NODE - TIME_WAIT_ID != RECORD_NODE)
  ERROR("nodes are not in the order of hash numbers");

/** Forgets a SYN-cache or TIME-WAIT record. to: CLOSED, or where the connection goes on. */
export function forget(id: u32, to: u32, cause: u32): void {
  const over = id >= TIME_WAIT_ID;
  const e = recordAt(id);
  trace(0, over ? State.TIME_WAIT : State.SYN_RECEIVED, to, cause, portsOf(e));
  remove(id);
  e.localPort = 0;
  release(over ? Pool.TIME_WAIT : Pool.SYN_CACHE, RECORD_NODE + id);
}

/** Forgets those below a hash number of a listener or an address that goes: at says where its number
 * lies in a record. */
export function forgetOf(at: usize, number: u32, end: u32): void {
  let id = SYN_ID;
  do {
    const e = recordAt(id);
    const its = <u32>load<u8>(changetype<usize>(e) + at) == number;
    if (both(its, e.localPort != 0)) forget(id, State.CLOSED, Cause.USER);
  } while (++id < end);
}
