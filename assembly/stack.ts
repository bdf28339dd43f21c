// The stack as a whole: start, keys, and what needs more than one layer.

import { listReset } from "./buffer/list";
import {
  DHCP,
  GROUPS,
  HASHED,
  LOOPBACK_HANDLE,
  MDNS,
  ONE_INTERFACE,
  PATH_MTU,
  TALKS_TO_ITSELF,
} from "./config";
import { AddressFlag, Errno } from "./constants";
import { Globals, globals } from "./globals";
import { leaseLinkUp } from "./dhcp/client";
import { restart } from "./dns/responder";
import { addressAt, addressOf, addressReset } from "./ip/address";
import { tellGroups } from "./ip/group";
import { removeAddress } from "./ip/remove";
import { interfaceReset, setLink } from "./link/interface";
import { forgetStations, neighbourReset } from "./link/neighbour";
import { ENTROPY, GENERATIONS, LINK_COUNT, TUPLE } from "./memory";
import { poolReset } from "./pool";
import { linkDown, linkUp } from "./tcp/abandon";
import { optionReset } from "./tcp/option";

/** ABI: everything as after instantiation; handles of before stay stale. */
export function initialise(): i32 {
  // Generations survive, so that no old handle comes to life.
  memory.fill(TUPLE, 0, GENERATIONS - TUPLE);
  let node: u32 = 0;
  do {
    listReset(node);
  } while (++node < LINK_COUNT);
  poolReset();
  if (TALKS_TO_ITSELF) {
    interfaceReset();
    neighbourReset();
    addressReset();
  }
  globals.started = 1;
  optionReset();
  return 0;
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
  if (result != 0) return result;
  if (up == 0) {
    linkDown(ONE_INTERFACE ? 0 : iface);
    forgetStations(1 << iface);
    return result;
  }
  if (PATH_MTU) linkUp(iface);
  if (GROUPS) tellGroups(iface);
  if (DHCP) leaseLinkUp(iface);
  if (MDNS) restart(iface);
  return result;
}

/** ABI: ends what uses an address, and forgets it. */
export function addressRemove(handle: u32): i32 {
  const i = addressOf(handle);
  if (i < 0) return -Errno.EBADF;
  if (LOOPBACK_HANDLE && i == 0) return -Errno.EINVAL; // 127.0.0.1 stays
  // Those go with their lease: interfaceAuto.
  if (DHCP && addressAt(i).flags & AddressFlag.LEASED) return -Errno.EINVAL;
  removeAddress(i);
  return 0;
}
