// Names in messages (RFC 1035 section 3.1, 4.1.4): labels, each behind its length, to the root, which is
// 0. RFC 9267 says what goes wrong with them; here a name that is read is copied whole into NAME_BUFFER,
// and every byte of it lies inside the message. Leaves: no decisions.

import { get16, get8, put8 } from "../bytes";
import { NAME_BUFFER } from "../memory";
import { either } from "../order";

/** RFC 1035 section 2.3.4: bytes of a name, the root's 0 among them; of a label. */
const LONGEST_NAME: u32 = 255;
const LONGEST_LABEL: u32 = 63;
/** Bytes of a message's header: no name begins there. */
export const DNS_HEADER_BYTES: u32 = 12;
/** The two bits that a pointer begins with. What begins with just one of them would lead far out of the message. */
const POINTER: u32 = 0xc000;
/** Of them a name has fewer: each costs a look, and a label rarely needs one of its own. */
const MOST_POINTERS: u32 = 33;
const DOT: u32 = 46;

/** Bytes of the name that is in NAME_BUFFER; scratch of one call. */
export let nameBytes: u32 = 0;

/** Copies the name at p of a message, which ends at end, into NAME_BUFFER; returns what is behind it, or 0: it is
 * malformed. Pointers lead to what stands before them, and there are not many: a loop ends soon. */
export function readName(message: usize, p: usize, end: usize): usize {
  const first = message + DNS_HEADER_BYTES;
  let behind: usize = 0;
  let pointers = MOST_POINTERS;
  nameBytes = 0;
  while (p < end) {
    const length = get8(p);
    if (length > LONGEST_LABEL) {
      const to = message + get16(p) - POINTER;
      if (behind == 0) behind = p + 2;
      pointers -= 1;
      if (either(either(p + 2 > end, to - first >= p - first), pointers == 0)) break;
      p = to;
      continue;
    }
    const bytes = length + 1;
    if (either(p + bytes > end, nameBytes + bytes > LONGEST_NAME)) break;
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

/** True if the name in NAME_BUFFER is the one at p, of so many bytes, but for the case of ASCII letters (RFC
 * 4343). A label's length is no letter. */
export function isName(p: usize, bytes: u32): bool {
  if (bytes != nameBytes) return false;
  while (bytes > 0) {
    bytes -= 1;
    if (lowerCase(load<u8>(bytes, NAME_BUFFER)) != lowerCase(get8(p + bytes))) return false;
  }
  return true;
}

/** Makes the text in NAME_BUFFER, of length bytes, a name there, as readName leaves one; false: it is none. */
export function givenName(length: u32): bool {
  if (length - 1 >= LONGEST_NAME - 1) return false;
  memory.copy(NAME_BUFFER + 1, NAME_BUFFER, length);
  let end = NAME_BUFFER + length;
  if (get8(end) != DOT) end += 1;
  put8(end, DOT); // behind the last label too
  let at = NAME_BUFFER;
  for (let p = at + 1; p <= end; p++) {
    if (get8(p) != DOT) continue;
    const label = <u32>(p - at) - 1;
    if (label - 1 >= LONGEST_LABEL) return false;
    put8(at, label);
    at = p;
  }
  put8(at, 0);
  nameBytes = <u32>(end - NAME_BUFFER) + 1;
  return nameBytes <= LONGEST_NAME;
}
