// Makes stacks on Node, where the core's module is a file.

import { StackInstance } from "../core/instance.js";
import { useMachine } from "../core/machine.js";
import type { Stack, StackOptions } from "../core/stack.js";
import { openCore, openCoreSync } from "./builds.js";
import { nodeMachine } from "./machine.js";

useMachine(nodeMachine);

/** Creates, seeds and starts a stack. */
export async function createStack(options: StackOptions = {}): Promise<Stack> {
  return new StackInstance(await openCore(options), options);
}

/** The same at once; what is read and compiled for it stays for the next. */
export function createStackSync(options: StackOptions = {}): Stack {
  return new StackInstance(openCoreSync(options), options);
}
