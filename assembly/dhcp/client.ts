// DHCP client (RFC 2131): from an interface without an address to one with a lease, and what keeps it.
// Input: messages of servers, the timer of the interface's task, the link. Output: one message at a time.

import { DHCP, INTERFACE_COUNT } from "../config";
import { AddressState, Auto, Counter, Errno, LeaseState } from "../constants";
import { count } from "../counter";
import { globals } from "../globals";
import { random } from "../hash";
import { addressAt, addressOf, isNoStation } from "../ip/address";
import { isNoHost } from "../ip/addressing";
import { interfaceAt, isConfigured, isUp, macOf } from "../link/interface";
import { both, either, smaller } from "../order";
import { armTask, readyTask } from "../task";
import { dropLinkLocal, lookAtLinkLocal, startLinkLocal } from "./linkLocal";
import { Lease, leaseAt } from "./lease";
import {
  addLeased,
  applyLease,
  dropLeased,
  holdsLease,
  isOver,
  leaseDueMs,
  readLease,
  tellLease,
} from "./parameters";
import {
  DHCP_ACK,
  dhcpAddress,
  dhcpRead,
  dhcpTransaction,
  dhcpYours,
  NAK,
  OFFER,
  OPTION_SERVER,
} from "../wire/dhcp";

/** Retransmission, ms (RFC 2131 section 4.1): 4, 8, 16, 32, 64 s, each 1 s more or less. */
const FIRST_MS: u32 = 4000;
const LONGEST_SHIFT: u32 = 4;
const JITTER_MS: u32 = 1000;
/** Questions for a lease that was offered, and for the one of before, until another way is tried. */
const REQUEST_TRIES: u32 = 4;
const REBOOT_TRIES: u32 = 2;
/** Unanswered discovers after which an interface takes a link-local address: a minute has passed. */
const LINK_LOCAL_TRIES: u32 = 4;
/** RFC 2131 section 3.1, step 5: at least 10 s after a decline. */
const DECLINE_MS: u32 = 10000;
/** How long a release may wait for the server's station, ms. */
const RELEASE_MS: u32 = 2000;
/** RFC 2131 section 4.4.5: between questions about a lease that lasts, s. */
const LEAST_RENEWAL_SECONDS: u32 = 60;
/** The longest that a timer sleeps, ms. */
const LONGEST_MS: u32 = 1 << 30;

/** States from here to there have a lease. */
const REBOOTING: u32 = LeaseState.REBOOTING;
const LAST_HELD: u32 = LeaseState.REBINDING;

/** ABI: how an interface gets its addresses. */
export function interfaceAuto(iface: u32, mode: u32): i32 {
  if (!DHCP) return -Errno.EINVAL;
  if (iface >= INTERFACE_COUNT || mode > 7 || !isConfigured(iface)) return -Errno.EINVAL;
  if (!globals.seeded) return -Errno.EAGAIN;
  const lease = leaseAt(iface);
  const before = <u32>lease.auto;
  lease.auto = <u8>mode;
  if (lease.linkMtu == 0) lease.linkMtu = <u16>interfaceAt(iface).mtu;
  if ((mode & Auto.DHCP) == 0) stop(iface);
  else if ((before & Auto.DHCP) == 0) discover(iface);
  if (mode == Auto.LINK_LOCAL) startLinkLocal(iface);
  else if ((mode & Auto.LINK_LOCAL) == 0) dropLinkLocal(iface);
  return 0;
}

/** ABI: the host's name, in NAME_BUFFER. */
export function hostName(length: u32): i32 {
  return -Errno.EINVAL;
}

/** Gives a lease back; what else was under way just ends. */
function stop(iface: u32): void {
  const lease = leaseAt(iface);
  if (both(holdsLease(lease), isUp(iface))) {
    enter(iface, LeaseState.RELEASING);
    wait(iface, RELEASE_MS);
    return;
  }
  dropLeased(iface);
  lease.state = <u8>LeaseState.OFF;
}

/** Something is to be done in so many ms. */
function wait(iface: u32, ms: u32): void {
  ms = smaller(ms, LONGEST_MS);
  leaseAt(iface).dueMs = globals.nowMs + ms;
  armTask(iface, ms);
}

/** A state that begins with a question, or is a wait: with an identification of its own. */
function enter(iface: u32, state: u32): void {
  const lease = leaseAt(iface);
  lease.state = <u8>state;
  lease.tries = 0;
  lease.startedMs = globals.nowMs;
  lease.transaction = random();
  ask(iface);
}

/** Sends the message of the state, and once more if nobody answers. */
function ask(iface: u32): void {
  const lease = leaseAt(iface);
  lease.askedMs = globals.nowMs;
  readyTask(iface, iface);
  const shift = smaller(lease.tries, LONGEST_SHIFT);
  lease.tries = <u8>smaller(<u32>lease.tries + 1, 255);
  wait(iface, (FIRST_MS << shift) - JITTER_MS + (random() % (2 * JITTER_MS + 1)));
}

/** Looks for a server. Deviation: at once, not after the 1 to 10 s of RFC 2131 section 4.4.1: a host
 * wants its address, and networks no longer wake up all at once. */
function discover(iface: u32): void {
  dropLeased(iface);
  enter(iface, LeaseState.SELECTING);
}

/** The same in so many ms. */
function discoverLater(iface: u32, ms: u32): void {
  dropLeased(iface);
  leaseAt(iface).state = <u8>LeaseState.INIT;
  wait(iface, ms);
}

/** The link of an interface is up, perhaps on another network (RFC 2131 section 3.2). */
export function leaseLinkUp(iface: u32): void {
  const lease = leaseAt(iface);
  if (holdsLease(lease)) enter(iface, LeaseState.REBOOTING);
  else if (lease.auto & Auto.DHCP) discover(iface);
}

/** The timer of an interface: its addresses may have changed, and something may be due. */
export function leaseExpired(iface: u32): void {
  lookAtLinkLocal(iface);
  lookAtLeased(iface);
  const lease = leaseAt(iface);
  const left = <i32>(lease.dueMs - globals.nowMs);
  if (lease.state == LeaseState.OFF) return;
  if (left > 0) armTask(iface, left);
  else due(iface);
}

/** The leased address: in use now, or another station's. */
function lookAtLeased(iface: u32): void {
  const lease = leaseAt(iface);
  if (lease.handle == 0) return;
  const state = <u32>addressAt(addressOf(lease.handle)).state;
  if (state == AddressState.DUPLICATE) {
    count(Counter.DHCP_CONFLICTS);
    dropLeased(iface);
    enter(iface, LeaseState.DECLINING);
    wait(iface, DECLINE_MS);
  } else if (both(state == AddressState.VALID, lease.state == LeaseState.PROBING)) bound(iface);
}

/** The address is in use. */
function bound(iface: u32): void {
  const lease = leaseAt(iface);
  lease.state = <u8>LeaseState.BOUND;
  lease.naks = 0;
  applyLease(iface);
  dropLinkLocal(iface);
  tellLease(iface);
  wait(iface, leaseDueMs(lease));
}

/** What a state does when its time has come. */
function due(iface: u32): void {
  const lease = leaseAt(iface);
  const state = <u32>lease.state;
  const tries = <u32>lease.tries;
  if (state == LeaseState.SELECTING) {
    if (tries == LINK_LOCAL_TRIES) {
      if (lease.auto & Auto.LINK_LOCAL) startLinkLocal(iface);
      tellLease(iface);
    }
    ask(iface);
  } else if (state == LeaseState.REQUESTING && tries < REQUEST_TRIES) ask(iface);
  else if (state == LeaseState.REBOOTING && tries < REBOOT_TRIES) ask(iface);
  else if (state - REBOOTING <= LAST_HELD - REBOOTING) keep(iface);
  else if (state == LeaseState.RELEASING) {
    dropLeased(iface);
    lease.state = <u8>LeaseState.OFF;
  } else discover(iface);
}

/** A lease goes on as long as it lasts: T1, T2, the end (RFC 2131 section 4.4.5). */
function keep(iface: u32): void {
  const lease = leaseAt(iface);
  if (lease.state == LeaseState.PROBING) return; // its address tells
  if (isOver(lease, lease.seconds)) {
    discover(iface);
    return;
  }
  const rebind = isOver(lease, lease.rebindSeconds);
  if (!either(rebind, isOver(lease, lease.renewSeconds))) {
    // Before T1; or no server has answered for the lease of before (section 3.7).
    lease.state = <u8>LeaseState.BOUND;
    wait(iface, leaseDueMs(lease));
    return;
  }
  const state = rebind ? LeaseState.REBINDING : LeaseState.RENEWING;
  if (lease.state != state) enter(iface, state);
  else ask(iface);
  const end = rebind ? lease.seconds : lease.rebindSeconds;
  const half = (end - lease.ageSeconds) >> 1;
  const left = end - lease.ageSeconds;
  const next = half > LEAST_RENEWAL_SECONDS ? half : smaller(left, LEAST_RENEWAL_SECONDS);
  wait(iface, smaller(next, LONGEST_MS / 1000) * 1000);
}

/** A datagram to the client's port; false: the interface gets its address in another way. */
export function leaseInput(iface: u32, p: usize, len: u32): bool {
  const lease = leaseAt(iface);
  const state = <u32>lease.state;
  if (state == LeaseState.OFF) return false;
  const type = dhcpRead(p, len, macOf(iface));
  const server = dhcpAddress(OPTION_SERVER, 0);
  if (type == 0) count(Counter.DROP_DHCP_MALFORMED);
  else if (dhcpTransaction(p) != lease.transaction) count(Counter.DROP_DHCP_UNRELATED);
  else if (isNoHost(server)) count(Counter.DROP_DHCP_MALFORMED);
  else if (both(type == OFFER, state == LeaseState.SELECTING)) offered(iface, dhcpYours(p), server);
  else if (!isAnswered(lease, server)) count(Counter.DROP_DHCP_UNRELATED);
  else if (type == NAK) refused(iface);
  else if (type == DHCP_ACK) granted(iface, dhcpYours(p), server);
  else count(Counter.DROP_DHCP_UNRELATED);
  return true;
}

/** True if a server may answer what was asked: the one that was asked, or any. */
function isAnswered(lease: Lease, server: u32): bool {
  const state = <u32>lease.state;
  const one = either(state == LeaseState.REQUESTING, state == LeaseState.RENEWING);
  const any = either(state == LeaseState.REBOOTING, state == LeaseState.REBINDING);
  return either(any, both(one, server == lease.server));
}

/** The first good offer is taken. */
function offered(iface: u32, v4: u32, server: u32): void {
  if (isNoStation(v4)) {
    count(Counter.DROP_DHCP_MALFORMED);
    return;
  }
  const lease = leaseAt(iface);
  lease.address = v4;
  lease.server = server;
  const transaction = lease.transaction;
  enter(iface, LeaseState.REQUESTING);
  lease.transaction = transaction; // RFC 2131 section 4.4.1: that of the offer
}

/** No such lease: another is looked for, later each time, so that refusals make no storm. */
function refused(iface: u32): void {
  count(Counter.DHCP_NAKS);
  const lease = leaseAt(iface);
  const naks = smaller(lease.naks, 6);
  lease.naks = <u8>(naks + 1);
  discoverLater(iface, 1000 << naks);
}

/** The lease is ours, again or for the first time. */
function granted(iface: u32, v4: u32, server: u32): void {
  const lease = leaseAt(iface);
  if (v4 != lease.address || !readLease(lease)) {
    count(Counter.DROP_DHCP_MALFORMED);
    return;
  }
  lease.server = server;
  if (lease.handle != 0) {
    bound(iface);
    return;
  }
  lease.state = <u8>LeaseState.PROBING;
  wait(iface, LONGEST_MS); // the address tells
  if (addLeased(iface)) lookAtLeased(iface);
  else discoverLater(iface, DECLINE_MS);
}
