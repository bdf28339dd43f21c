// Ethernet frames with right lengths and checksums, for the soak: ARP, ICMP echo and TCP.

export const OUR_MAC = [2, 0, 0, 0, 0, 1];
export const OUR_ADDRESS = [192, 0, 2, 1];
export const ETHERNET_BYTES = 14;
const IPV4_BYTES = 20;

export const FIN = 1;
export const SYN = 2;
export const RST = 4;
export const PSH = 8;
export const ACK = 16;

export interface Segment {
  sourcePort: number;
  destinationPort: number;
  sequence: number;
  acknowledgment: number;
  flags: number;
  window: number;
  options?: Uint8Array;
  data?: Uint8Array;
}

export function peerMac(peer: number): number[] {
  return [2, 0, 0, 0, 0, peer];
}

export function peerAddress(peer: number): number[] {
  return [192, 0, 2, peer];
}

function word16(value: number): number[] {
  return [(value >>> 8) & 255, value & 255];
}

function word32(value: number): number[] {
  return [...word16(value >>> 16), ...word16(value)];
}

export function checksum(...parts: ArrayLike<number>[]): number {
  let sum = 0;
  for (const part of parts) {
    for (let i = 0; i < part.length; i += 2) {
      sum += ((part[i] ?? 0) << 8) | (part[i + 1] ?? 0);
    }
  }
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

function ethernet(peer: number, to: number[], type: number, payload: number[]): Uint8Array {
  const frame = [...to, ...peerMac(peer), ...word16(type), ...payload];
  while (frame.length < 60) frame.push(0);
  return Uint8Array.from(frame);
}

/** fragment: identification, and flags with the offset. */
export function ipv4(
  peer: number,
  protocol: number,
  payload: number[],
  fragment: readonly [number, number] = [0, 0x4000],
): Uint8Array {
  const total = IPV4_BYTES + payload.length;
  const header = [0x45, 0, ...word16(total), ...fragment.flatMap(word16), 64, protocol, 0, 0];
  header.push(...peerAddress(peer), ...OUR_ADDRESS);
  header.splice(10, 2, ...word16(checksum(header)));
  return ethernet(peer, OUR_MAC, 0x0800, [...header, ...payload]);
}

/** operation 1 asks for our MAC (or announces the peer's), 2 answers. */
export function arp(peer: number, operation: number, target = OUR_ADDRESS): Uint8Array {
  const to = operation === 1 ? [255, 255, 255, 255, 255, 255] : OUR_MAC;
  const head = [0, 1, 8, 0, 6, 4, ...word16(operation)];
  const sender = [...peerMac(peer), ...peerAddress(peer)];
  return ethernet(peer, to, 0x0806, [...head, ...sender, ...OUR_MAC, ...target]);
}

export function echoRequest(peer: number, data: Uint8Array): Uint8Array {
  const message = [8, 0, 0, 0, 0, 7, 0, 1, ...data];
  message.splice(2, 2, ...word16(checksum(message)));
  return ipv4(peer, 1, message);
}

export function tcp(peer: number, segment: Segment): Uint8Array {
  const { sourcePort, destinationPort, sequence, acknowledgment, flags, window } = segment;
  const options = [...(segment.options ?? [])];
  while (options.length % 4 !== 0) options.push(1);
  const offset = ((20 + options.length) / 4) << 4;
  const bytes = [...word16(sourcePort), ...word16(destinationPort)];
  bytes.push(...word32(sequence), ...word32(acknowledgment), offset, flags);
  bytes.push(...word16(window), 0, 0, 0, 0, ...options, ...(segment.data ?? []));
  const pseudo = [...peerAddress(peer), ...OUR_ADDRESS, 0, 6, ...word16(bytes.length)];
  bytes.splice(16, 2, ...word16(checksum(pseudo, bytes)));
  return ipv4(peer, 6, bytes);
}

/** The bytes of a UDP datagram to us. */
export function udp(peer: number, from: number, to: number, data: Uint8Array): number[] {
  const bytes = [...word16(from), ...word16(to), ...word16(8 + data.length), 0, 0, ...data];
  const pseudo = [...peerAddress(peer), ...OUR_ADDRESS, 0, 17, ...word16(bytes.length)];
  bytes.splice(6, 2, ...word16(checksum(pseudo, bytes) || 0xffff));
  return bytes;
}

export interface Received {
  peer: number;
  sourcePort: number;
  destinationPort: number;
  sequence: number;
  acknowledgment: number;
  flags: number;
  dataBytes: number;
}

/** A TCP segment that the stack sent to one of the peers, else undefined. */
export function parseTcp(frame: Uint8Array): Received | undefined {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  if (frame.length < 54 || view.getUint16(12) !== 0x0800 || frame[23] !== 6) return undefined;
  const at = ETHERNET_BYTES + ((frame[14] ?? 0) & 15) * 4;
  const header = ((frame[at + 12] ?? 0) >> 4) * 4;
  return {
    peer: frame[33] ?? 0,
    sourcePort: view.getUint16(at),
    destinationPort: view.getUint16(at + 2),
    sequence: view.getUint32(at + 4),
    acknowledgment: view.getUint32(at + 8),
    flags: frame[at + 13] ?? 0,
    dataBytes: ETHERNET_BYTES + view.getUint16(16) - at - header,
  };
}

/** The last byte of the address that an ARP request of the stack asks for, else undefined. */
export function parseArpRequest(frame: Uint8Array): number | undefined {
  const isRequest = frame[12] === 8 && frame[13] === 6 && frame[21] === 1;
  return isRequest ? frame[41] : undefined;
}
