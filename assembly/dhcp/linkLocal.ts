// Link-local addresses (RFC 3927): taken by an interface itself, probed before use, and given up when
// another station has it. Called whenever something of the lease may have changed.

import { AddressFlag, Auto, LeaseState } from "../constants";
import { globals } from "../globals";
import { isUp, macOf } from "../link/interface";
import { ADDRESS_TIMER } from "../memory";
import { both, either } from "../order";
import { arm } from "../timer/timer";
import { hold, isTaken, letGo } from "./held";
import { Lease, lease, leased } from "./lease";

/** RFC 3927 section 9: conflicts after which addresses are tried once in so many ms. */
const MOST_CONFLICTS: u32 = 10;
const RATE_LIMIT_MS: u32 = 60000;
/** 169.254.1.0, as a number, and how many addresses from there on may be chosen (section 2.1). */
const FIRST: u32 = 0xa9fe0100;
const CHOICES: u32 = 0xfe00;
/** DHCPDISCOVERs, the last of which says that a minute has passed: 4, 8, 16 and 32 s. */
const MINUTE_TRIES: u32 = 5;
const ALONE: u32 = Auto.LINK_LOCAL | Auto.DHCP;

/** The link-local address goes. */
export function dropLinkLocal(): void {
  letGo(offsetof<Lease>("linkLocal"));
}

/** Takes a link-local address: probed first. Section 2.1: which one follows from the MAC, so that a host has the
 * same each time, and from the conflicts there were. */
export function takeLinkLocal(): void {
  const any = load<u32>(macOf(leased), 2) * 0x9e3779b1 + lease.linkLocalConflicts * 0x85ebca77;
  const v4 = bswap<u32>(FIRST + (any % CHOICES));
  lease.linkLocal = <u8>hold(v4, 16, AddressFlag.CONFLICT_DETECTION);
  // Section 2.2.1: a broken host must not fill the link with probes.
  if (both(lease.linkLocal != 0, lease.linkLocalConflicts >= MOST_CONFLICTS))
    arm(ADDRESS_TIMER + <u32>lease.linkLocal, globals.nowMs + RATE_LIMIT_MS);
}

/** Takes a link-local address, takes another, or gives it up, as things are. */
export function watchLinkLocal(): void {
  const taken = isTaken(lease.linkLocal);
  lease.linkLocalConflicts += u32(taken);
  const auto = <u32>lease.auto;
  const unwanted = either((auto & Auto.LINK_LOCAL) == 0, <u32>lease.state >= <u32>LeaseState.BOUND);
  if (either(taken, unwanted)) dropLinkLocal();
  // Asked for alone, or beside DHCP, and a minute has passed without a server.
  const alone = (auto & ALONE) - u32(lease.tries >= MINUTE_TRIES) == Auto.LINK_LOCAL;
  const none = (lease.linkLocal | lease.local) == 0;
  if (both(both(alone, none), isUp(leased))) takeLinkLocal();
}

if (Auto.LINK_LOCAL - Auto.DHCP != 1) ERROR("the bits of Auto");
