// ARP for IPv4 over Ethernet (RFC 826):
// hardware 2 | protocol 2 | lengths 1+1 | operation 2 | sender 6+4 | target 6+4

export const ARP_BYTES: u32 = 28;
export const ARP_REQUEST: u32 = 1;
export const ARP_REPLY: u32 = 2;

/** The first eight bytes without operation, as they lie in memory: Ethernet, IPv4, lengths 6, 4. */
const KIND: u64 = 0x0000040600080100;

/** Ethernet, IPv4, lengths 6 and 4, request or reply. */
export function arpIsSane(p: usize): bool {
  return (load<u64>(p) ^ KIND) << 8 == 0 && arpOperation(p) - 1 <= 1;
}

/** Its lower byte: that of a sane packet is all there is. */
export function arpOperation(p: usize): u32 {
  return <u32>load<u8>(p, 7);
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
  store<u64>(p, KIND | ((<u64>operation) << 56));
  store<u32>(p, sender, 14);
  store<u32>(p, target, 24);
}
