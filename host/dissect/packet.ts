// A frame taken apart, layer by layer, as far as it was captured and makes sense. Input: the bytes of a frame, and
// how long it was on the wire; output: a Packet. Nothing throws: what cannot be read is named in `problem`.

import {
  readArp,
  readEthernet,
  TYPE_ARP,
  TYPE_IPV4,
  TYPE_IPV6,
  type Arp,
  type Ethernet,
} from "./ethernet.js";
import { ICMP, isFragment, readIpv4, readIpv6, TCP, UDP, type Ipv4, type Ipv6 } from "./ip.js";
import { readIcmp, type Icmp } from "./icmp.js";
import { readTcp, type Tcp } from "./tcp.js";
import { readUdp, type Udp } from "./udp.js";

/** Layers that are not there are null. */
export interface Packet {
  /** What was captured. */
  readonly bytes: Uint8Array;
  /** On the wire. */
  readonly length: number;
  readonly ethernet: Ethernet | null;
  readonly arp: Arp | null;
  readonly ip: Ipv4 | null;
  readonly ipv6: Ipv6 | null;
  readonly icmp: Icmp | null;
  readonly tcp: Tcp | null;
  readonly udp: Udp | null;
  /** The layer that is cut off or malformed. */
  readonly problem: "ethernet" | "arp" | "ip" | "ip6" | "icmp" | "tcp" | "udp" | null;
}

export function dissect(bytes: Uint8Array, length = bytes.length): Packet {
  const none = { arp: null, ip: null, ipv6: null, icmp: null, tcp: null, udp: null, problem: null };
  const ethernet = readEthernet(bytes);
  const packet: Packet = { bytes, length, ethernet, ...none };
  if (ethernet === null) return { ...packet, problem: "ethernet" };
  const { type, payloadAt } = ethernet;
  switch (type) {
    case TYPE_ARP: {
      const arp = readArp(bytes, payloadAt);
      return { ...packet, arp, problem: arp === null ? "arp" : null };
    }
    case TYPE_IPV4: {
      const ip = readIpv4(bytes, payloadAt, length);
      return ip === null ? { ...packet, problem: "ip" } : withTransport({ ...packet, ip }, ip);
    }
    case TYPE_IPV6: {
      const ipv6 = readIpv6(bytes, payloadAt);
      return { ...packet, ipv6, problem: ipv6 === null ? "ip6" : null };
    }
    default:
      return packet;
  }
}

/** A part of a datagram is not put together with the others: it has no ports that could be trusted. */
function withTransport(packet: Packet, ip: Ipv4): Packet {
  if (isFragment(ip)) return packet;
  const { bytes } = packet;
  switch (ip.protocol) {
    case ICMP: {
      const icmp = readIcmp(bytes, ip);
      return { ...packet, icmp, problem: icmp === null ? "icmp" : null };
    }
    case TCP: {
      const tcp = readTcp(bytes, ip);
      return { ...packet, tcp, problem: tcp === null ? "tcp" : null };
    }
    case UDP: {
      const udp = readUdp(bytes, ip);
      return { ...packet, udp, problem: udp === null ? "udp" : null };
    }
    default:
      return packet;
  }
}
