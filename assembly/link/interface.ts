// Interfaces: MAC, MTU, router, up or down. Numbered from 0; LOOPBACK stands for the stack itself.

import { FRAME_BYTES, INTERFACE_COUNT, ONE_INTERFACE, TALKS_TO_ITSELF, TASKS } from "../config";
import { Errno, Event } from "../constants";
import { handleOf, isOpen, openHandle, raise } from "../event";
import { globals } from "../globals";
import { getV4, givenV4, isNoHost, putV4 } from "../ip/addressing";
import { ADDRESS_BUFFER, ADDRESS_BYTES, INTERFACE_BYTES, INTERFACES, TASK_NODE } from "../memory";
import { both, either } from "../order";
import { isGroup, macCopy } from "../wire/ethernet";

/** The interface number of what stays inside the stack: behind those that a host can name. */
export const LOOPBACK: u32 = INTERFACE_COUNT;

/** True for what stays inside the stack. */
export function isInside(iface: u32): bool {
  return TALKS_TO_ITSELF && iface == LOOPBACK;
}

/** A MAC of zeros: loopback's. */
export const NO_MAC: usize = INTERFACES + LOOPBACK * INTERFACE_BYTES;

export const SMALLEST_MTU: u32 = 576;
const LARGEST_MTU: u32 = FRAME_BYTES - 14;


@unmanaged
export class Interface {
  mac: u32;
  macEnd: u16;
  /** 1: frames pass. */
  up: u16;
  /** Bytes of an IP packet; 0: not configured. */
  mtu: u32;
  // The router's address follows; 0: none.
}

if (<u32>offsetof<Interface>() + ADDRESS_BYTES != INTERFACE_BYTES) ERROR("INTERFACE_BYTES");

export function interfaceAt(i: u32): Interface {
  return changetype<Interface>(INTERFACES + (ONE_INTERFACE ? 0 : <usize>i * INTERFACE_BYTES));
}

export function macOf(i: u32): usize {
  return changetype<usize>(interfaceAt(i));
}

export function routerOf(i: u32): usize {
  return changetype<usize>(interfaceAt(i)) + offsetof<Interface>();
}

export function hasRouter(i: u32): bool {
  return getV4(routerOf(i)) != 0;
}

export function isUp(i: u32): bool {
  return interfaceAt(i).up != 0;
}

export function isConfigured(i: u32): bool {
  return interfaceAt(i).mtu != 0;
}

/** Loopback is always up, without a MAC, and takes what the frame buffers take. */
export function interfaceReset(): void {
  const f = interfaceAt(LOOPBACK);
  f.up = 1;
  f.mtu = LARGEST_MTU;
}

/** ABI: MAC (in ADDRESS_BUFFER) and MTU of an interface; its handle. */
export function interfaceConfigure(i: u32, mtu: u32): i32 {
  if (i >= INTERFACE_COUNT || mtu - SMALLEST_MTU > LARGEST_MTU - SMALLEST_MTU) return -Errno.EINVAL;
  // Connections count on the MTU of an interface that is up.
  if (either(isGroup(ADDRESS_BUFFER), isUp(i))) return -Errno.EINVAL;
  if (!globals.started) return -Errno.EAGAIN;
  const f = interfaceAt(i);
  macCopy(changetype<usize>(f), ADDRESS_BUFFER);
  f.mtu = mtu;
  if (!TASKS) return 0;
  return <i32>(isOpen(TASK_NODE + i) ? handleOf(TASK_NODE + i) : openHandle(TASK_NODE + i));
}

/** Link up or down. */
export function setLink(i: u32, up: u32): i32 {
  if (i >= INTERFACE_COUNT || up > 1) return -Errno.EINVAL;
  if (!isConfigured(i)) return -Errno.ENETDOWN;
  const f = interfaceAt(i);
  if (TASKS && <u32>f.up != up) raise(TASK_NODE + i, Event.LINK);
  f.up = <u16>up;
  return 0;
}

/** ABI: the next hop for what is not on a network of ours; length 0: none. */
export function interfaceRouter(i: u32, length: u32): i32 {
  if (i >= INTERFACE_COUNT) return -Errno.EINVAL;
  if (length == 16) return -Errno.EAFNOSUPPORT;
  const router = givenV4();
  if (both(length != 0, either(length != 4, isNoHost(router)))) return -Errno.EINVAL;
  putV4(routerOf(i), length == 0 ? 0 : router);
  return 0;
}
