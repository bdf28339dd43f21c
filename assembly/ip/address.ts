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
import { getV4, givenV4, isNoHost, prefixMask, putV4 } from "./addressing";

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

/** The number of a local address in whatever state, or -1; for 0 that of a free record. */
export function findAny(v4: u32): i32 {
  for (let i: u32 = 0; i < ADDRESS_COUNT; i++) {
    if (getV4(localOf(i)) == v4) return <i32>i;
  }
  return -1;
}

/** The number of a local address in use, or -1. Of 127/8 only 127.0.0.1 is one. */
export function findLocal(v4: u32): i32 {
  const i = findAny(v4);
  return i >= 0 && addressAt(i).state == AddressState.VALID ? i : -1;
}

/** True for 255.255.255.255 and for the broadcast addresses of our networks. */
export function isBroadcast(v4: u32): bool {
  if (v4 == 0xffffffff) return true;
  for (let i: u32 = 1; i < ADDRESS_COUNT; i++) {
    const a = addressAt(i);
    const hosts = ~a.mask;
    if (a.state == 0 || a.prefixLength > 30 || !isOnNetwork(i, v4)) continue;
    if ((v4 & hosts) == hosts || (v4 & hosts) == 0) return true;
  }
  return false;
}

/** True for an address, and the other hosts, of the network of local address i. */
function isOnNetwork(i: u32, v4: u32): bool {
  return ((getV4(localOf(i)) ^ v4) & addressAt(i).mask) == 0;
}

/** The first address in use on the network of v4, or -1. */
export function findOnLink(v4: u32): i32 {
  for (let i: u32 = 1; i < ADDRESS_COUNT; i++) {
    const a = addressAt(i);
    if (a.state == AddressState.VALID && isUp(a.interface) && isOnNetwork(i, v4)) return <i32>i;
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
  if (isNoHost(v4)) return -Errno.EINVAL;
  if (findAny(v4) >= 0) return -Errno.EADDRINUSE;
  const i = findAny(0);
  if (i < 0) return -Errno.ENOBUFS;
  claimed(Pool.ADDRESS);
  const a = addressAt(i);
  a.interface = <u8>iface;
  a.prefixLength = <u8>prefixLength;
  a.mask = prefixMask(prefixLength);
  putV4(localOf(i), v4);
  if (CONFLICT_DETECTION && flags & AddressFlag.CONFLICT_DETECTION) {
    a.flags = <u8>flags;
    a.state = <u8>AddressState.TENTATIVE;
    arm(ADDRESS_TIMER + i, globals.nowMs + (random() % PROBE_MS));
  } else {
    a.state = <u8>AddressState.VALID;
    announce(a);
  }
  return <i32>openHandle(ADDRESS_NODE + i);
}

function announce(a: Address): void {
  a.pending = <u8>PENDING_ANNOUNCE;
  markArp(a.interface);
}

/** The number behind an address handle, or -1. */
export function addressOf(handle: u32): i32 {
  const node = nodeOf(handle, ADDRESS_NODE, ADDRESS_COUNT);
  return node < 0 ? -1 : node - ADDRESS_NODE;
}

/** Forgets an address; the caller has ended what used it. A free record is all zeros. */
export function releaseAddress(i: u32): void {
  memory.fill(changetype<usize>(addressAt(i)), 0, LOCAL_ADDRESS_BYTES);
  disarm(ADDRESS_TIMER + i);
  closeHandle(ADDRESS_NODE + i);
  released(Pool.ADDRESS);
}

/** ABI: AddressState of a handle. */
export function addressState(handle: u32): i32 {
  const i = addressOf(handle);
  return i < 0 ? -Errno.EBADF : <i32>addressAt(i).state;
}

/** Another station uses the address: v4, not 0, in an ARP packet that we did not send. */
export function addressConflict(iface: u32, v4: u32): void {
  const i = findAny(v4);
  if (i < 0 || <u32>addressAt(i).interface != iface) return;
  count(Counter.ARP_CONFLICT);
  const a = addressAt(i);
  if (!CONFLICT_DETECTION || !(a.flags & AddressFlag.CONFLICT_DETECTION)) return;
  if (a.state == AddressState.TENTATIVE) {
    a.state = <u8>AddressState.DUPLICATE;
    a.pending = 0;
    disarm(ADDRESS_TIMER + i);
  } else if (a.state == AddressState.VALID) {
    // RFC 5227 section 2.4 (c): keep the address, defend it at most once in DEFEND_INTERVAL.
    if (a.defendedMs != 0 && globals.nowMs - a.defendedMs < DEFEND_MS) return;
    a.defendedMs = globals.nowMs | 1;
    announce(a);
  }
  raise(ADDRESS_NODE + i, Event.ADDRESS);
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
