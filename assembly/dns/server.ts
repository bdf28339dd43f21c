// Name servers: those that the host names, then those of the leases, one after the other.

import { DHCP, DNS, INTERFACE_COUNT } from "../config";
import { Errno } from "../constants";
import { givenV4, hostFault } from "../ip/addressing";
import { LEASE_BYTES, LEASE_SERVERS, LEASES, NAME_SERVERS } from "../memory";
import { lookup, MULTICAST } from "./record";

const NAMED: u32 = 2;
const PLACES: u32 = NAMED + (DHCP ? 2 * INTERFACE_COUNT : 0);

if (DNS && NAME_SERVERS + LEASE_BYTES != LEASES + LEASE_SERVERS)
  ERROR("NAME_SERVERS: before the leases");
if (PLACES > 32) ERROR("a bit for each server: Lookup.failed");

/** ABI: a name server, in ADDRESS_BUFFER; length 0: none. */
export function nameServer(index: u32, length: u32): i32 {
  if (!DNS) return -Errno.EINVAL;
  if (index >= NAMED) return -Errno.EINVAL;
  const fault = hostFault(length);
  if (fault == 0) store<u32>(serverAt(index), length == 0 ? 0 : givenV4());
  return fault;
}

/** Where the server at a place stands; 0 there: none. A lease has none while it is not in use. */
function serverAt(place: u32): usize {
  return NAME_SERVERS + <usize>((place >> 1) * LEASE_BYTES + ((place & 1) << 2));
}

/** Whom to ask for the current lookup: the server it is at, or the next that has not failed. False: there
 * is none. */
export function findServer(): bool {
  const l = lookup;
  if (l.mode == MULTICAST) return true;
  for (let n: u32 = 0; n < PLACES; n++) {
    const place = <u32>l.server % PLACES;
    l.server = <u16>place;
    l.serverAddress = load<u32>(serverAt(place));
    if (u32(l.serverAddress != 0) & ~(l.failed >> place)) return true;
    l.server += 1;
  }
  return false;
}
