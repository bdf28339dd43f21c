// The neighbour cache: IP address to MAC on an interface. Entries come from our own requests, and
// from requests made to us (RFC 826); replies nobody asked for change nothing. Connections and sockets
// without a MAC hang on the entry they wait for, so no packet is ever queued.

import { listAlone, listAppend, listFirst, listUnlink } from "../buffer/list";
import {
  ARP_RETRIES,
  ARP_RETRY_MS,
  INTERFACE_COUNT,
  NEIGHBOUR_COUNT,
  NEIGHBOUR_REFRESH_MS,
  ONE_ADDRESS,
} from "../config";
import { Pool } from "../constants";
import { globals } from "../globals";
import { interfaceOfLocal } from "../ip/address";
import { addressCopy, addressEqual } from "../ip/addressing";
import {
  ADDRESS_BYTES,
  ARP_HEAD,
  ARP_NODE,
  NEIGHBOUR_BYTES,
  NEIGHBOUR_TIMER,
  NEIGHBOURS,
  READY_HEAD,
  WAIT_HEAD,
} from "../memory";
import { both } from "../order";
import { claimed, released } from "../pool";
import { NEVER } from "../timer/deadline";
import { armAfter, disarm } from "../timer/timer";
import { macCopy } from "../wire/ethernet";

// A state is the number of requests without an answer, and whether there is a MAC all the same.
const FREE: u32 = 0;
const REQUESTS: u32 = 7;
const KNOWN: u32 = 8;

/** Our own entry, behind the others: where loopback leads. Its MAC is all zeros. */
export const SELF: u32 = NEIGHBOUR_COUNT;

/** The idle time of a free entry: less than NEVER. */
const LONG_MS: u32 = 0x7fffffff;

if ((NEIGHBOUR_COUNT & (NEIGHBOUR_COUNT - 1)) != 0) ERROR("NEIGHBOUR_COUNT: a power of two");


@unmanaged
export class Neighbour {
  /** Zeros while it is not known. */
  mac: u32;
  macEnd: u16;
  interface: u8;
  state: u8;
  /** The local address that asks. */
  source: u32;
  usedMs: u32;
  confirmedMs: u32;
  // The address follows.
}

if (<u32>offsetof<Neighbour>() + ADDRESS_BYTES != NEIGHBOUR_BYTES) ERROR("NEIGHBOUR_BYTES");

export function neighbourAt(i: u32): Neighbour {
  return changetype<Neighbour>(NEIGHBOURS + <usize>i * NEIGHBOUR_BYTES);
}

export function neighbourAddress(i: u32): usize {
  return changetype<usize>(neighbourAt(i)) + offsetof<Neighbour>();
}

export function neighbourMac(i: u32): usize {
  return changetype<usize>(neighbourAt(i));
}

/** True for a neighbour on one of a set of interfaces, one bit each. */
function isOn(n: Neighbour, interfaces: u32): bool {
  return INTERFACE_COUNT == 1 || ((interfaces >> n.interface) & 1) != 0;
}

/** SELF is known, and never asked: its state is that of a neighbour being asked. */
export function neighbourReset(): void {
  neighbourAt(SELF).state = <u8>(KNOWN | REQUESTS);
}

export function isKnown(i: u32): bool {
  return neighbourAt(i).state >= KNOWN;
}

/** An entry without a request is all zeros or known. */
function forget(i: u32): void {
  memory.fill(neighbourMac(i), 0, NEIGHBOUR_BYTES);
  endRequest(i);
  released(Pool.NEIGHBOUR);
}

function ask(i: u32): void {
  const n = neighbourAt(i);
  n.state += 1;
  listAppend(ARP_HEAD + (INTERFACE_COUNT == 1 ? 0 : n.interface), ARP_NODE + i);
  armAfter(NEIGHBOUR_TIMER + i, ARP_RETRY_MS);
}

function endRequest(i: u32): void {
  listUnlink(ARP_NODE + i);
  disarm(NEIGHBOUR_TIMER + i);
}

/** The entry of an address, looked for from hint on; else a new one, in the place of a free one or of
 * the one that was unused longest and for at least idleMs. -1: none. */
function entryOf(iface: u32, address: usize, hint: u32, idleMs: u32): i32 {
  const start = hint & (NEIGHBOUR_COUNT - 1);
  let best: i32 = -1;
  let i = start;
  do {
    const n = neighbourAt(i);
    if (both(isOn(n, 1 << iface), addressEqual(neighbourAddress(i), address))) {
      n.usedMs = globals.nowMs;
      return i;
    }
    const idle = n.state == FREE ? LONG_MS : globals.nowMs - n.usedMs;
    if (both(idle >= idleMs, listAlone(WAIT_HEAD + i))) {
      best = i;
      idleMs = idle;
    }
    i = (i + 1) & (NEIGHBOUR_COUNT - 1);
  } while (i != start);
  if (best >= 0) {
    const n = neighbourAt(best);
    if (n.state != FREE) forget(best);
    claimed(Pool.NEIGHBOUR);
    if (INTERFACE_COUNT > 1) n.interface = <u8>iface;
    n.usedMs = globals.nowMs;
    addressCopy(neighbourAddress(best), address);
  }
  return best;
}

/** The entry for the next hop from a local address, asked for if need be; hint: where it was last
 * time. -1: every entry was used less than idleMs ago. */
export function resolve(source: u32, address: usize, hint: u32, idleMs: u32): i32 {
  const i = entryOf(interfaceOfLocal(source), address, hint, idleMs);
  if (i < 0) return i;
  const n = neighbourAt(i);
  if (!ONE_ADDRESS) n.source = source;
  if (n.state == FREE) ask(i);
  if (globals.nowMs - n.confirmedMs >= NEIGHBOUR_REFRESH_MS) recheck(i);
  return i;
}

/** Asks a known neighbour whether it is still there (at R1: RFC 9293 section 3.8.3). */
export function recheck(i: u32): void {
  if (neighbourAt(i).state == KNOWN) ask(i);
}

/** Forgets known stations on a set of interfaces. */
export function forgetStations(interfaces: u32): void {
  let i: u32 = 0;
  do {
    if (both(isKnown(i), isOn(neighbourAt(i), interfaces))) forget(i);
  } while (++i < NEIGHBOUR_COUNT);
}

/** Takes the MAC of a neighbour. asked: only if a request waits for it; source: the local address
 * that the station asked for, and a new entry may be made, or -1. -1: it taught us nothing. */
export function learn(iface: u32, address: usize, mac: usize, asked: bool, source: i32): i32 {
  const i = entryOf(iface, address, 0, source < 0 ? NEVER : NEIGHBOUR_REFRESH_MS);
  if (i < 0) return i;
  const n = neighbourAt(i);
  if (asked && !(n.state & REQUESTS)) return -1;
  if (!ONE_ADDRESS && source >= 0) n.source = source;
  macCopy(neighbourMac(i), mac);
  n.state = <u8>KNOWN;
  n.confirmedMs = globals.nowMs;
  endRequest(i);
  return i;
}

/** The first that waits for a neighbour, a connection or a socket, by its ready node; or -1. */
export function firstWaiter(i: u32): i32 {
  return listFirst(WAIT_HEAD + i);
}

/** The neighbour is known now: what waited for it is ready. */
export function wakeWaiters(i: u32): void {
  const head = READY_HEAD + (INTERFACE_COUNT == 1 ? 0 : neighbourAt(i).interface);
  for (;;) {
    const node = firstWaiter(i);
    if (node < 0) return;
    listAppend(head, node);
  }
}

/** The timer of an entry: ask again, or give up. True: given up, what waits on it has no route. */
export function neighbourExpired(i: u32): bool {
  const last = (neighbourAt(i).state & REQUESTS) == ARP_RETRIES;
  if (last) forget(i);
  else ask(i);
  return last;
}
