// Doubly linked lists in an array of {next u16, prev u16}: node n at base + 4n, heads are nodes
// too. A node hangs in one list at a time and leaves it without knowing which. All O(1).

function at(base: usize, node: u32): usize {
  return base + ((<usize>node) << 2);
}

/** Makes a node alone, or a head empty. */
export function listReset(base: usize, node: u32): void {
  store<u16>(at(base, node), node);
  store<u16>(at(base, node), node, 2);
}

export function listNext(base: usize, node: u32): u32 {
  return <u32>load<u16>(at(base, node));
}

/** True for a node that hangs in no list, and for an empty head. */
export function listAlone(base: usize, node: u32): bool {
  return listNext(base, node) == node;
}

/** Takes a node out of whichever list it is in. */
export function listUnlink(base: usize, node: u32): void {
  const next = listNext(base, node);
  const prev = <u32>load<u16>(at(base, node), 2);
  store<u16>(at(base, prev), next);
  store<u16>(at(base, next), prev, 2);
  listReset(base, node);
}

/** Moves a node to the end of the list of head. */
export function listAppend(base: usize, head: u32, node: u32): void {
  listUnlink(base, node);
  const last = <u32>load<u16>(at(base, head), 2);
  store<u16>(at(base, node), head);
  store<u16>(at(base, node), last, 2);
  store<u16>(at(base, last), node);
  store<u16>(at(base, head), node, 2);
}
