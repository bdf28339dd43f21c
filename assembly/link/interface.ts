// Interfaces: MAC, MTU, router, up or down. Numbered from 0; LOOPBACK stands for the stack itself.

import { FRAME_BYTES, INTERFACE_COUNT } from "../config";
import { Errno } from "../constants";
import { ADDRESS_BUFFER, ADDRESS_BYTES, INTERFACES, INTERFACE_BYTES } from "../memory";
import { getV4, givenV4, isNoHost, putV4 } from "../ip/addressing";
import { globals } from "../globals";
import { isGroup, macCopy } from "../wire/ethernet";

/** The interface number of what stays inside the stack: behind those that a host can name. */
export const LOOPBACK: u32 = INTERFACE_COUNT;
const SMALLEST_MTU: u32 = 576;


@unmanaged
export class Interface {
  mac: u32;
  macEnd: u16;
  /** 1 once it has a MAC. */
  configured: u8;
  /** 1: frames pass. */
  up: u8;
  /** Bytes of an IP packet. */
  mtu: u32;
  // The router's address follows; 0: none.
}

if (<u32>offsetof<Interface>() + ADDRESS_BYTES != INTERFACE_BYTES) ERROR("INTERFACE_BYTES");

export function interfaceAt(i: u32): Interface {
  return changetype<Interface>(INTERFACES + <usize>i * INTERFACE_BYTES);
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

/** Loopback is always up, without a MAC, and takes what the frame buffers take. */
export function interfaceReset(): void {
  interfaceAt(LOOPBACK).up = 1;
  interfaceAt(LOOPBACK).mtu = FRAME_BYTES - 14;
}

/** ABI: MAC (in ADDRESS_BUFFER) and MTU of an interface. */
export function interfaceConfigure(i: u32, mtu: u32): i32 {
  if (i >= INTERFACE_COUNT || mtu < SMALLEST_MTU || mtu > FRAME_BYTES - 14) return -Errno.EINVAL;
  if (isGroup(ADDRESS_BUFFER)) return -Errno.EINVAL;
  if (!globals.started) return -Errno.EAGAIN;
  const f = interfaceAt(i);
  if (f.up) return -Errno.EINVAL; // connections count on its MTU
  macCopy(macOf(i), ADDRESS_BUFFER);
  f.mtu = mtu;
  f.configured = 1;
  return 0;
}

/** Link up or down. */
export function setLink(i: u32, up: u32): i32 {
  if (i >= INTERFACE_COUNT || up > 1) return -Errno.EINVAL;
  if (!interfaceAt(i).configured) return -Errno.ENETDOWN;
  interfaceAt(i).up = <u8>up;
  return 0;
}

/** ABI: the next hop for what is not on a network of ours; length 0: none. */
export function interfaceRouter(i: u32, length: u32): i32 {
  if (i >= INTERFACE_COUNT) return -Errno.EINVAL;
  if (length == 16) return -Errno.EAFNOSUPPORT;
  if (length != 0 && length != 4) return -Errno.EINVAL;
  const router = length == 0 ? 0 : givenV4();
  if (length == 4 && isNoHost(router)) {
    return -Errno.EINVAL;
  }
  putV4(routerOf(i), router);
  return 0;
}
