// ICMP (RFC 792, RFC 1122 section 3.2.2): echo, the errors a host sends, and errors about what we
// sent, which go to TCP.

import { get16 } from "../bytes";
import { checksum } from "../checksum";
import { FRAGMENTS, ICMP_ERRORS, ICMP_RATE, UDP } from "../config";
import { Counter } from "../constants";
import { count, drop } from "../counter";
import { globals } from "../globals";
import { findLocal } from "./address";
import { askingStation, ipPayload, ipSend } from "./output";
import { interfaceAt } from "../link/interface";
import { RX_FRAME } from "../memory";
import { both, either, smaller } from "../order";
import { ANY_ADDRESS } from "../tcp/listener";
import { tcpUnreachable } from "../tcp/unreachable";
import { datagramError, echoInput } from "../udp/input";
import { etherPayload } from "../wire/ethernet";
import {
  ICMP_BYTES,
  ICMP_ECHO,
  ICMP_ECHO_REPLY,
  ICMP_UNREACHABLE,
  icmpIsError,
  icmpKind,
  icmpType,
} from "../wire/icmp";
import {
  ipDestination,
  ipHeaderBytes,
  ipIsSane,
  ipProtocol,
  ipSource,
  ipTotalBytes,
  IPV4_BYTES,
  PROTOCOL_ICMP,
  PROTOCOL_TCP,
} from "../wire/ipv4";

const TTL: u32 = 64;

/** One ICMP message of len bytes; address: local number, or ANY_ADDRESS if it went to several hosts. */
export function icmpInput(iface: u32, p: usize, len: u32, address: u32): u32 {
  const toOne = address != ANY_ADDRESS;
  if (len < ICMP_BYTES || checksum(p, len, 0) != 0) return drop(Counter.DROP_ICMP_MALFORMED);
  // RFC 1122 section 3.2.2.6: an echo to a group may stay without answer; so it does.
  // A reply that is longer than a packet would need fragments.
  const fits = !FRAGMENTS || len <= interfaceAt(iface).mtu - IPV4_BYTES;
  if (icmpKind(p) == ICMP_ECHO && both(toOne, fits)) {
    const q = ipPayload();
    memory.copy(q, p, len);
    count(Counter.ICMP_ECHO_REPLIES);
    return reply(iface, ICMP_ECHO_REPLY, len);
  }
  if (UDP && icmpKind(p) == ICMP_ECHO_REPLY) return echoInput(address, p, len);
  if (ICMP_ERRORS && icmpIsError(icmpType(p))) return error(p, len, toOne);
  return drop(Counter.DROP_ICMP_TYPE);
}

/** What lies behind the IP header in TX_FRAME, as a message of this kind to who sent RX_FRAME. */
function reply(iface: u32, kind: u32, len: u32): u32 {
  const ip = etherPayload(RX_FRAME);
  const q = ipPayload();
  store<u32>(q, kind); // and a checksum of 0
  store<u16>(q, checksum(q, len, 0), 2);
  const to = askingStation();
  return ipSend(iface, to, ipDestination(ip), ipSource(ip), PROTOCOL_ICMP, len, TTL);
}

/** An error about a packet of ours. RFC 5927 says which count. */
function error(p: usize, len: u32, toOne: bool): u32 {
  const quoted = p + ICMP_BYTES;
  const header = ipHeaderBytes(quoted);
  if (either(!ipIsSane(quoted), len < ICMP_BYTES + header + 8))
    return drop(Counter.DROP_ICMP_MALFORMED);
  const local = findLocal(ipSource(quoted));
  return toOne && local >= 0 && isAbout(<u32>local, quoted, quoted + header, p)
    ? 0
    : drop(Counter.DROP_ICMP_UNRELATED);
}

/** True if an error at p is about what a connection or a socket has sent: quoted is its IP header. */
function isAbout(local: u32, quoted: usize, payload: usize, p: usize): bool {
  const protocol = ipProtocol(quoted);
  const to = ipDestination(quoted);
  if (protocol == PROTOCOL_TCP) return tcpUnreachable(local, to, payload, get16(p), get16(p + 6));
  return UDP && datagramError(local, protocol, to, payload, get16(p));
}

/** Answers the packet in RX_FRAME, sent to this host alone, with destination unreachable. */
export function icmpUnreachable(iface: u32, code: u32): u32 {
  // RFC 1812 section 4.3.2.8 asks for a limit. Credit is time that passed without an error: a
  // second of it is enough for ICMP_RATE of them.
  const credit = smaller(globals.nowMs - globals.icmpMs, 1000);
  if (credit < 1000 / ICMP_RATE) return drop(Counter.ICMP_RATE_LIMITED);
  globals.icmpMs = globals.nowMs - credit + 1000 / ICMP_RATE;
  const ip = etherPayload(RX_FRAME);
  const q = ipPayload();
  // The header and what follows it, as far as 8 bytes: RFC 1122 section 3.2.2.
  const quote = smaller(ipHeaderBytes(ip) + 8, ipTotalBytes(ip));
  store<u32>(q, 0, 4);
  memory.copy(q + ICMP_BYTES, ip, quote);
  count(Counter.ICMP_ERRORS_SENT);
  return reply(iface, ICMP_UNREACHABLE | (code << 8), ICMP_BYTES + quote);
}
