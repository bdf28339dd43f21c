// Names in messages (RFC 1035 section 3.1, 4.1.4): labels, each behind its length, to the root, which is
// 0. RFC 9267 says what goes wrong with them; here a name that is read is copied whole into NAME_BUFFER,
// and every byte of it lies inside the message. Leaves: no decisions.

import { get8, put8 } from "../bytes";
import { NAME_BUFFER } from "../memory";
import { either } from "../order";

/** RFC 1035 section 2.3.4: bytes of a name, the root's 0 among them; of a label. */
const LONGEST_NAME: u32 = 255;
const LONGEST_LABEL: u32 = 63;
const DOT: u32 = 46;
/** Bytes of a message's header: no name begins there. */
export const DNS_HEADER_BYTES: u32 = 12;

/** Bytes of the name that readName has read; scratch of one call. */
export let nameBytes: u32 = 0;

/** Copies the name at p of a message, which ends at end, into NAME_BUFFER; returns what is behind it, or 0: it is
 * malformed. Pointers lead to what stands before the name, each further than the last: no loop is possible. */
export function readName(message: usize, p: usize, end: usize): usize {
  let behind: usize = 0;
  let start = p;
  nameBytes = 0;
  while (p < end) {
    const length = get8(p);
    if (length > LONGEST_LABEL) {
      if (either(length < 0xc0, p + 1 >= end)) return 0;
      const to = message + (((length & 63) << 8) | get8(p + 1));
      if (behind == 0) behind = p + 2;
      if (either(to >= start, to < message + DNS_HEADER_BYTES)) return 0;
      start = p = to;
      continue;
    }
    const bytes = length + 1;
    if (either(p + bytes > end, nameBytes + bytes > LONGEST_NAME)) return 0;
    memory.copy(NAME_BUFFER + nameBytes, p, bytes);
    nameBytes += bytes;
    p += bytes;
    if (length == 0) return behind == 0 ? p : behind;
  }
  return 0;
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

/** True if the name in NAME_BUFFER is the one at p, of so many bytes. */
export function isName(p: usize, bytes: u32): bool {
  return bytes == nameBytes && sameName(NAME_BUFFER, p, bytes);
}

/** Writes a name that is text, of length bytes, as labels, at most 256 bytes; returns its bytes, or 0: it is no
 * name. The text may stand one byte behind where they go. */
export function writeName(to: usize, text: usize, length: u32): u32 {
  if (length - 1 >= LONGEST_NAME - 1) return 0;
  let at = to; // the length of the label
  let p = to + 1;
  length -= u32(get8(text + length - 1) == DOT); // one at its end
  for (let i: u32 = 0; i <= length; i++) {
    const c = i == length ? DOT : get8(text + i);
    if (c != DOT) {
      put8(p, c);
      p += 1;
      continue;
    }
    const label = <u32>(p - at) - 1;
    if (label - 1 > LONGEST_LABEL - 1) return 0;
    put8(at, label);
    at = p;
    p += 1;
  }
  put8(at, 0);
  const bytes = <u32>(p - to);
  return bytes > LONGEST_NAME ? 0 : bytes;
}

/** Makes the text in NAME_BUFFER, of length bytes, a name, as readName leaves one there; false: it is none. */
export function givenName(length: u32): bool {
  memory.copy(NAME_BUFFER + 1, NAME_BUFFER, LONGEST_NAME);
  nameBytes = writeName(NAME_BUFFER, NAME_BUFFER + 1, length);
  return nameBytes != 0;
}
