// Name servers, each in a place: those that the host names, then those of the leases.

import { DHCP, DNS, INTERFACE_COUNT } from "../config";
import { Errno } from "../constants";
import { givenServer } from "../ip/addressing";
import { LEASE_BYTES, LEASE_SERVERS, LEASES, NAME_SERVERS } from "../memory";
import { lookup } from "./record";

/** Servers that the host names. */
const GIVEN: u32 = 2;
const PLACES: u32 = GIVEN + (DHCP ? 2 * INTERFACE_COUNT : 0);

if (PLACES > 32) ERROR("Lookup.failed has a bit for each");
if (DNS && NAME_SERVERS + LEASE_BYTES != LEASES + LEASE_SERVERS)
  ERROR("the host's stand where those of one more lease would");

/** ABI: a name server, in ADDRESS_BUFFER; length 0: none. */
export function nameServer(index: u32, length: u32): i32 {
  if (!DNS || index >= GIVEN) return -Errno.EINVAL;
  return givenServer(NAME_SERVERS + (index << 2), length);
}

/** Leaves in the current lookup whom to ask: the server in its place, or the next one that has not failed;
 * false: there is none. */
export function chooseServer(): bool {
  const l = lookup;
  if (l.local) return true;
  const end = <u32>l.server + PLACES;
  for (let n = <u32>l.server; n < end; n++) {
    const place = n % PLACES;
    const v4 = load<u32>(NAME_SERVERS + (place >> 1) * LEASE_BYTES + ((place & 1) << 2));
    l.server = <u8>place;
    l.serverAddress = v4;
    if (u32(v4 != 0) & ~(l.failed >> place)) return true;
  }
  return false;
}
