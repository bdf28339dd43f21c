// The stack as a whole: start, keys, limits, and what needs more than one layer.

import { listReset } from "./buffer/list";
import {
  FRAME_BYTES,
  HASH_BUCKETS,
  HASHED,
  INTERFACE_COUNT,
  IPV6,
  RING_BYTES,
  TCB_COUNT,
  TRACE_COUNT,
} from "./config";
import { Abi, Errno, Limit } from "./constants";
import { Globals, globals } from "./globals";
import { addressOf, addressReset, releaseAddress } from "./ip/address";
import { interfaceReset, setLink } from "./link/interface";
import { forgetStations, neighbourReset } from "./link/neighbour";
import {
  ENTROPY,
  GENERATIONS,
  GLOBALS,
  ID_COUNT,
  LINK_COUNT,
  mapEnd,
  SYN_ENTRY_BYTES,
  TCB_BYTES,
  TIME_WAIT_BYTES,
} from "./memory";
import { poolReset } from "./pool";
import { linkDown } from "./tcp/abandon";
import { optionReset } from "./tcp/option";
import { abandonAddress } from "./tcp/user";

/** ABI: version of the boundary. */
export function abiVersion(): u32 {
  return Abi.VERSION;
}

/** ABI: everything as after instantiation; handles of before stay stale. */
export function initialise(): i32 {
  // Generations survive, so that no old handle comes to life.
  memory.fill(GLOBALS, 0, GENERATIONS - GLOBALS);
  for (let i: u32 = 0; i < LINK_COUNT; i++) listReset(i);
  poolReset();
  interfaceReset();
  neighbourReset();
  addressReset();
  globals.started = 1;
  optionReset();
  return 0;
}

/** ABI: where 32 random bytes go before seed(). */
export function entropyBuffer(): u32 {
  return <u32>ENTROPY;
}

/** ABI: takes the 32 random bytes; again after a restore. */
export function seed(): i32 {
  const any = load<u64>(ENTROPY) | load<u64>(ENTROPY, 8) | load<u64>(ENTROPY, 16);
  if ((any | load<u64>(ENTROPY, 24)) == 0) return -Errno.EINVAL;
  const g = globals;
  if (!g.started) return -Errno.EAGAIN;
  // The first seed sets all keys. A later one leaves those that living connections depend on.
  const kept: usize = g.seeded << 4;
  memory.copy(changetype<usize>(g) + offsetof<Globals>("key0") + kept, ENTROPY + kept, 32 - kept);
  if (HASHED && !g.seeded) g.hashKey = load<u32>(ENTROPY, 4) ^ load<u32>(ENTROPY, 28);
  g.seeded = 1;
  memory.fill(ENTROPY, 0, 32);
  return 0;
}

/** ABI: link up or down. Handshakes under way and RSTs not yet sent go with the link. */
export function interfaceLink(iface: u32, up: u32): i32 {
  const result = setLink(iface, up);
  if (result == 0 && up == 0) {
    linkDown(iface);
    forgetStations(1 << iface);
  }
  return result;
}

/** ABI: ends what uses an address, and forgets it. */
export function addressRemove(handle: u32): i32 {
  const i = addressOf(handle);
  if (i < 0) return -Errno.EBADF;
  abandonAddress(i);
  releaseAddress(i);
  return 0;
}

/** ABI: a limit of this build. */
export function limit(id: u32): u32 {
  // What a record costs beside itself: hash number, and its share of the hash heads, rounded up.
  const hashed: u32 = !HASHED ? 0 : 2 + (HASH_BUCKETS * 2 + ID_COUNT - 1) / ID_COUNT;
  switch (id) {
    case Limit.TCBS:
      return TCB_COUNT;
    case Limit.SEND_RING_BYTES:
      return RING_BYTES;
    case Limit.RECEIVE_RING_BYTES:
      return RING_BYTES;
    case Limit.INTERFACES:
      return INTERFACE_COUNT;
    case Limit.FRAME_BYTES:
      return FRAME_BYTES;
    case Limit.IPV6:
      return IPV6 ? 1 : 0;
    case Limit.TRACE_RECORDS:
      return TRACE_COUNT;
    case Limit.MEMORY_BYTES:
      return <u32>mapEnd();
    // Ready and event links 4 + 4, timer 8, event bits and generation 2 + 2, two ring nodes 4 + 4.
    case Limit.CONNECTION_BYTES:
      return TCB_BYTES + 28 + hashed;
    case Limit.SYN_CACHE_BYTES:
      return SYN_ENTRY_BYTES + 4 + hashed;
    case Limit.TIME_WAIT_BYTES:
      return TIME_WAIT_BYTES + 4 + hashed;
    default:
      return 0;
  }
}

/** ABI: first byte that the core never touches. */
export function staticEnd(): u32 {
  return <u32>mapEnd();
}
