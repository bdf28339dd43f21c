// Makes stacks on Node, where the core's module is a file, and what happens to it can be written into one.

import { StackInstance } from "../core/instance.js";
import { useMachine } from "../core/machine.js";
import type { Stack, StackOptions } from "../core/stack.js";
import { createRecording, type RecordOptions } from "../record/record.js";
import { openCore, openCoreSync } from "./builds.js";
import { nodeMachine } from "./machine.js";

useMachine(nodeMachine);

/** What a stack is made of on Node. */
export interface NodeStackOptions extends StackOptions {
  /** Everything that comes into its core is written down, for `mote replay`. Default: nothing is. */
  record?: RecordOptions;
}

/** Creates, seeds and starts a stack. */
export async function createStack(options: NodeStackOptions = {}): Promise<Stack> {
  const recording = options.record && createRecording(options.record);
  const core = await openCore(options, recording?.through);
  recording?.begin(core);
  return new StackInstance(core, options);
}

/** The same at once; what is read and compiled for it stays for the next. */
export function createStackSync(options: NodeStackOptions = {}): Stack {
  const recording = options.record && createRecording(options.record);
  const core = openCoreSync(options, recording?.through);
  recording?.begin(core);
  return new StackInstance(core, options);
}
