// Frames of a peer for the micro benches: ARP and TCP segments over IPv4 over Ethernet, with their
// checksums. Built before the clock starts, so they only have to be right, not fast.

export const STACK_MAC = [0x02, 0, 0, 0, 0, 1];
export const PEER_MAC = [0x02, 0, 0, 0, 0, 2];
export const STACK_ADDRESS = [198, 18, 0, 2];
export const PEER_ADDRESS = [198, 18, 0, 1];

export const SYN = 0x02;
export const PSH_ACK = 0x18;
export const ACK = 0x10;

const ETHERNET_BYTES = 14;
const IP_BYTES = 20;
const TCP_BYTES = 20;
export const SEGMENT_OVERHEAD = ETHERNET_BYTES + IP_BYTES + TCP_BYTES;
/** Where a TCP header begins in a frame without IP options. */
export const TCP_OFFSET = ETHERNET_BYTES + IP_BYTES;

export interface Segment {
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly sequence: number;
  readonly acknowledgment: number;
  readonly flags: number;
  readonly payloadBytes: number;
}

/** "Who has the stack's address?": the stack learns the peer from it. */
export function arpRequest(): Uint8Array {
  return Uint8Array.from([
    ...[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, ...PEER_MAC, 0x08, 0x06],
    ...[0, 1, 0x08, 0, 6, 4, 0, 1],
    ...[...PEER_MAC, ...PEER_ADDRESS, 0, 0, 0, 0, 0, 0, ...STACK_ADDRESS],
  ]);
}

/** "The peer's address is at the peer's station." */
export function arpReply(): Uint8Array {
  return Uint8Array.from([
    ...[...STACK_MAC, ...PEER_MAC, 0x08, 0x06, 0, 1, 0x08, 0, 6, 4, 0, 2],
    ...[...PEER_MAC, ...PEER_ADDRESS, ...STACK_MAC, ...STACK_ADDRESS],
  ]);
}

/** Writes one segment of the peer; bytes of the frame. */
export function emitSegment(into: Uint8Array, segment: Segment): number {
  const length = SEGMENT_OVERHEAD + segment.payloadBytes;
  const view = new DataView(into.buffer, into.byteOffset, length);
  into.fill(0, 0, SEGMENT_OVERHEAD);
  into.set(STACK_MAC, 0);
  into.set(PEER_MAC, 6);
  view.setUint16(12, 0x0800);
  view.setUint8(14, 0x45);
  view.setUint16(16, length - ETHERNET_BYTES);
  view.setUint16(20, 0x4000); // don't fragment
  view.setUint8(22, 64);
  view.setUint8(23, 6);
  into.set(PEER_ADDRESS, 26);
  into.set(STACK_ADDRESS, 30);
  view.setUint16(24, checksum(view, ETHERNET_BYTES, TCP_OFFSET, 0));
  view.setUint16(34, segment.sourcePort);
  view.setUint16(36, segment.destinationPort);
  view.setUint32(38, segment.sequence);
  view.setUint32(42, segment.acknowledgment);
  view.setUint8(46, (TCP_BYTES / 4) << 4);
  view.setUint8(47, segment.flags);
  view.setUint16(48, 65535);
  into.fill(0x6d, SEGMENT_OVERHEAD, length);
  view.setUint16(50, checksum(view, TCP_OFFSET, length, pseudoHeaderSum(view, length)));
  return length;
}

function pseudoHeaderSum(view: DataView, length: number): number {
  let sum = 6 + length - TCP_OFFSET;
  for (let at = 26; at < TCP_OFFSET; at += 2) sum += view.getUint16(at);
  return sum;
}

/** RFC 1071 over [from, to), on top of `sum`. */
function checksum(view: DataView, from: number, to: number, sum: number): number {
  for (let at = from; at + 1 < to; at += 2) sum += view.getUint16(at);
  if ((to - from) % 2 === 1) sum += view.getUint8(to - 1) << 8;
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}
