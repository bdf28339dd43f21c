// Listeners: a port, perhaps an address, and a bounded queue of connections to accept.

import { listAppend, listFirst, listReset, listUnlink } from "../buffer/list";
import { LISTENER_COUNT, SERVICES, TCB_COUNT } from "../config";
import { Errno, Event, Pool } from "../constants";
import { closeHandle, nodeOf, openHandle, raise } from "../event";
import { globals } from "../globals";
import { validAddress } from "../ip/address";
import { ACCEPT_HEAD, EVENT_NODE, LISTENER_BYTES, LISTENER_NODE, LISTENERS } from "../memory";
import { claimed, released } from "../pool";
import { makeReady } from "./ready";
import { clear, Flag, has, set, tcb, tcbNode } from "./tcb";

/** Every address. */
export const ANY_ADDRESS: u32 = 255;


@unmanaged
export class Listener {
  /** 0: free. */
  port: u16;
  address: u8;
  /** Service: its connections are the stack's own; 0: they wait to be accepted. */
  service: u8;
  backlog: u16;
  /** Connections in the accept queue, or with the service. */
  queued: u16;
  /** 1: what cannot be admitted is reset. The first of the options of listeners, in the order of Option. */
  resetWhenFull: u16;
  /** Connections that one source may hold; 0: no limit. */
  sourceLimit: u16;
}

if (offsetof<Listener>() != LISTENER_BYTES) ERROR("LISTENER_BYTES");

/** Of a connection that its listener counts. */
const LISTENED: u32 = SERVICES ? Flag.QUEUED | Flag.SERVED : Flag.QUEUED;

/** Half the pool where it is large; off where it is small. */
const DEFAULT_SOURCE_LIMIT: i32 = TCB_COUNT >= 64 ? TCB_COUNT / 2 : 0;

export function listenerAt(i: u32): Listener {
  return changetype<Listener>(LISTENERS + <usize>i * LISTENER_BYTES);
}

/** The listener behind a handle, or -1. */
export function listenerOf(handle: u32): i32 {
  return nodeOf(handle, LISTENER_NODE, LISTENER_COUNT) - LISTENER_NODE;
}

/** The number of the address that a listener or socket is asked for, ANY_ADDRESS for none; -Errno: it
 * cannot be used, or nothing opens yet. */
export function localOrAny(address: u32): i32 {
  if (!globals.seeded) return -Errno.EAGAIN;
  return address != 0 ? validAddress(address) : ANY_ADDRESS;
}

/** The listener for a local address and port: one for the address before one for any; or -1. */
export function findListener(address: u32, port: u32): i32 {
  let any: i32 = -1;
  let i: u32 = 0;
  do {
    const l = listenerAt(i);
    if (<u32>l.port != port) continue;
    if (<u32>l.address == address) return <i32>i;
    if (<u32>l.address == ANY_ADDRESS) any = <i32>i;
  } while (++i < LISTENER_COUNT);
  return any;
}

/** True if there is a listener for exactly this address (or ANY_ADDRESS) and port. */
export function isListening(address: u32, port: u32): bool {
  const i = findListener(address, port);
  return i >= 0 && <u32>listenerAt(i).address == address;
}

/** True if any listener has the port, whatever its address. */
export function portIsListened(port: u32): bool {
  let i: u32 = 0;
  do {
    if (<u32>listenerAt(i).port == port) return true;
  } while (++i < LISTENER_COUNT);
  return false;
}

/** A new listener's handle, or 0 when none is free. */
export function claimListener(address: u32, port: u32, backlog: u32): u32 {
  const i = findListener(0, 0);
  if (i < 0) return 0;
  claimed(Pool.LISTENER);
  const l = listenerAt(i);
  l.port = <u16>port;
  l.address = <u8>address;
  l.backlog = <u16>backlog;
  if (DEFAULT_SOURCE_LIMIT) l.sourceLimit = <u16>DEFAULT_SOURCE_LIMIT;
  listReset(ACCEPT_HEAD + i);
  return openHandle(LISTENER_NODE + i);
}

/** Forgets a listener; the caller has emptied its queue. A free one is all zeros. */
export function releaseListener(i: u32): void {
  memory.fill(changetype<usize>(listenerAt(i)), 0, LISTENER_BYTES);
  closeHandle(LISTENER_NODE + i);
  released(Pool.LISTENER);
}

/** Puts an established connection into the accept queue of its listener, or gives it to the service. */
export function enqueue(): void {
  const l = listenerAt(tcb.listener);
  l.queued += 1;
  if (SERVICES && l.service != 0) {
    set(Flag.SERVED);
    makeReady();
    return;
  }
  set(Flag.QUEUED);
  listAppend(ACCEPT_HEAD + <u32>tcb.listener, EVENT_NODE + tcbNode);
  raise(LISTENER_NODE + <u32>tcb.listener, Event.ACCEPT);
}

/** Takes a connection out of the accept queue, wherever it stands in it, or from its service. */
export function unqueue(): void {
  if (!has(LISTENED)) return;
  const l = listenerAt(tcb.listener);
  l.queued -= 1;
  clear(LISTENED);
  listUnlink(EVENT_NODE + tcbNode);
}

/** The node of the first connection in the accept queue, or -1. */
export function firstQueued(i: u32): i32 {
  const node = listFirst(ACCEPT_HEAD + i);
  return node < 0 ? -1 : node - EVENT_NODE;
}
