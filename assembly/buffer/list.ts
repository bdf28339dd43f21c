// Doubly linked lists in one array of {next u16, prev u16}; heads are nodes too (memory.ts numbers
// them). A node hangs in one list at a time and leaves it without knowing which. All O(1).

import { LINKS } from "../memory";

/** Makes a node alone, or a head empty. */
export function listReset(node: u32): void {
  store<u32>((<usize>node) << 2, node | (node << 16), LINKS);
}

export function listNext(node: u32): u32 {
  return <u32>load<u16>((<usize>node) << 2, LINKS);
}

function listPrevious(node: u32): u32 {
  return <u32>load<u16>((<usize>node) << 2, LINKS + 2);
}

function join(node: u32, next: u32): void {
  store<u16>((<usize>node) << 2, next, LINKS);
  store<u16>((<usize>next) << 2, node, LINKS + 2);
}

/** The first node of a list, or -1. */
export function listFirst(head: u32): i32 {
  const node = listNext(head);
  return node == head ? -1 : <i32>node;
}

/** True for a node that hangs in no list, and for an empty head. */
export function listAlone(node: u32): bool {
  return listNext(node) == node;
}

/** Takes a node out of whichever list it is in. */
export function listUnlink(node: u32): void {
  join(listPrevious(node), listNext(node));
  listReset(node);
}

/** Moves a node to the end of the list of head, or in front of another node of a list. */
export function listAppend(head: u32, node: u32): void {
  listUnlink(node);
  join(listPrevious(head), node);
  join(node, head);
}
