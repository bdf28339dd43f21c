// The host's label below .local when it turns out to be another host's: the next one.

import { get8, put8 } from "../bytes";
import { HOST_NAME } from "../memory";
import { smaller } from "../order";

/** Behind the name: how many bytes of it the host gave, and the number behind those. */
const GIVEN: usize = HOST_NAME + 64;
const NUMBER: usize = HOST_NAME + 65;
/** So many leave room for a hyphen and two digits. */
const MOST_GIVEN: u32 = 60;
export const HYPHEN: u32 = 45;

/** The host has given another label, of length bytes. */
export function labelGiven(length: u32): void {
  store<u16>(GIVEN, smaller(length, MOST_GIVEN) | 0x100);
}

/** RFC 6762 section 9: what was given with -2 behind it, then -3 and so on to -63; then comes -0. */
export function nextLabel(): void {
  const number = (get8(NUMBER) + 1) & 63;
  put8(NUMBER, number);
  let p = HOST_NAME + 1 + get8(GIVEN);
  put8(p, HYPHEN);
  put8(p + 1, 48 + number / 10);
  p += u32(number > 9);
  put8(p + 1, 48 + (number % 10));
  put8(HOST_NAME, <u32>(p + 1 - HOST_NAME));
}
