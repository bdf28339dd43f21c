// Local addresses, and conflict detection (RFC 5227) where an address asks for it.
// Number 0 is 127.0.0.1. Connections hold the number, so an address never changes under them.

import {
  ADDRESS_COUNT,
  ANNOUNCE_COUNT,
  ANNOUNCE_MS,
  ANNOUNCE_WAIT_MS,
  CONFLICT_DETECTION,
  DEFEND_MS,
  INTERFACE_COUNT,
  PROBE_COUNT,
  PROBE_MS,
} from "../config";
import { AddressFlag, AddressState, Counter, Errno, Event, Pool } from "../constants";
import { count } from "../counter";
import { closeHandle, nodeOf, openHandle, raise } from "../event";
import { globals } from "../globals";
import { random } from "../hash";
import { LOOPBACK, interfaceAt, isUp } from "../link/interface";
import {
  ADDRESSES,
  ADDRESS_BYTES,
  ADDRESS_NODE,
  ADDRESS_TIMER,
  LOCAL_ADDRESS_BYTES,
} from "../memory";
import { claimed, released } from "../pool";
import { arm, disarm } from "../timer/timer";
import { ipv4 } from "../wire/ipv4";
import {
  getV4,
  givenV4,
  isLoopback,
  isMulticast,
  isReserved,
  prefixMask,
  putV4,
} from "./addressing";

/** ARP work that transmit finds on an address. */
export const PENDING_PROBE: u32 = 1;
export const PENDING_ANNOUNCE: u32 = 2;


@unmanaged
export class Address {
  interface: u8;
  /** AddressState; 0: free. */
  state: u8;
  flags: u8;
  prefixLength: u8;
  /** Probes and announcements sent. */
  phase: u8;
  /** PENDING_PROBE or PENDING_ANNOUNCE. */
  pending: u8;
  reserved: u16;
  /** Last defence (RFC 5227 section 2.4), ms; 0: never. */
  defendedMs: u32;
  /** Network mask, as it lies in a packet. */
  mask: u32;
  // The address follows.
}

if (<u32>offsetof<Address>() + ADDRESS_BYTES != LOCAL_ADDRESS_BYTES) ERROR("LOCAL_ADDRESS_BYTES");

export function addressAt(i: u32): Address {
  return changetype<Address>(ADDRESSES + <usize>i * LOCAL_ADDRESS_BYTES);
}

export function localOf(i: u32): usize {
  return changetype<usize>(addressAt(i)) + offsetof<Address>();
}

export function addressReset(): void {
  const a = addressAt(0);
  a.interface = <u8>LOOPBACK;
  a.state = <u8>AddressState.VALID;
  a.prefixLength = 8;
  a.mask = prefixMask(8);
  putV4(localOf(0), ipv4(0x7f000001));
  claimed(Pool.ADDRESS);
}

/** The number of a local address in use, or -1. Of 127/8 only 127.0.0.1 is one. */
export function findLocal(v4: u32): i32 {
  for (let i: u32 = 0; i < ADDRESS_COUNT; i++) {
    if (getV4(localOf(i)) == v4 && addressAt(i).state == AddressState.VALID) return <i32>i;
  }
  return -1;
}

/** True for 255.255.255.255 and for the broadcast addresses of our networks. */
export function isBroadcast(v4: u32): bool {
  if (v4 == 0xffffffff) return true;
  for (let i: u32 = 1; i < ADDRESS_COUNT; i++) {
    const a = addressAt(i);
    if (a.state == 0 || a.prefixLength > 30 || (getV4(localOf(i)) & a.mask) != (v4 & a.mask))
      continue;
    if ((v4 | a.mask) == 0xffffffff || (v4 & ~a.mask) == 0) return true;
  }
  return false;
}

/** The first address in use on the network of v4, or -1. */
export function findOnLink(v4: u32): i32 {
  for (let i: u32 = 1; i < ADDRESS_COUNT; i++) {
    const a = addressAt(i);
    if (
      a.state == AddressState.VALID &&
      isUp(a.interface) &&
      (getV4(localOf(i)) & a.mask) == (v4 & a.mask)
    )
      return <i32>i;
  }
  return -1;
}

/** The first address in use on an interface, or -1. */
export function findOnInterface(iface: u32): i32 {
  for (let i: u32 = 1; i < ADDRESS_COUNT; i++) {
    const a = addressAt(i);
    if (a.state == AddressState.VALID && a.interface == iface) return <i32>i;
  }
  return -1;
}

/** Tells transmit that the interface has ARP work. */
export function markArp(iface: u32): void {
  globals.arpPending |= 1 << iface;
}

/** ABI: gives an interface an address. */
export function addressAdd(iface: u32, length: u32, prefixLength: u32, flags: u32): i32 {
  if (iface >= INTERFACE_COUNT || !interfaceAt(iface).configured) return -Errno.EINVAL;
  if (length == 16) return -Errno.EAFNOSUPPORT;
  if (length != 4 || prefixLength - 1 > 31 || flags > 1) return -Errno.EINVAL;
  const v4 = givenV4();
  if (isMulticast(v4) || isReserved(v4) || isLoopback(v4)) return -Errno.EINVAL;
  for (let i: u32 = 1; i < ADDRESS_COUNT; i++) {
    if (addressAt(i).state != 0 && getV4(localOf(i)) == v4) return -Errno.EADDRINUSE;
  }
  for (let i: u32 = 1; i < ADDRESS_COUNT; i++) {
    const a = addressAt(i);
    if (a.state != 0) continue;
    claimed(Pool.ADDRESS);
    a.interface = <u8>iface;
    a.prefixLength = <u8>prefixLength;
    a.mask = prefixMask(prefixLength);
    a.flags = CONFLICT_DETECTION ? <u8>flags : 0;
    a.phase = 0;
    a.pending = 0;
    a.defendedMs = 0;
    putV4(localOf(i), v4);
    if (CONFLICT_DETECTION && a.flags & AddressFlag.CONFLICT_DETECTION) {
      a.state = <u8>AddressState.TENTATIVE;
      arm(ADDRESS_TIMER + i, globals.nowMs + (random() % PROBE_MS));
    } else {
      a.state = <u8>AddressState.VALID;
      a.pending = <u8>PENDING_ANNOUNCE;
      markArp(iface);
    }
    return <i32>openHandle(ADDRESS_NODE + i);
  }
  return -Errno.ENOBUFS;
}

/** The number behind an address handle, or -1. */
export function addressOf(handle: u32): i32 {
  const node = nodeOf(handle, ADDRESS_NODE, ADDRESS_COUNT);
  return node < 0 ? -1 : node - ADDRESS_NODE;
}

/** Forgets an address; the caller has ended what used it. */
export function releaseAddress(i: u32): void {
  addressAt(i).state = 0;
  addressAt(i).pending = 0;
  disarm(ADDRESS_TIMER + i);
  closeHandle(ADDRESS_NODE + i);
  released(Pool.ADDRESS);
}

/** ABI: AddressState of a handle. */
export function addressState(handle: u32): i32 {
  const i = addressOf(handle);
  return i < 0 ? -Errno.EBADF : <i32>addressAt(i).state;
}

/** Another station uses the address: v4 in an ARP packet that we did not send. */
export function addressConflict(v4: u32): void {
  for (let i: u32 = 1; i < ADDRESS_COUNT; i++) {
    const a = addressAt(i);
    if (a.state == 0 || getV4(localOf(i)) != v4) continue;
    count(Counter.ARP_CONFLICT);
    if (!CONFLICT_DETECTION || !(a.flags & AddressFlag.CONFLICT_DETECTION)) continue;
    if (a.state == AddressState.TENTATIVE) {
      a.state = <u8>AddressState.DUPLICATE;
      a.pending = 0;
      disarm(ADDRESS_TIMER + i);
    } else if (a.state == AddressState.VALID) {
      // RFC 5227 section 2.4 (c): keep the address, defend it at most once in DEFEND_INTERVAL.
      if (a.defendedMs != 0 && globals.nowMs - a.defendedMs < DEFEND_MS) continue;
      a.defendedMs = globals.nowMs | 1;
      a.pending = <u8>PENDING_ANNOUNCE;
      markArp(a.interface);
    }
    raise(ADDRESS_NODE + i, Event.ADDRESS);
  }
}

/** The timer of an address: probe, probe, probe, use and announce (RFC 5227 section 2.1, 2.3). */
export function addressExpired(i: u32): void {
  const a = addressAt(i);
  const phase = <u32>a.phase;
  a.phase = <u8>(phase + 1);
  if (phase < PROBE_COUNT) {
    a.pending = <u8>PENDING_PROBE;
    const wait = phase + 1 == PROBE_COUNT ? ANNOUNCE_WAIT_MS : PROBE_MS + (random() % PROBE_MS);
    arm(ADDRESS_TIMER + i, globals.nowMs + wait);
  } else {
    if (phase == PROBE_COUNT) {
      a.state = <u8>AddressState.VALID;
      raise(ADDRESS_NODE + i, Event.ADDRESS);
    }
    a.pending = <u8>PENDING_ANNOUNCE;
    if (phase + 1 < PROBE_COUNT + ANNOUNCE_COUNT) {
      arm(ADDRESS_TIMER + i, globals.nowMs + ANNOUNCE_MS);
    }
  }
  markArp(a.interface);
}
