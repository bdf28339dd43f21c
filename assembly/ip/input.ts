// IPv4 input: the checks of RFC 791 and RFC 1122 section 3.2.1, then to ICMP or TCP.

import { etherPayload } from "../wire/ethernet";
import { Counter } from "../constants";
import { checksum } from "../checksum";
import { count, drop } from "../counter";
import { get8 } from "../bytes";
import { LOOPBACK } from "../link/interface";
import { RX_FRAME } from "../memory";
import { tcpInput } from "../tcp/input";
import {
  IPV4_BYTES,
  PROTOCOL_ICMP,
  PROTOCOL_TCP,
  PROTOCOL_UDP,
  ipDestination,
  ipHeaderBytes,
  ipIsFragment,
  ipProtocol,
  ipSource,
  ipTotalBytes,
  ipVersion,
} from "../wire/ipv4";
import { CODE_PORT, CODE_PROTOCOL } from "../wire/icmp";
import { findLocal, isBroadcast } from "./address";
import { isLoopback, isMulticast, isReserved } from "./addressing";
import { icmpInput, icmpUnreachable } from "./icmp";

const OPTION_END: u32 = 0;
const OPTION_NOP: u32 = 1;
const OPTION_LOOSE_ROUTE: u32 = 131;
const OPTION_STRICT_ROUTE: u32 = 137;

/** One packet in a frame with len bytes of payload; group: sent to several stations. */
export function ipInput(iface: u32, len: u32, group: bool): u32 {
  const p = etherPayload(RX_FRAME);
  if (len < IPV4_BYTES) return drop(Counter.DROP_RUNT);
  const header = ipHeaderBytes(p);
  const total = ipTotalBytes(p);
  if (ipVersion(p) != 4 || header < IPV4_BYTES || total < header || total > len) {
    return drop(Counter.DROP_IP_MALFORMED);
  }
  if (checksum(p, header, 0) != 0) return drop(Counter.DROP_IP_CHECKSUM);
  const options = header > IPV4_BYTES ? optionFault(p + IPV4_BYTES, p + header) : -1;
  if (options >= 0) return drop(options);
  const source = ipSource(p);
  if (sourceIsBad(iface, source)) return drop(Counter.DROP_IP_SOURCE);
  const destination = ipDestination(p);
  const local = findLocal(destination);
  const one = local >= 0;
  if (
    (!one && !isMulticast(destination) && !isBroadcast(destination)) ||
    (iface != LOOPBACK && isLoopback(destination))
  ) {
    return drop(Counter.DROP_IP_DESTINATION);
  }
  if (ipIsFragment(p)) return drop(Counter.DROP_IP_FRAGMENT);
  const toOne = one && !group;
  const protocol = ipProtocol(p);
  if (protocol == PROTOCOL_TCP) {
    if (!toOne) return drop(Counter.DROP_TCP_BROADCAST);
    return tcpInput(iface, <u32>local, p + header, total - header);
  }
  if (protocol == PROTOCOL_ICMP) return icmpInput(iface, p + header, total - header, toOne);
  count(Counter.DROP_IP_PROTOCOL);
  // RFC 1122 section 3.2.2.1: unreachable, unless the question went to several hosts.
  if (!toOne) return 0;
  return icmpUnreachable(iface, protocol == PROTOCOL_UDP ? CODE_PORT : CODE_PROTOCOL);
}

/** RFC 1122 section 3.2.1.3: addresses that no sender has, and our own coming from the wire. */
function sourceIsBad(iface: u32, v4: u32): bool {
  if (isMulticast(v4) || isReserved(v4)) return true;
  if (iface == LOOPBACK) return findLocal(v4) < 0;
  return isLoopback(v4) || findLocal(v4) >= 0 || isBroadcast(v4);
}

/** The reason to drop a packet because of its options, or -1. What we do not know is skipped. */
function optionFault(p: usize, end: usize): i32 {
  while (p < end) {
    const kind = get8(p);
    if (kind == OPTION_END) break;
    if (kind == OPTION_NOP) {
      p++;
      continue;
    }
    if (p + 1 >= end) return Counter.DROP_IP_MALFORMED;
    const length = get8(p + 1);
    if (length < 2 || p + length > end) return Counter.DROP_IP_MALFORMED;
    if (kind == OPTION_LOOSE_ROUTE || kind == OPTION_STRICT_ROUTE) {
      return Counter.DROP_IP_SOURCE_ROUTE;
    }
    p += length;
  }
  return -1;
}
