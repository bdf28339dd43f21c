// The host's name, one label, and the next one when it turns out to be another host's.

import { get8, put8 } from "../bytes";
import { HOST_NAME, LAST_NAME, NAME_BUFFER } from "../memory";
import { either, smaller } from "../order";

/** Behind the name: how many bytes of it the host gave, and the number behind those. */
const GIVEN: usize = HOST_NAME + 64;
const NUMBER: usize = HOST_NAME + 65;
/** So many leave room for a hyphen and two digits. */
const MOST_GIVEN: u32 = 60;

function isLetterOrDigit(c: u32): bool {
  return either((c | 32) - 97 < 26, c - 48 < 10);
}

/** True for a label of length bytes at p: letters, digits and hyphens, none of these at an end (RFC 1123 section 2.1). */
function isLabel(p: usize, length: u32): bool {
  if (length - 1 > 62) return false;
  for (let i: u32 = 0; i < length; i++) {
    const c = get8(p + i);
    const inside = u32(i != 0) & u32(i + 1 != length);
    if (!either(isLetterOrDigit(c), <bool>(inside & u32(c == 45)))) return false;
  }
  return true;
}

/** Takes the name in NAME_BUFFER; false: it is none. */
export function takeLabel(length: u32): bool {
  if (!isLabel(NAME_BUFFER, length)) return false;
  memory.copy(LAST_NAME, HOST_NAME, 64);
  put8(HOST_NAME, length);
  memory.copy(HOST_NAME + 1, NAME_BUFFER, length);
  put8(GIVEN, smaller(length, MOST_GIVEN));
  put8(NUMBER, 1);
  return true;
}

/** RFC 6762 section 9: the name with -2 behind it, -3 and so on; after -99 comes -2 again. */
export function nextLabel(): void {
  memory.copy(LAST_NAME, HOST_NAME, 64);
  const number = ((get8(NUMBER) - 1) % 98) + 2;
  put8(NUMBER, number);
  let p = HOST_NAME + 1 + get8(GIVEN);
  put8(p, 45);
  if (number > 9) {
    p += 1;
    put8(p, 48 + number / 10);
  }
  put8(p + 1, 48 + (number % 10));
  put8(HOST_NAME, <u32>(p + 1 - HOST_NAME));
}
