// Link-local addresses (RFC 3927): 169.254.1.0 to 169.254.254.255, the first by our MAC, the next where
// another station has it. Always probed and defended: see ip/address.ts.

import { AddressFlag, AddressState } from "../constants";
import { elapsed, globals } from "../globals";
import { addAddress, addressAt, addressOf } from "../ip/address";
import { removeAddress } from "../ip/remove";
import { macOf } from "../link/interface";
import { either } from "../order";
import { armTask } from "../task";
import { leaseAt } from "./lease";
import { tellLease } from "./parameters";

/** 169.254.0.0, as it lies in a packet. */
const NETWORK: u32 = 0x0000fea9;
const PREFIX: u32 = 16;
const FLAGS: u32 = AddressFlag.LEASED | AddressFlag.CONFLICT_DETECTION;
/** RFC 3927 section 2.2.1: after so many conflicts one address in so many ms. */
const MOST_CONFLICTS: u32 = 10;
const RATE_LIMIT_MS: u32 = 60000;

/** Takes an address, which is probed first, unless there is one. */
export function startLinkLocal(iface: u32): void {
  const lease = leaseAt(iface);
  if (lease.linkLocal != 0) return;
  lease.linkLocal = 1;
  claimLinkLocal(iface);
}

function claimLinkLocal(iface: u32): void {
  const lease = leaseAt(iface);
  const mix = (load<u32>(macOf(iface), 2) + <u32>lease.linkLocalConflicts) * 0x9e3779b1;
  const third = 1 + (((mix >> 8) & 0xff) % 254);
  const handle = addAddress(iface, NETWORK | (third << 16) | (mix & 0xff000000), PREFIX, FLAGS);
  if (handle > 0) lease.linkLocalHandle = handle;
}

/** The address goes, if there is one. */
export function dropLinkLocal(iface: u32): void {
  const lease = leaseAt(iface);
  const i = addressOf(lease.linkLocalHandle);
  lease.linkLocalHandle = 0;
  lease.linkLocal = 0;
  if (i < 0) return;
  removeAddress(i);
  tellLease(iface);
}

/** The address: in use now, or another station's; or it is time to try another. */
export function lookAtLinkLocal(iface: u32): void {
  const lease = leaseAt(iface);
  if (lease.linkLocal == 0) return;
  const i = addressOf(lease.linkLocalHandle);
  const state = i < 0 ? 0 : <u32>addressAt(i).state;
  if (state == AddressState.VALID) {
    if (<u32>lease.linkLocal == 1) tellLease(iface);
    lease.linkLocal = 2;
  } else if (state == AddressState.DUPLICATE) {
    dropLinkLocal(iface);
    lease.linkLocal = 1;
    lease.linkLocalConflicts += 1;
    lease.linkLocalMs = globals.nowMs;
    armTask(iface, RATE_LIMIT_MS);
  }
  const few = <u32>lease.linkLocalConflicts < MOST_CONFLICTS;
  if (state != 0 && state != AddressState.DUPLICATE) return;
  if (either(few, elapsed(lease.linkLocalMs) >= RATE_LIMIT_MS)) claimLinkLocal(iface);
}
