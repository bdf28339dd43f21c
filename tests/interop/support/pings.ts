// Pings of the kernel's program that all have to be answered.

import assert from "node:assert/strict";
import { output } from "./programs.js";

const TRIES = 3;

/** So many pings of a size, 2 ms apart. The program waits for the last answer two of its round trips at most, which on a
 * busy machine may be too few: then it asks again. */
export async function pingAll(address: string, size: number, count = 200): Promise<void> {
  const words = ["ping", "-c", String(count), "-i", "0.002", "-s", String(size), address];
  let said = "";
  for (let i = 0; i < TRIES; i++) {
    said = await output(words);
    if (/ 0% packet loss/.test(said)) return;
    const received = Number(/ (\d+) received/.exec(said)?.[1]);
    // Only the last one may be late.
    if (received < count - 1) break;
  }
  assert.match(said.slice(said.lastIndexOf("---")), / 0% packet loss/);
}
