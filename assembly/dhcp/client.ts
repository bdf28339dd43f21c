// DHCP client (RFC 2131, 2132): the states of figure 5. The task of an interface, whose number is the
// interface's, is woken when its state has something to do, when the lease ends, and when an address that
// came by itself has changed. Input: datagrams to port 68, the task's timer, the link; output: the
// interface's address, router and MTU, and messages that transmit asks for.

import { DHCP, INTERFACE_COUNT } from "../config";
import { AddressState, Auto, Counter, Errno, LeaseState } from "../constants";
import { count } from "../counter";
import { elapsed, globals } from "../globals";
import { random } from "../hash";
import { addressAt, ownV4 } from "../ip/address";
import { isConfigured, isUp, macOf, NO_MAC } from "../link/interface";
import { both, either, larger, smaller } from "../order";
import { armTask, readyTask, stopTask } from "../task";
import { messageAt, sendMessage, stationTo } from "../udp/message";
import { DHCP_CLIENT_PORT, DHCP_SERVER_PORT } from "../wire/udp";
import { answerType, judge, takeLease, withdrawLease } from "./answer";
import { hold, isTaken, letGo, tellHost } from "./held";
import { Lease, lease, leaseAt, leased, selectLease } from "./lease";
import { dropLinkLocal, takeLinkLocal, watchLinkLocal } from "./linkLocal";
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
/** Requests for an offer or for the lease of before, and the number of the state: three, and two. */
const ENOUGH: u32 = 3 + LeaseState.REQUESTING;

const ALL: u32 = Auto.DHCP | Auto.LINK_LOCAL | Auto.PROBE;

/** The message that each state sends: three bits for each. In INIT what leaves is a DHCPDECLINE. */
const TYPES: u32 =
  (DECLINE << (LeaseState.INIT * 3)) |
  (DISCOVER << (LeaseState.SELECTING * 3)) |
  (REQUEST << (LeaseState.REQUESTING * 3)) |
  (REQUEST << (LeaseState.REBOOTING * 3)) |
  (REQUEST << (LeaseState.RENEWING * 3)) |
  (REQUEST << (LeaseState.REBINDING * 3)) |
  (RELEASE << (LeaseState.RELEASING * 3));
/** States whose message names the address that we want or refuse, and those that name the server. */
const NAMES_ADDRESS: u32 =
  (1 << LeaseState.INIT) | (1 << LeaseState.REQUESTING) | (1 << LeaseState.REBOOTING);
const NAMES_SERVER: u32 =
  (1 << LeaseState.INIT) | (1 << LeaseState.REQUESTING) | (1 << LeaseState.RELEASING);

/** The state has something to do in so many ms, or when the lease ends. */
function wait(ms: u32): void {
  armTask(leased, smaller(ms, untilAge(lease.seconds)));
}

/** A state begins, and with it another question. */
function enter(state: u32): void {
  lease.state = <u8>state;
  lease.tries = 0;
  lease.startedMs = globals.nowMs;
  lease.transaction = random();
  stopTask(leased);
}

/** The address goes, and what the lease brought beside it. Begins anew in so many ms where DHCP is asked for:
 * Auto.DHCP is INIT, and none is OFF. */
function lose(ms: u32): void {
  letGo(offsetof<Lease>("local"));
  withdrawLease();
  enter((<u32>lease.auto) & Auto.DHCP);
  wait(ms);
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

/** ms until the lease is so many seconds old, or less: leases may be longer than timers. 0: there is none. */
function untilAge(seconds: u32): u32 {
  const left = smaller(seconds - 1 - lease.ageSeconds, LONG_SECONDS) + 1;
  return left * 1000 - elapsed(lease.agedMs);
}

/** ABI: how an interface gets its addresses. */
export function interfaceAuto(iface: u32, auto: u32): i32 {
  if (!DHCP) return -Errno.EINVAL;
  if (!globals.seeded) return -Errno.EAGAIN;
  if (either(iface >= INTERFACE_COUNT, auto > ALL) || !isConfigured(iface)) return -Errno.EINVAL;
  selectLease(iface);
  const changes = lease.auto ^ auto;
  if (changes == 0) return 0;
  lease.auto = <u8>auto;
  if ((changes & Auto.DHCP) != 0) {
    const release = both(<u32>lease.state >= <u32>LeaseState.BOUND, isUp(iface));
    if (both((auto & Auto.DHCP) == 0, release)) {
      // RFC 2131 section 4.4.6: the address is needed until the message has left.
      enter(LeaseState.RELEASING);
      ask();
      wait(RELEASE_MS);
      return 0;
    }
    // Section 4.4.1. Deviation: the first question leaves at once, not after 1 to 10 s.
    lose(0);
  }
  run();
  return 0;
}

/** The link of an interface is up: perhaps another network's. */
export function leaseLinkUp(iface: u32): void {
  selectLease(iface);
  const again = lease.linkLocal != 0;
  dropLinkLocal();
  if (((<u32>lease.auto) & Auto.DHCP) != 0) {
    if (lease.local != 0) {
      // Section 3.2. Deviation: the address stays in use meanwhile: connections outlive a link that was
      // down for a moment.
      lease.address = ownV4(lease.local);
      enter(LeaseState.REBOOTING);
    } else lose(0);
  }
  // RFC 3927 section 2.2.1: a link-local address is probed again.
  if (again) takeLinkLocal();
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
  const type = answerType();
  if (type == OFFER) {
    // Section 3.1, step 3: the first that comes. The question stays the same one.
    lease.state = <u8>LeaseState.REQUESTING;
    lease.tries = 0;
  } else if (type == ACK) bind();
  else {
    count(Counter.DHCP_NAKS);
    lose(backoff(lease.naks));
    lease.naks += 1;
  }
  if (lease.state != LeaseState.INIT) run(); // that has its time
}

/** The lease is ours: its address is taken, unless we have it. */
function bind(): void {
  takeLease();
  enter(LeaseState.PROBING);
  if (ownV4(lease.local) == lease.address) return;
  letGo(offsetof<Lease>("local"));
  const probes = ((<u32>lease.auto) & Auto.PROBE) >> 2; // AddressFlag.CONFLICT_DETECTION
  lease.local = <u8>hold(lease.address, popcnt(lease.mask), probes);
  if (lease.local == 0) lose(DECLINED_MS); // no record is free
}

/** The task of an interface is woken. */
export function leaseExpired(iface: u32): void {
  selectLease(iface);
  run();
}

/** Looks at what has become of the addresses and of the lease, and does what the state has to do. */
function run(): void {
  const passed = elapsed(lease.agedMs) / 1000;
  lease.ageSeconds += passed;
  lease.agedMs += passed * 1000;
  if (isTaken(lease.local)) {
    // RFC 2131 section 3.1, step 5; RFC 5227 section 2.4.
    lose(DECLINED_MS);
    ask();
    return;
  }
  const over = lease.ageSeconds > lease.seconds - 1; // without a lease that is false
  if (either(over, lease.state == LeaseState.RELEASING)) {
    lose(0);
    return;
  }
  if (lease.state == LeaseState.PROBING && addressAt(lease.local).state == AddressState.VALID) {
    enter(LeaseState.BOUND);
    lease.naks = 0;
    tellHost();
  }
  step();
  watchLinkLocal();
}

/** What the state has to do now. */
function step(): void {
  const state = <u32>lease.state;
  if (state == LeaseState.OFF) return;
  wait(LONG_MS);
  if (!isUp(leased)) return; // leaseLinkUp goes on
  if (state >= <u32>LeaseState.BOUND) renew();
  else if (state != LeaseState.PROBING) {
    // Section 3.2, 4.4.1: nobody answers the request. A lease that goes on may be used until it ends.
    const enough = both(state != LeaseState.SELECTING, lease.tries + state >= ENOUGH);
    if (either(state == LeaseState.INIT, enough)) enter(LeaseState.SELECTING);
    ask();
    wait(backoff(lease.tries));
    if (both(lease.tries == 2, lease.state == LeaseState.SELECTING)) tellHost(); // nobody has answered
  }
}

/** The states of a lease by its age (section 4.4.5). */
function renew(): void {
  const age = lease.ageSeconds;
  let state: u32 = LeaseState.BOUND;
  let until = lease.renewSeconds;
  if (age >= until) {
    state = LeaseState.RENEWING;
    until = lease.rebindSeconds;
  }
  if (age >= until) {
    state = LeaseState.REBINDING;
    until = lease.seconds;
  }
  if (<u32>lease.state != state) enter(state);
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
  const type = (TYPES >> (state * 3)) & 7;
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
  p = putOption(p, OPTION_ADDRESS, l.address, NAMES_ADDRESS >> state);
  p = putOption(p, OPTION_SERVER, l.server, NAMES_SERVER >> state);
  count(Counter.DHCP_SENT);
  if (state == LeaseState.RELEASING) armTask(iface, 0); // that was all
  return sendMessage(iface, to, ciaddr, destination, PORTS, endMessage(m, p), HOPS);
}
