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
import { checkArguments, text, type ArgumentKinds, type Arguments } from "./arguments.js";
import { openFrames, FRAMES_ARGUMENTS } from "./frames.js";
import { openIperf3 } from "./iperf3.js";
import { createLending } from "./lending.js";
import { openPing, openTrace } from "./probes.js";
import { openSocket } from "./socket.js";
import {
  DUMP_ARGUMENTS,
  dumpTo,
  openRecord,
  readRecordings,
  RECORD_ARGUMENTS,
  stopRecordings,
} from "./recordings.js";
import {
  controlError,
  errorOf,
  STREAM_NAMES,
  type CallName,
  type CallResults,
  type ControlService,
  type History,
  type Outcome,
  type Running,
  type StreamName,
  type Told,
} from "./protocol.js";

/** Answered at once. */
type PromptName = Exclude<CallName, "resolve">;
type Calls = { readonly [Name in PromptName]: (args: Arguments) => CallResults[Name] };

/** What calls with one answer take; those that are not here take nothing. */
const TAKEN: Readonly<Record<string, ArgumentKinds>> = { dumpRecording: DUMP_ARGUMENTS };

/** What of a call is passed on to where the stack is. */
export interface Asked {
  readonly call: string;
  readonly args?: Arguments;
}

/** Takes a call and tells what becomes of it; what goes on behind its first answer is the result. */
export type Calling = (asked: Asked, tell: (told: Told) => void) => Running | undefined;

/** All calls, those too that give many answers; the uptime starts now. Throws ENOTSUP: it is no stack of this package. */
export function createCalling(stack: Stack, services: () => readonly ControlService[]): Calling {
  const instance = instanceOf(stack);
  const answer = createCalls(stack, services);
  const streams: Readonly<Record<StreamName, (args: Arguments, tell: Tell) => Running>> = {
    frames(args, tell) {
      checkArguments("frames", FRAMES_ARGUMENTS, args);
      return openFrames(instance, args, tell);
    },
    ...createLending(instance),
    bind: (args, tell) => openSocket(instance, args, tell),
    ping: (args, tell) => openPing(instance, args, tell),
    trace: (args, tell) => openTrace(instance, args, tell),
    iperf3: (args, tell) => openIperf3(instance, args, tell),
    record(args, tell) {
      checkArguments("record", RECORD_ARGUMENTS, args);
      return openRecord(instance, args, tell);
    },
  };
  return ({ call, args = {} }, tell) => {
    if (call === "resolve") {
      resolveName(stack, args, tell);
      return undefined;
    }
    if (!Object.hasOwn(streams, call)) {
      tell(answer(call, args));
      return undefined;
    }
    try {
      return streams[call as StreamName](args, tell);
    } catch (error) {
      tell(failed(error));
      return undefined;
    }
  };
}

type Tell = (told: Told) => void;

const RESOLVE_ARGUMENTS = { name: text(1, 255) };

/** Answered when the name server has. */
function resolveName(stack: Stack, args: Arguments, tell: Tell): void {
  try {
    checkArguments("resolve", RESOLVE_ARGUMENTS, args);
    stack.resolve(String(args["name"]), (error, addresses) =>
      tell(error === null ? { result: { addresses } } : failed(error)),
    );
  } catch (error) {
    tell(failed(error));
  }
}

/** What is answered elsewhere, for suggestions. */
const OTHER_NAMES: readonly string[] = [...STREAM_NAMES, "resolve", "cancel", "input"];

/** Answers by the name of the call; its uptime starts now. Throws ENOTSUP: it is no stack of this package. */
export function createCalls(
  stack: Stack,
  services: () => readonly ControlService[],
): (call: string, args?: Arguments) => Outcome {
  const instance = instanceOf(stack);
  const { core } = instance;
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
    recording: () => readRecordings(instance),
    dumpRecording: (args) => dumpTo(instance, args),
    stopRecording: () => stopRecordings(instance),
  };
  return (call, args = {}) => {
    const known = [...Object.keys(calls), ...OTHER_NAMES];
    if (!Object.hasOwn(calls, call)) return unknownCall(call.slice(0, 64), known);
    try {
      checkArguments(call, TAKEN[call] ?? {}, args);
      return { result: calls[call as PromptName](args) };
    } catch (error) {
      return failed(error);
    }
  };
}

const failed = (error: unknown): Outcome => ({ error: errorOf(error) });

function unknownCall(call: string, known: readonly string[]): Outcome {
  const message = `there is no call "${call}"${suggestion(call, known)}`;
  return { error: { code: "ENOSYS", message } };
}

function instanceOf(stack: Stack): StackInstance {
  if (stack instanceof StackInstance) return stack;
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
