// One stack with two interfaces, each a TAP device whose other end is the only device of a host of
// its own.

import type { TestContext } from "node:test";
import { createStack, openTap, type ProfileName, type Stack } from "../../../host/index.js";
import { type Far, ip, startFar } from "./far.js";
import type { Flow, FlowResult } from "./flow.js";
import { playFlow } from "./station.js";

export interface Side {
  readonly far: Far;
  /** Number of the stack's interface. */
  readonly index: number;
  /** Of the device in the far host. */
  readonly device: string;
  readonly address: string;
  readonly stackAddress: string;
}

export interface TwoHosts {
  readonly stack: Stack;
  readonly sides: readonly [Side, Side];
}

/** `router`: the side whose host is the stack's router. */
export async function startTwoHosts(
  t: TestContext,
  profile: ProfileName,
  router?: 0 | 1,
): Promise<TwoHosts> {
  const stack = await createStack({ profile });
  t.after(() => stack.close());
  const addSide = async (number: 0 | 1): Promise<Side> => {
    const far = await startFar(t);
    const device = `mote${number}`;
    const address = `198.18.${8 + number}.1`;
    const stackAddress = `198.18.${8 + number}.2`;
    const tap = await openTap(device, { hostAddress: `${address}/24` });
    await moveTo(far, device, `${address}/24`);
    const addresses = [`${stackAddress}/24`];
    const given = router === number ? { addresses, router: address } : { addresses };
    return { far, index: stack.attach(tap, given), device, address, stackAddress };
  };
  return { stack, sides: [await addSide(0), await addSide(1)] };
}

/** A device of this namespace becomes one of a far host, and comes up there. */
export async function moveTo(far: Far, device: string, address: string): Promise<void> {
  await ip(`link set ${device} netns ${far.pid}`);
  await far.ip(`address add ${address} dev ${device}`);
  await far.ip(`link set ${device} up`);
}

/** The stack connects and plays a flow. */
export function playTo(stack: Stack, host: string, port: number, flow: Flow): Promise<FlowResult> {
  return new Promise((resolve) => playFlow(stack, stack.connect({ host, port }), flow, resolve));
}
