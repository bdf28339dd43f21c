// Interface about: what the core says about itself.

import { Constant } from "../../assembly/constants";
import { allocate, answer, field, list } from "./canonical";
import { constant, digest, profile } from "./generated/core";

const PARTS: u32 = 4;
const PART_BYTES: u32 = 8;
/** After the profile and the hash, the numbers of a build, in the order of its fields. */
const NUMBERS_AT: usize = 12;

export function version(): usize {
  store<u8>(field(0), profile());
  list(field(4), hash(), 2 * PARTS * PART_BYTES);
  put(0, Constant.ABI_VERSION);
  put(1, Constant.MEMORY_BYTES);
  put(2, Constant.FRAME_BYTES);
  put(3, Constant.INTERFACES);
  put(4, Constant.TCBS);
  put(5, Constant.LISTENERS);
  put(6, Constant.SOCKETS);
  put(7, Constant.RECEIVE_RING_BYTES);
  put(8, Constant.SEND_RING_BYTES);
  return answer();
}

function put(i: u32, id: u32): void {
  store<u32>(field(NUMBERS_AT) + 4 * i, constant(id));
}

/** The SHA-256 in hexadecimal digits. */
function hash(): usize {
  const text = allocate(2 * PARTS * PART_BYTES);
  for (let part: u32 = 0; part < PARTS; part++) {
    let bytes = digest(part);
    for (let i: u32 = 0; i < PART_BYTES; i++) {
      const at = text + 2 * (part * PART_BYTES + i);
      store<u8>(at, digit(((<u32>bytes) >> 4) & 15));
      store<u8>(at, digit((<u32>bytes) & 15), 1);
      bytes >>= 8;
    }
  }
  return text;
}

function digit(value: u32): u32 {
  return value < 10 ? 0x30 + value : 0x61 - 10 + value;
}
