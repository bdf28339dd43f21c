// What a stack answers over its control socket: a table of calls by name, each of them a look at the stack. They run
// in the thread of the stack, between two turns, and what they give survives structured cloning and JSON.

import type { Core } from "../core/core.js";
import { Constant, Option } from "../core/generated/abi.js";
import { StackInstance } from "../core/instance.js";
import { readTraces, type OptionName } from "../core/observe.js";
import { readOption } from "../core/records.js";
import { readSockets } from "../core/socketRecords.js";
import type { Stack } from "../core/stack.js";
import { endOfTrace, readFromOldest } from "../core/trace.js";
import { totalsOf } from "../metrics/totals.js";
import { suggestion } from "../suggest.js";
import {
  controlError,
  type CallName,
  type CallResults,
  type ControlService,
  type History,
  type Outcome,
} from "./protocol.js";

type Calls = { readonly [Name in CallName]: () => CallResults[Name] };

/** Answers by the name of the call; its uptime starts now. Throws ENOTSUP: it is no stack of this package. */
export function createCalls(
  stack: Stack,
  services: () => readonly ControlService[],
): (call: string) => Outcome {
  const core = coreOf(stack);
  const startedMs = stack.clock.now();
  const calls: Calls = {
    info: () => ({
      profile: stack.profile,
      hostName: stack.hostName,
      uptimeMs: Math.round(stack.clock.now() - startedMs),
      turns: stack.turns,
    }),
    connections: () => stack.connections(),
    sockets: () => readSockets(core),
    counters: () => totalsOf(stack),
    pools: () => stack.pools(),
    history: () => readHistory(core, stack.clock.now()),
    interfaces: () => stack.interfaces(),
    options: () => readOptions(core),
    services: () => services().map((service) => ({ ...service })),
  };
  return (call) => {
    if (!Object.hasOwn(calls, call)) return unknownCall(call.slice(0, 64), Object.keys(calls));
    try {
      return { result: calls[call as CallName]() };
    } catch (error) {
      const { code = "EIO", message } = error as NodeJS.ErrnoException;
      return { error: { code, message } };
    }
  };
}

function unknownCall(call: string, known: readonly string[]): Outcome {
  const message = `there is no call "${call}"${suggestion(call, known)}`;
  return { error: { code: "ENOSYS", message } };
}

function coreOf(stack: Stack): Core {
  if (stack instanceof StackInstance) return stack.core;
  throw controlError("ENOTSUP", "only stacks of createStack() and its like have a control socket");
}

function readHistory(core: Core, nowMs: number): History {
  const capacity = core.constant(Constant.TRACE_RECORDS);
  return {
    nowMs: Math.floor(nowMs) >>> 0,
    capacity,
    overwritten: Math.max(0, endOfTrace(core) - capacity),
    entries: readTraces(readFromOldest(core)),
  };
}

function readOptions(core: Core): CallResults["options"] {
  const names = Object.keys(Option) as OptionName[];
  const values = names.map((name) => [name, readOption(core, 0, Option[name])] as const);
  return Object.fromEntries(values.filter(([, value]) => value >= 0));
}
