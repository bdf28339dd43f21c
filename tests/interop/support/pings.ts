// Pings of the kernel's program that all have to be answered.

import assert from "node:assert/strict";
import { output } from "./programs.js";

const TRIES = 3;

/** So many pings of a size, 2 ms apart; what the program says. It waits for the last answers two of its
 * round trips at most, which on a busy machine may be too few: then it asks again. */
export async function pingAll(
  address: string,
  size: number,
  count = 200,
  more: readonly string[] = [],
): Promise<string> {
  const pause = ["-i", "0.002"];
  const words = ["ping", "-n", ...pause, ...more, "-c", String(count), "-s", String(size), address];
  let said = "";
  for (let i = 0; i < TRIES; i++) {
    said = await output(words);
    if (/ 0% packet loss/.test(said)) return said;
    // Only the last ones may be late, and there were some.
    const numbers = new Set([...said.matchAll(/icmp_seq=(\d+) /g)].map(([, number]) => number));
    if (!numbers.has(String(numbers.size))) break;
  }
  assert.match(said.slice(said.lastIndexOf("---")), / 0% packet loss/);
  return said;
}
