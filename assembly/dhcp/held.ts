// Addresses that an interface has by itself, by their numbers: that of 127.0.0.1, 0, stands for none. Nobody but
// their owner removes them, so a number here is never another's.

import { AddressFlag, AddressState, Counter, Event } from "../constants";
import { count } from "../counter";
import { raise } from "../event";
import { addAddress, addressAt, addressOf } from "../ip/address";
import { removeAddress } from "../ip/remove";
import { TASK_NODE } from "../memory";
import { atLeastZero } from "../order";
import { lease, leased } from "./lease";

/** The host looks at the lease. */
export function tellHost(): void {
  raise(TASK_NODE + leased, Event.LEASE);
}

/** Gives the interface an address: its number, or 0: no record is free, or the host has it already. */
export function hold(v4: u32, prefixLength: u32, flags: u32): u32 {
  return atLeastZero(addressOf(addAddress(leased, v4, prefixLength, AddressFlag.LEASED | flags)));
}

/** The address whose number is a field of the lease goes, if there is one, and all that uses it. */
export function letGo(field: usize): void {
  const at = changetype<usize>(lease) + field;
  const i = <u32>load<u8>(at);
  if (i == 0) return;
  store<u8>(at, 0);
  removeAddress(i);
  tellHost();
}

/** True if another station has the address. */
export function isTaken(i: u32): bool {
  if (addressAt(i).state != AddressState.DUPLICATE) return false;
  count(Counter.DHCP_CONFLICTS);
  return true;
}
