// The stack as a whole: start, keys, and what needs more than one layer.

import { forgetStations } from "./link/neighbour";
import { ANY } from "./tcp/tcb";
import { Errno } from "./constants";
import { listReset } from "./buffer/list";
import { Globals, globals } from "./globals";
import { interfaceReset, setLink } from "./link/interface";
import { addressOf, addressReset, releaseAddress } from "./ip/address";
import { ENTROPY, GENERATIONS, GLOBALS, HANDLE_NODES, LINK_COUNT } from "./memory";
import { poolReset } from "./pool";
import { linkDown } from "./tcp/abandon";
import { dropSynEntries } from "./tcp/synCache";
import { optionReset } from "./tcp/option";
import { abandonAddress } from "./tcp/user";

/** ABI: everything as after instantiation; handles of before stay stale. */
export function initialise(): i32 {
  // Generations survive, so that no old handle comes to life.
  memory.fill(GLOBALS, 0, GENERATIONS - GLOBALS);
  for (let i: u32 = 0; i < HANDLE_NODES; i++) {
    const at = GENERATIONS + ((<usize>i) << 1);
    store<u16>(at, ((<u32>load<u16>(at) + 1) & 0x7ffe) as u16);
  }
  for (let i: u32 = 0; i < LINK_COUNT; i++) listReset(i);
  poolReset();
  interfaceReset();
  addressReset();
  globals.started = 1;
  optionReset();
  return 0;
}

/** ABI: takes the 32 random bytes; again after a restore. */
export function seed(): i32 {
  let any: u64 = 0;
  for (let i: usize = 0; i < 32; i += 8) any |= load<u64>(ENTROPY + i);
  if (any == 0) return -Errno.EINVAL;
  const g = globals;
  if (!g.started) return -Errno.EAGAIN;
  // The first seed sets all keys. A later one leaves those that living connections depend on.
  const kept: usize = g.seeded ? 16 : 0;
  memory.copy(changetype<usize>(g) + offsetof<Globals>("key0") + kept, ENTROPY + kept, 32 - kept);
  if (!g.seeded) g.hashKey = load<u32>(ENTROPY, 4) ^ load<u32>(ENTROPY, 28);
  g.seeded = 1;
  memory.fill(ENTROPY, 0, 32);
  return 0;
}

/** ABI: link up or down. Handshakes under way and RSTs not yet sent go with the link. */
export function interfaceLink(iface: u32, up: u32): i32 {
  const result = setLink(iface, up);
  if (result == 0 && up == 0) {
    dropSynEntries(ANY, ANY, iface);
    linkDown(iface);
    forgetStations(iface);
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
