// Name servers: those that the host names, then those of the leases, one after the other.

import { DHCP, DNS, INTERFACE_COUNT } from "../config";
import { Errno } from "../constants";
import { Lease, leaseAt } from "../dhcp/lease";
import { givenV4, isNoHost } from "../ip/addressing";
import { NAME_SERVERS } from "../memory";
import { both, either } from "../order";
import { lookup, MULTICAST } from "./record";

const NAMED: u32 = 2;
const PLACES: u32 = NAMED + (DHCP ? 2 * INTERFACE_COUNT : 0);

if (PLACES > 32) ERROR("a bit for each server: Lookup.failed");

/** ABI: a name server, in ADDRESS_BUFFER; length 0: none. */
export function nameServer(index: u32, length: u32): i32 {
  if (!DNS) return -Errno.EINVAL;
  if (length == 16) return -Errno.EAFNOSUPPORT;
  const v4 = length == 0 ? 0 : givenV4();
  const bad = both(length != 0, either(length != 4, isNoHost(v4)));
  if (either(bad, index >= NAMED)) return -Errno.EINVAL;
  store<u32>(NAME_SERVERS + ((<usize>index) << 2), v4);
  return 0;
}

/** The server at a place; 0: none. Those of a lease are 0 while there is no lease. */
function serverAt(place: u32): u32 {
  let at = NAME_SERVERS;
  if (DHCP && place >= NAMED)
    at = changetype<usize>(leaseAt((place - NAMED) >> 1)) + offsetof<Lease>("nameServer");
  return load<u32>(at + (((<usize>place) & 1) << 2));
}

/** Whom to ask for the current lookup: the server it is at, or the next that has not failed. False: there
 * is none. */
export function findServer(): bool {
  const l = lookup;
  if (l.mode == MULTICAST) return true;
  for (let n: u32 = 0; n < PLACES; n++) {
    const place = <u32>l.server % PLACES;
    l.server = <u16>place;
    l.serverAddress = serverAt(place);
    if (u32(l.serverAddress != 0) & ~(l.failed >> place)) return true;
    l.server += 1;
  }
  return false;
}
