// Names in messages (RFC 1035 section 3.1, 4.1.4): labels, each behind its length, to the root, which is
// 0. RFC 9267 says what goes wrong with them; here a name that is read is copied whole into NAME_BUFFER,
// and every byte of it lies inside the message. Leaves: no decisions.

import { get8, put8 } from "../bytes";
import { NAME_BUFFER } from "../memory";
import { both, either } from "../order";

/** RFC 1035 section 2.3.4: bytes of a name, the root's 0 among them; of a label. */
const LONGEST_NAME: u32 = 255;
const LONGEST_LABEL: u32 = 63;
/** Bytes of a message's header: no name begins there. */
export const DNS_HEADER_BYTES: u32 = 12;

/** Pointers in one name: each costs a look, and a label rarely needs one of its own. */
const MOST_POINTERS: u32 = 32;

/** Bytes of the name that readName has read, and whether sameNameAt saw it again; scratch of one call. */
export let nameBytes: u32 = 0;
export let isSame: bool = false;

/** Copies the name at p of a message, which ends at end, into NAME_BUFFER; returns what is behind it, or 0: it is
 * malformed. */
export function readName(message: usize, p: usize, end: usize): usize {
  return walk(message, p, end, true);
}

/** The same, but the name is only compared with the one in NAME_BUFFER: isSame tells. */
export function sameNameAt(message: usize, p: usize, end: usize): usize {
  return walk(message, p, end, false);
}

/** Pointers lead to what stands before them, and there are not many: a loop ends soon. */
function walk(message: usize, p: usize, end: usize, copies: bool): usize {
  let behind: usize = 0;
  let read: u32 = 0;
  let pointers: u32 = 0;
  let same: bool = true;
  for (;;) {
    const length = get8(p); // what lies behind the end is found out below
    if (length > LONGEST_LABEL) {
      const to = message + (((length & 63) << 8) | get8(p + 1));
      if (
        either(
          either(length < 0xc0, p + 1 >= end),
          either(to >= p, to < message + DNS_HEADER_BYTES),
        )
      )
        return 0;
      if (++pointers > MOST_POINTERS) return 0;
      if (behind == 0) behind = p + 2;
      p = to;
      continue;
    }
    const bytes = length + 1;
    if (either(p + bytes > end, read + bytes > LONGEST_NAME)) return 0;
    const to = NAME_BUFFER + read;
    same = both(same, sameName(to, p, bytes));
    if (copies) memory.copy(to, p, bytes);
    read += bytes;
    p += bytes;
    if (length == 0) break;
  }
  if (copies) nameBytes = read;
  isSame = both(same, read == nameBytes);
  return behind == 0 ? p : behind;
}

/** A letter in lower case; every other byte as it is. */
function lowerCase(byte: u32): u32 {
  return byte - 65 < 26 ? byte | 32 : byte;
}

/** True if two runs of bytes are the same but for the case of ASCII letters (RFC 4343). A label's length is no
 * letter. */
export function sameName(a: usize, b: usize, bytes: u32): bool {
  for (let i: u32 = 0; i < bytes; i++) {
    if (lowerCase(get8(a + i)) != lowerCase(get8(b + i))) return false;
  }
  return true;
}

/** Puts a name into NAME_BUFFER, for sameNameAt. */
export function useName(p: usize, bytes: u32): void {
  memory.copy(NAME_BUFFER, p, bytes);
  nameBytes = bytes;
}

/** Writes a name that is text, of length bytes, as labels; returns its bytes, or 0: it is no name. The text may
 * stand one byte behind `to`. */
export function writeName(to: usize, text: usize, length: u32): u32 {
  let at = to; // the length of the label
  let p = to + 1;
  if (length > LONGEST_NAME) return 0;
  if (both(length != 0, get8(text + length - 1) == 46)) length -= 1; // a dot at its end
  if (length - 1 > LONGEST_NAME - 3) return 0;
  for (let i: u32 = 0; i <= length; i++) {
    const c = i == length ? 46 : get8(text + i);
    put8(p, c);
    if (c == 46) {
      const label = <u32>(p - at) - 1;
      if (label - 1 > LONGEST_LABEL - 1) return 0;
      put8(at, label);
      at = p;
    }
    p += 1;
  }
  put8(at, 0);
  return <u32>(p - to);
}
