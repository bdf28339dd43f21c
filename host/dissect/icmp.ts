// ICMP (RFC 792, RFC 1122 section 3.2.2): echo, and errors with what they quote of the packet they are about.

import { numberToAddress } from "../core/address.js";
import { get16 } from "./bytes.js";
import { protocolName, readIpv4, TCP, UDP, type Ipv4 } from "./ip.js";

const ECHO_REPLY = 0;
const UNREACHABLE = 3;
const REDIRECT = 5;
const ECHO_REQUEST = 8;
const TIME_EXCEEDED = 11;
const PARAMETER_PROBLEM = 12;
const PROTOCOL_UNREACHABLE = 2;
const PORT_UNREACHABLE = 3;
const FRAGMENTATION_NEEDED = 4;

const HEADER_BYTES = 8;
const PORT_BYTES = 4;

export interface Icmp {
  readonly type: number;
  readonly code: number;
  readonly checksum: number;
  /** Of echo; else 0. */
  readonly identifier: number;
  readonly sequence: number;
  /** The MTU of the next hop, where fragmentation was needed; else 0. */
  readonly mtu: number;
  /** Of an error: the packet that it is about, as far as it is quoted. */
  readonly about: Quoted | null;
  readonly bytes: number;
}

export interface Quoted {
  readonly ip: Ipv4;
  /** Of TCP and UDP, else 0. */
  readonly sourcePort: number;
  readonly destinationPort: number;
}

const QUOTING = new Set([UNREACHABLE, 4, REDIRECT, TIME_EXCEEDED, PARAMETER_PROBLEM]);

export const isEcho = ({ type }: Icmp): boolean => type === ECHO_REQUEST || type === ECHO_REPLY;

/** null: cut off. */
export function readIcmp(bytes: Uint8Array, { payloadAt: at, payloadBytes }: Ipv4): Icmp | null {
  if (payloadBytes < HEADER_BYTES || bytes.length < at + HEADER_BYTES) return null;
  const type = bytes[at]!;
  const code = bytes[at + 1]!;
  const isTooBig = type === UNREACHABLE && code === FRAGMENTATION_NEEDED;
  const icmp: Icmp = {
    type,
    code,
    checksum: get16(bytes, at + 2),
    identifier: get16(bytes, at + 4),
    sequence: get16(bytes, at + 6),
    mtu: isTooBig ? get16(bytes, at + 6) : 0,
    about: QUOTING.has(type) ? quotedAt(bytes, at + HEADER_BYTES) : null,
    bytes: payloadBytes,
  };
  return isEcho(icmp) ? icmp : { ...icmp, identifier: 0, sequence: 0 };
}

function quotedAt(bytes: Uint8Array, at: number): Quoted | null {
  const ip = readIpv4(bytes, at, bytes.length);
  if (ip === null) return null;
  const hasPorts =
    (ip.protocol === TCP || ip.protocol === UDP) && bytes.length >= ip.payloadAt + PORT_BYTES;
  return {
    ip,
    sourcePort: hasPorts ? get16(bytes, ip.payloadAt) : 0,
    destinationPort: hasPorts ? get16(bytes, ip.payloadAt + 2) : 0,
  };
}

const SIMPLE_NAMES: ReadonlyMap<number, string> = new Map([
  [4, "source quench"],
  [9, "router advertisement"],
  [10, "router solicitation"],
  [13, "time stamp request"],
  [14, "time stamp reply"],
]);

const REDIRECTS = ["net", "host", "net for type of service", "host for type of service"];

/** What is unreachable and why, for the codes that name neither protocol nor port. */
const UNREACHABLE_TEXTS: Readonly<Record<number, string>> = {
  0: "net ADDRESS unreachable",
  1: "host ADDRESS unreachable",
  5: "ADDRESS unreachable - source route failed",
  6: "net ADDRESS unreachable - unknown",
  7: "host ADDRESS unreachable - unknown",
  8: "ADDRESS unreachable - source host isolated",
  9: "net ADDRESS unreachable - prohibited",
  10: "host ADDRESS unreachable - prohibited",
  11: "net ADDRESS unreachable - type of service",
  12: "host ADDRESS unreachable - type of service",
  13: "host ADDRESS unreachable - filtered",
};

/** A message in tcpdump's words, without its length. */
export function icmpText(icmp: Icmp): string {
  const { type, code, identifier, sequence } = icmp;
  switch (type) {
    case ECHO_REQUEST:
    case ECHO_REPLY: {
      const what = type === ECHO_REQUEST ? "request" : "reply";
      return `echo ${what}, id ${identifier}, seq ${sequence}`;
    }
    case UNREACHABLE:
      return unreachableText(icmp);
    case REDIRECT:
      return `redirect for ${REDIRECTS[code] ?? `code ${code}`}`;
    case TIME_EXCEEDED:
      return code === 0 ? "time exceeded in-transit" : "ip reassembly time exceeded";
    case PARAMETER_PROBLEM:
      return "parameter problem";
    default:
      return SIMPLE_NAMES.get(type) ?? `type ${type}, code ${code}`;
  }
}

function unreachableText({ code, about, mtu }: Icmp): string {
  const address = about === null ? "?" : numberToAddress(about.ip.destination);
  const protocol = about === null ? "?" : protocolName(about.ip.protocol).toLowerCase();
  switch (code) {
    case PROTOCOL_UNREACHABLE:
      return `${address} protocol ${about?.ip.protocol ?? "?"} unreachable`;
    case PORT_UNREACHABLE:
      return `${address} ${protocol} port ${about?.destinationPort ?? "?"} unreachable`;
    case FRAGMENTATION_NEEDED:
      return `${address} unreachable - need to frag${mtu === 0 ? "" : ` (mtu ${mtu})`}`;
    default:
      return (
        UNREACHABLE_TEXTS[code]?.replace("ADDRESS", address) ??
        `${address} unreachable - code ${code}`
      );
  }
}
