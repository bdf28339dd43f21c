// DHCP client (RFC 2131, 2132): the states of figure 5. Each has a time at which it has something to do
// (dueMs); the task of the interface, whose number is the interface's, is woken then, when an address of
// its changes, and when a lease ends. Input: datagrams to port 68, the task's timer, the link; output: the
// interface's address, router and MTU, and messages that transmit asks for.

import { DHCP, INTERFACE_COUNT } from "../config";
import { AddressState, Auto, Counter, Errno, LeaseState } from "../constants";
import { count } from "../counter";
import { elapsed, globals } from "../globals";
import { random } from "../hash";
import { addressAt, ownV4 } from "../ip/address";
import { isConfigured, isUp, macOf, NO_MAC } from "../link/interface";
import { atLeastZero, both, either, larger, smaller } from "../order";
import { armTask, readyTask, stopTask } from "../task";
import { messageAt, sendMessage, stationTo } from "../udp/message";
import { DHCP_CLIENT_PORT, DHCP_SERVER_PORT } from "../wire/udp";
import { answerType, judge, takeLease, withdrawLease } from "./answer";
import { hold, isTaken, letGo, tellHost } from "./held";
import { Lease, lease, leaseAt, leased, selectLease } from "./lease";
import { dropLinkLocal, watchLinkLocal } from "./linkLocal";
import {
  ACK,
  beginMessage,
  DECLINE,
  DISCOVER,
  endMessage,
  OFFER,
  OPTION_ADDRESS,
  OPTION_SERVER,
  putOption,
  RELEASE,
  REQUEST,
} from "./message";

const PORTS: u32 = (DHCP_CLIENT_PORT << 16) | DHCP_SERVER_PORT;
const HOPS: u32 = 64;
/** Nothing to do until something happens: the longest time of a timer. */
const LONG_MS: u32 = 1 << 30;
/** The longest that a timer is armed for on behalf of a lease, s: leases may be longer than timers. */
const LONG_SECONDS: u32 = 1 << 20;
/** RFC 2131 section 3.1, step 5: after a DHCPDECLINE. */
const DECLINED_MS: u32 = 10000;
/** How long a DHCPRELEASE may take to leave. */
const RELEASE_MS: u32 = 3000;
/** Section 4.4.5: seconds between requests to go on. */
const RENEW_SECONDS: u32 = 60;
/** DHCPDISCOVERs, the last of which says that a minute has passed: 4, 8, 16 and 32 s. */
const MINUTE_TRIES: u32 = 5;
/** Requests for an offer or for the lease of before, and the number of the state: three, and two. */
const ENOUGH: u32 = 3 + LeaseState.REQUESTING;

const ALL: u32 = Auto.DHCP | Auto.LINK_LOCAL | Auto.PROBE;

/** The message that each state sends: four bits for each. In INIT what leaves is a DHCPDECLINE. */
const TYPES: u64 =
  ((<u64>DECLINE) << (LeaseState.INIT * 4)) |
  ((<u64>DISCOVER) << (LeaseState.SELECTING * 4)) |
  ((<u64>REQUEST) << (LeaseState.REQUESTING * 4)) |
  ((<u64>REQUEST) << (LeaseState.REBOOTING * 4)) |
  ((<u64>REQUEST) << (LeaseState.RENEWING * 4)) |
  ((<u64>REQUEST) << (LeaseState.REBINDING * 4)) |
  ((<u64>RELEASE) << (LeaseState.RELEASING * 4));
/** States whose message names the address that we want or refuse, and those that name the server. */
const NAMES_ADDRESS: u32 =
  (1 << LeaseState.INIT) | (1 << LeaseState.REQUESTING) | (1 << LeaseState.REBOOTING);
const NAMES_SERVER: u32 =
  (1 << LeaseState.INIT) | (1 << LeaseState.REQUESTING) | (1 << LeaseState.RELEASING);

/** The state has something to do in so many ms. */
function wait(ms: u32): void {
  lease.dueMs = globals.nowMs + ms;
}

/** A state begins, and with it another question; it has something to do in so many ms. */
function enter(state: u32, ms: u32): void {
  const l = lease;
  l.state = <u8>state;
  l.tries = 0;
  l.startedMs = globals.nowMs;
  l.transaction = random();
  stopTask(leased);
  wait(ms);
}

/** The address goes, and what the lease brought beside it. Begins anew in so many ms where DHCP is asked for:
 * Auto.DHCP is INIT, and none is OFF. */
function lose(ms: u32): void {
  letGo(offsetof<Lease>("local"));
  withdrawLease();
  enter((<u32>lease.auto) & Auto.DHCP, ms);
}

/** The message of the state is to leave. */
function ask(): void {
  lease.tries += 1;
  readyTask(leased, leased);
}

/** RFC 2131 section 4.1: ms to the next message after so many: 4, 8, 16, 32, 64 s, give or take a second. */
function backoff(tries: u32): u32 {
  return (2000 << smaller(tries, 5)) + (random() % 2001) - 1000;
}

/** ms until the lease is so many seconds old, or less: leases may be longer than timers. */
function untilAge(seconds: u32): u32 {
  const l = lease;
  return (smaller(seconds - 1 - l.ageSeconds, LONG_SECONDS) + 1) * 1000 - elapsed(l.agedMs);
}

function isDue(): bool {
  return <i32>(lease.dueMs - globals.nowMs) <= 0;
}

/** ABI: how an interface gets its addresses. */
export function interfaceAuto(iface: u32, auto: u32): i32 {
  if (!DHCP) return -Errno.EINVAL;
  if (!globals.seeded) return -Errno.EAGAIN;
  if (either(iface >= INTERFACE_COUNT, auto > ALL) || !isConfigured(iface)) return -Errno.EINVAL;
  selectLease(iface);
  const l = lease;
  const before = <u32>l.auto;
  if (before == auto) return 0;
  l.auto = <u8>auto;
  const dhcp = auto & Auto.DHCP;
  if (either(before == 0, dhcp == 0)) l.alone = dhcp ^ Auto.DHCP;
  if (((before & Auto.DHCP) ^ dhcp) != 0) {
    const release = both(<u32>l.state >= <u32>LeaseState.BOUND, isUp(iface));
    if (both(dhcp == 0, release)) {
      // RFC 2131 section 4.4.6: the address is needed until the message has left.
      enter(LeaseState.RELEASING, RELEASE_MS);
      ask();
    } else lose(0);
  }
  run();
  return 0;
}

/** The link of an interface is up: perhaps another network's. */
export function leaseLinkUp(iface: u32): void {
  selectLease(iface);
  const l = lease;
  if (l.auto == 0) return;
  // RFC 3927 section 2.2.1: a link-local address is probed again.
  dropLinkLocal();
  if (((<u32>l.auto) & Auto.DHCP) != 0) {
    if (l.local != 0) {
      // Section 3.2. Deviation: the address stays in use meanwhile: connections outlive a link that was
      // down for a moment.
      l.address = ownV4(l.local);
      enter(LeaseState.REBOOTING, 0);
    } else lose(0);
  }
  run();
}

/** A datagram to the client's port; false: the interface gets its address in another way. */
export function leaseInput(iface: u32, p: usize, len: u32): bool {
  selectLease(iface);
  if (lease.state == LeaseState.OFF) return false;
  const fault = judge(p, len);
  if (fault != 0) count(fault);
  else answered();
  return true;
}

/** The message that was read answers our question. */
function answered(): void {
  const l = lease;
  const type = answerType();
  if (type == OFFER) {
    // Section 3.1, step 3: the first that comes. The question stays the same one.
    l.state = <u8>LeaseState.REQUESTING;
    l.tries = 0;
    wait(0);
  } else if (type == ACK) bind();
  else {
    count(Counter.DHCP_NAKS);
    lose(backoff(l.naks));
    l.naks += 1;
  }
  run();
}

/** The lease is ours: its address is taken, unless we have it. */
function bind(): void {
  const l = lease;
  takeLease();
  enter(LeaseState.PROBING, LONG_MS);
  if (ownV4(l.local) == l.address) {
    addressAt(l.local).mask = l.mask;
    return;
  }
  letGo(offsetof<Lease>("local"));
  const probes = ((<u32>l.auto) & Auto.PROBE) >> 2; // AddressFlag.CONFLICT_DETECTION
  l.local = <u8>hold(l.address, popcnt(l.mask), probes);
  if (l.local == 0) lose(DECLINED_MS); // no record is free
}

/** The task of an interface is woken. */
export function leaseExpired(iface: u32): void {
  selectLease(iface);
  run();
}

/** Does what is to be done now, and arms the timer for what comes next. */
function run(): void {
  const l = lease;
  const passed = elapsed(l.agedMs) / 1000;
  l.ageSeconds += passed;
  l.agedMs += passed * 1000;
  watchAddress();
  if (isDue()) step();
  watchLinkLocal();
  if ((l.auto | l.state) == 0) return;
  armTask(leased, smaller(atLeastZero(l.dueMs - globals.nowMs), untilAge(l.seconds)));
}

/** Looks at what has become of the address, and of the lease. */
function watchAddress(): void {
  const l = lease;
  if (isTaken(l.local)) {
    // RFC 2131 section 3.1, step 5; RFC 5227 section 2.4.
    lose(DECLINED_MS);
    ask();
    return;
  }
  const released = both(l.state == LeaseState.RELEASING, isDue());
  if (either(released, l.ageSeconds > l.seconds - 1))
    lose(0); // without a lease that is false
  else if (l.state == LeaseState.PROBING && addressAt(l.local).state == AddressState.VALID) {
    enter(LeaseState.BOUND, 0);
    l.naks = 0;
    l.alone = 0;
    tellHost();
  }
}

/** What the state has to do now. */
function step(): void {
  const l = lease;
  const state = <u32>l.state;
  wait(LONG_MS);
  if (!isUp(leased)) return; // leaseLinkUp goes on
  if (state >= <u32>LeaseState.BOUND) renew();
  else if (state - LeaseState.INIT <= <u32>LeaseState.REBOOTING - LeaseState.INIT) {
    // Section 3.2, 4.4.1: nobody answers the request. A lease that goes on may be used until it ends.
    const enough = both(state != LeaseState.SELECTING, l.tries + state >= ENOUGH);
    if (either(state == LeaseState.INIT, enough)) enter(LeaseState.SELECTING, 0);
    ask();
    wait(backoff(l.tries));
    if (l.state != LeaseState.SELECTING) return;
    if (l.tries == 2) tellHost(); // nobody has answered
    if (both(l.tries >= MINUTE_TRIES, l.local == 0)) l.alone = 1;
  }
}

/** The states of a lease by its age (section 4.4.5). */
function renew(): void {
  const l = lease;
  const age = l.ageSeconds;
  let state: u32 = LeaseState.BOUND;
  let until = l.renewSeconds;
  if (age >= until) {
    state = LeaseState.RENEWING;
    until = l.rebindSeconds;
  }
  if (age >= until) {
    state = LeaseState.REBINDING;
    until = l.seconds;
  }
  if (<u32>l.state != state) enter(state, 0);
  if (state != LeaseState.BOUND) {
    ask();
    until = age + smaller(until - age, larger((until - age) >> 1, RENEW_SECONDS));
  }
  wait(untilAge(until));
}

/** The message of the state: the length of its frame, or 0. */
export function leaseTransmit(iface: u32): u32 {
  const l = leaseAt(iface);
  const state = <u32>l.state;
  const type = (<u32>(TYPES >> (state << 2))) & 15;
  if (type == 0) return 0;
  let to = NO_MAC;
  let destination: u32 = 0xffffffff;
  let ciaddr: u32 = 0;
  if (state > <u32>LeaseState.BOUND) {
    ciaddr = l.address;
    if (state != LeaseState.REBINDING) {
      destination = l.server;
      to = stationTo(iface, iface, l.local, destination);
      if (to == 0) return 0;
    }
  }
  if (state != LeaseState.REQUESTING) l.askedMs = globals.nowMs;
  const m = messageAt();
  const seconds = (l.askedMs - l.startedMs) / 1000;
  let p = beginMessage(m, type, l.transaction, seconds, ciaddr, macOf(iface));
  // Table 5: the address that was asked for, and the server.
  if ((NAMES_ADDRESS >> state) & 1) p = putOption(p, OPTION_ADDRESS, l.address);
  if ((NAMES_SERVER >> state) & 1) p = putOption(p, OPTION_SERVER, l.server);
  count(Counter.DHCP_SENT);
  if (state == LeaseState.RELEASING) {
    l.dueMs = globals.nowMs;
    armTask(iface, 0);
  }
  return sendMessage(iface, to, ciaddr, destination, PORTS, endMessage(m, p), HOPS);
}
