// Datagrams to us: UDP (RFC 768, RFC 1122 section 4.1), answers to our echo requests, and ICMP errors
// about what we sent.

import { get16 } from "../bytes";
import { checksum } from "../checksum";
import { DHCP, DNS, MDNS, SNTP } from "../config";
import { Counter, Errno, Event } from "../constants";
import { count, drop } from "../counter";
import { leaseInput } from "../dhcp/client";
import { lookupInput } from "../dns/lookup";
import { isResponding, responderInput } from "../dns/responder";
import { addressCopy, putV4 } from "../ip/addressing";
import { Datagram } from "../layout";
import { DATAGRAM_BYTES, RX_FRAME } from "../memory";
import { both, either } from "../order";
import { remoteOf, tuple } from "../tcp/tcb";
import { clockInput } from "../sntp/client";
import { append, bytesOf, otherSide, room, roomBytes } from "./queue";
import { failSocket, findSocket, received, tellSocket } from "./socket";
import { etherPayload } from "../wire/ethernet";
import { CODE_PORT, ICMP_BYTES, ICMP_ECHO, ICMP_UNREACHABLE, icmpKind } from "../wire/icmp";
import { ipDestination, ipHops, ipSource, PROTOCOL_ICMP, PROTOCOL_UDP } from "../wire/ipv4";
import {
  DHCP_CLIENT_PORT,
  DNS_PORT,
  MDNS_PORT,
  UDP_BYTES,
  udpChecksum,
  udpDestinationPort,
  udpLength,
  udpPseudoSum,
  udpSourcePort,
} from "../wire/udp";

/** Hands what is for a task to it; true: it was. Each counts what it does not believe. */
function taskInput(iface: u32, address: u32, p: usize, from: u32, bytes: u32): bool {
  const data = p + UDP_BYTES;
  const port = udpDestinationPort(p);
  if (DHCP && port == DHCP_CLIENT_PORT) return leaseInput(iface, data, bytes);
  if (DNS && lookupInput(address, port, from, data, bytes)) return true;
  return SNTP && clockInput(port, from, data, bytes);
}

/** One datagram of len bytes for a local address, or ANY_ADDRESS if it went to several hosts.
 * drop(UDP_NO_SOCKET): nobody listens. */
export function udpInput(iface: u32, address: u32, p: usize, len: u32): u32 {
  const bytes = udpLength(p);
  const port = udpDestinationPort(p);
  // A datagram too short for its header has no length that fits.
  if (either(bytes < UDP_BYTES, either(bytes > len, port == 0)))
    return drop(Counter.DROP_UDP_MALFORMED);
  const ip = etherPayload(RX_FRAME);
  const pseudo = udpPseudoSum(ipSource(ip), ipDestination(ip), bytes);
  if (udpChecksum(p) != 0 && checksum(p, bytes, pseudo) != 0)
    return drop(Counter.DROP_UDP_CHECKSUM);
  const from = udpSourcePort(p);
  if (MDNS && port == MDNS_PORT && isResponding(iface))
    return responderInput(address, p + UDP_BYTES, bytes - UDP_BYTES, from);
  if (taskInput(iface, address, p, from, bytes - UDP_BYTES)) return 0;
  if (!socketFor(PROTOCOL_UDP, address, port, ipSource(ip), from))
    // Deviation from RFC 1122 section 4.1.3.1: port unreachable would tell which ports answers are awaited at.
    return drop(DNS && from == DNS_PORT ? Counter.DROP_DNS_UNRELATED : Counter.UDP_NO_SOCKET);
  count(Counter.UDP_DATAGRAMS_IN);
  return deliver(address, from, 0, p + UDP_BYTES, bytes - UDP_BYTES);
}

/** An echo reply of len bytes; its checksum is right. */
export function echoInput(address: u32, p: usize, len: u32): u32 {
  const from = ipSource(etherPayload(RX_FRAME));
  if (!socketFor(PROTOCOL_ICMP, address, get16(p + 4), from, 0))
    return drop(Counter.DROP_ICMP_UNRELATED);
  return deliver(address, get16(p + 6), 0, p + ICMP_BYTES, len - ICMP_BYTES);
}

/** Makes the socket for what v4 sent the current one. v4 stands in the tuple afterwards. */
function socketFor(protocol: u32, address: u32, port: u32, v4: u32, remotePort: u32): bool {
  const remote = remoteOf(tuple);
  putV4(remote, v4);
  return findSocket(protocol, address, port, remote, remotePort);
}

/** Puts a datagram from the tuple's address into the socket's queue. */
function deliver(address: u32, port: u32, kind: u32, data: usize, length: u32): u32 {
  const q = received();
  const to = room(q);
  const bytes = bytesOf(length);
  if (bytes > roomBytes) return drop(Counter.DROP_SOCKET_FULL);
  const d = changetype<Datagram>(to);
  d.length = <u16>length;
  d.port = <u16>port;
  d.local = <u8>address;
  d.hops = <u8>ipHops(etherPayload(RX_FRAME));
  d.kind = <u16>kind;
  addressCopy(otherSide(to), remoteOf(tuple));
  memory.copy(to + DATAGRAM_BYTES, data, length);
  append(q, to, bytes);
  tellSocket(Event.READABLE);
  return 0;
}

/** An ICMP error about a datagram of a local address to v4, which begins at p. An echo socket gets it as
 * a datagram, a UDP socket as an error if v4 is its peer (RFC 1122 section 4.1.3.3). False: not ours. */
export function datagramError(address: u32, protocol: u32, v4: u32, p: usize, kind: u32): bool {
  // Else the place of the port has no identifier, but a type that no socket has for a port.
  const echo = both(protocol == PROTOCOL_ICMP, icmpKind(p) == ICMP_ECHO);
  if (!socketFor(protocol, address, get16(echo ? p + 4 : p), v4, echo ? 0 : get16(p + 2)))
    return false;
  if (echo) {
    putV4(remoteOf(tuple), ipSource(etherPayload(RX_FRAME)));
    return deliver(address, get16(p + 6), kind, p, 0) == 0;
  }
  failSocket(
    kind == ((ICMP_UNREACHABLE << 8) | CODE_PORT) ? Errno.ECONNREFUSED : Errno.EHOSTUNREACH,
  );
  return true;
}
