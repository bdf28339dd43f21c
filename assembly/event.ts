// Handles and events. A node is the number of a TCB, listener or address; its handle is the node
// and a generation, odd while the handle lives. Event bits gather on the node; the queue holds
// each node once.

import { Errno } from "./constants";
import { EVENT_BITS, EVENT_HEAD, EVENT_NODE, GENERATIONS, HANDLE_NODES } from "./memory";
import { listAlone, listAppend, listFirst, listUnlink } from "./buffer/list";

function generationOf(node: u32): usize {
  return GENERATIONS + ((<usize>node) << 1);
}

function bitsOf(node: u32): usize {
  return EVENT_BITS + ((<usize>node) << 1);
}

function nextGeneration(node: u32): void {
  store<u16>(generationOf(node), (<u32>load<u16>(generationOf(node)) + 1) & 0x7fff);
}

/** Gives the node a handle that no call was ever given before (for 2^14 lives of the node). */
export function openHandle(node: u32): u32 {
  if ((load<u16>(generationOf(node)) & 1) == 0) nextGeneration(node);
  if (load<u16>(bitsOf(node)) != 0) listAppend(EVENT_HEAD, EVENT_NODE + node);
  return handleOf(node);
}

/** The handle is stale from now on; its events are gone. */
export function closeHandle(node: u32): void {
  if ((load<u16>(generationOf(node)) & 1) != 0) nextGeneration(node);
  store<u16>(bitsOf(node), 0);
  listUnlink(EVENT_NODE + node);
}

/** True while the user holds the node's handle. */
export function isOpen(node: u32): bool {
  return (load<u16>(generationOf(node)) & 1) != 0;
}

/** The node's handle, or the last one it had. */
export function handleOf(node: u32): u32 {
  const generation = <u32>load<u16>(generationOf(node));
  return node | (((generation - (~generation & 1)) & 0x7fff) << 16);
}

/** The node between first and first + count of a living handle, or -1. */
export function nodeOf(handle: u32, first: u32, count: u32): i32 {
  const node = handle & 0xffff;
  if (node - first >= count) return -1;
  const generation = <u32>load<u16>(generationOf(node));
  return (generation & 1) != 0 && generation == handle >> 16 ? <i32>node : -1;
}

/** Adds event bits; a node without a handle only gathers them. */
export function raise(node: u32, bits: u32): void {
  store<u16>(bitsOf(node), (<u32>load<u16>(bitsOf(node))) | bits);
  if (isOpen(node) && listAlone(EVENT_NODE + node)) listAppend(EVENT_HEAD, EVENT_NODE + node);
}

/** ABI: the next handle with events, taken off the queue, or 0. */
export function nextEvent(): u32 {
  const node = listFirst(EVENT_HEAD) - EVENT_NODE;
  // Before initialise() the links are zeros, and no handle is open.
  if (node >= <i32>HANDLE_NODES || node < 0 || !isOpen(node)) return 0;
  listUnlink(EVENT_NODE + node);
  return handleOf(node);
}

/** ABI: the events of a handle, cleared. */
export function takeEvents(handle: u32): i32 {
  const node = nodeOf(handle, 0, HANDLE_NODES);
  if (node < 0) return -Errno.EBADF;
  const bits = <i32>load<u16>(bitsOf(node));
  store<u16>(bitsOf(node), 0);
  listUnlink(EVENT_NODE + node);
  return bits;
}
