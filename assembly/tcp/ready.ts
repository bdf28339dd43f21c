// Ready lists: connections and sockets that have something to send, one list for each interface and one
// for loopback. Those that wait for a neighbour's MAC hang on it.

import { listAlone, listAppend } from "../buffer/list";
import { READY_HEAD, WAIT_HEAD } from "../memory";
import { interfaceOf } from "./route";
import { Flag, select, set, tcbNode } from "./tcb";

/** The head of the list that a connection is ready in. */
export function readyHead(): u32 {
  return READY_HEAD + interfaceOf();
}

/** Asks transmit to look at a connection; one that waits for its neighbour goes on waiting. */
export function makeReady(): void {
  const node = tcbNode;
  if (listAlone(node)) listAppend(readyHead(), node);
}

/** The same for one that is not the current connection. */
export function makeOtherReady(node: u32): void {
  const current = tcbNode;
  select(node);
  makeReady();
  select(current);
}

/** An acknowledgment leaves with the next transmit. */
export function oweAckNow(): void {
  set(Flag.ACK_NOW);
  makeReady();
}

/** Hangs a connection on the neighbour it needs. */
export function waitFor(neighbour: u32): void {
  listAppend(WAIT_HEAD + neighbour, tcbNode);
}
