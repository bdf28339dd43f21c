// The two stacks: how they are set up, and what a scenario asks them, as plain numbers.

import { Counter, Pool } from "../../assembly/constants";
import { octets } from "../library/address";
import { allocate, empty } from "../library/canonical";
import * as sides from "./sides";
import { tell } from "./wire";

/** Bytes of a pool-level, and where its numbers are. */
const LEVEL_BYTES: u32 = 16;
const USED: usize = 4;
/** Cases of connection-state. */
export const ESTABLISHED: u32 = 4;
/** Where the frame-bytes of a build stand. */
const FRAME_BYTES: usize = 20;
const SOCKETS: usize = 36;
const ENTROPY_BYTES: u32 = 32;
const MTU: u32 = 1500;
/** A network for tests (RFC 2544): 198.18.0.0/15. */
export function addressOf(side: u32): u32 {
  return octets(198, 18, 0, 1 + side);
}

/** A result with a number: the number, or -Errno. */
export function number(result: usize): i32 {
  return load<u8>(result) == 0 ? load<i32>(result, 4) : errno(result);
}

/** A result without a value: 0, or -Errno; `at`: where its error stands. */
export function outcome(result: usize, at: usize = 1): i32 {
  return load<u8>(result) == 0 ? 0 : -1 - <i32>load<u8>(result + at);
}

/** The error of a result whose value is a word. */
export function errno(result: usize): i32 {
  return outcome(result, 4);
}

/** Makes both as new, with an address each, and connects them. 0, or what a call has refused. */
export function bringUp(): i32 {
  for (let side: u32 = 0; side < 2; side++) {
    sides.initialise(side);
    const result = setUp(side);
    if (result < 0) return result;
  }
  return 0;
}

function setUp(side: u32): i32 {
  empty();
  const entropy = allocate(ENTROPY_BYTES);
  for (let i: u32 = 0; i < ENTROPY_BYTES; i++) store<u8>(entropy + i, 37 * i + 11 + side);
  let result = outcome(sides.seed(side, entropy, ENTROPY_BYTES));
  if (result < 0) return result;
  tell();
  result = number(sides.configure(side, 0, 2, 0, 0, 0, 0, 1 + side, MTU));
  if (result < 0) return result;
  result = number(sides.addAddress(side, 0, addressOf(side), 30, 0));
  return result < 0 ? result : outcome(sides.setLink(side, 0, 1));
}

export function frameBytes(side: u32): u32 {
  return load<u32>(sides.version(side), FRAME_BYTES);
}

export function hasSockets(side: u32): bool {
  return load<u32>(sides.version(side), SOCKETS) > 0;
}

/** The case of a connection's state, or -Errno. */
export function stateOf(side: u32, handle: u32): i32 {
  const result = sides.info(side, handle);
  return load<u8>(result) == 0 ? <i32>load<u8>(result, 4) : errno(result);
}

export function counter(side: u32, id: Counter): u32 {
  empty();
  const list = load<usize>(sides.counters(side));
  return load<u32>(list + 4 * id);
}

/** Records in use of the pools that connections need: those before the listeners' among them. */
export function inUse(side: u32): u32 {
  empty();
  const list = load<usize>(sides.pools(side));
  let used: u32 = 0;
  for (let pool: u32 = Pool.TCB; pool <= <u32>Pool.LISTENER; pool++) {
    used += load<u32>(list + pool * LEVEL_BYTES + USED);
  }
  return used + load<u32>(list + <u32>Pool.SOCKET * LEVEL_BYTES + USED);
}

/** Events of a side are taken: a scenario asks for what it wants. */
export function takeEvents(side: u32): void {
  for (;;) {
    const result = sides.nextEvent(side);
    if (load<u8>(result) == 0) return;
    sides.takeEvents(side, load<u32>(result, 4));
  }
}
