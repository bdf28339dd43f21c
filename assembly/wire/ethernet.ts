// Ethernet II: destination 6 | source 6 | EtherType 2 | payload.

import { get16, put16 } from "../bytes";

export const ETHERNET_BYTES: u32 = 14;
export const ETHERTYPE_IPV4: u32 = 0x0800;
export const ETHERTYPE_ARP: u32 = 0x0806;

export function etherSource(frame: usize): usize {
  return frame + 6;
}

export function etherType(frame: usize): u32 {
  return get16(frame + 12);
}

export function etherPayload(frame: usize): usize {
  return frame + 14;
}

/** The group bit: multicast and broadcast stations have it. */
export function isGroup(mac: usize): bool {
  return (load<u8>(mac) & 1) != 0;
}

export function macEqual(a: usize, b: usize): bool {
  return load<u32>(a) == load<u32>(b) && load<u16>(a, 4) == load<u16>(b, 4);
}

export function macCopy(to: usize, from: usize): void {
  store<u32>(to, load<u32>(from));
  store<u16>(to, load<u16>(from, 4), 4);
}

export function macFill(to: usize, byte: u32): void {
  memory.fill(to, <u8>byte, 6);
}

export function setEtherType(frame: usize, type: u32): void {
  put16(frame + 12, type);
}

/** The stations of an IPv4 group (RFC 1112 section 6.4): v4 as it lies in a packet. */
export function macGroup(to: usize, v4: u32): void {
  store<u32>(to, 0x005e0001 | ((v4 << 16) & 0x7f000000));
  store<u16>(to, v4 >> 16, 4);
}
