// Runs one script: event by event, on virtual time. Each event has its moment, reckoned from the
// script's beginning or from where the event before ended; system calls that wait are tried again
// whenever the stack has worked.

import type { Core } from "../core/core.js";
import { Counter } from "../core/generated/abi.js";
import { readCounter } from "../core/observe.js";
import { suggestion } from "../suggest.js";
import { pollEndUs } from "./calls/control.js";
import { SYSTEM_CALLS } from "./calls/table.js";
import { runCode } from "./code.js";
import type { RunConfig } from "./config.js";
import { constantOf, numberOf } from "./constants.js";
import { secondsText } from "./describe.js";
import { failure, mistake, ScriptProblem, unsupported } from "./errors.js";
import { expectPacket, injectPacket, sentText, type Span } from "./packets.js";
import type {
  CallEvent,
  CodeEvent,
  EventTime,
  PacketEvent,
  Script,
  ScriptEvent,
} from "./script.js";
import { runShell } from "./shell.js";
import { recordOf, type Outcome, type Pending, type Run } from "./state.js";
import { expectNothingLeft, tearDown } from "./teardown.js";
import { INFO_CONSTANTS, infoNames, infoValue } from "./tcpInfo.js";
import { createWire } from "./wire.js";

/** Told as things happen: the moment and a line of the dialect. */
export type Note = (atUs: number, text: string) => void;

/** Throws a ScriptProblem with its place; the core can be used again after that. */
export function runScript(script: Script, core: Core, config: RunConfig, note?: Note): void {
  const run = createRun(script, core, config, note);
  for (const event of script.events) {
    locate(run, event, () => runEvent(run, event));
  }
  const last = script.events.at(-1)!;
  locate(run, last, () => {
    if (run.pending) finishPending(run, run.pending);
    if (!config.ignoresLeftovers) expectNothingLeft(run);
    run.wire.onSent = () => undefined; // what comes now is not the script's
    tearDown(run);
  });
}

function createRun(script: Script, core: Core, config: RunConfig, note: Note | undefined): Run {
  const wire = createWire(core, config);
  const run: Run = {
    file: script.file,
    config,
    wire,
    sockets: new Map(),
    connections: [],
    underTest: undefined,
    pending: undefined,
    counters: Uint32Array.from({ length: Counter.COUNT }, (_, id) => readCounter(core, id)),
    note: (text) => note?.(wire.nowUs(), text()),
  };
  wire.onSettled = () => retryPending(run);
  wire.wakeUs = () => (run.pending && !run.pending.outcome ? run.pending.wakeUs : Infinity);
  if (note) wire.onSent = (sent) => note(sent.atUs, sentText(run, sent).replace(/^\S+ /, ""));
  return run;
}

/** Gives a problem the place of the event in which it came up; the innermost counts. */
function locate<T>(run: Run, event: ScriptEvent, act: () => T): T {
  try {
    return act();
  } catch (error) {
    if (!(error instanceof ScriptProblem)) throw error;
    error.place ??= event.place;
    error.atUs ??= run.wire.nowUs();
    throw error;
  }
}

function runEvent(run: Run, event: ScriptEvent): void {
  const { wire } = run;
  if (event.kind === "packet" && !event.inbound) return expect(run, event);
  const atUs = momentOf(run, event.time);
  if (atUs < wire.nowUs() - run.config.toleranceUs - 0.01) {
    throw mistake(`its time ${secondsText(atUs)} is over: it is ${secondsText(wire.nowUs())}`);
  }
  wire.advanceTo(atUs);
  switch (event.kind) {
    case "packet":
      return injectPacket(run, event);
    case "call":
      return startCall(run, event);
    case "shell":
      run.note(() => `\`${event.text.trim()}\``);
      runShell(run, event.text, event.place);
      return wire.settle();
    case "code":
      return assertCode(run, event);
  }
}

/** Relative times count from now: from where the event before has ended. */
function momentOf(run: Run, time: EventTime): number {
  return time.relative ? run.wire.nowUs() + time.us : time.us;
}

function expect(run: Run, event: PacketEvent): void {
  const { time } = event;
  const { toleranceUs } = run.config;
  const base = time.relative ? run.wire.nowUs() : 0;
  const span: Span =
    time.kind === "any"
      ? { fromUs: 0, toUs: Infinity }
      : { fromUs: base + time.us - toleranceUs, toUs: base + time.endUs + toleranceUs };
  expectPacket(run, event, span);
}

// System calls.

function startCall(run: Run, event: CallEvent): void {
  const { wire } = run;
  if (run.pending) finishPending(run, run.pending);
  const call = Object.hasOwn(SYSTEM_CALLS, event.name) ? SYSTEM_CALLS[event.name] : undefined;
  if (!call) {
    const hint = suggestion(event.name, Object.keys(SYSTEM_CALLS));
    throw unsupported(`the runner does not know the system call ${event.name}${hint}`);
  }
  run.note(() => `${event.name}(...)`);
  const startUs = wire.nowUs();
  const attempt = call(run, event);
  const outcome = attempt();
  if (event.endUs === undefined) {
    if (!outcome) throw failure(`${event.name} waits; a call that waits has an end, as +0...0.2`);
    judge(event, outcome);
    return wire.settle();
  }
  // The end is reckoned from where the beginning is.
  const endUs = event.time.relative ? startUs - event.time.us + event.endUs : event.endUs;
  const wakeUs = event.name === "poll" ? pollEndUs(run, event) : lingerEnd(run, event, startUs);
  run.pending = { event, attempt, endUs, wakeUs, outcome };
  if (outcome) finishPending(run, run.pending);
  wire.settle();
}

/** close() waits for as long as SO_LINGER says. */
function lingerEnd(run: Run, event: CallEvent, startUs: number): number {
  return event.name === "close" ? startUs + 1e6 * longestLinger(run) : Infinity;
}

const longestLinger = (run: Run) =>
  Math.max(1, ...[...run.sockets.values()].map(({ linger }) => linger?.seconds ?? 0));

/** After the core has worked: does the call that waits return now? */
function retryPending(run: Run): boolean {
  const { pending } = run;
  if (!pending || pending.outcome) return false;
  return locate(run, pending.event, () => {
    pending.outcome = pending.attempt();
    if (!pending.outcome) return false;
    settlePending(run, pending);
    return true;
  });
}

/** The call has returned: in time, and with the result that the script has? */
function settlePending(run: Run, pending: Pending): void {
  const { event, endUs, outcome } = pending;
  const nowUs = run.wire.nowUs();
  if (Math.abs(nowUs - endUs) > run.config.toleranceUs + 0.01) {
    throw failure(`${event.name} returned at ${secondsText(nowUs)}, not at ${secondsText(endUs)}`);
  }
  run.note(
    () => `${event.name}(...) = ${outcome!.value}${outcome!.errno ? ` ${outcome!.errno}` : ""}`,
  );
  judge(event, outcome!);
  run.pending = undefined;
}

/** Waits for the call until its end, and no longer. */
function finishPending(run: Run, pending: Pending): void {
  if (pending.outcome) return settlePending(run, pending);
  const untilUs = pending.endUs + run.config.toleranceUs;
  run.wire.advanceTo(Math.max(untilUs, run.wire.nowUs()), () => run.pending === undefined);
  if (!run.pending) return;
  locate(run, pending.event, () => {
    throw failure(`${pending.event.name} has not returned until ${secondsText(untilUs)}`);
  });
}

function judge(event: CallEvent, outcome: Outcome): void {
  const { value, errno, alternatives = [] } = outcome;
  const came = errno === undefined ? String(value) : `${value} ${errno}`;
  const problem = (expected: string) =>
    failure(`${event.name} returned ${came}`, { expected, found: came });
  if (event.errno !== undefined) {
    const isSame = constantOf(event.errno) === constantOf(errno ?? "");
    if (errno === undefined || !isSame) throw problem(`-1 ${event.errno}`);
    return;
  }
  if (event.result.kind === "any") return;
  const wanted = numberOf(event.result, "a result");
  if (wanted !== value && !alternatives.includes(wanted)) throw problem(String(wanted));
  // A script may leave out which error it is.
}

function assertCode(run: Run, event: CodeEvent): void {
  const { core } = run.wire;
  const info = run.underTest && recordOf(run, run.underTest);
  runCode(event.text, event.place, (name) => {
    if (Object.hasOwn(INFO_CONSTANTS, name)) return INFO_CONSTANTS[name];
    const value = info && infoValue(core, info, name);
    if (value !== undefined || !info) return value;
    const hint = suggestion(name, infoNames(core));
    throw unsupported(
      `the core has no ${name}${hint.startsWith(" (did") ? hint : ""}`,
      event.place,
    );
  });
}
