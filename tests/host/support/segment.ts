// Stacks and small servers on one switch under virtual time.

import type { AttachOptions, Stack } from "../../../host/core/stack.js";
import { createStack } from "../../../host/node/createStack.js";
import type { StackOptions } from "../../../host/core/stack.js";
import { runFor, runVirtual, settle, type VirtualRun } from "../../../host/core/virtual.js";
import { createVirtualClock } from "../../../host/link/clock.js";
import { createSwitch } from "../../../host/link/switch.js";
import type { Link } from "../../../host/link/link.js";
import { entropy } from "./pair.js";

export interface Segment extends VirtualRun {
  /** A stack on a port of its own; its MAC ends with `number`. */
  add(number: number, attach: AttachOptions, options?: StackOptions): Promise<Stack>;
  /** A port for whoever speaks in frames. */
  port(): Link;
  run(until: () => boolean): number;
  for(ms: number): void;
  settle(): void;
  close(): void;
}

export function createSegment(startMs = 1000): Segment {
  const clock = createVirtualClock(startMs);
  const network = createSwitch();
  const stacks: Stack[] = [];
  const run: VirtualRun = { clock, stacks };
  return {
    ...run,
    async add(number, attach, options = {}) {
      const stack = await createStack({ clock, loop: false, entropy: entropy(number), ...options });
      stack.attach(network.port(), { mac: Uint8Array.of(2, 0, 0, 0, 0, number), ...attach });
      stacks.push(stack);
      return stack;
    },
    port: () => network.port(),
    run: (until) => runVirtual(run, until),
    for: (ms) => runFor(run, ms),
    settle: () => settle(run),
    close() {
      for (const stack of stacks) stack.close();
    },
  };
}
