// The neighbour cache: IP address to MAC on an interface. Entries come from our own requests, and
// from requests made to us (RFC 826); replies nobody asked for change nothing. Connections without
// a MAC hang on the entry they wait for, so no packet is ever queued.

import {
  AGE_LIMIT_MS,
  ARP_RETRIES,
  ARP_RETRY_MS,
  NEIGHBOUR_COUNT,
  NEIGHBOUR_REFRESH_MS,
} from "../config";
import { Pool } from "../constants";
import { globals } from "../globals";
import { addressCopy, addressEqual } from "../ip/addressing";
import { markArp } from "../ip/address";
import { ADDRESS_BYTES, NEIGHBOURS, NEIGHBOUR_BYTES, NEIGHBOUR_TIMER, WAIT_HEAD } from "../memory";
import { listAlone } from "../buffer/list";
import { claimed, released } from "../pool";
import { arm, disarm } from "../timer/timer";
import { macCopy } from "../wire/ethernet";

const FREE: u32 = 0;
/** Asked, no answer yet. */
const INCOMPLETE: u32 = 1;
const REACHABLE: u32 = 2;
/** Known, and asked again (unicast) whether it is still there. */
const PROBING: u32 = 3;


@unmanaged
export class Neighbour {
  mac: u32;
  macEnd: u16;
  interface: u8;
  state: u8;
  retries: u8;
  /** 1: a request waits for transmit. */
  pending: u8;
  reserved: u16;
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

export function isKnown(i: u32): bool {
  return neighbourAt(i).state >= REACHABLE;
}

function find(iface: u32, address: usize): i32 {
  for (let i: u32 = 0; i < NEIGHBOUR_COUNT; i++) {
    const n = neighbourAt(i);
    if (
      n.state != FREE &&
      <u32>n.interface == iface &&
      addressEqual(neighbourAddress(i), address)
    ) {
      return <i32>i;
    }
  }
  return -1;
}

function forget(i: u32): void {
  neighbourAt(i).state = <u8>FREE;
  neighbourAt(i).pending = 0;
  disarm(NEIGHBOUR_TIMER + i);
  released(Pool.NEIGHBOUR);
}

/** A free entry, or the one unused longest and for at least idleMs; -1 when there is none. */
function claim(iface: u32, address: usize, idleMs: u32): i32 {
  let best: i32 = -1;
  let bestIdle = idleMs;
  for (let i: u32 = 0; i < NEIGHBOUR_COUNT; i++) {
    const n = neighbourAt(i);
    if (n.state == FREE) {
      best = <i32>i;
      break;
    }
    const idle = globals.nowMs - n.usedMs;
    if (idle >= bestIdle && listAlone(WAIT_HEAD + i)) {
      best = <i32>i;
      bestIdle = idle;
    }
  }
  if (best < 0) return -1;
  const n = neighbourAt(best);
  if (n.state != FREE) forget(best);
  claimed(Pool.NEIGHBOUR);
  n.interface = <u8>iface;
  n.retries = 0;
  n.pending = 0;
  n.usedMs = globals.nowMs;
  addressCopy(neighbourAddress(best), address);
  return best;
}

function ask(i: u32): void {
  const n = neighbourAt(i);
  n.pending = 1;
  markArp(n.interface);
  arm(NEIGHBOUR_TIMER + i, globals.nowMs + ARP_RETRY_MS);
}

/** The entry for a next hop, asked for if need be; hint: where it was last time. -1: every entry
 * was used less than idleMs ago. */
export function resolve(iface: u32, address: usize, hint: u32, idleMs: u32): i32 {
  let i = <i32>hint;
  if (
    hint >= NEIGHBOUR_COUNT ||
    neighbourAt(hint).state == FREE ||
    <u32>neighbourAt(hint).interface != iface ||
    !addressEqual(neighbourAddress(hint), address)
  ) {
    i = find(iface, address);
  }
  if (i < 0) {
    i = claim(iface, address, idleMs);
    if (i < 0) return -1;
    neighbourAt(i).state = <u8>INCOMPLETE;
    ask(i);
    return i;
  }
  const n = neighbourAt(i);
  n.usedMs = globals.nowMs;
  if (n.state == REACHABLE && globals.nowMs - n.confirmedMs >= NEIGHBOUR_REFRESH_MS) recheck(i);
  return i;
}

/** Asks a known neighbour whether it is still there (at R1: RFC 9293 section 3.8.3). */
export function recheck(i: u32): void {
  if (i >= NEIGHBOUR_COUNT || neighbourAt(i).state != REACHABLE) return;
  neighbourAt(i).state = <u8>PROBING;
  neighbourAt(i).retries = 0;
  ask(i);
}

/** The link is down: where its stations are may be another place when it comes back. */
export function forgetStations(iface: u32): void {
  for (let i: u32 = 0; i < NEIGHBOUR_COUNT; i++) {
    const n = neighbourAt(i);
    if (n.state >= <u8>REACHABLE && n.interface == <u8>iface) forget(i);
  }
}

/** Takes a MAC for an entry that we asked for, or of one that we know; true if it is news that
 * connections wait for: the caller wakes them. create: the station asked for us, keep it. */
export function learn(iface: u32, address: usize, mac: usize, create: bool): i32 {
  let i = find(iface, address);
  if (i < 0) {
    if (!create) return -1;
    i = claim(iface, address, NEIGHBOUR_REFRESH_MS);
    if (i < 0) return -1;
  }
  const n = neighbourAt(i);
  macCopy(neighbourMac(i), mac);
  n.state = <u8>REACHABLE;
  n.pending = 0;
  n.confirmedMs = globals.nowMs;
  disarm(NEIGHBOUR_TIMER + i);
  return i;
}

/** True if we have an open question to this address. */
export function isAsked(iface: u32, address: usize): bool {
  const i = find(iface, address);
  return i >= 0 && neighbourAt(i).state != REACHABLE;
}

/** The timer of an entry: ask again, or give up. True: given up, what waits on it has no route. */
export function neighbourExpired(i: u32): bool {
  const n = neighbourAt(i);
  n.retries += 1;
  if (n.retries < ARP_RETRIES) {
    ask(i);
    return false;
  }
  forget(i);
  return true;
}

/** Forgets what is so old that its stamps would soon look young again. */
export function neighbourAge(): void {
  for (let i: u32 = 0; i < NEIGHBOUR_COUNT; i++) {
    const n = neighbourAt(i);
    if (n.state == REACHABLE && globals.nowMs - n.usedMs > AGE_LIMIT_MS / 2) forget(i);
  }
}
