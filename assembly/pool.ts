// Pools: which records are free, how many are in use, and how many ever were at the same time.

import { listAppend, listFirst, listNext, listUnlink } from "./buffer/list";
import { Constant } from "./constants";
import { constant, FREE_HEAD, LISTED_POOLS, POOLS } from "./memory";
import { larger } from "./order";

function levelOf(id: u32): usize {
  return POOLS + ((<usize>id) << 3);
}

export function claimed(id: u32): void {
  const p = levelOf(id);
  const used = load<u32>(p) + 1;
  store<u32>(p, used);
  store<u32>(p, larger(used, load<u32>(p, 4)), 4);
}

export function released(id: u32): void {
  const p = levelOf(id);
  assert(load<u32>(p) > 0);
  store<u32>(p, load<u32>(p) - 1);
}

/** True if claim would find a record. */
export function hasFree(id: u32): bool {
  return listFirst(FREE_HEAD + id) >= 0;
}

/** Takes the free record that comes first: its node, or -1 when there is none. */
export function claim(id: u32): i32 {
  const node = listFirst(FREE_HEAD + id);
  if (node >= 0) {
    listUnlink(node);
    claimed(id);
  }
  return node;
}

/** Gives a record back, to be claimed last. */
export function release(id: u32, node: u32): void {
  released(id);
  listAppend(FREE_HEAD + id, node);
}

/** Gives a record back, to be claimed next: its memory is warm, and what was never used costs no
 * page. */
export function releaseWarm(id: u32, node: u32): void {
  released(id);
  listAppend(listNext(FREE_HEAD + id), node);
}

/** All records free; their nodes are alone. */
export function poolReset(): void {
  let node: u32 = 0;
  let id: u32 = 0;
  do {
    for (let i = constant(Constant.TCBS + id); i > 0; i--) listAppend(FREE_HEAD + id, node++);
  } while (++id < LISTED_POOLS);
}

/** Records in use now. */
export function poolUsed(id: u32): u32 {
  return load<u32>(levelOf(id));
}
