// The bytes of a stream follow from the initial sequence number of who sends them and their place
// in it: each byte says whose it is, and two connections never send the same.

import { createRandom } from "../static/support/random.js";

/** No multiple of a ring's size: what is a ring's length out of place does not look right. */
const PERIOD = 65521;
const once = createRandom(PERIOD).bytes(PERIOD);
const table = Buffer.concat([once, once]);

/** `length` bytes, less than PERIOD, from a place on. */
export function streamBytes(iss: number, from: number, length: number): Uint8Array {
  const at = (Math.imul(iss, 0x9e3779b1) >>> 0) + from;
  return table.subarray(at % PERIOD, (at % PERIOD) + length);
}
