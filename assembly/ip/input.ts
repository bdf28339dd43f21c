// IPv4 input: the checks of RFC 791 and RFC 1122 section 3.2.1, then to ICMP or TCP.

import { get8 } from "../bytes";
import { checksum } from "../checksum";
import { FRAGMENTS, GROUPS, ICMP_REPORTS, UDP } from "../config";
import { Counter } from "../constants";
import { drop, taken } from "../counter";
import { findLocal, isForMany, isNoStation } from "./address";
import { isLoopback, isMulticast } from "./addressing";
import { fragmentInput } from "./fragment";
import { igmpInput, isHeard } from "./group";
import { icmpInput, icmpUnreachable } from "./icmp";
import { isInside } from "../link/interface";
import { RX_FRAME } from "../memory";
import { both, either } from "../order";
import { tcpInput } from "../tcp/input";
import { ANY_ADDRESS } from "../tcp/listener";
import { udpInput } from "../udp/input";
import { etherPayload } from "../wire/ethernet";
import { CODE_PORT, CODE_PROTOCOL } from "../wire/icmp";
import {
  ipDestination,
  ipHeaderBytes,
  ipIsFragment,
  ipIsSane,
  ipProtocol,
  ipSource,
  ipTotalBytes,
  IPV4_BYTES,
  PROTOCOL_ICMP,
  PROTOCOL_IGMP,
  PROTOCOL_TCP,
  PROTOCOL_UDP,
} from "../wire/ipv4";

const OPTION_END: u32 = 0;
const OPTION_NOP: u32 = 1;
const OPTION_LOOSE_ROUTE: u32 = 131;
const OPTION_STRICT_ROUTE: u32 = 137;

/** One packet in a frame with len bytes of payload; group: sent to several stations. */
export function ipInput(iface: u32, len: u32, group: bool): u32 {
  const p = etherPayload(RX_FRAME);
  if (len < IPV4_BYTES) return drop(Counter.DROP_RUNT);
  let header = ipHeaderBytes(p);
  let total = ipTotalBytes(p);
  if (!ipIsSane(p) || total < header || total > len) return drop(Counter.DROP_IP_MALFORMED);
  if (checksum(p, header, 0) != 0) return drop(Counter.DROP_IP_CHECKSUM);
  const fault = optionFault(p + IPV4_BYTES, p + header);
  if (fault) return fault;
  if (sourceIsBad(iface, p)) return drop(Counter.DROP_IP_SOURCE);
  const destination = ipDestination(p);
  const local = findLocal(destination);
  if ((local < 0 && !isForMany(destination)) || (!isInside(iface) && isLoopback(destination))) {
    return drop(Counter.DROP_IP_DESTINATION);
  }
  if (GROUPS && isMulticast(destination) && !isHeard(iface, destination))
    return drop(Counter.DROP_IP_DESTINATION);
  if (ipIsFragment(p)) {
    const waits = FRAGMENTS
      ? fragmentInput(p, header, total - header)
      : drop(Counter.DROP_IP_FRAGMENT);
    if (waits != 0) return waits;
    header = IPV4_BYTES;
    total = ipTotalBytes(p);
  }
  const toOne = both(local >= 0, !group);
  const protocol = ipProtocol(p);
  if (protocol == PROTOCOL_TCP) {
    if (!toOne) return drop(Counter.DROP_TCP_BROADCAST);
    return tcpInput(iface, <u32>local, p + header, total - header);
  }
  const address = toOne ? <u32>local : ANY_ADDRESS;
  if (protocol == PROTOCOL_ICMP) return icmpInput(iface, p + header, total - header, address);
  if (GROUPS && protocol == PROTOCOL_IGMP) return igmpInput(iface, p + header, total - header);
  let result = drop(Counter.DROP_IP_PROTOCOL);
  let code = CODE_PROTOCOL;
  if (protocol == PROTOCOL_UDP) {
    if (UDP) result = udpInput(iface, address, p + header, total - header);
    if (UDP && result != drop(Counter.UDP_NO_SOCKET)) return result;
    code = CODE_PORT;
  }
  // RFC 1122 section 3.2.2.1: unreachable, unless the question went to several hosts.
  if (!ICMP_REPORTS || !toOne) return result;
  taken(result);
  return icmpUnreachable(iface, code);
}

/** RFC 1122 section 3.2.1.3: on loopback all is from us; from a wire, nothing is. RFC 4541 section
 * 2.1.1: a switch asks for groups from 0.0.0.0. */
function sourceIsBad(iface: u32, p: usize): bool {
  const v4 = ipSource(p);
  const own = findLocal(v4) >= 0;
  if (GROUPS && both(v4 == 0, ipProtocol(p) == PROTOCOL_IGMP)) return false;
  return isInside(iface) ? !own : either(own, isNoStation(v4));
}

/** drop() because of an option, or 0. Those that we do not know are skipped. */
function optionFault(p: usize, end: usize): u32 {
  while (p < end) {
    const kind = get8(p);
    if (kind == OPTION_END) break;
    const more = u32(kind != OPTION_NOP);
    const length = more ? get8(p + 1) : 1;
    p += length;
    if (length <= more || p > end) return drop(Counter.DROP_IP_MALFORMED);
    if (kind == OPTION_LOOSE_ROUTE || kind == OPTION_STRICT_ROUTE) {
      return drop(Counter.DROP_IP_SOURCE_ROUTE);
    }
  }
  return 0;
}
