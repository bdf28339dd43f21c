// Datagrams of sockets: one frame at a time, longer ones in fragments (RFC 791 section 2.3).

import { listAppend } from "../buffer/list";
import { fold, sum } from "../checksum";
import { Counter, Errno, Event, Pool } from "../constants";
import { count } from "../counter";
import { isForMany, ownV4 } from "../ip/address";
import { addressCopy, getV4, isMulticast } from "../ip/addressing";
import { interfaceFor, ipPayload, ipSendFragment, sendToMany } from "../ip/output";
import { Datagram } from "../layout";
import { interfaceAt, NO_MAC } from "../link/interface";
import { isKnown, neighbourMac } from "../link/neighbour";
import { DATAGRAM_BYTES, READY_HEAD, SOCKET_READY, WAIT_HEAD } from "../memory";
import { neighbourTo } from "../tcp/route";
import { remoteOf, tuple } from "../tcp/tcb";
import { dropFirst, first, otherSide, releaseQueue } from "./queue";
import { failSocket, selectSocket, socket, socketId, tellSocket, toSend } from "./socket";
import { echoEmit } from "../wire/icmp";
import { FRAGMENT_MORE, IPV4_BYTES, PROTOCOL_UDP } from "../wire/ipv4";
import { setUdpChecksum, UDP_BYTES, udpEmit, udpPseudoSum } from "../wire/udp";

/** Hangs the socket into the list of the interface that its first datagram leaves by. */
export function readySocket(): void {
  const p = first(toSend());
  const iface = interfaceFor(changetype<Datagram>(p).local, otherSide(p));
  listAppend(READY_HEAD + iface, SOCKET_READY + socketId);
}

/** The next frame of a socket that is ready on an interface: its length, or 0. */
export function datagramTransmit(i: u32, iface: u32): u32 {
  selectSocket(i);
  const s = socket;
  const p = first(toSend());
  const d = changetype<Datagram>(p);
  const v4 = getV4(otherSide(p));
  let to = NO_MAC;
  const group = isMulticast(v4);
  const many = isForMany(v4);
  if (!many) {
    addressCopy(remoteOf(tuple), otherSide(p));
    tuple.address = d.local;
    const n = neighbourTo(iface, tuple, s.neighbour, 0);
    if (n < 0) {
      lost();
      return 0;
    }
    s.neighbour = <u16>n;
    if (!isKnown(n)) {
      listAppend(WAIT_HEAD + n, SOCKET_READY + i);
      return 0;
    }
    to = neighbourMac(n);
  }
  const length = build(p, iface, to, group ? s.multicastTtl : s.ttl);
  if (many) sendToMany(v4);
  if (s.sent == 0) finish();
  else readySocket();
  return length;
}

/** The part of a datagram that comes next, moving `sent` on: back to 0 with the last. */
function build(p: usize, iface: u32, to: usize, ttl: u32): u32 {
  const s = socket;
  const d = changetype<Datagram>(p);
  const total = UDP_BYTES + <u32>d.length;
  const sent = <u32>s.sent;
  const most = interfaceAt(iface).mtu - IPV4_BYTES;
  let bytes = total - sent;
  const more = bytes > most;
  if (more) bytes = most & ~7;
  const q = ipPayload();
  const head = sent == 0 ? UDP_BYTES : 0;
  if (head) buildHeader(p, q);
  const data = p + DATAGRAM_BYTES + sent + head - UDP_BYTES;
  memory.copy(q + head, data, bytes - head);
  s.sent = more ? <u16>(sent + bytes) : 0;
  const fragment = ((<u32>s.identification) << 16) | (more ? FRAGMENT_MORE : 0) | (sent >> 3);
  const hops = ttl | ((<u32>s.dscp) << 16);
  return ipSendFragment(
    iface,
    to,
    ownV4(d.local),
    getV4(otherSide(p)),
    s.protocol,
    bytes,
    hops,
    fragment,
  );
}

/** UDP's header, or ICMP's of an echo request: both have 8 bytes, and a checksum over all. */
function buildHeader(p: usize, q: usize): void {
  const s = socket;
  const d = changetype<Datagram>(p);
  const total = UDP_BYTES + <u32>d.length;
  let pseudo: u64 = 0;
  if (<u32>s.protocol == PROTOCOL_UDP) {
    udpEmit(q, s.localPort, d.port, total);
    pseudo = udpPseudoSum(ownV4(d.local), getV4(otherSide(p)), total);
  } else echoEmit(q, s.localPort, d.port);
  const check = ~fold(sum(p + DATAGRAM_BYTES, d.length, sum(q, UDP_BYTES, pseudo))) & 0xffff;
  if (<u32>s.protocol == PROTOCOL_UDP) setUdpChecksum(q, check);
  else store<u16>(q, check, 2);
}

/** The first datagram has left, or never will: the next, if there is one. */
function finish(): void {
  const s = socket;
  const q = toSend();
  s.identification += 1;
  s.sent = 0;
  dropFirst(q);
  if (q.used != 0) {
    readySocket();
    return;
  }
  releaseQueue(q, Pool.SEND_RING);
  if (!s.wantsSpace) return;
  s.wantsSpace = 0;
  tellSocket(Event.WRITABLE);
}

/** The first datagram finds no way. */
function lost(): void {
  count(Counter.DROP_SOCKET_UNREACHABLE);
  failSocket(Errno.EHOSTUNREACH);
  finish();
}

/** The next hop of a socket's first datagram does not answer. */
export function datagramLost(i: u32): void {
  selectSocket(i);
  lost();
}
