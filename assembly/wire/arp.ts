// ARP for IPv4 over Ethernet (RFC 826):
// hardware 2 | protocol 2 | lengths 1+1 | operation 2 | sender 6+4 | target 6+4

import { get16, get32, put16, put32 } from "../bytes";

export const ARP_BYTES: u32 = 28;
export const ARP_REQUEST: u32 = 1;
export const ARP_REPLY: u32 = 2;

/** Ethernet, IPv4, lengths 6 and 4, request or reply. */
export function arpIsSane(p: usize): bool {
  return get32(p) == 0x00010800 && get16(p + 4) == 0x0604 && get16(p + 6) - 1 <= 1;
}

export function arpOperation(p: usize): u32 {
  return get16(p + 6);
}

export function arpSenderMac(p: usize): usize {
  return p + 8;
}

/** Sender address, as it lies in memory. */
export function arpSender(p: usize): u32 {
  return load<u32>(p, 14);
}

export function arpTargetMac(p: usize): usize {
  return p + 18;
}

/** Target address, as it lies in memory. */
export function arpTarget(p: usize): u32 {
  return load<u32>(p, 24);
}

/** Everything but the two MACs. */
export function arpEmit(p: usize, operation: u32, sender: u32, target: u32): void {
  put32(p, 0x00010800);
  put16(p + 4, 0x0604);
  put16(p + 6, operation);
  store<u32>(p, sender, 14);
  store<u32>(p, target, 24);
}
