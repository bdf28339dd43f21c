// A stack on the event loop of the test, on a TAP device whose other side is Linux, 198.18.0.1/24.

import { networkInterfaces } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import type { TestContext } from "node:test";
import {
  type AttachOptions,
  type Clock,
  createStack,
  openTap,
  realClock,
  type Stack,
  type StackOptions,
} from "../../../host/index.js";

export const DEVICE = "mote0";
export const KERNEL = "198.18.0.1";
export const STACK = "198.18.0.2";
export const MAC = "02:00:5e:10:00:01";

export interface Attached {
  readonly stack: Stack;
  /** Of the interface. */
  readonly index: number;
}

/** Opens the device, with Linux's address; what serves there may start then. */
export async function openDevice(t: TestContext, hostAddress = `${KERNEL}/24`) {
  const tap = await openTap(DEVICE, { hostAddress });
  t.after(async () => {
    tap.close();
    // The device goes when the poll on it has returned; the next test makes one of that name.
    while (networkInterfaces()[DEVICE] !== undefined) await delay(5);
  });
  return tap;
}

export async function attach(
  t: TestContext,
  tap: Awaited<ReturnType<typeof openDevice>>,
  stackOptions: StackOptions,
  options: AttachOptions = { addresses: [`${STACK}/24`] },
): Promise<Attached> {
  const stack = await createStack(stackOptions);
  t.after(() => stack.close());
  return { stack, index: stack.attach(tap, { mac: MAC, ...options }) };
}

/** The machine's clock, so many times as fast: leases are long. */
export function fastClock(times: number): Clock {
  return {
    now: () => realClock.now() * times,
    after: (delayMs, callback, keepAlive) => realClock.after(delayMs / times, callback, keepAlive),
  };
}
