// UDP (RFC 768), and which protocol the ports stand for.

import { get16 } from "./bytes.js";
import type { Ipv4 } from "./ip.js";

const HEADER_BYTES = 8;

export interface Udp {
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** 0: none was made. */
  readonly checksum: number;
  readonly dataAt: number;
  readonly dataBytes: number;
}

/** null: cut off. */
export function readUdp(bytes: Uint8Array, { payloadAt: at, payloadBytes }: Ipv4): Udp | null {
  if (payloadBytes < HEADER_BYTES || bytes.length < at + HEADER_BYTES) return null;
  const length = get16(bytes, at + 4);
  if (length < HEADER_BYTES) return null;
  return {
    sourcePort: get16(bytes, at),
    destinationPort: get16(bytes, at + 2),
    checksum: get16(bytes, at + 6),
    dataAt: at + HEADER_BYTES,
    dataBytes: length - HEADER_BYTES,
  };
}

const SERVICES: ReadonlyMap<number, string> = new Map([
  [53, "DNS"],
  [67, "DHCP"],
  [68, "DHCP"],
  [69, "TFTP"],
  [123, "NTP"],
  [137, "NBNS"],
  [161, "SNMP"],
  [514, "syslog"],
  [1900, "SSDP"],
  [5353, "mDNS"],
  [5355, "LLMNR"],
]);

/** By the port of whoever serves; "UDP": nobody that is known. */
export function serviceOf({ sourcePort, destinationPort }: Udp): string {
  return SERVICES.get(destinationPort) ?? SERVICES.get(sourcePort) ?? "UDP";
}
