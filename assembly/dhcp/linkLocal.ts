// Link-local addresses (RFC 3927): taken by an interface itself, probed before use, and given up when
// another station has it. Called whenever something of the lease may have changed.

import { AddressFlag } from "../constants";
import { globals } from "../globals";
import { random } from "../hash";
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

/** The link-local address goes. */
export function dropLinkLocal(): void {
  letGo(offsetof<Lease>("linkLocal"));
}

/** Section 2.1: the first follows from the MAC, so that a host has the same each time; the next are random. */
function choose(): u32 {
  const first = lease.linkLocalConflicts == 0;
  const any = first ? load<u32>(macOf(leased), 2) * 0x9e3779b1 : random();
  return bswap<u32>(FIRST + (((any >> 16) * CHOICES) >> 16));
}

/** Takes a link-local address, takes another, or gives it up, as things are. */
export function watchLinkLocal(): void {
  const l = lease;
  const taken = isTaken(l.linkLocal);
  if (taken) {
    l.linkLocalConflicts += 1;
    l.linkLocalAddress = 0;
  }
  const wanted = ((<u32>l.auto) >> 1) & l.alone; // Auto.LINK_LOCAL
  if (either(taken, wanted == 0)) dropLinkLocal();
  if (either(wanted == 0, either(l.linkLocal != 0, !isUp(leased)))) return;
  if (l.linkLocalAddress == 0) l.linkLocalAddress = choose();
  l.linkLocal = <u8>hold(l.linkLocalAddress, 16, AddressFlag.CONFLICT_DETECTION);
  // Section 2.2.1: a broken host must not fill the link with probes.
  if (both(l.linkLocal != 0, l.linkLocalConflicts >= MOST_CONFLICTS))
    arm(ADDRESS_TIMER + <u32>l.linkLocal, globals.nowMs + RATE_LIMIT_MS);
}
