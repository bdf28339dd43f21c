// Handles, and where the records behind them lie (docs/abi.md, "Reading memory").

import { Constant } from "../../assembly/constants";
import {
  ADDRESS_BYTES as ADDRESS_RECORD,
  constant,
  LISTENER_BYTES,
  READING_OPEN,
  SOCKET_BYTES,
  TCB_BYTES,
} from "./generated/core";
import { read16 } from "./coreMemory";

/** The core takes 0 for "any", so a handle of 0 that somebody gives is made one that never lives. */
const NO_HANDLE: u32 = 0xffffffff;

export function given(handle: u32): u32 {
  return handle == 0 ? NO_HANDLE : handle;
}

/** option<handle>. */
export function maybe(is: u32, handle: u32): u32 {
  return is != 0 ? given(handle) : 0;
}

function lives(handle: u32): bool {
  const at = 2 * (handle & 0xffff);
  if (!(read16(constant(Constant.EVENT_AREA) + at) & READING_OPEN)) return false;
  return read16(constant(Constant.GENERATION_AREA) + at) == handle >> 16;
}

/** The number of the record behind a handle among `count` whose slots begin at `first`; -1: another, or stale. */
function numberOf(handle: u32, first: u32, count: u32): i32 {
  const i = (handle & 0xffff) - first;
  return i < count && lives(handle) ? <i32>i : -1;
}

/** Where the fields of a connection lie; its remote address stands before them. 0: it is none. */
export function tcbOf(handle: u32): u32 {
  const i = numberOf(handle, 0, constant(Constant.TCBS));
  if (i < 0) return 0;
  const before = constant(Constant.ADDRESS_BYTES);
  return constant(Constant.TCB_AREA) + before + i * (before + TCB_BYTES);
}

/** Where a listener lies; 0: it is none. */
export function listenerOf(handle: u32): u32 {
  const i = numberOf(handle, constant(Constant.TCBS), constant(Constant.LISTENERS));
  return i < 0 ? 0 : constant(Constant.LISTENER_AREA) + i * LISTENER_BYTES;
}

/** The handle, if it is a connection's: the core would take that of a socket for most calls, too. */
export function connection(handle: u32): u32 {
  return tcbOf(handle) != 0 ? handle : NO_HANDLE;
}

/** The handle, if it is that of a connection or a listener. */
export function connectionOrListener(handle: u32): u32 {
  return listenerOf(handle) != 0 ? handle : connection(handle);
}

/** The handle, if it is a socket's. */
export function socket(handle: u32): u32 {
  return socketOf(handle) != 0 ? handle : NO_HANDLE;
}

/** Where local address i lies, its address behind it. */
export function addressAt(i: u32): u32 {
  return constant(Constant.ADDRESS_AREA) + i * (ADDRESS_RECORD + constant(Constant.ADDRESS_BYTES));
}

/** Where a local address lies; 0: it is none. */
export function addressOf(handle: u32): u32 {
  const first = constant(Constant.TCBS) + constant(Constant.LISTENERS);
  const i = numberOf(handle, first, constant(Constant.ADDRESSES));
  return i < 0 ? 0 : addressAt(i);
}

/** Where a socket lies; 0: it is none. */
export function socketOf(handle: u32): u32 {
  const before = constant(Constant.TCBS) + constant(Constant.LISTENERS);
  const i = numberOf(handle, before + constant(Constant.ADDRESSES), constant(Constant.SOCKETS));
  if (i < 0) return 0;
  return constant(Constant.SOCKET_AREA) + i * (SOCKET_BYTES + constant(Constant.ADDRESS_BYTES));
}
