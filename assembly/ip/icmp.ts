// ICMP (RFC 792, RFC 1122 section 3.2.2): echo, the errors a host sends, and errors about what we
// sent, which go to TCP.

import { get16 } from "../bytes";
import { checksum } from "../checksum";
import { ICMP_ERRORS, ICMP_RATE } from "../config";
import { Counter } from "../constants";
import { count, drop } from "../counter";
import { globals } from "../globals";
import { findLocal } from "./address";
import { askingStation, ipPayload, ipSend } from "./output";
import { RX_FRAME } from "../memory";
import { either, smaller } from "../order";
import { tcpUnreachable } from "../tcp/unreachable";
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
  PROTOCOL_ICMP,
  PROTOCOL_TCP,
} from "../wire/ipv4";

const TTL: u32 = 64;

/** One ICMP message of len bytes; toOne: it was sent to this host alone. */
export function icmpInput(iface: u32, p: usize, len: u32, toOne: bool): u32 {
  if (len < ICMP_BYTES || checksum(p, len, 0) != 0) return drop(Counter.DROP_ICMP_MALFORMED);
  // RFC 1122 section 3.2.2.6: an echo to a group may stay without answer; so it does.
  if (icmpKind(p) == ICMP_ECHO && toOne) {
    const q = ipPayload();
    memory.copy(q, p, len);
    count(Counter.ICMP_ECHO_REPLIES);
    return reply(iface, ICMP_ECHO_REPLY, len);
  }
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

/** An error about a packet of ours: only TCP packets are, and RFC 5927 says which count. */
function error(p: usize, len: u32, toOne: bool): u32 {
  const quoted = p + ICMP_BYTES;
  const header = ipHeaderBytes(quoted);
  if (either(!ipIsSane(quoted), len < ICMP_BYTES + header + 8))
    return drop(Counter.DROP_ICMP_MALFORMED);
  const local = findLocal(ipSource(quoted));
  return toOne &&
    local >= 0 &&
    ipProtocol(quoted) == PROTOCOL_TCP &&
    tcpUnreachable(<u32>local, ipDestination(quoted), quoted + header, get16(p), get16(p + 6))
    ? 0
    : drop(Counter.DROP_ICMP_UNRELATED);
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
