// Levels of the pools: how many records are in use, and how many ever were at the same time.

import {
  ADDRESS_COUNT,
  LISTENER_COUNT,
  NEIGHBOUR_COUNT,
  REASSEMBLY_COUNT,
  RING_COUNT,
  SYN_COUNT,
  TCB_COUNT,
  TIME_WAIT_COUNT,
} from "./config";
import { Pool } from "./constants";
import { POOLS } from "./memory";

function levelOf(id: u32): usize {
  return POOLS + ((<usize>id) << 3);
}

export function claimed(id: u32): void {
  const p = levelOf(id);
  const used = load<u32>(p) + 1;
  store<u32>(p, used);
  if (used > load<u32>(p, 4)) store<u32>(p, used, 4);
}

export function released(id: u32): void {
  const p = levelOf(id);
  assert(load<u32>(p) > 0);
  store<u32>(p, load<u32>(p) - 1);
}

/** ABI: records in use now. */
export function poolUsed(id: u32): u32 {
  return id < <u32>Pool.COUNT ? load<u32>(levelOf(id)) : 0;
}

/** ABI: most records ever in use at the same time. */
export function poolHighWater(id: u32): u32 {
  return id < <u32>Pool.COUNT ? load<u32>(levelOf(id), 4) : 0;
}

/** ABI: records there are. */
export function poolCapacity(id: u32): u32 {
  switch (id) {
    case Pool.TCB:
      return TCB_COUNT;
    case Pool.RECEIVE_RING:
      return RING_COUNT;
    case Pool.SEND_RING:
      return RING_COUNT;
    case Pool.REASSEMBLY:
      return REASSEMBLY_COUNT;
    case Pool.SYN_CACHE:
      return SYN_COUNT;
    case Pool.TIME_WAIT:
      return TIME_WAIT_COUNT;
    case Pool.LISTENER:
      return LISTENER_COUNT;
    case Pool.NEIGHBOUR:
      return NEIGHBOUR_COUNT;
    case Pool.ADDRESS:
      return ADDRESS_COUNT;
    default:
      return 0;
  }
}
