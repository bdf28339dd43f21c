// ICMP (RFC 792, RFC 1122 section 3.2.2): echo, the errors a host sends, and errors about what we
// sent, which go to TCP.

import { smaller } from "../order";
import { ICMP_ERRORS, ICMP_RATE } from "../config";
import { Counter } from "../constants";
import { checksum } from "../checksum";
import { count } from "../counter";
import { get16, put32, put8 } from "../bytes";
import { globals } from "../globals";
import { RX_FRAME } from "../memory";
import { tcpUnreachable } from "../tcp/unreachable";
import { etherPayload } from "../wire/ethernet";
import {
  ICMP_BYTES,
  ICMP_ECHO,
  ICMP_ECHO_REPLY,
  ICMP_REDIRECT,
  ICMP_SOURCE_QUENCH,
  ICMP_UNREACHABLE,
  icmpCode,
  icmpIsError,
  icmpType,
} from "../wire/icmp";
import {
  IPV4_BYTES,
  PROTOCOL_ICMP,
  PROTOCOL_TCP,
  ipDestination,
  ipHeaderBytes,
  ipProtocol,
  ipSource,
  ipVersion,
} from "../wire/ipv4";
import { findLocal } from "./address";
import { ipPayload, ipReply } from "./output";

const TTL: u32 = 64;

/** One ICMP message of len bytes; toOne: it was sent to this host alone. */
export function icmpInput(iface: u32, p: usize, len: u32, toOne: bool): u32 {
  if (len < ICMP_BYTES || checksum(p, len, 0) != 0) {
    count(Counter.DROP_ICMP_MALFORMED);
    return 0;
  }
  const type = icmpType(p);
  // RFC 1122 section 3.2.2.6: an echo to a group may stay without answer; so it does.
  if (type == ICMP_ECHO && icmpCode(p) == 0 && toOne) return echo(iface, p, len);
  if (ICMP_ERRORS && icmpIsError(type) && type != ICMP_SOURCE_QUENCH && type != ICMP_REDIRECT) {
    error(p, len, toOne);
  } else {
    count(Counter.DROP_ICMP_TYPE);
  }
  return 0;
}

function echo(iface: u32, p: usize, len: u32): u32 {
  const ip = etherPayload(RX_FRAME);
  const q = ipPayload();
  memory.copy(q, p, len);
  put8(q, ICMP_ECHO_REPLY);
  seal(q, len);
  count(Counter.ICMP_ECHO_REPLIES);
  return ipReply(iface, ipDestination(ip), ipSource(ip), PROTOCOL_ICMP, len, TTL);
}

function seal(q: usize, len: u32): void {
  store<u16>(q, 0, 2);
  store<u16>(q, checksum(q, len, 0), 2);
}

/** An error about a packet of ours: only TCP packets are, and RFC 5927 says which count. */
function error(p: usize, len: u32, toOne: bool): void {
  const quoted = p + ICMP_BYTES;
  const have = len - ICMP_BYTES;
  const header = have >= IPV4_BYTES ? ipHeaderBytes(quoted) : 0;
  if (header < IPV4_BYTES || have < header + 8 || ipVersion(quoted) != 4) {
    count(Counter.DROP_ICMP_MALFORMED);
    return;
  }
  const local = findLocal(ipSource(quoted));
  if (
    !toOne ||
    local < 0 ||
    ipProtocol(quoted) != PROTOCOL_TCP ||
    !tcpUnreachable(
      <u32>local,
      ipDestination(quoted),
      quoted + header,
      icmpType(p),
      icmpCode(p),
      get16(p + 6),
    )
  ) {
    count(Counter.DROP_ICMP_UNRELATED);
  }
}

/** True while errors may be sent: ICMP_RATE a second (RFC 1812 section 4.3.2.8 asks for a limit). */
function mayReport(): bool {
  const g = globals;
  if (g.nowMs - g.icmpMs >= 1000) {
    g.icmpMs = g.nowMs;
    g.icmpTokens = ICMP_RATE;
  }
  if (g.icmpTokens == 0) {
    count(Counter.ICMP_RATE_LIMITED);
    return false;
  }
  g.icmpTokens -= 1;
  return true;
}

/** Answers the packet in RX_FRAME, sent to this host alone, with destination unreachable. */
export function icmpUnreachable(iface: u32, code: u32): u32 {
  if (!mayReport()) return 0;
  const ip = etherPayload(RX_FRAME);
  const q = ipPayload();
  // The header and what follows it, as far as 8 bytes: RFC 1122 section 3.2.2.
  const quote = smaller(ipHeaderBytes(ip) + 8, get16(ip + 2));
  put8(q, ICMP_UNREACHABLE);
  put8(q + 1, code);
  put32(q + 4, 0);
  memory.copy(q + ICMP_BYTES, ip, quote);
  seal(q, ICMP_BYTES + quote);
  count(Counter.ICMP_ERRORS_SENT);
  return ipReply(iface, ipDestination(ip), ipSource(ip), PROTOCOL_ICMP, ICMP_BYTES + quote, TTL);
}
