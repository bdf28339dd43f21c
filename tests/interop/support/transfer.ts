// One connection from the kernel that carries bytes of the pattern both ways, compared by SHA-256.

import assert from "node:assert/strict";
import { connectFlow, type Flow } from "./flow.js";
import { patternDigest } from "./pattern.js";
import { STACK, type Station } from "./stationProcess.js";

const FIRST_PORT = 5000;
let lastPort = FIRST_PORT;

export interface Directions {
  readonly toStack: number;
  readonly toKernel: number;
  /** Neither side reads for so long. */
  readonly pauseMs?: number;
}

/** How long it took, in ms. Fails unless all arrives and every pool is idle afterwards. */
export async function transfer(station: Station, directions: Directions): Promise<number> {
  const { toStack, toKernel, pauseMs } = directions;
  const port = ++lastPort;
  const pause: Pick<Flow, "pauseMs"> = pauseMs === undefined ? {} : { pauseMs };
  const next = await station.listen(port, { send: toKernel, ...pause });
  const startMs = performance.now();
  const kernel = await connectFlow(STACK, port, { send: toStack, ...pause });
  const stack = await next();
  const tookMs = performance.now() - startMs;
  assert.deepEqual({ kernel: kernel.error, stack: stack.error }, { kernel: "", stack: "" });
  assert.equal(stack.received, toStack);
  assert.equal(kernel.received, toKernel);
  assert.equal(stack.digest, patternDigest(toStack), "what the stack received");
  assert.equal(kernel.digest, patternDigest(toKernel), "what the kernel received");
  assert.equal(await station.notIdle(), "");
  return tookMs;
}

/** "1234 Mbit/s", both directions added. */
export function rate({ toStack, toKernel }: Directions, tookMs: number): string {
  return `${(((toStack + toKernel) * 8) / tookMs / 1000).toFixed(0)} Mbit/s`;
}
