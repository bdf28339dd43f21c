// Handles and events. A node is the number of a TCB, listener or address; its handle is the node
// and an odd generation. Event bits gather on the node; the queue holds each node once, and only
// nodes whose handle lives.

import { listAlone, listAppend, listNext, listUnlink } from "./buffer/list";
import { Errno } from "./constants";
import { EVENT_BITS, EVENT_HEAD, EVENT_NODE, GENERATIONS, HANDLE_NODES } from "./memory";
import { both } from "./order";

/** The event bit of a node whose handle lives: above all others. */
const OPEN: u32 = 0x8000;

function bitsOf(node: u32): u32 {
  return <u32>load<u16>((<usize>node) << 1, EVENT_BITS);
}

function setBits(node: u32, bits: u32): void {
  store<u16>((<usize>node) << 1, bits, EVENT_BITS);
}

/** Gives the node a handle that no call was ever given before (for 2^14 lives of the node). */
export function openHandle(node: u32): u32 {
  const at = (<usize>node) << 1;
  store<u16>(at, ((<u32>load<u16>(at, GENERATIONS) + 1) | 1) & 0x7fff, GENERATIONS);
  raise(node, OPEN);
  return handleOf(node);
}

/** The handle is stale from now on; its events are gone. */
export function closeHandle(node: u32): void {
  setBits(node, 0);
  listUnlink(EVENT_NODE + node);
}

/** True while the user holds the node's handle. */
export function isOpen(node: u32): bool {
  return bitsOf(node) >= OPEN;
}

/** True while events of the node wait to be taken. */
export function hasEvents(node: u32): bool {
  return bitsOf(node) > OPEN;
}

/** The node's handle, or the last one it had. */
export function handleOf(node: u32): u32 {
  return node | ((<u32>load<u16>((<usize>node) << 1, GENERATIONS)) << 16);
}

/** The node between first and first + count of a living handle, or -1. */
export function nodeOf(handle: u32, first: u32, count: u32): i32 {
  const node = handle & 0xffff;
  if (node - first >= count) return -1;
  return u32(isOpen(node)) & u32(handle == handleOf(node)) ? <i32>node : -1;
}

/** Adds event bits; a node without a handle only gathers them. */
export function raise(node: u32, bits: u32): void {
  bits |= bitsOf(node);
  setBits(node, bits);
  if (both(bits > OPEN, listAlone(EVENT_NODE + node))) listAppend(EVENT_HEAD, EVENT_NODE + node);
}

/** The next handle with events, taken off the queue, or 0. */
export function takeHandle(): u32 {
  const node = listNext(EVENT_HEAD) - EVENT_NODE;
  // An empty queue's head is its own next; before initialise() it is node 0.
  if (node >= HANDLE_NODES) return 0;
  listUnlink(EVENT_NODE + node);
  return handleOf(node);
}

/** ABI: the events of a handle, cleared. */
export function takeEvents(handle: u32): i32 {
  const node = nodeOf(handle, 0, HANDLE_NODES);
  if (node < 0) return -Errno.EBADF;
  const bits = bitsOf(node) - OPEN;
  setBits(node, OPEN);
  listUnlink(EVENT_NODE + node);
  return bits;
}
