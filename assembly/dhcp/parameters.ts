// What a lease says, and what the interface makes of it (RFC 2132).

import { AddressFlag, Auto, Event, LeaseState } from "../constants";
import { raise } from "../event";
import { globals } from "../globals";
import { addAddress, addressOf } from "../ip/address";
import { putV4 } from "../ip/addressing";
import { removeAddress } from "../ip/remove";
import { interfaceAt, routerOf, SMALLEST_MTU } from "../link/interface";
import { TASK_NODE } from "../memory";
import { both, smaller } from "../order";
import { linkUp } from "../tcp/abandon";
import { Lease, leaseAt } from "./lease";
import {
  dhcpAddress,
  dhcpMtu,
  dhcpSeconds,
  OPTION_LEASE,
  OPTION_MASK,
  OPTION_NAME_SERVER,
  OPTION_NTP_SERVER,
  OPTION_REBIND,
  OPTION_RENEW,
  OPTION_ROUTER,
} from "../wire/dhcp";

/** As many seconds as a timer can sleep at once. */
const LONGEST_SECONDS: u32 = 1 << 20;
const FOR_EVER: u32 = 0xffffffff;

/** Takes the lease of the message that was read last; false: it cannot be one. */
export function readLease(lease: Lease): bool {
  const seconds = dhcpSeconds(OPTION_LEASE);
  if (seconds == 0) return false;
  let renew = dhcpSeconds(OPTION_RENEW);
  let rebind = dhcpSeconds(OPTION_REBIND);
  // RFC 2131 section 4.4.5: half of the lease and seven eighths, where the server says nothing of use.
  if (!both(renew - 1 < rebind - 1, rebind < seconds) || renew == 0) {
    renew = seconds >> 1;
    rebind = seconds - (seconds >> 3);
  }
  lease.seconds = seconds;
  lease.renewSeconds = seconds == FOR_EVER ? seconds : renew;
  lease.rebindSeconds = seconds == FOR_EVER ? seconds : rebind;
  lease.ageSeconds = 0;
  lease.agedMs = lease.askedMs;
  lease.mask = dhcpAddress(OPTION_MASK, 0);
  lease.router = dhcpAddress(OPTION_ROUTER, 0);
  lease.nameServer = dhcpAddress(OPTION_NAME_SERVER, 0);
  lease.nameServer2 = dhcpAddress(OPTION_NAME_SERVER, 1);
  lease.timeServer = dhcpAddress(OPTION_NTP_SERVER, 0);
  lease.timeServer2 = dhcpAddress(OPTION_NTP_SERVER, 1);
  lease.mtu = <u16>dhcpMtu();
  return true;
}

/** Bits of a lease's mask; those of its class where the server names none, or none that there is. */
function prefixOf(lease: Lease): u32 {
  const mask = bswap<u32>(lease.mask);
  if (both(mask != 0, (~mask & (~mask + 1)) == 0)) return popcnt(mask);
  const first = lease.address & 0xff;
  return first < 128 ? 8 : first < 192 ? 16 : 24;
}

/** Gives the interface its address; false: that is ours already, or there is no room for it. */
export function addLeased(iface: u32): bool {
  const lease = leaseAt(iface);
  const probe = lease.auto & Auto.PROBE ? AddressFlag.CONFLICT_DETECTION : 0;
  const handle = addAddress(iface, lease.address, prefixOf(lease), AddressFlag.LEASED | probe);
  if (handle < 0) return false;
  lease.handle = handle;
  return true;
}

/** The interface goes by its lease. */
export function applyLease(iface: u32): void {
  const lease = leaseAt(iface);
  putV4(routerOf(iface), lease.router);
  const mtu = <u32>lease.mtu;
  interfaceAt(iface).mtu = mtu < SMALLEST_MTU ? lease.linkMtu : smaller(mtu, lease.linkMtu);
  linkUp(iface); // no segment may be larger
}

/** The lease's address goes, and all that came with it. */
export function dropLeased(iface: u32): void {
  const lease = leaseAt(iface);
  const i = addressOf(lease.handle);
  lease.handle = 0;
  if (i < 0) return;
  removeAddress(i);
  putV4(routerOf(iface), 0);
  interfaceAt(iface).mtu = lease.linkMtu;
  tellLease(iface);
}

/** Event LEASE. */
export function tellLease(iface: u32): void {
  raise(TASK_NODE + iface, Event.LEASE);
}

/** True while the lease's address is in use. */
export function holdsLease(lease: Lease): bool {
  const state = <u32>lease.state;
  return both(lease.handle != 0, both(state != LeaseState.PROBING, state != LeaseState.RELEASING));
}

/** True if so many seconds have passed since the lease was asked for. */
export function isOver(lease: Lease, seconds: u32): bool {
  const passed = (globals.nowMs - lease.agedMs) / 1000;
  lease.agedMs += passed * 1000;
  lease.ageSeconds += passed;
  return both(lease.ageSeconds >= seconds, seconds != FOR_EVER);
}

/** How long a lease can be left alone, ms. */
export function leaseDueMs(lease: Lease): u32 {
  if (isOver(lease, lease.renewSeconds)) return 0;
  const left = lease.renewSeconds - lease.ageSeconds;
  return smaller(left, LONGEST_SECONDS) * 1000 - (globals.nowMs - lease.agedMs);
}
