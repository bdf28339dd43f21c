// Interfaces network and frames.

import { AddressFlag, Constant, Errno } from "../../assembly/constants";
import * as core from "./generated/core";
import { octets, putAddress } from "./address";
import {
  allocate,
  failure,
  field,
  nothing,
  numberOr,
  outcome,
  someBytes,
  answer,
} from "./canonical";
import { copyIn, copyOut, read8, writeFew } from "./coreMemory";
import { addressOf, given } from "./handle";

const MAC_BYTES: u32 = 6;

// network

export function configure(
  index: u32,
  a: u32,
  b: u32,
  c: u32,
  d: u32,
  e: u32,
  f: u32,
  mtu: u32,
): usize {
  const mac = ((<u64>(e | (f << 8))) << 32) | octets(a, b, c, d);
  writeFew(core.constant(Constant.ADDRESS_BUFFER), mac, MAC_BYTES);
  return numberOr(core.interfaceConfigure(index, mtu));
}

export function setLink(index: u32, up: u32): usize {
  return outcome(core.interfaceLink(index, up));
}

export function setRouter(
  index: u32,
  is: u32,
  family: u32,
  a: u32,
  b: u32,
  c: u32,
  d: u32,
  e: u32,
  f: u32,
  g: u32,
  h: u32,
): usize {
  const length = is != 0 ? putAddress(family, a, b, c, d) : 0;
  return outcome(length < 0 ? length : core.interfaceRouter(index, length));
}

export function addAddress(
  index: u32,
  family: u32,
  a: u32,
  b: u32,
  c: u32,
  d: u32,
  e: u32,
  f: u32,
  g: u32,
  h: u32,
  prefixLength: u32,
  detectsConflicts: u32,
): usize {
  const length = putAddress(family, a, b, c, d);
  if (length < 0) return failure(length);
  const flags = detectsConflicts != 0 ? AddressFlag.CONFLICT_DETECTION : 0;
  return numberOr(core.addressAdd(index, length, prefixLength, flags));
}

export function removeAddress(address: u32): usize {
  return outcome(core.addressRemove(given(address)));
}

export function state(address: u32): usize {
  const at = addressOf(address);
  if (at == 0) return failure(-Errno.EBADF, 1);
  store<u8>(field(0), 0);
  store<u8>(field(1), read8(at + core.ADDRESS_STATE) - 1);
  return answer();
}

// frames

export function receive(index: u32, frame: usize, length: u32): usize {
  const tooLong = length > core.constant(Constant.FRAME_BYTES);
  if (!tooLong) copyIn(frame, core.constant(Constant.RX_FRAME), length);
  // The core counts what is too long or of no interface, and does nothing else with it.
  const reply = core.receive(index, length);
  if (tooLong) return failure(-Errno.EMSGSIZE);
  return isInterface(index) ? sent(reply) : failure(-Errno.EINVAL);
}

export function transmit(index: u32): usize {
  return isInterface(index) ? sent(core.transmit(index)) : failure(-Errno.EINVAL);
}

function isInterface(index: u32): bool {
  return index < core.constant(Constant.INTERFACES);
}

function sent(length: u32): usize {
  if (length == 0) return nothing();
  const frame = allocate(length);
  copyOut(core.constant(Constant.TX_FRAME), frame, length);
  return someBytes(frame, length);
}
