// Sockets: a local port (of an echo socket: its identifier), perhaps a local address and a peer, and
// a queue of datagrams each way.

import { SOCKET_COUNT } from "../config";
import { Event, Pool } from "../constants";
import { closeHandle, nodeOf, openHandle, raise } from "../event";
import { globals } from "../globals";
import { random } from "../hash";
import { addressEqual } from "../ip/addressing";
import { ADDRESS_BYTES, SOCKET_BYTES, SOCKET_NODE, SOCKETS } from "../memory";
import { both, either } from "../order";
import { claimed, released } from "../pool";
import { ANY_ADDRESS } from "../tcp/listener";
import { lendQueue, Queue, releaseQueue } from "./queue";


@unmanaged
export class Socket {
  localPort: u16;
  /** The peer's port; 0: not connected. */
  remotePort: u16;
  /** Number of the local address, or ANY_ADDRESS. */
  address: u8;
  /** IPv4's number: 17 UDP, 1 echo; 0: free. */
  protocol: u8;
  /** Errno of an ICMP error about a datagram to the peer, until it is read; 0: none. */
  error: u8;
  /** 1: sendSpan had no room: WRITABLE is owed. */
  wantsSpace: u8;
  /** Where the next hop was in the neighbour cache last time. */
  neighbour: u16;
  /** Datagrams received: the ring, the place of the first, bytes in use. */
  receiveRing: u16;
  receiveAt: u16;
  receiveUsed: u16;
  /** Datagrams to send. */
  sendRing: u16;
  sendAt: u16;
  sendUsed: u16;
  /** Bytes of the first that have left in fragments, and their identification. */
  sent: u16;
  identification: u16;
  /** The first of the options of sockets. */
  ttl: u16;
  dscp: u16;
  broadcast: u16;
  multicastTtl: u16;
  reserved: u16;
  // The peer's address follows.
}

if (<u32>offsetof<Socket>() + ADDRESS_BYTES != SOCKET_BYTES) ERROR("SOCKET_BYTES");

export function socketAt(i: u32): Socket {
  return changetype<Socket>(SOCKETS + <usize>i * SOCKET_BYTES);
}

export function peerOf(s: Socket): usize {
  return changetype<usize>(s) + offsetof<Socket>();
}

/** The socket that the current datagram or call is about; scratch of one call. */
export let socket: Socket = changetype<Socket>(0);
/** Its number. */
export let socketId: u32 = 0;

/** Makes a socket the current one. */
export function selectSocket(i: u32): void {
  socketId = i;
  socket = socketAt(i);
}

/** Makes the socket behind a handle the current one; false: there is none. */
export function selectSocketHandle(handle: u32): bool {
  const node = nodeOf(handle, SOCKET_NODE, SOCKET_COUNT);
  if (node < 0) return false;
  selectSocket(node - SOCKET_NODE);
  return true;
}

/** Datagrams that the current socket has received. */
export function received(): Queue {
  return changetype<Queue>(changetype<usize>(socket) + offsetof<Socket>("receiveRing"));
}

/** Datagrams that it is to send. */
export function toSend(): Queue {
  return changetype<Queue>(changetype<usize>(socket) + offsetof<Socket>("sendRing"));
}

export function tellSocket(events: u32): void {
  raise(SOCKET_NODE + socketId, events);
}

/** The user of a socket with a peer hears of an error with its next call. */
export function failSocket(error: u32): void {
  if (socket.remotePort == 0) return;
  socket.error = <u8>error;
  tellSocket(Event.ERROR);
}

/** Makes the socket for what came from a remote address and port the current one: one with that peer
 * goes before one of the address before one of any. False: there is none. */
export function findSocket(
  protocol: u32,
  address: u32,
  localPort: u32,
  remote: usize,
  remotePort: u32,
): bool {
  let most: i32 = -1;
  let i: u32 = 0;
  do {
    const s = socketAt(i);
    if (either(<u32>s.protocol != protocol, <u32>s.localPort != localPort)) continue;
    const bound = <u32>s.address != ANY_ADDRESS;
    if (both(bound, <u32>s.address != address)) continue;
    const connected = s.remotePort != 0;
    const its = both(<u32>s.remotePort == remotePort, addressEqual(peerOf(s), remote));
    if (both(connected, !its)) continue;
    const weight = <i32>((u32(connected) << 1) | u32(bound));
    if (weight <= most) continue;
    most = weight;
    selectSocket(i);
  } while (++i < SOCKET_COUNT);
  return most >= 0;
}

/** True if exactly this address (or ANY_ADDRESS) and port are taken. */
export function isBound(protocol: u32, address: u32, port: u32): bool {
  let i: u32 = 0;
  do {
    const s = socketAt(i);
    const same = both(<u32>s.protocol == protocol, <u32>s.localPort == port);
    if (both(same, <u32>s.address == address)) return true;
  } while (++i < SOCKET_COUNT);
  return false;
}

/** A new socket, the current one afterwards: its handle, or 0 if no record or ring is free. A free record
 * is all zeros. */
export function openSocket(protocol: u32, address: u32, port: u32): u32 {
  let i: u32 = 0;
  while (socketAt(i).protocol != 0) if (++i == SOCKET_COUNT) return 0;
  selectSocket(i);
  if (!lendQueue(received(), Pool.RECEIVE_RING)) return 0;
  const s = socket;
  s.protocol = <u8>protocol;
  s.address = <u8>address;
  s.localPort = <u16>port;
  s.identification = <u16>random();
  s.ttl = globals.ttl;
  s.dscp = globals.dscp;
  s.multicastTtl = 1;
  claimed(Pool.SOCKET);
  return openHandle(SOCKET_NODE + i);
}

/** Forgets the current socket. */
export function releaseSocket(): void {
  releaseQueue(received(), Pool.RECEIVE_RING);
  releaseQueue(toSend(), Pool.SEND_RING);
  memory.fill(changetype<usize>(socket), 0, SOCKET_BYTES);
  closeHandle(SOCKET_NODE + socketId);
  released(Pool.SOCKET);
}
