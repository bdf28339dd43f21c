// Local addresses, and conflict detection (RFC 5227) where an address asks for it.
// Connections hold the number, so an address never changes under them.

import { listAppend, listUnlink } from "../buffer/list";
import {
  ADDRESS_COUNT,
  ANNOUNCE_COUNT,
  ANNOUNCE_MS,
  ANNOUNCE_WAIT_MS,
  CONFLICT_DETECTION,
  DHCP,
  DEFEND_MS,
  FIRST_ADDRESS,
  INTERFACE_COUNT,
  LOOPBACK_HANDLE,
  MDNS,
  NEIGHBOUR_COUNT,
  ONE_ADDRESS,
  ONE_INTERFACE,
  PROBE_COUNT,
  PROBE_MS,
} from "../config";
import { AddressFlag, AddressState, Counter, Errno, Event, Pool } from "../constants";
import { count } from "../counter";
import { wakeResponder } from "../dns/wake";
import { closeHandle, nodeOf, openHandle, raise } from "../event";
import { globals } from "../globals";
import { random } from "../hash";
import {
  getV4,
  givenV4,
  isLoopback,
  isMulticast,
  isNoHost,
  LOOPBACK_V4,
  prefixMask,
  putV4,
} from "./addressing";
import { isConfigured, isInside, LOOPBACK } from "../link/interface";
import {
  ADDRESS_BYTES,
  ADDRESS_NODE,
  ADDRESS_TIMER,
  ADDRESSES,
  ARP_HEAD,
  ARP_NODE,
  LOCAL_ADDRESS_BYTES,
  TASK_NODE,
  TASK_TIMER,
} from "../memory";
import { both, either } from "../order";
import { claimed, released } from "../pool";
import { armAfter, disarm } from "../timer/timer";

/** The node of an address among those that wait for ARP. */
const ARP_ADDRESS: u32 = ARP_NODE + NEIGHBOUR_COUNT;


@unmanaged
export class Address {
  interface: u8;
  /** AddressState; 0: free. */
  state: u8;
  flags: u8;
  /** Probes and announcements sent. */
  phase: u8;
  /** Last defence (RFC 5227 section 2.4), ms; 0: never. */
  defendedMs: u32;
  /** Network mask, as it lies in a packet. */
  mask: u32;
  // The address follows.
}

if (<u32>offsetof<Address>() + ADDRESS_BYTES != LOCAL_ADDRESS_BYTES) ERROR("LOCAL_ADDRESS_BYTES");

export function addressAt(i: u32): Address {
  return changetype<Address>(ADDRESSES + (ONE_ADDRESS ? 0 : <usize>i * LOCAL_ADDRESS_BYTES));
}

/** The interface of a local address. */
export function interfaceOfLocal(i: u32): u32 {
  return ONE_INTERFACE ? 0 : <u32>addressAt(i).interface;
}

export function localOf(i: u32): usize {
  return changetype<usize>(addressAt(i)) + offsetof<Address>();
}

/** A local address, as it lies in a packet. */
export function ownV4(i: u32): u32 {
  return getV4(localOf(i));
}

/** 127.0.0.1 is number 0. */
export function addressReset(): void {
  claim(0, LOOPBACK, 8, LOOPBACK_V4).state = <u8>AddressState.VALID;
  if (LOOPBACK_HANDLE) openHandle(ADDRESS_NODE);
}

function claim(i: u32, iface: u32, prefixLength: u32, v4: u32): Address {
  claimed(Pool.ADDRESS);
  const a = addressAt(i);
  a.interface = <u8>iface;
  a.mask = prefixMask(prefixLength);
  putV4(localOf(i), v4);
  return a;
}

/** The number of a local address in whatever state, or -1; for 0 that of a free record. */
export function findAny(v4: u32): i32 {
  if (ONE_ADDRESS) return i32(ownV4(0) == v4) - 1;
  let i: u32 = 0;
  do {
    if (ownV4(i) == v4) return <i32>i;
  } while (++i < ADDRESS_COUNT);
  return -1;
}

/** An address in use on an interface, as it lies in a packet, or 0. */
export function addressOn(iface: u32): u32 {
  for (let i = FIRST_ADDRESS; i < ADDRESS_COUNT; i++) {
    const a = addressAt(i);
    if (both(a.state == AddressState.VALID, <u32>a.interface == iface)) return ownV4(i);
  }
  return 0;
}

/** The number of a local address in use, or -1. Of 127/8 only 127.0.0.1 is one. */
export function findLocal(v4: u32): i32 {
  const i = findAny(v4);
  return i >= 0 && addressAt(i).state == AddressState.VALID ? i : -1;
}

/** True for several hosts: multicast, 255.255.255.255, and the broadcast addresses of our networks. */
export function isForMany(v4: u32): bool {
  if (isMulticast(v4) || v4 == 0xffffffff) return true;
  if (ONE_ADDRESS) return isBroadcast(0, v4);
  let i = FIRST_ADDRESS;
  do {
    if (isBroadcast(i, v4)) return true;
  } while (++i < ADDRESS_COUNT);
  return false;
}

/** True for a broadcast address, new or old form, of the network of local address i. */
function isBroadcast(i: u32, v4: u32): bool {
  return isEdge(ownV4(i), addressAt(i).mask, v4);
}

/** The same for the network of an address with a mask. */
export function isEdge(own: u32, mask: u32, v4: u32): bool {
  // Networks of one address or two have none (RFC 3021), and a free record has no mask.
  return popcnt(mask) - 1 < 30 && (v4 == (own | ~mask) || v4 == (own & mask));
}

/** True for an address that no other station on a wire can have. */
export function isNoStation(v4: u32): bool {
  return either(isNoHost(v4), isForMany(v4));
}

/** True for an address, and the other hosts, of the network of local address i. */
export function isOnNetwork(i: u32, v4: u32): bool {
  return ((ownV4(i) ^ v4) & addressAt(i).mask) == 0;
}

/** True while we are probing the address. */
export function isTentative(v4: u32): bool {
  const i = findAny(v4);
  return i >= 0 && addressAt(i).state == AddressState.TENTATIVE;
}

/** True for loopback, where others of 127/8 may stand: nobody hears of these. */
export function isAlone(iface: u32): bool {
  return LOOPBACK_HANDLE && isInside(iface);
}

/** ABI: gives an interface an address. With LOOPBACK_HANDLE loopback takes others of 127/8, too. */
export function addressAdd(iface: u32, length: u32, prefixLength: u32, flags: u32): i32 {
  const inside = isAlone(iface);
  if (!inside && (iface >= INTERFACE_COUNT || !isConfigured(iface))) return -Errno.EINVAL;
  if (length == 16) return -Errno.EAFNOSUPPORT;
  const v4 = givenV4();
  const strange = inside ? either(!isLoopback(v4), flags != 0) : isNoHost(v4);
  if (either(length != 4 || prefixLength - 1 > 31 || flags > 1, strange)) return -Errno.EINVAL;
  return addAddress(iface, v4, prefixLength, flags);
}

/** As addressAdd, for what was looked at, and with LEASED for DHCP and link-local: these are told what becomes of
 * the address later. */
export function addAddress(iface: u32, v4: u32, prefixLength: u32, flags: u32): i32 {
  if (findAny(v4) >= 0) return -Errno.EADDRINUSE;
  const i = findAny(0);
  if (i < 0) return -Errno.ENOBUFS;
  const a = claim(i, iface, prefixLength, v4);
  if (CONFLICT_DETECTION) a.flags = <u8>flags;
  if (CONFLICT_DETECTION && flags & AddressFlag.CONFLICT_DETECTION) {
    a.state = <u8>AddressState.TENTATIVE;
    armAfter(ADDRESS_TIMER + i, random() % PROBE_MS);
  } else {
    a.state = <u8>AddressState.VALID;
    if (!isAlone(iface)) announce(i);
  }
  return <i32>openHandle(ADDRESS_NODE + i);
}

/** Tells transmit to name the address to all: a probe while it is tentative. */
function announce(i: u32): void {
  if (MDNS) wakeResponder(interfaceOfLocal(i));
  listAppend(ARP_HEAD + interfaceOfLocal(i), ARP_ADDRESS + i);
}

/** The number behind an address handle, or -1. */
export function addressOf(handle: u32): i32 {
  const node = nodeOf(handle, ADDRESS_NODE, ADDRESS_COUNT);
  return node < 0 ? -1 : node - ADDRESS_NODE;
}

/** The number of a local address that may be used, or -Errno. */
export function validAddress(handle: u32): i32 {
  const i = addressOf(handle);
  if (i < 0) return -Errno.EBADF;
  return addressAt(i).state == AddressState.VALID ? i : -Errno.EADDRNOTAVAIL;
}

/** Forgets an address; the caller has ended what used it. A free record is all zeros. */
export function releaseAddress(i: u32): void {
  if (MDNS && !isAlone(interfaceOfLocal(i))) wakeResponder(interfaceOfLocal(i));
  memory.fill(changetype<usize>(addressAt(i)), 0, LOCAL_ADDRESS_BYTES);
  endArp(i);
  closeHandle(ADDRESS_NODE + i);
  released(Pool.ADDRESS);
}

function endArp(i: u32): void {
  listUnlink(ARP_ADDRESS + i);
  if (CONFLICT_DETECTION) disarm(ADDRESS_TIMER + i);
}

/** An ARP packet that we did not send names v4, not 0, as its sender's. True if it was in use here. */
export function addressConflict(iface: u32, v4: u32): bool {
  const i = findAny(v4);
  if (i < 0) return false;
  const a = addressAt(i);
  const used = a.state == AddressState.VALID;
  if (ONE_INTERFACE || <u32>a.interface == iface) {
    count(Counter.ARP_CONFLICT);
    if (CONFLICT_DETECTION && a.flags != 0) defend(i);
  }
  return used;
}

/** Gives up an address that we are still probing; one in use is kept and announced again. */
function defend(i: u32): void {
  const a = addressAt(i);
  if (a.state == AddressState.VALID) {
    // RFC 5227 section 2.4 (c): at most once in DEFEND_INTERVAL.
    const now = globals.nowMs | 1;
    if (a.defendedMs == 0 || now - a.defendedMs >= DEFEND_MS) {
      a.defendedMs = now;
      announce(i);
      changed(i);
      return;
    }
    // Section 2.4 (b), RFC 3927 section 2.5: one that came by itself goes then.
    if (!DHCP || !(a.flags & AddressFlag.LEASED)) return;
  }
  a.state = <u8>AddressState.DUPLICATE;
  endArp(i);
  changed(i);
}

/** Tells the user, and who has given the interface its address by itself. */
function changed(i: u32): void {
  raise(ADDRESS_NODE + i, Event.ADDRESS);
  const a = addressAt(i);
  if (!DHCP || !(a.flags & AddressFlag.LEASED)) return;
  raise(TASK_NODE + <u32>a.interface, Event.LEASE);
  armAfter(TASK_TIMER + <u32>a.interface, 0);
}

/** The timer of an address: probe, probe, probe, use and announce (RFC 5227 section 2.1, 2.3). */
export function addressExpired(i: u32): void {
  const a = addressAt(i);
  const phase = <u32>a.phase + 1;
  a.phase = <u8>phase;
  if (phase == PROBE_COUNT + 1) {
    a.state = <u8>AddressState.VALID;
    changed(i);
  }
  announce(i);
  if (phase == PROBE_COUNT + ANNOUNCE_COUNT) return;
  const gap = phase < PROBE_COUNT ? PROBE_MS + (random() % PROBE_MS) : ANNOUNCE_MS;
  armAfter(ADDRESS_TIMER + i, gap);
}

if (ANNOUNCE_WAIT_MS != ANNOUNCE_MS)
  ERROR("one gap after the last probe and between announcements");
